/* Template of a user-defined function: IS_TEXT(value).
 *
 *   <UserDefinedFunctions><Function><Name>IS_TEXT</Name><Module>this one</Module>
 *     <Symbol>is_text</Symbol><ParameterCount>1</ParameterCount></Function></UserDefinedFunctions>
 */
#include "amps_udf_module.h"

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

AMPS_EXPORT int is_text(amps_udf_call* call, const amps_value* arguments, size_t count,
                        amps_value* result);
AMPS_EXPORT int is_text(amps_udf_call* call, const amps_value* arguments, size_t count,
                        amps_value* result) {
  (void)call; /* call->allocate gives room for text of the result */
  (void)allocate;
  (void)log_line;
  (void)count; /* as <ParameterCount> says */
  result->type = amps_value_bool;
  result->u.int_value = arguments[0].type == amps_value_string;
  return AMPS_SUCCESS;
}
