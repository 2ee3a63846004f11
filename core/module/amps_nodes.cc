#include "core/module/amps_nodes.h"

#include <functional>
#include <new>
#include <string>

#include "core/base/error.h"
#include "core/module/amps_values.h"
#include "core/module/raw_number.h"

namespace fluxgate {
namespace {

using Node = Document::Node;

// Nodes of a module as nodes of a document. Depth is limited, so recursion over them is safe.
class Reader {
 public:
  Reader(std::string_view body, const ModuleScratch& scratch, const MessageLimits& limits,
         Document& document)
      : body_(body), scratch_(scratch), limits_(limits), document_(document) {}

  absl::Status Read(const amps_node* from, Node& to, uint32_t depth) {
    if (depth > limits_.depth_max) return Malformed("nested too deeply");
    if (absl::Status status = ReadValue(from->value, to); !status.ok()) return status;
    const size_t count = from->child_count;
    if (count == 0) return absl::OkStatus();
    if (from->kind == amps_node_scalar) return Impossible("a scalar with children");
    if (count > limits_.fields_max) return Malformed("more fields than allowed");
    if (!scratch_.Holds(from->children, count * sizeof(*from->children))) {
      return Impossible("children outside of the memory for them");
    }
    for (size_t i = 0; i < count; ++i) {
      if (absl::Status status = ReadChild(from->children[i], to, depth); !status.ok()) {
        return status;
      }
    }
    return absl::OkStatus();
  }

  absl::Status CheckNode(const amps_node* node) const {
    if (!scratch_.Holds(node, sizeof(amps_node))) {
      return Impossible("a node outside of the memory for it");
    }
    if (node->size < sizeof(amps_node)) return Impossible("a node that is too small");
    switch (RawNumber(node->kind)) {
      case amps_node_scalar:
      case amps_node_object:
      case amps_node_array:
        return absl::OkStatus();
      default:
        return Impossible("a node of a kind that there is not");
    }
  }

 private:
  static absl::Status Malformed(std::string_view what) {
    return MakeError(ErrorCode::kMalformedBody, what);
  }
  static absl::Status Impossible(std::string_view what) {
    return MakeError(ErrorCode::kInternal, what);
  }

  absl::Status ReadChild(const amps_node* child, Node& parent, uint32_t depth) {
    if (++fields_ > limits_.fields_max) return Malformed("more fields than allowed");
    if (absl::Status status = CheckNode(child); !status.ok()) return status;
    const Node::Kind kind = child->kind == amps_node_scalar   ? Node::Kind::kScalar
                            : child->kind == amps_node_object ? Node::Kind::kObject
                                                              : Node::Kind::kArray;
    if (parent.kind == Node::Kind::kArray) {
      return Read(child, document_.AddElement(parent, kind), depth + 1);
    }
    if (child->name == nullptr) return Impossible("a member without a name");
    const std::string_view name = Kept({child->name, child->name_length});
    return Read(child, document_.AddMember(parent, name, kind), depth + 1);
  }

  absl::Status ReadValue(const amps_value& from, Node& to) {
    const std::optional<Value> value = FromAmps(from);
    if (!value.has_value()) return Impossible("a value of a type that there is not");
    if (to.kind == Node::Kind::kArray && !value->is_null()) {
      return Impossible("an array with a value");
    }
    to.value = value->is_string() ? Value::String(Kept(value->as_string())) : *value;
    return absl::OkStatus();
  }

  std::string_view Kept(std::string_view text) {
    const std::less_equal<const char*> before;
    const bool in_body = before(body_.data(), text.data()) &&
                         before(text.data() + text.size(), body_.data() + body_.size());
    return in_body ? text : document_.Keep(std::string(text));
  }

  const std::string_view body_;
  const ModuleScratch& scratch_;
  const MessageLimits& limits_;
  Document& document_;
  uint32_t fields_ = 0;
};

amps_node* NewNode(const Node& from, ModuleScratch& scratch) {
  void* const memory = scratch.Allocate(sizeof(amps_node));
  if (memory == nullptr) return nullptr;
  amps_node* const node = new (memory) amps_node{};
  node->size = sizeof(amps_node);
  node->kind = from.kind == Node::Kind::kScalar   ? amps_node_scalar
               : from.kind == Node::Kind::kObject ? amps_node_object
                                                  : amps_node_array;
  node->value = ToAmps(from.value);
  const size_t count = from.members.size() + from.elements.size();
  if (count == 0) return node;
  auto** const children =
      static_cast<const amps_node**>(scratch.Allocate(count * sizeof(amps_node*)));
  if (children == nullptr) return nullptr;
  size_t next = 0;
  for (const Document::Member& member : from.members) {
    amps_node* const child = NewNode(*member.node, scratch);
    if (child == nullptr) return nullptr;
    child->name = member.name.data();
    child->name_length = member.name.size();
    children[next++] = child;
  }
  for (const Node* element : from.elements) {
    children[next] = NewNode(*element, scratch);
    if (children[next++] == nullptr) return nullptr;
  }
  node->children = children;
  node->child_count = count;
  return node;
}

}  // namespace

absl::Status ToDocument(const amps_node* root, std::string_view body, const ModuleScratch& scratch,
                        const MessageLimits& limits, Document& document) {
  document.Clear();
  Reader reader(body, scratch, limits, document);
  if (absl::Status status = reader.CheckNode(root); !status.ok()) return status;
  if (root->kind != amps_node_object) {
    return MakeError(ErrorCode::kInternal, "a root that is no object");
  }
  return reader.Read(root, document.root(), 1);
}

const amps_node* ToNodes(const Document& document, ModuleScratch& scratch) {
  return NewNode(document.root(), scratch);
}

}  // namespace fluxgate
