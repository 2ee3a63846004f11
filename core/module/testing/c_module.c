/* A module in C. */
#include <string.h>

#include "amps_api.h"

static char greeting[64];

AMPS_EXPORT int amps_module_init(amps_module_options options, amps_module_logger logger,
                                 amps_module_allocator allocator) {
  (void)allocator;
  for (; options->key != NULL; ++options) {
    if (strcmp(options->key, "Greeting") == 0) {
      strncpy(greeting, options->value, sizeof(greeting) - 1);
    }
  }
  logger(amps_module_log_level_info, greeting);
  return AMPS_SUCCESS;
}

AMPS_EXPORT void amps_module_terminate(void) {}

AMPS_EXPORT const char* test_greeting(void) { return greeting; }
