/* Template of an authenticator: logs on with the user id that is configured, without password. */
#include <string.h>

#include "amps_authenticator_module.h"

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

AMPS_EXPORT amps_authenticator_context
amps_authenticator_create_context(amps_module_options options) {
  static int context; /* this one needs nothing of its own */
  (void)options;
  return &context;
}

AMPS_EXPORT void amps_authenticator_destroy_context(amps_authenticator_context context) {
  (void)context;
}

AMPS_EXPORT int amps_authenticator_credentials(amps_authenticator_context context,
                                               const amps_authenticator_request* request,
                                               amps_authenticator_reply* reply) {
  const size_t bytes = strlen(request->user_id) + 1;
  (void)context;
  if (request->attempt > 1) {
    log_line(amps_module_log_level_error, "there is no answer to a challenge");
    return AMPS_FAILURE;
  }
  reply->user_id = allocate(bytes);
  if (reply->user_id == NULL) return AMPS_FAILURE;
  memcpy(reply->user_id, request->user_id, bytes);
  return AMPS_SUCCESS;
}

AMPS_EXPORT void amps_authenticator_completed(amps_authenticator_context context, int accepted,
                                              const char* reason) {
  (void)context;
  if (!accepted) log_line(amps_module_log_level_warning, reason);
}
