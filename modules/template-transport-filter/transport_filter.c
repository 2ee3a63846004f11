/* Template of a transport filter: hands all bytes on as they are. */
#include <stdlib.h>

#include "amps_transport_filter_module.h"

static amps_module_logger log_line;
static amps_module_allocator allocate;

AMPS_EXPORT int amps_module_init(amps_module_options options, amps_module_logger logger,
                                 amps_module_allocator allocator) {
  (void)options;
  log_line = logger;
  allocate = allocator;
  return AMPS_SUCCESS;
}

AMPS_EXPORT void amps_module_terminate(void) {}

typedef struct connection {
  size_t received;
  size_t sent;
} connection;

AMPS_EXPORT amps_transport_filter_context
amps_transport_filter_create_context(amps_module_options options) {
  static int context; /* this one needs nothing of its own */
  (void)options;
  (void)allocate;
  return &context;
}

AMPS_EXPORT void amps_transport_filter_destroy_context(amps_transport_filter_context context) {
  (void)context;
}

AMPS_EXPORT amps_transport_filter_connection
amps_transport_filter_open(amps_transport_filter_context context, const char* remote_address) {
  (void)context;
  log_line(amps_module_log_level_trace, remote_address);
  return calloc(1, sizeof(connection));
}

AMPS_EXPORT int amps_transport_filter_received(amps_transport_filter_context context,
                                               amps_transport_filter_connection opened,
                                               const char* bytes, size_t length,
                                               amps_byte_sink* sink) {
  (void)context;
  ((connection*)opened)->received += length;
  return sink->write(sink, bytes, length);
}

AMPS_EXPORT int amps_transport_filter_sending(amps_transport_filter_context context,
                                              amps_transport_filter_connection opened,
                                              const char* bytes, size_t length,
                                              amps_byte_sink* sink) {
  (void)context;
  ((connection*)opened)->sent += length;
  return sink->write(sink, bytes, length);
}

AMPS_EXPORT void amps_transport_filter_close(amps_transport_filter_context context,
                                             amps_transport_filter_connection opened) {
  (void)context;
  free(opened);
}
