/* Protocols: how are commands and messages written on a connection?
 *
 * Entry points: amps_protocol_create_context, amps_protocol_destroy_context, amps_protocol_open,
 * amps_protocol_close, amps_protocol_decode, amps_protocol_encode. */
#ifndef AMPS_PROTOCOL_MODULE_H_
#define AMPS_PROTOCOL_MODULE_H_

#include "amps_command.h"
#include "amps_transport_filter_module.h" /* amps_byte_sink */

AMPS_BEGIN_DECLARATIONS

typedef void* amps_protocol_context;
typedef void* amps_protocol_connection;

/* Takes the commands that amps_protocol_decode finds. */
typedef struct amps_command_sink {
  size_t size;
  /* Runs one command; its answers come by amps_protocol_encode, also from inside. AMPS_FAILURE:
   * this connection takes no more commands now: decode returns at once, and what it has not
   * consumed comes again later. */
  int (*execute)(struct amps_command_sink* sink, const amps_command* command);
} amps_command_sink;

/* One context for each transport whose <Protocol> names one of the module. NULL: failure; the
 * server does not start. */
AMPS_EXPORT amps_protocol_context amps_protocol_create_context(amps_module_options options);

/* Once for each context, after its last connection is closed. */
AMPS_EXPORT void amps_protocol_destroy_context(amps_protocol_context context);

/* The server's thread, like all that follows; none of them may wait. What the module keeps for a
 * connection; NULL: refused. */
AMPS_EXPORT amps_protocol_connection amps_protocol_open(amps_protocol_context context,
                                                        const char* remote_address);
AMPS_EXPORT void amps_protocol_close(amps_protocol_context context,
                                     amps_protocol_connection connection);

/* Bytes from the client: hands whole commands to `sink`, and says in `*consumed` how many bytes it
 * is done with; the rest comes again with what follows, so nothing needs to be kept. `*wanted`: how
 * many bytes the unfinished command at the end needs in all, as far as known, else 0. What the
 * module wants to answer by itself goes to `out`. AMPS_FAILURE: cannot be understood; closed. */
AMPS_EXPORT int amps_protocol_decode(amps_protocol_context context,
                                     amps_protocol_connection connection, const char* bytes,
                                     size_t length, size_t* consumed, size_t* wanted,
                                     amps_command_sink* sink, amps_byte_sink* out);

/* A message for the client: its bytes go to `out`. AMPS_FAILURE: it cannot be written; closed. */
AMPS_EXPORT int amps_protocol_encode(amps_protocol_context context,
                                     amps_protocol_connection connection,
                                     const amps_message* message, amps_byte_sink* out);

AMPS_END_DECLARATIONS

#endif /* AMPS_PROTOCOL_MODULE_H_ */
