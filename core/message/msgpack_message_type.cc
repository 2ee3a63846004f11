#include "core/message/msgpack_message_type.h"

#include <algorithm>

#include "core/base/error.h"
#include "core/message/field_collector.h"
#include "core/message/message_reader.h"
#include "core/message/msgpack_token.h"
#include "fmt/format.h"

namespace fluxgate {
namespace {

using Node = Document::Node;
using Kind = MsgpackToken::Kind;

enum class Progress : uint8_t { kMore, kDone, kBad };

class MsgpackExtractor final : public Extractor {
 public:
  MsgpackExtractor(const std::vector<FieldRequest>& requests, const MessageLimits& limits)
      : depth_max_(std::min(limits.depth_max, kMessageDepthCeiling)),
        fields_(requests, depth_max_),
        collector_(SlotsOf(requests), limits.elements_max),
        seen_(fields_.size()) {}

  bool Extract(std::string_view body, std::span<Value> values) override {
    collector_.Begin(values);
    left_ = body;
    if (!Read()) {
      collector_.Abandon();
      return false;
    }
    collector_.Finish();
    return true;
  }

 private:
  bool Read() {
    MsgpackToken token;
    if (!ReadMsgpackToken(left_, token) || token.kind != Kind::kMap) return false;
    switch (ReadMap(fields_.root(), token.count, 1, true)) {
      case Progress::kMore:
        return left_.empty();
      case Progress::kDone:
        return true;
      case Progress::kBad:
        break;
    }
    return false;
  }

  Progress Skip(uint64_t count) {
    return SkipMsgpack(left_, count) ? Progress::kMore : Progress::kBad;
  }

  // `last`: nothing behind this value is wanted.
  Progress ReadMap(const FieldTree::Node& node, uint32_t pairs, uint32_t depth, bool last) {
    if (depth > depth_max_) return Progress::kBad;
    const uint64_t map = ++maps_;
    size_t unseen = node.children.size();
    MsgpackToken token;
    for (; pairs != 0 && unseen != 0; --pairs) {
      if (!ReadMsgpackToken(left_, token)) return Progress::kBad;
      const FieldTree::Node* child = nullptr;
      if (token.kind == Kind::kText) {
        child = FieldTree::Find(node, token.text.data(), token.text.size());
      } else if (token.kind != Kind::kScalar) {
        const uint64_t inside = uint64_t{token.count} * (token.kind == Kind::kMap ? 2 : 1);
        if (!SkipMsgpack(left_, inside)) return Progress::kBad;
      }
      if (child == nullptr || seen_[child->index] == map) {
        if (!SkipMsgpack(left_, 1)) return Progress::kBad;
        continue;
      }
      seen_[child->index] = map;
      --unseen;
      const Progress progress = ReadValue({*child, true}, depth, last && unseen == 0);
      if (progress != Progress::kMore) return progress;
    }
    if (unseen == 0 && last) return Progress::kDone;
    return Skip(uint64_t{2} * pairs);
  }

  Progress ReadValue(const ArrayPlace& place, uint32_t depth, bool last) {
    MsgpackToken token;
    if (!ReadMsgpackToken(left_, token)) return Progress::kBad;
    if (token.kind == Kind::kArray) return ReadArray(place, token.count, depth + 1, last);
    const FieldTree::Node& node = place.Single();
    if (token.kind == Kind::kMap) {
      if (!collector_.Add(node.slots, Value::Null())) return Progress::kBad;
      if (node.children.empty()) return Skip(uint64_t{2} * token.count);
      return ReadMap(node, token.count, depth + 1, last);
    }
    return collector_.Add(node.slots, token.value) ? Progress::kMore : Progress::kBad;
  }

  Progress ReadArray(const ArrayPlace& place, uint32_t count, uint32_t depth, bool last) {
    if (depth > depth_max_) return Progress::kBad;
    for (uint32_t i = 0; i < count; ++i) {
      const Progress progress = ReadValue(place.Element(i), depth, last && i + 1 == count);
      if (progress != Progress::kMore) return progress;
    }
    return Progress::kMore;
  }

  const uint32_t depth_max_;
  const FieldTree fields_;
  FieldCollector collector_;
  std::vector<uint64_t> seen_;  // by node: the map in which it was met last
  uint64_t maps_ = 0;           // counts maps
  std::string_view left_;
};

// Begins a member's name that holds a key as it stood in the body: one that is not str, or str that
// begins with this byte. MessagePack and UTF-8 have no use for it.
constexpr char kSpelledKey = '\xc1';

class Parser {
 public:
  Parser(std::string_view body, const MessageLimits& limits, Document& document)
      : body_(body),
        left_(body),
        depth_max_(std::min(limits.depth_max, kMessageDepthCeiling)),
        fields_left_(limits.fields_max),
        document_(document) {}

  absl::Status Run() {
    document_.Clear();
    MsgpackToken token;
    if (!ReadMsgpackToken(left_, token) || token.kind != Kind::kMap) {
      return MalformedAt("a MessagePack body is a map", 0);
    }
    if (absl::Status status = ParseMap(token.count, document_.root(), 1); !status.ok()) {
      return status;
    }
    if (!left_.empty()) return Fail("more behind the map");
    return absl::OkStatus();
  }

 private:
  absl::Status Fail(std::string_view what) const {
    return MalformedAt(what, body_.size() - left_.size());
  }

  absl::Status Enter(uint32_t depth) const {
    if (depth <= depth_max_) return absl::OkStatus();
    return Fail(fmt::format("nested deeper than {}", depth_max_));
  }

  absl::Status ParseMap(uint32_t pairs, Node& node, uint32_t depth) {
    if (absl::Status status = Enter(depth); !status.ok()) return status;
    for (; pairs != 0; --pairs) {
      std::string_view name;
      const std::string_view key = left_;
      if (!ParseKey(name, depth)) {
        left_ = key;
        return Fail("key that is cut short, nested too deep or of no known format");
      }
      Node& child = document_.AddMember(node, name, Node::Kind::kScalar);
      if (absl::Status status = ParseValue(child, depth); !status.ok()) return status;
    }
    return absl::OkStatus();
  }

  // A value that nobody looks into, but whose depth counts.
  bool SkipWithin(uint32_t depth) {
    MsgpackToken token;
    if (!ReadMsgpackToken(left_, token)) return false;
    const bool is_map = token.kind == Kind::kMap;
    if (!is_map && token.kind != Kind::kArray) return true;
    if (depth >= depth_max_) return false;
    for (uint64_t i = is_map ? uint64_t{2} * token.count : token.count; i != 0; --i) {
      if (!SkipWithin(depth + 1)) return false;
    }
    return true;
  }

  bool ParseKey(std::string_view& name, uint32_t depth) {
    std::string_view key = left_;
    MsgpackToken token;
    if (!ReadMsgpackToken(left_, token)) return false;
    if (token.kind == Kind::kText && !token.text.starts_with(kSpelledKey)) {
      name = token.text;
      return true;
    }
    left_ = key;
    if (!SkipWithin(depth)) return false;
    key.remove_suffix(left_.size());
    name = document_.Keep(kSpelledKey + std::string(key));
    return true;
  }

  absl::Status ParseValue(Node& node, uint32_t depth) {
    MsgpackToken token;
    if (fields_left_-- == 0) return Fail("more fields than allowed");
    const std::string_view value = left_;
    if (!ReadMsgpackToken(left_, token)) {
      left_ = value;
      return Fail("value that is cut short or of no known format");
    }
    if (token.kind == Kind::kMap) {
      node.kind = Node::Kind::kObject;
      return ParseMap(token.count, node, depth + 1);
    }
    if (token.kind == Kind::kArray) {
      node.kind = Node::Kind::kArray;
      if (absl::Status status = Enter(depth + 1); !status.ok()) return status;
      for (uint32_t i = 0; i < token.count; ++i) {
        Node& element = document_.AddElement(node, Node::Kind::kScalar);
        if (absl::Status status = ParseValue(element, depth + 1); !status.ok()) return status;
      }
      return absl::OkStatus();
    }
    node.value = token.value;
    node.raw = token.bytes;
    return absl::OkStatus();
  }

  const std::string_view body_;
  std::string_view left_;
  const uint32_t depth_max_;
  uint32_t fields_left_;
  Document& document_;
};

// Not what somebody made up who only writes.
bool IsSpelledKey(std::string_view name) {
  if (!name.starts_with(kSpelledKey)) return false;
  name.remove_prefix(1);
  return SkipMsgpack(name, 1) && name.empty();
}

class Writer {
 public:
  Writer(uint32_t depth_max, std::string& body)
      : depth_max_(std::min(depth_max, kMessageDepthCeiling)), body_(body) {}

  absl::Status Write(const Node& node, uint32_t depth) {
    if (node.kind == Node::Kind::kScalar) {
      if (!node.raw.empty()) {
        body_ += node.raw;
      } else {
        WriteMsgpackScalar(node.value, body_);
      }
      return absl::OkStatus();
    }
    if (depth > depth_max_) {
      return MakeError(ErrorCode::kMalformedBody, fmt::format("nested deeper than {}", depth_max_));
    }
    return node.kind == Node::Kind::kObject ? WriteMap(node, depth) : WriteArray(node, depth);
  }

 private:
  absl::Status WriteMap(const Node& node, uint32_t depth) {
    if (!node.value.is_null()) {
      return MakeError(ErrorCode::kMalformedBody,
                       "a map with a value of its own cannot be written to a MessagePack body");
    }
    WriteMsgpackMap(static_cast<uint32_t>(node.members.size()), body_);
    for (const Document::Member& member : node.members) {
      if (IsSpelledKey(member.name)) {
        body_ += member.name.substr(1);
      } else {
        WriteMsgpackText(member.name, body_);
      }
      if (absl::Status status = Write(*member.node, depth + 1); !status.ok()) return status;
    }
    return absl::OkStatus();
  }

  absl::Status WriteArray(const Node& node, uint32_t depth) {
    WriteMsgpackArray(static_cast<uint32_t>(node.elements.size()), body_);
    for (const Node* element : node.elements) {
      if (absl::Status status = Write(*element, depth + 1); !status.ok()) return status;
    }
    return absl::OkStatus();
  }

  const uint32_t depth_max_;
  std::string& body_;
};

}  // namespace

std::unique_ptr<Extractor> MsgpackMessageType::NewExtractor(
    std::vector<FieldRequest> fields) const {
  return std::make_unique<MsgpackExtractor>(fields, limits_);
}

absl::Status MsgpackMessageType::Parse(std::string_view body, Document& document) const {
  return Parser(body, limits_, document).Run();
}

absl::Status MsgpackMessageType::DoWrite(const Document& document, std::string& body) const {
  if (document.root().kind != Node::Kind::kObject) {
    return MakeError(ErrorCode::kMalformedBody, "a MessagePack body is a map");
  }
  return Writer(limits_.depth_max, body).Write(document.root(), 1);
}

}  // namespace fluxgate
