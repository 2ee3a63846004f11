// Two of these are built with different numbers; they share every name.
#include "amps_module.h"

struct Counter {
  static inline int count = 0;
};

AMPS_EXTERN_C AMPS_EXPORT int clash_number(void) { return CLASH_NUMBER; }

AMPS_EXPORT int amps_module_init(amps_module_options, amps_module_logger, amps_module_allocator) {
  return AMPS_SUCCESS;
}
AMPS_EXPORT void amps_module_terminate(void) {}

// Calls the exported function by its name, and counts in the inline variable.
AMPS_EXTERN_C AMPS_EXPORT int clash_through_call(void) { return clash_number(); }
AMPS_EXTERN_C AMPS_EXPORT int clash_count(void) { return ++Counter::count; }
