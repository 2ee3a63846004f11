// Received bytes: appended at the back, consumed at the front, in one piece of memory that grows as
// needed and moves its content only when there is no room behind it.
#ifndef FLUXGATE_CLIENT_CPP_RECEIVE_BUFFER_H_
#define FLUXGATE_CLIENT_CPP_RECEIVE_BUFFER_H_

#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>

namespace fluxgate::client {

class ReceiveBuffer {
 public:
  std::string_view bytes() const { return {memory_.get() + begin_, end_ - begin_}; }
  size_t size() const { return end_ - begin_; }

  void Consume(size_t bytes) {
    begin_ += bytes;
    if (begin_ == end_) begin_ = end_ = 0;
  }

  // At least `bytes` of room to write to; bytes() may move.
  char* Reserve(size_t bytes) {
    if (capacity_ - end_ < bytes) MakeRoom(bytes);
    return memory_.get() + end_;
  }
  size_t room() const { return capacity_ - end_; }
  void Commit(size_t bytes) { end_ += bytes; }

 private:
  void MakeRoom(size_t bytes) {
    const size_t size = end_ - begin_;
    // Moving is worth it only when it frees as much as it moves.
    if (begin_ >= size && capacity_ - size >= bytes) {
      std::memmove(memory_.get(), memory_.get() + begin_, size);
    } else {
      capacity_ = 2 * (size + bytes);
      std::unique_ptr<char[]> memory(new char[capacity_]);
      if (size != 0) std::memcpy(memory.get(), memory_.get() + begin_, size);
      memory_ = std::move(memory);
    }
    begin_ = 0;
    end_ = size;
  }

  std::unique_ptr<char[]> memory_;
  size_t capacity_ = 0;
  size_t begin_ = 0;
  size_t end_ = 0;
};

}  // namespace fluxgate::client

#endif  // FLUXGATE_CLIENT_CPP_RECEIVE_BUFFER_H_
