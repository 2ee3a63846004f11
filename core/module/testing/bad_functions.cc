// User-defined functions that do what they must not.
#include <stdexcept>

#include "amps_udf_module.h"

AMPS_EXPORT int amps_module_init(amps_module_options, amps_module_logger, amps_module_allocator) {
  return AMPS_SUCCESS;
}
AMPS_EXPORT void amps_module_terminate(void) {}

AMPS_BEGIN_DECLARATIONS

AMPS_EXPORT int unknown_type(amps_udf_call*, const amps_value*, size_t, amps_value* result) {
  result->type = static_cast<amps_value_type>(77);
  return AMPS_SUCCESS;
}
AMPS_EXPORT int an_array(amps_udf_call*, const amps_value* arguments, size_t count,
                         amps_value* result) {
  result->type = amps_value_array;
  result->u.elements = arguments;
  result->length = static_cast<uint32_t>(count);
  return AMPS_SUCCESS;
}
AMPS_EXPORT int no_text(amps_udf_call*, const amps_value*, size_t, amps_value* result) {
  result->type = amps_value_string;
  result->length = 5;
  return AMPS_SUCCESS;
}
AMPS_EXPORT int throws(amps_udf_call*, const amps_value*, size_t, amps_value*) {
  throw std::runtime_error("no result");
}
AMPS_EXPORT int other_code(amps_udf_call*, const amps_value*, size_t, amps_value* result) {
  result->type = amps_value_int;
  return 99;
}
// Text of as many bytes as its argument says.
AMPS_EXPORT int long_text(amps_udf_call* call, const amps_value* arguments, size_t,
                          amps_value* result) {
  const auto length = static_cast<size_t>(arguments[0].u.int_value);
  char* const text = call->allocate(call, length);
  if (text == nullptr) return AMPS_FAILURE;
  for (size_t i = 0; i < length; ++i) text[i] = 'x';
  result->type = amps_value_string;
  result->u.text = text;
  result->length = static_cast<uint32_t>(length);
  return AMPS_SUCCESS;
}
// Text of its own that is over every limit.
AMPS_EXPORT int endless_text(amps_udf_call*, const amps_value*, size_t, amps_value* result) {
  static char text[(4u << 20) + 1];
  result->type = amps_value_string;
  result->u.text = text;
  result->length = sizeof(text);
  return AMPS_SUCCESS;
}
AMPS_EXPORT int count_arguments(amps_udf_call*, const amps_value*, size_t count,
                                amps_value* result) {
  result->type = amps_value_uint;
  result->u.uint_value = count;
  return AMPS_SUCCESS;
}

AMPS_END_DECLARATIONS
