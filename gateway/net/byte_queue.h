// Bytes in one piece of memory: appended at the back, consumed from the front. Empty it holds at
// most kBytesKeptMax. One thread.
#ifndef FLUXGATE_GATEWAY_NET_BYTE_QUEUE_H_
#define FLUXGATE_GATEWAY_NET_BYTE_QUEUE_H_

#include <cstddef>
#include <string>
#include <string_view>

namespace fluxgate::net {

class ByteQueue {
 public:
  static constexpr size_t kBytesKeptMax = 4096;

  std::string_view bytes() const { return std::string_view(memory_).substr(begin_); }
  size_t size() const { return memory_.size() - begin_; }
  bool empty() const { return begin_ == memory_.size(); }

  void Append(std::string_view bytes) {
    // Moving what is left costs no more than what was consumed did.
    if (begin_ > memory_.size() / 2) {
      memory_.erase(0, begin_);
      begin_ = 0;
    }
    memory_.append(bytes);
  }

  // What append functions of a codec add to; only at the back.
  std::string* back() { return &memory_; }

  void Consume(size_t bytes) {
    begin_ += bytes;
    if (!empty()) return;
    begin_ = 0;
    if (memory_.capacity() > kBytesKeptMax) {
      std::string().swap(memory_);
    } else {
      memory_.clear();
    }
  }

 private:
  std::string memory_;
  size_t begin_ = 0;
};

}  // namespace fluxgate::net

#endif  // FLUXGATE_GATEWAY_NET_BYTE_QUEUE_H_
