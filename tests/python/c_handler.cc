// What c_handler_test.py compiles with the headers of the wheel.
#include <amps/amps.h>

#include <atomic>
#include <chrono>
#include <cstring>
#include <thread>

extern "C" {

// User data as it arrives.
static void* seen = nullptr;
static char text[16];
static std::atomic<long> count{0};

void remember(AMPS::Message&, void* user_data) {
  seen = user_data;
  ++count;
}
void remember_text(AMPS::Message&, void* user_data) {
  std::strncpy(text, static_cast<const char*>(user_data), sizeof(text) - 1);
  ++count;
}
void publish_again(AMPS::Message& message, void* client) {
  try {
    static_cast<AMPS::Client*>(client)->publish("again", message.getData());
  } catch (const AMPS::AMPSException&) {
  }
}
void throwing(AMPS::Message&, void*) { throw AMPS::UsageException("thrown by C++"); }

void* get_seen() { return seen; }
const char* get_text() { return text; }
long get_count() { return count; }
// Whether that many have come; waits for them.
int wait_for_count(long wanted) {
  for (int i = 0; i < 20'000 && count < wanted; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return count >= wanted;
}
}
