/* Protocols: how are commands and messages written on a connection?
 *
 * What commands do is the server's business: who is let in, what is allowed, acks, the order of
 * answers, limits. A client whose first command is not amps_command_logon is logged on by the
 * server before it, without user and password; the module gets an ack of that without a command id.
 * A logon without a client name gets one, and without a message type that of the transport, or
 * json. Heartbeats are only expected of a client that has asked for them by a heartbeat command.
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
  /* Takes one command, copied; while decode runs, and never after it. Its answers come by
   * amps_protocol_encode, later. AMPS_FAILURE: this connection takes no more commands now, or this
   * one is none or too large, and the connection is closed: decode returns AMPS_SUCCESS at once,
   * and what it has not consumed comes again later. */
  int (*execute)(struct amps_command_sink* sink, const amps_command* command);
} amps_command_sink;

/* One context for each transport whose <Protocol> names the module, or a protocol of the module in
 * <Protocols>; the options are those of that protocol, or else those of the module. NULL: failure;
 * the server does not start. */
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
 * is done with, at most `length`; the rest comes again with what follows, so nothing needs to be
 * kept. `*wanted`: how many bytes the unfinished command at the end needs in all, as far as known,
 * else 0: until there are so many it is not called. Both are 0 before. An unfinished command has a
 * limit (HeaderSizeMax and MessageSizeMax together); a module that does not know how long it will
 * be remembers how far it has looked. What the module wants to answer by itself goes to `out`.
 * AMPS_FAILURE: cannot be understood; closed, after what was handed on and answered before. */
AMPS_EXPORT int amps_protocol_decode(amps_protocol_context context,
                                     amps_protocol_connection connection, const char* bytes,
                                     size_t length, size_t* consumed, size_t* wanted,
                                     amps_command_sink* sink, amps_byte_sink* out);

/* A message for the client, or one of the records of a query: its bytes go to `out`. AMPS_FAILURE:
 * it cannot be written; closed. */
AMPS_EXPORT int amps_protocol_encode(amps_protocol_context context,
                                     amps_protocol_connection connection,
                                     const amps_message* message, amps_byte_sink* out);

AMPS_END_DECLARATIONS

#endif /* AMPS_PROTOCOL_MODULE_H_ */
