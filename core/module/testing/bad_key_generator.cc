// A SOW key generator whose keys are as long as the correlation id says, or wrong otherwise.
#include <cstdlib>
#include <cstring>
#include <stdexcept>

#include "amps_sow_key_generator_module.h"

AMPS_EXPORT int amps_module_init(amps_module_options, amps_module_logger, amps_module_allocator) {
  return AMPS_SUCCESS;
}
AMPS_EXPORT void amps_module_terminate(void) {}
AMPS_EXPORT amps_sow_key_generator_context
amps_sow_key_generator_create_context(amps_module_options) {
  static int context;
  return &context;
}
AMPS_EXPORT void amps_sow_key_generator_destroy_context(amps_sow_key_generator_context) {}

AMPS_EXPORT int amps_sow_key_generator_generate(amps_sow_key_generator_context,
                                                const amps_sow_key_request* request, char* key,
                                                size_t* key_length) {
  if (strcmp(request->correlation_id, "throw") == 0) throw std::runtime_error("no key");
  if (strcmp(request->correlation_id, "blank") == 0) {
    key[0] = ' ';
    *key_length = 1;
    return AMPS_SUCCESS;
  }
  *key_length = strtoull(request->correlation_id, nullptr, 10);
  for (size_t i = 0; i < *key_length && i < AMPS_SOW_KEY_BYTES_MAX; ++i) key[i] = 'k';
  return AMPS_SUCCESS;
}
