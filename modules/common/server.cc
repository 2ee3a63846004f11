#include "modules/common/server.h"

#include <cstring>

// Weak: a module also loads where there is no thread monitor.
extern "C" __attribute__((weak)) void amps_thread_monitor_ping(void);

namespace fluxgate::modules {
namespace {

amps_module_logger server_logger = nullptr;
amps_module_allocator server_allocator = nullptr;

}  // namespace

void SetServer(amps_module_logger logger, amps_module_allocator allocator) {
  server_logger = logger;
  server_allocator = allocator;
}

void Log(amps_module_log_level level, const std::string& text) {
  if (server_logger != nullptr) server_logger(level, text.c_str());
}

char* ServerText(std::string_view text) {
  auto* copy = static_cast<char*>(server_allocator(text.size() + 1));
  if (copy == nullptr) return nullptr;
  std::memcpy(copy, text.data(), text.size());
  copy[text.size()] = '\0';
  return copy;
}

void Ping() {
  if (amps_thread_monitor_ping != nullptr) amps_thread_monitor_ping();
}

}  // namespace fluxgate::modules
