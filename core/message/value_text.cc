#include "core/message/value_text.h"

#include <charconv>

namespace fluxgate {
namespace {

// A double has up to 309 digits before its point, or 324 behind it and 17 more that count.
constexpr size_t kNumberBytesMax = 400;

}  // namespace

std::string_view ValueToText(const Value& value, std::string& scratch) {
  const auto number = [&scratch](auto... arguments) -> std::string_view {
    scratch.resize(kNumberBytesMax);
    char* const begin = scratch.data();
    const auto written = std::to_chars(begin, begin + scratch.size(), arguments...);
    return {begin, static_cast<size_t>(written.ptr - begin)};
  };
  switch (value.kind()) {
    case Value::Kind::kNull:
      return "";
    case Value::Kind::kBool:
      return value.as_bool() ? "true" : "false";
    case Value::Kind::kInt:
      return number(value.as_int());
    case Value::Kind::kUint:
      return number(value.as_uint());
    case Value::Kind::kDouble:
      return number(value.as_double(), std::chars_format::fixed);
    case Value::Kind::kString:
      return value.as_string();
    case Value::Kind::kArray:
      break;
  }
  return ValueToText(value.first(), scratch);
}

}  // namespace fluxgate
