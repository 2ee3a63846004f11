/* Transports: how do bytes come from clients and go to them, if not by tcp, unix sockets or TLS?
 *
 * Entry points: amps_transport_create_context, amps_transport_destroy_context,
 * amps_transport_start, amps_transport_stop, amps_transport_send, amps_transport_close. */
#ifndef AMPS_TRANSPORT_MODULE_H_
#define AMPS_TRANSPORT_MODULE_H_

#include "amps_module.h"

AMPS_BEGIN_DECLARATIONS

typedef void* amps_transport_context;
typedef void* amps_transport_connection; /* the module's name for a connection */
typedef struct amps_server_connection amps_server_connection; /* the server's name for it */

/* What the module tells the server. Any thread of the module's, also from inside calls of the
 * server; calls for one connection one after the other. None of them waits, but `closed` may, for a
 * call of the server for that connection that another thread is in: hold no lock then that
 * amps_transport_send, _close or _resume take. */
typedef struct amps_transport_server {
  size_t size;
  void* server_data; /* the server's */
  /* A client has come. `remote_address` is copied; what is before a port (":" and digits at the
   * end) counts for the limit of connections from one address. NULL: refused (limits, shutting
   * down, not started): the module lets it go. The server's thread may call amps_transport_send and
   * _close for `connection` before this has returned: what they need is ready before it is called.
   */
  amps_server_connection* (*connected)(struct amps_transport_server* server,
                                       amps_transport_connection connection,
                                       const char* remote_address);
  /* Bytes have come from it; they are copied. How many were taken: fewer than given when the
   * server is behind; the rest is offered again after amps_transport_resume. What the server has
   * no use for any more, because it has closed the connection, is taken. */
  size_t (*received)(struct amps_transport_server* server, amps_server_connection* connection,
                     const char* bytes, size_t length);
  /* It can take bytes again, after amps_transport_send took fewer than it was given. */
  void (*writable)(struct amps_transport_server* server, amps_server_connection* connection);
  /* It is gone. Last call for this connection; when it returns no call of the server is under way
   * for it and none comes, also not amps_transport_close: the module may free what it keeps. Once
   * more, or after amps_transport_close, it is nothing. `reason` may be NULL. */
  void (*closed)(struct amps_transport_server* server, amps_server_connection* connection,
                 const char* reason);
} amps_transport_server;

/* One context for each transport of the configuration whose <Type> names the module; the options
 * are the <Options> of that transport, or else those of the module. `server` stays until the
 * context is destroyed. NULL: failure; the server does not start. */
AMPS_EXPORT amps_transport_context amps_transport_create_context(amps_module_options options,
                                                                 amps_transport_server* server);

/* Once for each context, after amps_transport_stop, when all its connections are gone. */
AMPS_EXPORT void amps_transport_destroy_context(amps_transport_context context);

/* Accept clients from now on. The thread that starts the server, or the server's thread when the
 * transport is enabled again. `address`: where, for people (in the server's log); memory of the
 * module's. AMPS_FAILURE: the server does not start. */
AMPS_EXPORT int amps_transport_start(amps_transport_context context, const char** address);

/* Accept no more; connections stay. The server's thread. Only after a start that has succeeded, and
 * once for each. */
AMPS_EXPORT void amps_transport_stop(amps_transport_context context);

/* The server's thread, like what follows; must not wait. Sends bytes to a client; returns how many
 * it took, which may be none (the server goes on after `writable`). */
AMPS_EXPORT size_t amps_transport_send(amps_transport_context context,
                                       amps_transport_connection connection, const char* bytes,
                                       size_t length);

/* Close it, after what amps_transport_send has taken. The last call for this connection, once; the
 * module need not say `closed`. */
AMPS_EXPORT void amps_transport_close(amps_transport_context context,
                                      amps_transport_connection connection);

/* Optional. The server has room again for a connection whose bytes were not all taken. */
AMPS_EXPORT void amps_transport_resume(amps_transport_context context,
                                       amps_transport_connection connection);

AMPS_END_DECLARATIONS

#endif /* AMPS_TRANSPORT_MODULE_H_ */
