/* Template of an action: writes its name to the log. */
#include "amps_action_module.h"

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

AMPS_EXPORT amps_action_context amps_action_create_context(amps_module_options options) {
  static int context; /* this one needs nothing of its own */
  (void)options;
  (void)allocate;
  return &context;
}

AMPS_EXPORT void amps_action_destroy_context(amps_action_context context) { (void)context; }

AMPS_EXPORT int amps_action_run(amps_action_context context, amps_action_call* call,
                                amps_module_options options) {
  (void)context;
  log_line(amps_module_log_level_info, call->action_name);
  for (; options->key != NULL; ++options) {
    /* The same text is a variable for the steps that follow. */
    if (call->set_variable(call, options->key, options->value) != AMPS_SUCCESS) {
      return AMPS_FAILURE;
    }
  }
  return AMPS_SUCCESS;
}
