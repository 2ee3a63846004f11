#include "core/module/amps_values.h"

#include "core/module/raw_number.h"

namespace fluxgate {

amps_value ToAmps(const Value& value) {
  amps_value result = {};
  const Value& one = value.first();
  switch (one.kind()) {
    case Value::Kind::kNull:
    case Value::Kind::kArray:
      break;
    case Value::Kind::kBool:
      result.type = amps_value_bool;
      result.u.int_value = one.as_bool() ? 1 : 0;
      break;
    case Value::Kind::kInt:
      result.type = amps_value_int;
      result.u.int_value = one.as_int();
      break;
    case Value::Kind::kUint:
      result.type = amps_value_uint;
      result.u.uint_value = one.as_uint();
      break;
    case Value::Kind::kDouble:
      result.type = amps_value_double;
      result.u.double_value = one.as_double();
      break;
    case Value::Kind::kString:
      result.type = amps_value_string;
      result.length = static_cast<uint32_t>(one.as_string().size());
      result.u.text = one.as_string().data();
      break;
  }
  return result;
}

std::optional<Value> FromAmps(const amps_value& value) {
  switch (RawNumber(value.type)) {
    case amps_value_null:
      return Value::Null();
    case amps_value_bool:
      return Value::Bool(value.u.int_value != 0);
    case amps_value_int:
      return Value::Int(value.u.int_value);
    case amps_value_uint:
      return Value::Uint(value.u.uint_value);
    case amps_value_double:
      return Value::Double(value.u.double_value);
    case amps_value_string:
      if (value.u.text == nullptr && value.length > 0) return std::nullopt;
      return Value::String({value.u.text, value.length});
    default:
      return std::nullopt;
  }
}

}  // namespace fluxgate
