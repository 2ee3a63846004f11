// A MessageStream for Python: one that Ctrl-C interrupts, and that keeps its client.
#ifndef FLUXGATE_CLIENT_PYTHON_MESSAGE_STREAM_H_
#define FLUXGATE_CLIENT_PYTHON_MESSAGE_STREAM_H_

#include <pybind11/pybind11.h>

#include <chrono>
#include <cstdint>
#include <mutex>
#include <utility>

#include "amps/message_stream.h"
#include "client/python/gil.h"

namespace fluxgate::python {

class Stream {
 public:
  // Python's signal handlers run this often at least while a call waits.
  static constexpr long kSliceMs = 100;

  Stream(AMPS::MessageStream stream, Kept client)
      : client_(std::move(client)), stream_(std::move(stream)) {
    stream_.timeout(kSliceMs);
  }

  // A new reference; None: the time is up; empty: the end. From any threads, each message for one
  // of them. With the GIL.
  pybind11::object Next();

  void SetTimeout(long milliseconds, bool is_end) {
    timeout_ms_ = milliseconds;
    is_end_ = is_end;
    const long slice = Slice();
    WithoutGil released;
    stream_.timeout(slice);
  }
  AMPS::MessageStream& stream() { return stream_; }

 private:
  long Slice() const { return timeout_ms_ > 0 && timeout_ms_ < kSliceMs ? timeout_ms_ : kSliceMs; }

  const Kept client_;  // outlives the stream
  AMPS::MessageStream stream_;
  // Held by the thread that takes a message, of which the library wants one. Never waited for with
  // the GIL.
  std::timed_mutex taking_;
  // Under the GIL.
  uint64_t taken_ = 0;  // messages, by all threads
  long timeout_ms_ = 0;
  bool is_end_ = false;
};

}  // namespace fluxgate::python

#endif  // FLUXGATE_CLIENT_PYTHON_MESSAGE_STREAM_H_
