// Where a module writes the bytes of one call (amps_byte_sink): added to a queue, up to a limit.
// Reactor thread only.
#ifndef FLUXGATE_GATEWAY_MODULES_BYTE_SINK_H_
#define FLUXGATE_GATEWAY_MODULES_BYTE_SINK_H_

#include <cstdint>
#include <string_view>

#include "amps_transport_filter_module.h"
#include "gateway/net/byte_queue.h"

namespace fluxgate {

class ByteSink : public amps_byte_sink {
 public:
  // Outlives the module's last use of it, also one after the call.
  explicit ByteSink(uint64_t bytes_max) : amps_byte_sink{}, bytes_max_(bytes_max) {
    size = sizeof(amps_byte_sink);
    write = &ByteSink::Write;
  }
  ByteSink(const ByteSink&) = delete;
  ByteSink& operator=(const ByteSink&) = delete;

  // A call of the module begins, and ends.
  void Open(net::ByteQueue& to) {
    to_ = &to;
    written_ = 0;
    is_over_limit_ = false;
  }
  void Close() { to_ = nullptr; }

  // Whether the module wanted to write more than the limit in the last call.
  bool is_over_limit() const { return is_over_limit_; }
  uint64_t bytes_max() const { return bytes_max_; }

 private:
  static int Write(amps_byte_sink* sink, const char* bytes, size_t length) {
    return static_cast<ByteSink*>(sink)->Add(bytes, length) ? AMPS_SUCCESS : AMPS_FAILURE;
  }
  bool Add(const char* bytes, size_t length) {
    if (to_ == nullptr || is_over_limit_ || (bytes == nullptr && length > 0)) return false;
    if (length > bytes_max_ - written_) {
      is_over_limit_ = true;
      return false;
    }
    written_ += length;
    if (length > 0) to_->Append({bytes, length});
    return true;
  }

  const uint64_t bytes_max_;
  net::ByteQueue* to_ = nullptr;  // null: no call is under way
  uint64_t written_ = 0;
  bool is_over_limit_ = false;
};

}  // namespace fluxgate

#endif  // FLUXGATE_GATEWAY_MODULES_BYTE_SINK_H_
