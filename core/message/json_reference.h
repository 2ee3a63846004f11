// What the JSON extractor should find, said once more with simdjson's DOM: for tests.
#ifndef FLUXGATE_CORE_MESSAGE_JSON_REFERENCE_H_
#define FLUXGATE_CORE_MESSAGE_JSON_REFERENCE_H_

#include <simdjson.h>

#include <span>
#include <vector>

#include "core/message/document.h"
#include "core/message/field_path.h"
#include "core/message/value.h"

namespace fluxgate {

using JsonSteps = std::span<const FieldStep>;

inline Value ScalarInDom(const simdjson::dom::element& element) {
  using Type = simdjson::dom::element_type;
  switch (element.type()) {
    case Type::STRING:
      return Value::String(element.get_string().value_unsafe());
    case Type::INT64:
      return Value::Int(element.get_int64().value_unsafe());
    case Type::UINT64:
      return Value::Uint(element.get_uint64().value_unsafe());
    case Type::DOUBLE:
      return Value::Double(element.get_double().value_unsafe());
    case Type::BOOL:
      return Value::Bool(element.get_bool().value_unsafe());
    case Type::OBJECT:
    case Type::ARRAY:
    case Type::NULL_VALUE:
      break;
  }
  return Value::Null();
}

inline void CollectInDom(simdjson::dom::element element, JsonSteps steps,
                         std::vector<Value>& found);

// `element` by the subscript of the first step, then on with the others.
inline void CollectSubscriptInDom(simdjson::dom::element element, JsonSteps steps,
                                  std::vector<Value>& found) {
  const int32_t index = steps[0].index;
  if (index >= 0) {
    if (element.is_array()) {
      if (element.get_array().at(static_cast<size_t>(index)).get(element) != simdjson::SUCCESS) {
        return;
      }
    } else if (index > 0) {
      return;
    }
  }
  CollectInDom(element, steps.subspan(1), found);
}

inline void CollectInDom(simdjson::dom::element element, JsonSteps steps,
                         std::vector<Value>& found) {
  if (!steps.empty() && steps[0].name.empty()) {
    CollectSubscriptInDom(element, steps, found);
  } else if (element.is_array()) {
    const simdjson::dom::array array = element.get_array().value_unsafe();
    for (const auto one : array) CollectInDom(one, steps, found);
  } else if (steps.empty()) {
    found.push_back(ScalarInDom(element));
  } else if (element.is_object()) {
    const simdjson::dom::object object = element.get_object().value_unsafe();
    for (const auto member : object) {
      if (member.key != steps[0].name) continue;
      CollectSubscriptInDom(member.value, steps, found);
      return;
    }
  }
}

// The value at `path` of a body, of which only an object has any. Text lives as long as the
// document, an array as long as `elements` is not changed.
inline Value LookUpInDom(const simdjson::dom::element& body, const FieldPath& path,
                         std::vector<Value>& elements) {
  elements.clear();
  if (body.is_object()) CollectInDom(body, path.steps, elements);
  return Value::Array(elements);
}

// Whether a parsed body says what the DOM says, member by member in the same order.
inline bool SameAsDom(const Document::Node& node, const simdjson::dom::element& element) {
  if (element.is_object()) {
    const simdjson::dom::object object = element.get_object().value_unsafe();
    if (node.kind != Document::Node::Kind::kObject) return false;
    size_t i = 0;
    for (const auto member : object) {
      if (i == node.members.size() || node.members[i].name != member.key) return false;
      if (!SameAsDom(*node.members[i].node, member.value)) return false;
      ++i;
    }
    return i == node.members.size();
  }
  if (element.is_array()) {
    const simdjson::dom::array array = element.get_array().value_unsafe();
    if (node.kind != Document::Node::Kind::kArray) return false;
    size_t i = 0;
    for (const auto one : array) {
      if (i == node.elements.size() || !SameAsDom(*node.elements[i], one)) return false;
      ++i;
    }
    return i == node.elements.size();
  }
  Document::Node scalar;
  scalar.value = ScalarInDom(element);
  Document::Node ours;
  ours.value = node.value;
  return node.kind == Document::Node::Kind::kScalar && SameContent(ours, scalar);
}

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_MESSAGE_JSON_REFERENCE_H_
