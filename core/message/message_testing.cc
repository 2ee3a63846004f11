#include "core/message/message_testing.h"

#include <fmt/format.h>

namespace fluxgate {

std::string ValueText(const Value& value) {
  switch (value.kind()) {
    case Value::Kind::kNull:
      return "NULL";
    case Value::Kind::kBool:
      return value.as_bool() ? "true" : "false";
    case Value::Kind::kInt:
      return fmt::format("{}", value.as_int());
    case Value::Kind::kUint:
      return fmt::format("{}u", value.as_uint());
    case Value::Kind::kDouble:
      return fmt::format("{}d", value.as_double());
    case Value::Kind::kString:
      return fmt::format("'{}'", value.as_string());
    case Value::Kind::kArray:
      break;
  }
  std::string text = "[";
  for (const Value& element : value.as_array()) {
    if (text.size() > 1) text += ", ";
    text += ValueText(element);
  }
  return text + ']';
}

}  // namespace fluxgate
