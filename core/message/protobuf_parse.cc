#include <algorithm>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "core/message/message_reader.h"
#include "core/message/protobuf_document.h"
#include "core/message/protobuf_wire.h"
#include "fmt/format.h"

namespace fluxgate {
namespace {

using Node = Document::Node;

// Of a singular message that was given several times every part counts.
using Parts = std::vector<std::string_view>;

class Parser {
 public:
  Parser(std::string_view body, const MessageLimits& limits, Document& document)
      : body_(body),
        depth_max_(std::min(limits.depth_max, kMessageDepthCeiling)),
        fields_left_(limits.fields_max),
        document_(document) {}

  absl::Status ParseMessage(const ProtobufMessage& message, const Parts& parts, Node& node,
                            uint32_t depth) {
    if (depth > depth_max_) {
      return Fail(fmt::format("nested deeper than {}", depth_max_), parts[0]);
    }
    Met met;
    for (const std::string_view part : parts) {
      std::string_view left = part;
      while (!left.empty()) {
        const std::string_view record = left;
        WireField wire;
        if (!ReadWireField(left, wire)) {
          return Fail("field that is cut short or of no known wire type", record);
        }
        if (absl::Status status = ParseField(message, wire, node, met, depth); !status.ok()) {
          return status;
        }
      }
    }
    for (const auto& [field, inner] : met.replaced) {
      Node& nowhere = document_.NewNode(Node::Kind::kObject);
      if (absl::Status status = ParseMessage(*field->message, inner, nowhere, depth + 1);
          !status.ok()) {
        return status;
      }
    }
    for (const auto& [field, inner] : met.messages) {
      Node& child = *node.members[met.members[field]].node;
      if (absl::Status status = ParseMessage(*field->message, inner, child, depth + 1);
          !status.ok()) {
        return status;
      }
    }
    std::erase_if(node.members, [](const Document::Member& m) { return m.node == nullptr; });
    return absl::OkStatus();
  }

 private:
  // What was met of one message.
  struct Met {
    absl::flat_hash_map<const ProtobufField*, size_t> members;
    absl::flat_hash_map<uint32_t, const ProtobufField*> oneofs;
    absl::flat_hash_map<const ProtobufField*, Parts> messages;  // singular ones
    // Those in whose place another of their oneof came: checked all the same.
    std::vector<std::pair<const ProtobufField*, Parts>> replaced;
  };

  absl::Status Fail(std::string_view what, std::string_view at) const {
    return MalformedAt(what, static_cast<size_t>(at.data() - body_.data()));
  }

  absl::Status Count(std::string_view at) {
    if (fields_left_-- == 0) return Fail("more fields than allowed", at);
    return absl::OkStatus();
  }

  absl::Status ParseField(const ProtobufMessage& message, const WireField& wire, Node& node,
                          Met& met, uint32_t depth) {
    const ProtobufField* const field = message.Find(wire.number);
    if (field != nullptr && wire.type == WireType::kBytes && field->packable()) {
      return ParsePacked(*field, wire, node, met);
    }
    if (absl::Status status = Count(wire.value); !status.ok()) return status;
    if (field == nullptr || wire.type != field->wire_type) {
      AddUnknown(wire, node);
      return absl::OkStatus();
    }
    if (field->is_message()) {
      if (field->repeated) {
        Node& element = document_.AddElement(Member(*field, node, met, Node::Kind::kArray),
                                             Node::Kind::kObject);
        return ParseMessage(*field->message, {wire.content}, element, depth + 1);
      }
      Member(*field, node, met, Node::Kind::kObject);
      met.messages[field].push_back(wire.content);
      return absl::OkStatus();
    }
    return ParseScalar(*field, wire, node, met);
  }

  absl::Status ParseScalar(const ProtobufField& field, const WireField& wire, Node& node,
                           Met& met) {
    Value value;
    bool known;
    if (!field.Read(wire, value, known)) {
      return Fail(fmt::format("field {} is not UTF-8", field.name), wire.value);
    }
    if (!known) {
      AddUnknown(wire, node);
      return absl::OkStatus();
    }
    Node& scalar = field.repeated
                       ? document_.AddElement(Member(field, node, met, Node::Kind::kArray),
                                              Node::Kind::kScalar)
                       : Member(field, node, met, Node::Kind::kScalar);
    scalar.value = value;
    scalar.raw = wire.value;
    return absl::OkStatus();
  }

  absl::Status ParsePacked(const ProtobufField& field, const WireField& wire, Node& node,
                           Met& met) {
    std::string_view left = wire.content;
    WireField element;
    element.number = field.number;
    element.type = field.wire_type;
    while (!left.empty()) {
      if (absl::Status status = Count(left); !status.ok()) return status;
      const std::string_view at = left;
      if (!ReadWireValue(left, element)) return Fail("packed value that is cut short", at);
      if (absl::Status status = ParseScalar(field, element, node, met); !status.ok()) {
        return status;
      }
    }
    return absl::OkStatus();
  }

  // The member of a known field, made when it is new; takes the place of others of its oneof.
  Node& Member(const ProtobufField& field, Node& node, Met& met, Node::Kind kind) {
    if (field.oneof != ProtobufField::kNoOneof) {
      const ProtobufField*& chosen = met.oneofs[field.oneof];
      if (chosen != nullptr && chosen != &field) {
        node.members[met.members[chosen]].node = nullptr;
        met.members.erase(chosen);
        if (const auto replaced = met.messages.find(chosen); replaced != met.messages.end()) {
          met.replaced.emplace_back(chosen, std::move(replaced->second));
          met.messages.erase(replaced);
        }
      }
      chosen = &field;
    }
    const auto [found, is_new] = met.members.try_emplace(&field, node.members.size());
    if (is_new) return document_.AddMember(node, field.name, kind);
    return *node.members[found->second].node;
  }

  // Named by its number, which no field can be; raw_type is its wire type and one.
  void AddUnknown(const WireField& wire, Node& node) {
    Node& unknown =
        document_.AddMember(node, document_.Keep(std::to_string(wire.number)), Node::Kind::kScalar);
    unknown.raw = wire.value;
    unknown.raw_type = static_cast<uint32_t>(wire.type) + 1;
  }

  const std::string_view body_;
  const uint32_t depth_max_;
  uint32_t fields_left_;
  Document& document_;
};

}  // namespace

absl::Status ParseProtobuf(const ProtobufMessage& root, std::string_view body,
                           const MessageLimits& limits, Document& document) {
  document.Clear();
  return Parser(body, limits, document).ParseMessage(root, {body}, document.root(), 1);
}

}  // namespace fluxgate
