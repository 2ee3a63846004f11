// A transport filter that does what it is told, in both directions:
//   fail     writes "last words" and fails
//   throw    throws
//   make N   writes N bytes
//   *...     writes 32 bytes for each of its own
//   null     writes 4 bytes from nowhere; what comes of it is written as a digit
// and hands on everything else. Its context takes the option Refuse: no connection is opened.
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <string>
#include <string_view>

#include "amps_transport_filter_module.h"

namespace {

amps_module_logger log_line;

struct Context {
  bool refuses = false;
  int connections = 0;
};

int Do(std::string_view bytes, amps_byte_sink* sink) {
  if (bytes == "throw") throw std::runtime_error("as told");
  if (bytes == "fail") {
    sink->write(sink, "last words", 10);
    return AMPS_FAILURE;
  }
  if (bytes.substr(0, 1) == "*") {
    const std::string made(32 * bytes.size(), 'x');
    return sink->write(sink, made.data(), made.size());
  }
  if (bytes == "null") {
    const char digit = sink->write(sink, nullptr, 4) == AMPS_SUCCESS ? '0' : '1';
    return sink->write(sink, &digit, 1);
  }
  if (bytes.substr(0, 5) == "make ") {
    const std::string made(std::strtoul(std::string(bytes.substr(5)).c_str(), nullptr, 10), 'x');
    return sink->write(sink, made.data(), made.size());
  }
  return sink->write(sink, bytes.data(), bytes.size());
}

}  // namespace

AMPS_EXPORT int amps_module_init(amps_module_options, amps_module_logger logger,
                                 amps_module_allocator) {
  log_line = logger;
  return AMPS_SUCCESS;
}

AMPS_EXPORT void amps_module_terminate() {}

AMPS_EXPORT amps_transport_filter_context
amps_transport_filter_create_context(amps_module_options options) {
  return new Context{options->key != nullptr && std::strcmp(options->key, "Refuse") == 0};
}

AMPS_EXPORT void amps_transport_filter_destroy_context(amps_transport_filter_context context) {
  const std::string line = "context destroyed, connections: " +
                           std::to_string(static_cast<Context*>(context)->connections);
  log_line(amps_module_log_level_info, line.c_str());
  delete static_cast<Context*>(context);
}

AMPS_EXPORT amps_transport_filter_connection
amps_transport_filter_open(amps_transport_filter_context context, const char* remote_address) {
  log_line(amps_module_log_level_info, remote_address);
  auto& used = *static_cast<Context*>(context);
  if (used.refuses) return nullptr;
  ++used.connections;
  return new char;
}

AMPS_EXPORT int amps_transport_filter_received(amps_transport_filter_context,
                                               amps_transport_filter_connection, const char* bytes,
                                               size_t length, amps_byte_sink* sink) {
  return Do({bytes, length}, sink);
}

AMPS_EXPORT int amps_transport_filter_sending(amps_transport_filter_context,
                                              amps_transport_filter_connection, const char* bytes,
                                              size_t length, amps_byte_sink* sink) {
  return Do({bytes, length}, sink);
}

AMPS_EXPORT void amps_transport_filter_close(amps_transport_filter_context context,
                                             amps_transport_filter_connection connection) {
  --static_cast<Context*>(context)->connections;
  delete static_cast<char*>(connection);
}
