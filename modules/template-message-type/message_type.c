/* Template of a message type: its messages can be carried. For filters and stored topics define
 * amps_message_type_extract and amps_message_type_parse as well; for views and delta subscriptions
 * amps_message_type_serialize; for delta publishes amps_message_type_merge. */
#include "amps_message_type_module.h"

static amps_module_logger log_line;

AMPS_EXPORT int amps_module_init(amps_module_options options, amps_module_logger logger,
                                 amps_module_allocator allocator) {
  (void)options;
  (void)allocator; /* for what amps_message_type_serialize and _merge return */
  log_line = logger;
  return AMPS_SUCCESS;
}

AMPS_EXPORT void amps_module_terminate(void) {}

AMPS_EXPORT amps_message_type_context
amps_message_type_create_context(amps_module_options options) {
  static int context; /* this one needs nothing of its own */
  for (; options->key != NULL; ++options) {
    log_line(amps_module_log_level_info, options->key);
  }
  return &context;
}

AMPS_EXPORT void amps_message_type_destroy_context(amps_message_type_context context) {
  (void)context;
}
