/* Transport filters: what happens to the bytes of a connection between the socket (or TLS) and the
 * protocol? Compression, masking, recording.
 *
 * Entry points: amps_transport_filter_create_context, amps_transport_filter_destroy_context,
 * amps_transport_filter_open, amps_transport_filter_received, amps_transport_filter_sending,
 * amps_transport_filter_close. */
#ifndef AMPS_TRANSPORT_FILTER_MODULE_H_
#define AMPS_TRANSPORT_FILTER_MODULE_H_

#include "amps_module.h"

AMPS_BEGIN_DECLARATIONS

typedef void* amps_transport_filter_context;
typedef void* amps_transport_filter_connection;

/* Takes the bytes that a call makes. */
typedef struct amps_byte_sink {
  size_t size;
  /* Copies them; as often as needed while the call runs, and never after it. AMPS_FAILURE: over the
   * server's limit for one call (ModuleOutputMax); the module returns AMPS_FAILURE then. */
  int (*write)(struct amps_byte_sink* sink, const char* bytes, size_t length);
} amps_byte_sink;

/* One context for each transport that names the module in <TransportFilter>, before it accepts; the
 * options are those of the module. NULL: failure; the server does not start. */
AMPS_EXPORT amps_transport_filter_context
amps_transport_filter_create_context(amps_module_options options);

/* Once for each context, after its last connection is closed. */
AMPS_EXPORT void amps_transport_filter_destroy_context(amps_transport_filter_context context);

/* The server's thread, like all that follows; none of them may wait. A connection begins, before
 * TLS has agreed on anything. What the module keeps for it; NULL: refused. */
AMPS_EXPORT amps_transport_filter_connection
amps_transport_filter_open(amps_transport_filter_context context, const char* remote_address);

/* Bytes that came from the client; what the protocol is to see goes to `sink`. What is not complete
 * is kept by the module. AMPS_FAILURE: the connection is closed; what has gone to `sink` before is
 * still seen. */
AMPS_EXPORT int amps_transport_filter_received(amps_transport_filter_context context,
                                               amps_transport_filter_connection connection,
                                               const char* bytes, size_t length,
                                               amps_byte_sink* sink);

/* Bytes that the protocol sends, as many as there are in one piece; what is to go to the client
 * goes to `sink`. Nothing may be kept back: more may never come. AMPS_FAILURE: the connection is
 * closed. */
AMPS_EXPORT int amps_transport_filter_sending(amps_transport_filter_context context,
                                              amps_transport_filter_connection connection,
                                              const char* bytes, size_t length,
                                              amps_byte_sink* sink);

/* The connection is gone. Once for each that was opened. */
AMPS_EXPORT void amps_transport_filter_close(amps_transport_filter_context context,
                                             amps_transport_filter_connection connection);

AMPS_END_DECLARATIONS

#endif /* AMPS_TRANSPORT_FILTER_MODULE_H_ */
