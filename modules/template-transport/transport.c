/* Template of a transport: one that no client ever comes by. A real one starts a thread in
 * amps_transport_start that accepts clients and tells the server of them. */
#include <stdlib.h>

#include "amps_transport_module.h"

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

typedef struct transport {
  amps_transport_server* server;
} transport;

AMPS_EXPORT amps_transport_context amps_transport_create_context(amps_module_options options,
                                                                 amps_transport_server* server) {
  transport* made = malloc(sizeof(transport));
  (void)options;
  (void)allocate;
  if (made != NULL) made->server = server;
  return made;
}

AMPS_EXPORT void amps_transport_destroy_context(amps_transport_context context) { free(context); }

AMPS_EXPORT int amps_transport_start(amps_transport_context context, const char** address) {
  (void)context;
  *address = "nowhere";
  log_line(amps_module_log_level_info, "accepts nobody");
  return AMPS_SUCCESS;
}

AMPS_EXPORT void amps_transport_stop(amps_transport_context context) { (void)context; }

AMPS_EXPORT size_t amps_transport_send(amps_transport_context context,
                                       amps_transport_connection connection, const char* bytes,
                                       size_t length) {
  (void)context;
  (void)connection;
  (void)bytes;
  return length;
}

AMPS_EXPORT void amps_transport_close(amps_transport_context context,
                                      amps_transport_connection connection) {
  (void)context;
  (void)connection;
}
