// A small library of user-defined functions:
//   ISREVERSE(a, b)        TRUE when a is b backwards
//   LEVENSHTEIN(a, b)      how many characters (bytes) to insert, remove or replace
//   INITIALS(text, ...)    the first letter of each word of all its arguments
//   CLAMP(x, low, high)    x, or the end of the range that it is beyond
#include <algorithm>
#include <cstring>
#include <string_view>
#include <vector>

#include "amps_udf_module.h"

namespace {

amps_module_logger log_line = nullptr;

// Texts that LEVENSHTEIN compares: the time it takes grows with the product of their lengths.
constexpr size_t kComparedBytesMax = 1024;

bool IsText(const amps_value& value) { return value.type == amps_value_string; }
std::string_view TextOf(const amps_value& value) { return {value.u.text, value.length}; }

bool IsNumber(const amps_value& value) {
  return value.type == amps_value_int || value.type == amps_value_uint ||
         value.type == amps_value_double;
}
double NumberOf(const amps_value& value) {
  switch (value.type) {
    case amps_value_int:
      return static_cast<double>(value.u.int_value);
    case amps_value_uint:
      return static_cast<double>(value.u.uint_value);
    default:
      return value.u.double_value;
  }
}

}  // namespace

AMPS_EXPORT int amps_module_init(amps_module_options options, amps_module_logger logger,
                                 amps_module_allocator) {
  log_line = logger;
  for (; options->key != nullptr; ++options) {
    log_line(amps_module_log_level_error, "this module has no options");
    return AMPS_FAILURE;
  }
  return AMPS_SUCCESS;
}

AMPS_EXPORT void amps_module_terminate(void) {}

AMPS_BEGIN_DECLARATIONS

AMPS_EXPORT int isreverse(amps_udf_call*, const amps_value* arguments, size_t, amps_value* result) {
  if (!IsText(arguments[0]) || !IsText(arguments[1])) return AMPS_SUCCESS;  // NULL
  const std::string_view a = TextOf(arguments[0]);
  const std::string_view b = TextOf(arguments[1]);
  result->type = amps_value_bool;
  result->u.int_value = std::equal(a.begin(), a.end(), b.rbegin(), b.rend()) ? 1 : 0;
  return AMPS_SUCCESS;
}

AMPS_EXPORT int levenshtein(amps_udf_call*, const amps_value* arguments, size_t,
                            amps_value* result) {
  if (!IsText(arguments[0]) || !IsText(arguments[1])) return AMPS_SUCCESS;
  const std::string_view a = TextOf(arguments[0]);
  const std::string_view b = TextOf(arguments[1]);
  if (a.size() > kComparedBytesMax || b.size() > kComparedBytesMax) return AMPS_FAILURE;
  thread_local std::vector<int64_t> row;
  row.resize(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = static_cast<int64_t>(j);
  for (size_t i = 1; i <= a.size(); ++i) {
    int64_t diagonal = row[0];
    row[0] = static_cast<int64_t>(i);
    for (size_t j = 1; j <= b.size(); ++j) {
      const int64_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  result->type = amps_value_int;
  result->u.int_value = row[b.size()];
  return AMPS_SUCCESS;
}

AMPS_EXPORT int initials(amps_udf_call* call, const amps_value* arguments, size_t count,
                         amps_value* result) {
  size_t most = 0;
  for (size_t i = 0; i < count; ++i) most += IsText(arguments[i]) ? arguments[i].length : 0;
  char* const text = call->allocate(call, most);
  if (text == nullptr) return AMPS_FAILURE;
  uint32_t length = 0;
  for (size_t i = 0; i < count; ++i) {
    if (!IsText(arguments[i])) continue;
    bool begins = true;
    for (const char c : TextOf(arguments[i])) {
      if (begins && c != ' ') text[length++] = c;
      begins = c == ' ';
    }
  }
  result->type = amps_value_string;
  result->u.text = text;
  result->length = length;
  return AMPS_SUCCESS;
}

AMPS_EXPORT int clamp(amps_udf_call*, const amps_value* arguments, size_t, amps_value* result) {
  for (size_t i = 0; i < 3; ++i) {
    if (!IsNumber(arguments[i])) return AMPS_SUCCESS;
  }
  *result = NumberOf(arguments[0]) < NumberOf(arguments[1])   ? arguments[1]
            : NumberOf(arguments[0]) > NumberOf(arguments[2]) ? arguments[2]
                                                              : arguments[0];
  return AMPS_SUCCESS;
}

AMPS_END_DECLARATIONS
