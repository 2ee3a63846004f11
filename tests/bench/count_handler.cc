// A message handler in C++ for python_bench.
#include <atomic>
#include <cstdint>

#include "amps/message.h"

namespace {

// Total of python_bench.py, which looks while this counts.
struct Total {
  std::atomic<uint64_t> messages;
  uint64_t body_bytes;
  std::atomic<uint64_t> wrong;
};

}  // namespace

extern "C" void count_message(AMPS::Message& message, void* user_data) {
  auto* const total = static_cast<Total*>(user_data);
  // The only one that writes.
  total->messages.store(total->messages.load(std::memory_order_relaxed) + 1,
                        std::memory_order_relaxed);
  if (message.getData().size() != total->body_bytes) total->wrong = 1;
}
