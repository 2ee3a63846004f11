/* The smallest module: one user-defined function, DOUBLED(number). */
#include "amps_udf_module.h"

AMPS_EXPORT int amps_module_init(amps_module_options options, amps_module_logger logger,
                                 amps_module_allocator allocator) {
  (void)options;
  (void)allocator;
  logger(amps_module_log_level_info, "hello");
  return AMPS_SUCCESS;
}

AMPS_EXPORT void amps_module_terminate(void) {}

AMPS_EXPORT int doubled(amps_udf_call* call, const amps_value* arguments, size_t count,
                        amps_value* result) {
  (void)call;
  (void)count;
  if (arguments[0].type != amps_value_int) return AMPS_FAILURE;
  result->type = amps_value_int;
  result->u.int_value = 2 * arguments[0].u.int_value;
  return AMPS_SUCCESS;
}
