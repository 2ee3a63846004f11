/* Template of an authentication module: lets everybody in under the name that is claimed. */
#include <string.h>

#include "amps_authentication_module.h"

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

AMPS_EXPORT amps_authentication_context
amps_authentication_create_context(amps_module_options options) {
  static int context; /* this one needs nothing of its own */
  (void)options;
  return &context;
}

AMPS_EXPORT void amps_authentication_destroy_context(amps_authentication_context context) {
  (void)context;
}

AMPS_EXPORT int amps_authenticate(amps_authentication_context context,
                                  const amps_authentication_request* request,
                                  amps_authentication_reply* reply) {
  (void)context;
  if (request->user_id[0] == '\0') {
    static const char reason[] = "there is no user id";
    reply->reason = allocate(sizeof(reason));
    if (reply->reason != NULL) memcpy(reply->reason, reason, sizeof(reason));
    log_line(amps_module_log_level_info, "refused a client without user id");
    return AMPS_FAILURE;
  }
  return AMPS_SUCCESS;
}
