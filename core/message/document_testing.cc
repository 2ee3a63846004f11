#include "core/message/document_testing.h"

#include <vector>

#include "core/message/message_testing.h"

namespace fluxgate {

std::string DocumentText(const Document::Node& node) {
  if (node.kind == Document::Node::Kind::kScalar) return ValueText(node.value);
  const bool is_array = node.kind == Document::Node::Kind::kArray;
  std::string text(1, is_array ? '[' : '{');
  const auto separate = [&text] {
    if (text.size() > 1) text += ' ';
  };
  if (!node.value.is_null()) text += ValueText(node.value);
  for (const Document::Member& member : node.members) {
    separate();
    text.append(member.name).append(":").append(DocumentText(*member.node));
  }
  for (const Document::Node* element : node.elements) {
    separate();
    text += DocumentText(*element);
  }
  return text + (is_array ? ']' : '}');
}

std::string FoundText(const Document& document, const FieldPath& path) {
  std::vector<const Document::Node*> found = {&document.root()};
  for (const FieldStep& step : path.steps) {
    if (step.name.empty()) {
      // A subscript of what is there once.
      if (step.index != 0) found.clear();
      continue;
    }
    std::vector<const Document::Node*> below;
    for (const Document::Node* node : found) {
      int32_t number = 0;
      for (const Document::Member& member : node->members) {
        if (member.name != step.name) continue;
        if (step.index == FieldStep::kEvery || step.index == number) below.push_back(member.node);
        ++number;
      }
    }
    found = below;
  }
  std::vector<Value> values;
  for (const Document::Node* node : found) values.push_back(node->value);
  return ValueText(Value::Array(values));
}

}  // namespace fluxgate
