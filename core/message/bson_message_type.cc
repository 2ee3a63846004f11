#include "core/message/bson_message_type.h"

#include <algorithm>
#include <limits>

#include "core/base/error.h"
#include "core/base/utf8.h"
#include "core/message/bson_element.h"
#include "core/message/field_collector.h"
#include "core/message/message_reader.h"
#include "fmt/format.h"

namespace fluxgate {
namespace {

using Node = Document::Node;

enum class Progress : uint8_t { kMore, kDone, kBad };

class BsonExtractor final : public Extractor {
 public:
  BsonExtractor(const std::vector<FieldRequest>& requests, const MessageLimits& limits)
      : depth_max_(std::min(limits.depth_max, kMessageDepthCeiling)),
        fields_(requests, depth_max_),
        collector_(SlotsOf(requests), limits.elements_max),
        seen_(fields_.size()) {}

  bool Extract(std::string_view body, std::span<Value> values) override {
    collector_.Begin(values);
    scratch_.Reset();
    if (ReadDocument(fields_.root(), body, 1, true) == Progress::kBad) {
      collector_.Abandon();
      return false;
    }
    collector_.Finish();
    return true;
  }

 private:
  // `last`: nothing behind this document is wanted.
  Progress ReadDocument(const FieldTree::Node& node, std::string_view bytes, uint32_t depth,
                        bool last) {
    BsonReader reader;
    if (depth > depth_max_ || !reader.Open(bytes)) return Progress::kBad;
    const uint64_t document = ++documents_;
    size_t unseen = node.children.size();
    while (unseen != 0) {
      BsonElement element;
      if (!reader.Next(element)) return Progress::kBad;
      if (element.type == BsonType::kEnd) return Progress::kMore;
      const FieldTree::Node* const child =
          FieldTree::Find(node, element.name.data(), element.name.size());
      if (child == nullptr || seen_[child->index] == document) continue;
      seen_[child->index] = document;
      --unseen;
      const Progress progress = ReadValue({*child, true}, element, depth, last && unseen == 0);
      if (progress != Progress::kMore) return progress;
    }
    return last ? Progress::kDone : Progress::kMore;
  }

  Progress ReadValue(const ArrayPlace& place, const BsonElement& element, uint32_t depth,
                     bool last) {
    if (element.type == BsonType::kArray) {
      return ReadArray(place, element.bytes, depth + 1);
    }
    const FieldTree::Node& node = place.Single();
    if (element.type == BsonType::kDocument) {
      if (!collector_.Add(node.slots, Value::Null())) return Progress::kBad;
      if (node.children.empty()) return Progress::kMore;
      return ReadDocument(node, element.bytes, depth + 1, last);
    }
    if (node.slots.empty()) return Progress::kMore;
    Value value;
    if (!ReadBsonScalar(element, scratch_, value) || !collector_.Add(node.slots, value)) {
      return Progress::kBad;
    }
    return Progress::kMore;
  }

  Progress ReadArray(const ArrayPlace& place, std::string_view bytes, uint32_t depth) {
    BsonReader reader;
    if (depth > depth_max_ || !reader.Open(bytes)) return Progress::kBad;
    for (size_t number = 0;; ++number) {
      BsonElement element;
      if (!reader.Next(element)) return Progress::kBad;
      if (element.type == BsonType::kEnd) return Progress::kMore;
      const Progress progress = ReadValue(place.Element(number), element, depth, false);
      if (progress != Progress::kMore) return progress;
    }
  }

  const uint32_t depth_max_;
  const FieldTree fields_;
  FieldCollector collector_;
  std::vector<uint64_t> seen_;  // by node: the document in which it was met last
  uint64_t documents_ = 0;      // counts documents, embedded ones as well
  BsonScratch scratch_;
};

// What Parse writes down for values that have no bytes: their type as text of one byte.
std::string_view SpellingOf(const BsonElement& element) {
  static constexpr char kTypes[] = {
      static_cast<char>(BsonType::kUndefined), static_cast<char>(BsonType::kNull),
      static_cast<char>(BsonType::kMinKey), static_cast<char>(BsonType::kMaxKey)};
  if (!element.bytes.empty()) return element.bytes;
  const char* const type =
      std::find(std::begin(kTypes), std::end(kTypes), static_cast<char>(element.type));
  return {type, 1};
}

bool HasBytes(BsonType type) {
  return type != BsonType::kUndefined && type != BsonType::kNull && type != BsonType::kMinKey &&
         type != BsonType::kMaxKey;
}

class Parser {
 public:
  Parser(std::string_view body, const MessageLimits& limits, Document& document)
      : body_(body),
        depth_max_(std::min(limits.depth_max, kMessageDepthCeiling)),
        fields_left_(limits.fields_max),
        document_(document) {}

  absl::Status Run() {
    document_.Clear();
    return ParseDocument(body_, document_.root(), 1);
  }

 private:
  size_t OffsetOf(const char* p) const { return static_cast<size_t>(p - body_.data()); }

  absl::Status ParseDocument(std::string_view bytes, Node& node, uint32_t depth) {
    BsonReader reader;
    if (depth > depth_max_) {
      return MalformedAt(fmt::format("nested deeper than {}", depth_max_), OffsetOf(bytes.data()));
    }
    if (!reader.Open(bytes)) {
      return MalformedAt("BSON document whose length or end is wrong", OffsetOf(bytes.data()));
    }
    for (;;) {
      BsonElement element;
      if (!reader.Next(element)) {
        return MalformedAt("BSON element that is cut short or of no known type",
                           OffsetOf(reader.where()));
      }
      if (element.type == BsonType::kEnd) return absl::OkStatus();
      if (fields_left_-- == 0) {
        return MalformedAt("more fields than allowed", OffsetOf(element.name.data()));
      }
      if (!IsValidUtf8(element.name)) {
        return MalformedAt("name that is not UTF-8", OffsetOf(element.name.data()));
      }
      Node& child = node.kind == Node::Kind::kArray
                        ? document_.AddElement(node, Node::Kind::kScalar)
                        : document_.AddMember(node, element.name, Node::Kind::kScalar);
      if (absl::Status status = ParseValue(element, child, depth); !status.ok()) return status;
    }
  }

  absl::Status ParseValue(const BsonElement& element, Node& node, uint32_t depth) {
    if (element.type == BsonType::kDocument || element.type == BsonType::kArray) {
      node.kind = element.type == BsonType::kArray ? Node::Kind::kArray : Node::Kind::kObject;
      return ParseDocument(element.bytes, node, depth + 1);
    }
    node.raw = SpellingOf(element);
    node.raw_type = static_cast<uint32_t>(element.type);
    BsonScratch scratch;
    if (!ReadBsonScalar(element, scratch, node.value)) {
      return MalformedAt("value that is not of its BSON type", OffsetOf(element.bytes.data()));
    }
    if (absl::Status status = ParseRest(element, depth); !status.ok()) return status;
    if (element.type == BsonType::kObjectId || element.type == BsonType::kDbPointer) {
      node.value = Value::String(document_.Keep(std::string(node.value.as_string())));
    }
    return absl::OkStatus();
  }

  // What is in a value beside the text that stands for it.
  absl::Status ParseRest(const BsonElement& element, uint32_t depth) {
    const std::string_view bytes = element.bytes;
    const auto after_text = [bytes](size_t at) {
      return at + 4 + static_cast<size_t>(LoadLittle<int32_t>(bytes.data() + at));
    };
    std::string_view text;
    if (element.type == BsonType::kCodeWithScope) {
      Node& scope = document_.NewNode(Node::Kind::kObject);
      return ParseDocument(bytes.substr(after_text(4)), scope, depth + 1);
    }
    if (element.type == BsonType::kRegex) text = bytes;
    if (element.type == BsonType::kDbPointer) text = bytes.substr(4, after_text(0) - 4);
    if (IsValidUtf8(text)) return absl::OkStatus();
    return MalformedAt("text that is not UTF-8", OffsetOf(bytes.data()));
  }

  const std::string_view body_;
  const uint32_t depth_max_;
  uint32_t fields_left_;
  Document& document_;
};

class Writer {
 public:
  Writer(uint32_t depth_max, std::string& body)
      : depth_max_(std::min(depth_max, kMessageDepthCeiling)), body_(body) {}

  absl::Status WriteDocument(const Node& node, uint32_t depth) {
    if (depth > depth_max_) {
      return MakeError(ErrorCode::kMalformedBody, fmt::format("nested deeper than {}", depth_max_));
    }
    const size_t begin = body_.size();
    AppendLittle<int32_t>(0, body_);
    for (const Document::Member& member : node.members) {
      if (absl::Status status = WriteElement(member.name, *member.node, depth); !status.ok()) {
        return status;
      }
    }
    for (size_t i = 0; i < node.elements.size(); ++i) {
      absl::Status status = WriteElement(std::to_string(i), *node.elements[i], depth);
      if (!status.ok()) return status;
    }
    body_ += '\0';
    const size_t size = body_.size() - begin;
    if (size > static_cast<size_t>(std::numeric_limits<int32_t>::max())) {
      return MakeError(ErrorCode::kMalformedBody, "a BSON document cannot be that long");
    }
    const auto length = static_cast<int32_t>(size);
    std::memcpy(body_.data() + begin, &length, sizeof length);
    return absl::OkStatus();
  }

 private:
  absl::Status WriteElement(std::string_view name, const Node& node, uint32_t depth) {
    if (name.find('\0') != std::string_view::npos) {
      return MakeError(ErrorCode::kMalformedBody, "a BSON name cannot have a zero byte");
    }
    const size_t type_at = body_.size();
    body_ += '\0';
    body_ += name;
    body_ += '\0';
    BsonType type = BsonType::kDocument;
    absl::Status status;
    if (node.kind == Node::Kind::kArray) {
      type = BsonType::kArray;
      status = WriteDocument(node, depth + 1);
    } else if (node.kind == Node::Kind::kObject) {
      if (!node.value.is_null()) {
        return MakeError(
            ErrorCode::kMalformedBody,
            fmt::format("{} cannot be both a document and a value of its own in BSON", name));
      }
      status = WriteDocument(node, depth + 1);
    } else if (!node.raw.empty()) {
      type = static_cast<BsonType>(node.raw_type);
      if (HasBytes(type)) body_ += node.raw;
    } else {
      status = WriteValue(node.value, type);
    }
    body_[type_at] = static_cast<char>(type);
    return status;
  }

  absl::Status WriteValue(const Value& value, BsonType& type) {
    switch (value.kind()) {
      case Value::Kind::kBool:
        type = BsonType::kBool;
        body_ += value.as_bool() ? '\1' : '\0';
        break;
      case Value::Kind::kInt:
        if (value.as_int() == static_cast<int32_t>(value.as_int())) {
          type = BsonType::kInt32;
          AppendLittle(static_cast<int32_t>(value.as_int()), body_);
        } else {
          type = BsonType::kInt64;
          AppendLittle(value.as_int(), body_);
        }
        break;
      case Value::Kind::kUint:
        return MakeError(ErrorCode::kMalformedBody,
                         fmt::format("BSON has no integer for {}", value.as_uint()));
      case Value::Kind::kDouble:
        type = BsonType::kDouble;
        AppendLittle(value.as_double(), body_);
        break;
      case Value::Kind::kString: {
        const std::string_view text = value.as_string();
        if (!IsValidUtf8(text)) {
          type = BsonType::kBinary;
          AppendLittle(static_cast<int32_t>(text.size()), body_);
          body_ += '\0';
          body_ += text;
          break;
        }
        type = BsonType::kString;
        AppendLittle(static_cast<int32_t>(text.size() + 1), body_);
        body_ += text;
        body_ += '\0';
        break;
      }
      case Value::Kind::kNull:
      case Value::Kind::kArray:
        type = BsonType::kNull;
    }
    return absl::OkStatus();
  }

  const uint32_t depth_max_;
  std::string& body_;
};

}  // namespace

std::unique_ptr<Extractor> BsonMessageType::NewExtractor(std::vector<FieldRequest> fields) const {
  return std::make_unique<BsonExtractor>(fields, limits_);
}

absl::Status BsonMessageType::Parse(std::string_view body, Document& document) const {
  return Parser(body, limits_, document).Run();
}

absl::Status BsonMessageType::DoWrite(const Document& document, std::string& body) const {
  if (document.root().kind != Node::Kind::kObject) {
    return MakeError(ErrorCode::kMalformedBody, "a BSON body is a document");
  }
  return Writer(limits_.depth_max, body).WriteDocument(document.root(), 1);
}

}  // namespace fluxgate
