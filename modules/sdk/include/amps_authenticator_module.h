/* Authenticator: with what does the server log on where it is the client? The command line, too: it
 * calls everything from the thread that connects, and has no later try.
 *
 * Entry points: amps_authenticator_create_context, amps_authenticator_destroy_context,
 * amps_authenticator_credentials; amps_authenticator_completed is optional. */
#ifndef AMPS_AUTHENTICATOR_MODULE_H_
#define AMPS_AUTHENTICATOR_MODULE_H_

#include "amps_module.h"

AMPS_BEGIN_DECLARATIONS

typedef void* amps_authenticator_context;

typedef struct amps_authenticator_request {
  size_t size;
  const char* remote_address; /* "host:port" that is being logged on to */
  const char* user_id;        /* the one configured; after a challenge the one that was asked for */
  const char* password;       /* "" at first; then the challenge of the other side */
  unsigned attempt;           /* 1 at first, one more for each challenge */
} amps_authenticator_request;

/* All NULL when the call begins. Memory of the module's allocator; the server frees it. */
typedef struct amps_authenticator_reply {
  size_t size;
  char* user_id;  /* NULL: none */
  char* password; /* NULL: none */
} amps_authenticator_reply;

/* One context for each outgoing connection, before it is made. `options`: those of the connection's
 * <Authenticator>. NULL, with a line in the log that says why: the connection cannot be used. */
AMPS_EXPORT amps_authenticator_context
amps_authenticator_create_context(amps_module_options options);

/* Once for each context, from one thread, when the last call with it has returned. */
AMPS_EXPORT void amps_authenticator_destroy_context(amps_authenticator_context context);

/* A worker thread; may wait. For each logon and for each challenge. AMPS_FAILURE: the connection is
 * given up and tried again later. */
AMPS_EXPORT int amps_authenticator_credentials(amps_authenticator_context context,
                                               const amps_authenticator_request* request,
                                               amps_authenticator_reply* reply);

/* Optional. A worker thread: the other side has answered the logon; `accepted` is not 0 when it let
 * us in, `reason` its reason or "". */
AMPS_EXPORT void amps_authenticator_completed(amps_authenticator_context context, int accepted,
                                              const char* reason);

AMPS_END_DECLARATIONS

#endif /* AMPS_AUTHENTICATOR_MODULE_H_ */
