#include "gateway/modules/testing/recording_transport.h"

#include <algorithm>
#include <stdexcept>

namespace {

RecordingTransport transport;

}  // namespace

extern "C" AMPS_EXPORT RecordingTransport* test_transport() { return &transport; }

AMPS_EXPORT int amps_module_init(amps_module_options, amps_module_logger, amps_module_allocator) {
  return AMPS_SUCCESS;
}

AMPS_EXPORT void amps_module_terminate() {}

AMPS_EXPORT amps_transport_context amps_transport_create_context(amps_module_options,
                                                                 amps_transport_server* server) {
  ++transport.contexts;
  transport.server = server;
  return &transport;
}

AMPS_EXPORT void amps_transport_destroy_context(amps_transport_context) {
  --transport.contexts;
  amps_transport_server* const server = transport.server;
  if (server->connected(server, &transport, "late") != nullptr) ++transport.accepted_late;
  server->received(server, nullptr, "late", 4);
}

AMPS_EXPORT int amps_transport_start(amps_transport_context, const char** address) {
  ++transport.starts;
  *address = "the test\n";
  return transport.fails_to_start ? AMPS_FAILURE : AMPS_SUCCESS;
}

AMPS_EXPORT void amps_transport_stop(amps_transport_context) { ++transport.stops; }

AMPS_EXPORT size_t amps_transport_send(amps_transport_context, amps_transport_connection connection,
                                       const char* bytes, size_t length) {
  if (transport.throws) throw std::runtime_error("as told");
  if (transport.takes_too_much) return length + 1;
  amps_server_connection* name = nullptr;
  std::function<void()> on_send;
  size_t taken = 0;
  {
    const std::lock_guard lock(transport.mutex);
    taken = std::min(length, transport.room.load());
    if (transport.room != SIZE_MAX) transport.room -= taken;
    transport.sent[connection].append(bytes, taken);
    name = transport.names[connection];
    on_send = transport.on_send;
  }
  if (transport.closes_in_send) transport.server->closed(transport.server, name, "in send");
  if (on_send) on_send();
  return taken;
}

AMPS_EXPORT void amps_transport_close(amps_transport_context,
                                      amps_transport_connection connection) {
  const std::lock_guard lock(transport.mutex);
  ++transport.closes[connection];
}

AMPS_EXPORT void amps_transport_resume(amps_transport_context, amps_transport_connection) {
  ++transport.resumes;
}
