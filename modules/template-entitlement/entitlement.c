/* Template of an entitlement module: everybody may do everything. */
#include <string.h>

#include "amps_entitlement_module.h"

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

AMPS_EXPORT amps_entitlement_context amps_entitlement_create_context(amps_module_options options) {
  static int context; /* this one needs nothing of its own */
  (void)options;
  return &context;
}

AMPS_EXPORT void amps_entitlement_destroy_context(amps_entitlement_context context) {
  (void)context;
}

AMPS_EXPORT int amps_entitlement_check(amps_entitlement_context context,
                                       const amps_entitlement_request* request,
                                       amps_entitlement_reply* reply) {
  (void)context;
  if (request->resource[0] == '\0') {
    static const char reason[] = "there is no resource";
    reply->reason = allocate(sizeof(reason));
    if (reply->reason != NULL) memcpy(reply->reason, reason, sizeof(reason));
    log_line(amps_module_log_level_error, "asked for nothing");
    return AMPS_FAILURE;
  }
  return AMPS_SUCCESS; /* reply->filter and reply->select_list would narrow it */
}
