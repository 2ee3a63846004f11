// What the JSON extractor should find, said once more with simdjson's DOM: for tests.
#ifndef FLUXGATE_CORE_MESSAGE_JSON_REFERENCE_H_
#define FLUXGATE_CORE_MESSAGE_JSON_REFERENCE_H_

#include <simdjson.h>

#include "core/message/field_table.h"
#include "core/message/value.h"

namespace fluxgate {

// The value at `path` from step `step` on. Text lives as long as the document.
inline Value LookUpInDom(const simdjson::dom::element& element, const FieldPath& path,
                         size_t step = 0, bool in_array = false) {
  using Type = simdjson::dom::element_type;
  const bool at_end = step == path.steps.size();
  switch (element.type()) {
    case Type::OBJECT: {
      if (at_end) return Value::Null();
      const simdjson::dom::object object = element.get_object().value_unsafe();
      for (const auto member : object) {
        if (member.key == path.steps[step].name) {
          return LookUpInDom(member.value, path, step + 1, false);
        }
      }
      return Value::Null();
    }
    case Type::ARRAY: {
      if (in_array) return Value::Null();
      const simdjson::dom::array array = element.get_array().value_unsafe();
      for (const auto first : array) return LookUpInDom(first, path, step, true);
      return Value::Null();
    }
    case Type::STRING:
      return at_end ? Value::String(element.get_string().value_unsafe()) : Value::Null();
    case Type::INT64:
      return at_end ? Value::Int(element.get_int64().value_unsafe()) : Value::Null();
    case Type::UINT64:
      return at_end ? Value::Uint(element.get_uint64().value_unsafe()) : Value::Null();
    case Type::DOUBLE:
      return at_end ? Value::Double(element.get_double().value_unsafe()) : Value::Null();
    case Type::BOOL:
      return at_end ? Value::Bool(element.get_bool().value_unsafe()) : Value::Null();
    case Type::NULL_VALUE:
      break;
  }
  return Value::Null();
}

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_MESSAGE_JSON_REFERENCE_H_
