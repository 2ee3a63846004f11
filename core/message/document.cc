#include "core/message/document.h"

#include <algorithm>
#include <cstring>

namespace fluxgate {
namespace {

bool SameScalar(const Value& a, const Value& b) {
  if (a.kind() != b.kind()) return false;
  switch (a.kind()) {
    case Value::Kind::kNull:
    case Value::Kind::kArray:
      return true;
    case Value::Kind::kString:
      return a.as_string() == b.as_string();
    case Value::Kind::kDouble: {
      // Bit by bit: a NaN is the NaN it was, and -0 is a change from 0.
      const double x = a.as_double();
      const double y = b.as_double();
      return std::memcmp(&x, &y, sizeof x) == 0;
    }
    case Value::Kind::kBool:
    case Value::Kind::kInt:
    case Value::Kind::kUint:
      return a.as_uint() == b.as_uint();
  }
  return false;
}

}  // namespace

Document::Node* Document::Node::Find(std::string_view name) const {
  const auto found = std::find_if(members.begin(), members.end(),
                                  [name](const Member& member) { return member.name == name; });
  return found == members.end() ? nullptr : found->node;
}

Document::Document() { Clear(); }

Document::Node& Document::NewNode(Node::Kind kind) {
  Node& node = nodes_.emplace_back();
  node.kind = kind;
  return node;
}

Document::Node& Document::AddMember(Node& object, std::string_view name, Node::Kind kind) {
  Node& node = NewNode(kind);
  object.members.push_back({name, &node});
  return node;
}

Document::Node& Document::AddElement(Node& array, Node::Kind kind) {
  Node& node = NewNode(kind);
  array.elements.push_back(&node);
  return node;
}

std::string_view Document::Keep(std::string text) { return text_.emplace_back(std::move(text)); }

Document::Node& Document::Adopt(Document part) {
  return adopted_.emplace_back(std::move(part)).root();
}

Document::SetResult Document::Set(const FieldPath& path, const Value& value) {
  if (path.envelope != EnvelopeField::kNone || path.steps.empty()) return SetResult::kDone;
  const auto is_far = [](const FieldStep& step) {
    return step.index >= 0 && static_cast<size_t>(step.index) >= kElementsMax;
  };
  if (std::any_of(path.steps.begin(), path.steps.end(), is_far)) return SetResult::kTooFar;
  const auto become = [](Node& node, Node::Kind kind) {
    if (node.kind == kind) return !node.is_given_whole;
    const bool keeps_value = kind == Node::Kind::kObject || node.value.is_null();
    if (node.kind != Node::Kind::kScalar || !keeps_value) return false;
    node.kind = kind;
    node.raw = {};
    node.raw_type = 0;
    return true;
  };
  Node* node = &root();
  // What is in the way is met before anything new is made.
  for (const FieldStep& step : path.steps) {
    if (!step.name.empty()) {
      if (!become(*node, Node::Kind::kObject)) return SetResult::kInTheWay;
      Node* member = node->Find(step.name);
      if (member == nullptr) member = &AddMember(*node, Keep(step.name), Node::Kind::kScalar);
      node = member;
    }
    if (step.index < 0) continue;
    if (!become(*node, Node::Kind::kArray)) return SetResult::kInTheWay;
    while (node->elements.size() <= static_cast<size_t>(step.index)) {
      AddElement(*node, Node::Kind::kScalar);
    }
    node = node->elements[static_cast<size_t>(step.index)];
  }
  const bool is_array = node->kind == Node::Kind::kArray;
  if (is_array && !node->is_given_whole) return SetResult::kInTheWay;
  if (value.is_array() && node->kind == Node::Kind::kObject) return SetResult::kInTheWay;
  SetLeaf(*node, value);
  return SetResult::kDone;
}

void Document::SetLeaf(Node& node, const Value& value) {
  if (node.kind != Node::Kind::kObject) node = Node();
  if (value.is_array()) {
    node.kind = Node::Kind::kArray;
    node.is_given_whole = true;
    for (const Value& element : value.as_array()) {
      SetLeaf(AddElement(node, Node::Kind::kScalar), element);
    }
    return;
  }
  node.value = value.is_string() ? Value::String(Keep(std::string(value.as_string()))) : value;
  node.raw = {};
  node.raw_type = 0;
}

size_t Document::node_count() const {
  size_t count = nodes_.size();
  for (const Document& part : adopted_) count += part.node_count();
  return count;
}

void Document::Clear() {
  nodes_.clear();
  text_.clear();
  adopted_.clear();
  NewNode(Node::Kind::kObject);
}

bool SameText(const Document::Node& a, const Document::Node& b) {
  if (a.kind != b.kind) return false;
  const bool both_spelled = !a.raw.empty() && !b.raw.empty();
  return both_spelled ? a.raw == b.raw && a.raw_type == b.raw_type : SameScalar(a.value, b.value);
}

bool SameContent(const Document::Node& a, const Document::Node& b) {
  if (!SameText(a, b)) return false;
  if (a.members.size() != b.members.size() || a.elements.size() != b.elements.size()) return false;
  for (size_t i = 0; i < a.members.size(); ++i) {
    if (a.members[i].name != b.members[i].name) return false;
    if (!SameContent(*a.members[i].node, *b.members[i].node)) return false;
  }
  for (size_t i = 0; i < a.elements.size(); ++i) {
    if (!SameContent(*a.elements[i], *b.elements[i])) return false;
  }
  return true;
}

}  // namespace fluxgate
