/* Template of a SOW key generator: the first field is the key, if it is text that may be one. */
#include <string.h>

#include "amps_sow_key_generator_module.h"

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

AMPS_EXPORT amps_sow_key_generator_context
amps_sow_key_generator_create_context(amps_module_options options) {
  static int context; /* this one needs nothing of its own */
  (void)options;
  (void)allocate;
  (void)log_line;
  return &context;
}

AMPS_EXPORT void amps_sow_key_generator_destroy_context(amps_sow_key_generator_context context) {
  (void)context;
}

AMPS_EXPORT int amps_sow_key_generator_generate(amps_sow_key_generator_context context,
                                                const amps_sow_key_request* request, char* key,
                                                size_t* key_length) {
  (void)context;
  if (request->field_count == 0 || request->fields[0].type != amps_value_string ||
      request->fields[0].length > AMPS_SOW_KEY_BYTES_MAX) {
    return AMPS_FAILURE;
  }
  *key_length = request->fields[0].length;
  memcpy(key, request->fields[0].u.text, *key_length);
  return AMPS_SUCCESS;
}
