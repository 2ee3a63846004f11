/* Authentication: who is this client?
 *
 * Entry points: amps_authentication_create_context, amps_authentication_destroy_context,
 * amps_authenticate. */
#ifndef AMPS_AUTHENTICATION_MODULE_H_
#define AMPS_AUTHENTICATION_MODULE_H_

#include <stdint.h>

#include "amps_module.h"

AMPS_BEGIN_DECLARATIONS

typedef void* amps_authentication_context;

/* What a client presents. Text that is not there is "" (never NULL). */
typedef struct amps_authentication_request {
  size_t size;
  const char* user_id;         /* the name that the client claims */
  const char* password;        /* a secret: password, token or answer to a challenge */
  const char* method;          /* "password" (amps logon, gRPC basic), "bearer" (gRPC bearer: the
                                  token is the password), "certificate" (nothing but that) */
  const char* client_name;     /* chosen by the client */
  const char* connection_name; /* made by the server */
  const char* remote_address;  /* "127.0.0.1:40312", "unix" */
  const char* transport_name;
  /* The client's certificate, as far as TLS has verified it; "" without one. */
  const char* certificate_subject;     /* "CN=alice,O=Example", RFC 2253 */
  const char* certificate_common_name; /* "alice" */
  const char* certificate_pem;
  /* What this module kept for this connection with its last AMPS_CHALLENGE; NULL at first. */
  const char* challenge_state;
} amps_authentication_request;

/* All NULL when the call begins. Memory of the module's allocator; the server frees it. */
typedef struct amps_authentication_reply {
  size_t size;
  char* user_id;         /* AMPS_SUCCESS: who it is; NULL: the name that was claimed.
                            AMPS_CHALLENGE: the user_id to ask again with; NULL: the same */
  char* password;        /* AMPS_CHALLENGE: the challenge, sent to the client */
  char* challenge_state; /* AMPS_CHALLENGE: handed back with the client's next try; not sent */
  char* reason;          /* AMPS_FAILURE: for the server's log; the client is told nothing more than
                            that it failed */
  int64_t expires_at; /* AMPS_SUCCESS: until when it is good, in seconds since 1970; 0: for as long
                         as the connection lasts. gRPC streams end then, and are not let in again
                         without another look; amps connections go on */
} amps_authentication_reply;

/* One context for each listening transport that names the module, from the thread that starts the
 * server, before the transport accepts; and from a worker thread when authentication is reset.
 * `options`: those of the transport's <Authentication>. NULL: failure; the server does not start
 * (at a reset: the old context stays in use). */
AMPS_EXPORT amps_authentication_context
amps_authentication_create_context(amps_module_options options);

/* Once for each context, from one thread, when the last call with it has returned. */
AMPS_EXPORT void amps_authentication_destroy_context(amps_authentication_context context);

/* A worker thread; may wait, for as long as the logon timeout of the transport at most, after which
 * the client is gone. AMPS_SUCCESS: let in. AMPS_CHALLENGE: the client is asked to log on again
 * with what the reply says (three times at most, amps only; elsewhere it counts as AMPS_FAILURE).
 * AMPS_FAILURE: refused, disconnected. */
AMPS_EXPORT int amps_authenticate(amps_authentication_context context,
                                  const amps_authentication_request* request,
                                  amps_authentication_reply* reply);

AMPS_END_DECLARATIONS

#endif /* AMPS_AUTHENTICATION_MODULE_H_ */
