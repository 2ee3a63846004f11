/* Template of a protocol: each line is a publish to the topic "lines"; each message to the client
 * is a line. */
#include <stdlib.h>
#include <string.h>

#include "amps_protocol_module.h"

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

AMPS_EXPORT amps_protocol_context amps_protocol_create_context(amps_module_options options) {
  static int context; /* this one needs nothing of its own */
  (void)options;
  (void)allocate;
  return &context;
}

AMPS_EXPORT void amps_protocol_destroy_context(amps_protocol_context context) { (void)context; }

AMPS_EXPORT amps_protocol_connection amps_protocol_open(amps_protocol_context context,
                                                        const char* remote_address) {
  (void)context;
  log_line(amps_module_log_level_trace, remote_address);
  return malloc(1);
}

AMPS_EXPORT void amps_protocol_close(amps_protocol_context context,
                                     amps_protocol_connection connection) {
  (void)context;
  free(connection);
}

AMPS_EXPORT int amps_protocol_decode(amps_protocol_context context,
                                     amps_protocol_connection connection, const char* bytes,
                                     size_t length, size_t* consumed, size_t* wanted,
                                     amps_command_sink* sink, amps_byte_sink* out) {
  static const char topic[] = "lines";
  (void)context;
  (void)connection;
  (void)out;
  *consumed = 0;
  *wanted = 0;
  while (*consumed < length) {
    const char* const line = bytes + *consumed;
    const char* const end = memchr(line, '\n', length - *consumed);
    amps_command command;
    if (end == NULL) break;
    memset(&command, 0, sizeof(command));
    command.size = sizeof(command);
    command.type = amps_command_publish;
    command.expiration_s = -1;
    command.topic.data = topic;
    command.topic.length = sizeof(topic) - 1;
    command.body.data = line;
    command.body.length = (size_t)(end - line);
    if (sink->execute(sink, &command) != AMPS_SUCCESS) break;
    *consumed += command.body.length + 1;
  }
  return AMPS_SUCCESS;
}

AMPS_EXPORT int amps_protocol_encode(amps_protocol_context context,
                                     amps_protocol_connection connection,
                                     const amps_message* message, amps_byte_sink* out) {
  (void)context;
  (void)connection;
  if (message->kind != amps_message_publish && message->kind != amps_message_sow) {
    return AMPS_SUCCESS;
  }
  if (out->write(out, message->body.data, message->body.length) != AMPS_SUCCESS) {
    return AMPS_FAILURE;
  }
  return out->write(out, "\n", 1);
}
