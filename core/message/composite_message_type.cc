#include "core/message/composite_message_type.h"

#include <algorithm>
#include <charconv>
#include <limits>

#include "core/base/error.h"
#include "core/message/field_collector.h"
#include "core/message/message_reader.h"
#include "fmt/format.h"

namespace fluxgate {
namespace {

using Node = Document::Node;
using Level = MessageType::Level;

constexpr size_t kLengthBytes = 4;
// The member of a parsed body for what is behind the last part.
constexpr std::string_view kTail = "";

// Takes the next part off `left`.
bool TakePart(std::string_view& left, std::string_view& part) {
  if (left.size() < kLengthBytes) return false;
  const auto length = LoadBig<uint32_t>(left.data());
  left.remove_prefix(kLengthBytes);
  if (length > left.size()) return false;
  part = left.substr(0, length);
  left.remove_prefix(length);
  return true;
}

// The number that a name spells, or `end`.
size_t PartNumber(std::string_view name, size_t end) {
  size_t number = 0;
  const char* const name_end = name.data() + name.size();
  const auto [stop, error] = std::from_chars(name.data(), name_end, number);
  const bool is_number = error == std::errc() && stop == name_end && number < end;
  return is_number && name == std::to_string(number) ? number : end;
}

void SetNull(const std::vector<FieldSlot>& slots, std::span<Value> values) {
  for (const FieldSlot slot : slots) values[slot] = Value::Null();
}

class LocalExtractor final : public Extractor {
 public:
  LocalExtractor(const std::vector<const MessageType*>& parts,
                 const std::vector<FieldRequest>& requests, uint32_t elements_max)
      : slots_(SlotsOf(requests)), elements_max_(elements_max), parts_(parts.size()) {
    std::vector<std::vector<FieldRequest>> wanted(parts.size());
    for (const FieldRequest& request : requests) {
      const std::vector<FieldStep>& steps = request.path.steps;
      if (steps.size() < 2 || steps[0].index != FieldStep::kEvery) continue;
      const size_t number = PartNumber(steps[0].name, parts.size());
      if (number == parts.size()) continue;
      FieldRequest below = request;
      below.path.steps.erase(below.path.steps.begin());
      wanted[number].push_back(std::move(below));
    }
    for (size_t i = 0; i < parts.size(); ++i) {
      if (wanted[i].empty()) continue;
      parts_[i].slots = SlotsOf(wanted[i]);
      parts_[i].extractor = parts[i]->NewExtractor(std::move(wanted[i]));
    }
  }

  bool Extract(std::string_view body, std::span<Value> values) override {
    SetNull(slots_, values);
    if (Read(body, values)) return true;
    SetNull(slots_, values);
    return false;
  }

 private:
  struct Part {
    std::vector<FieldSlot> slots;
    std::unique_ptr<Extractor> extractor;  // null: nothing wanted
  };

  bool Read(std::string_view left, std::span<Value> values) {
    size_t elements = 0;
    for (const Part& wanted : parts_) {
      std::string_view part;
      if (!TakePart(left, part)) return false;
      if (wanted.extractor == nullptr || part.empty()) continue;
      if (!wanted.extractor->Extract(part, values)) return false;
      for (const FieldSlot slot : wanted.slots) {
        if (values[slot].is_array()) elements += values[slot].as_array().size();
      }
      if (elements > elements_max_) return false;
    }
    return true;
  }

  const std::vector<FieldSlot> slots_;
  const uint32_t elements_max_;
  std::vector<Part> parts_;
};

class GlobalExtractor final : public Extractor {
 public:
  GlobalExtractor(const std::vector<const MessageType*>& parts,
                  const std::vector<FieldRequest>& requests, uint32_t elements_max)
      : slots_(SlotsOf(requests)), collector_(slots_, elements_max) {
    const auto last = std::max_element(slots_.begin(), slots_.end());
    if (last != slots_.end()) values_.resize(*last + 1);
    for (const MessageType* part : parts) {
      const bool has_fields = part->level() != Level::kRoute && !requests.empty();
      parts_.push_back(has_fields ? part->NewExtractor(requests) : nullptr);
    }
  }

  bool Extract(std::string_view body, std::span<Value> values) override {
    collector_.Begin(values);
    if (!Read(body)) {
      collector_.Abandon();
      return false;
    }
    collector_.Finish();
    return true;
  }

 private:
  bool Read(std::string_view left) {
    for (const std::unique_ptr<Extractor>& extractor : parts_) {
      std::string_view part;
      if (!TakePart(left, part)) return false;
      if (extractor == nullptr || part.empty()) continue;
      if (!extractor->Extract(part, values_)) return false;
      for (const FieldSlot slot : slots_) {
        for (const Value& value : values_[slot].elements()) {
          if (!collector_.Add(slot, value)) return false;
        }
      }
    }
    return true;
  }

  const std::vector<FieldSlot> slots_;
  FieldCollector collector_;
  std::vector<std::unique_ptr<Extractor>> parts_;  // null: nothing wanted
  std::vector<Value> values_;                      // of one part
};

// Calls `take(number, root)` for every part that is there, and sets `tail`.
template <typename Take>
absl::Status ParseParts(const std::vector<const MessageType*>& parts, uint32_t fields_max,
                        std::string_view body, Document& document, std::string_view& tail,
                        const Take& take) {
  document.Clear();
  tail = body;
  size_t fields = 0;
  for (size_t i = 0; i < parts.size(); ++i) {
    const std::string_view at = tail;
    std::string_view part;
    if (!TakePart(tail, part)) {
      return MalformedAt(fmt::format("part {} is cut short", i), body.size() - at.size());
    }
    if (part.empty()) continue;
    Document inner;
    if (absl::Status status = parts[i]->Parse(part, inner); !status.ok()) {
      return MakeError(ErrorCode::kMalformedBody, fmt::format("part {}: {}", i, ErrorText(status)));
    }
    fields += inner.node_count() - 1;
    if (fields > fields_max) {
      return MakeError(ErrorCode::kMalformedBody,
                       fmt::format("part {}: more fields in all parts than allowed", i));
    }
    take(i, document.Adopt(std::move(inner)));
  }
  return absl::OkStatus();
}

}  // namespace

std::unique_ptr<Extractor> CompositeLocalMessageType::NewExtractor(
    std::vector<FieldRequest> fields) const {
  return std::make_unique<LocalExtractor>(parts_, fields, limits_.elements_max);
}

absl::Status CompositeLocalMessageType::Parse(std::string_view body, Document& document) const {
  std::string_view tail;
  absl::Status status =
      ParseParts(parts_, limits_.fields_max, body, document, tail, [&](size_t number, Node& root) {
        document.root().members.push_back({document.Keep(std::to_string(number)), &root});
      });
  if (status.ok() && !tail.empty()) {
    document.AddMember(document.root(), kTail, Node::Kind::kScalar).raw = tail;
  }
  return status;
}

absl::Status CompositeLocalMessageType::DoWrite(const Document& document, std::string& body) const {
  std::vector<const Node*> nodes(parts_.size());
  for (const Document::Member& member : document.root().members) {
    if (member.name == kTail) continue;
    const size_t number = PartNumber(member.name, parts_.size());
    if (number == parts_.size()) {
      return MakeError(ErrorCode::kMalformedBody,
                       fmt::format("{} has no part {}", name_, member.name));
    }
    const bool is_value = member.node->kind == Node::Kind::kArray ||
                          (member.node->kind == Node::Kind::kScalar && member.node->raw.empty());
    if (is_value) {
      return MakeError(ErrorCode::kMalformedBody,
                       fmt::format("part {} has fields and no value of its own", number));
    }
    nodes[number] = member.node;
  }
  for (size_t i = 0; i < parts_.size(); ++i) {
    const size_t begin = body.size();
    AppendBig(uint32_t{0}, body);
    if (nodes[i] == nullptr) continue;
    Document part;
    part.root() = *nodes[i];
    if (absl::Status status = parts_[i]->Write(part, body); !status.ok()) {
      return MakeError(ErrorCode::kMalformedBody, fmt::format("part {}: {}", i, ErrorText(status)));
    }
    const size_t size = body.size() - begin - kLengthBytes;
    if (size > std::numeric_limits<uint32_t>::max()) {
      return MakeError(ErrorCode::kMalformedBody, fmt::format("part {} is too long", i));
    }
    std::string length;
    AppendBig(static_cast<uint32_t>(size), length);
    body.replace(begin, kLengthBytes, length);
  }
  if (const Node* tail = document.root().Find(kTail); tail != nullptr) body += tail->raw;
  return absl::OkStatus();
}

std::unique_ptr<Extractor> CompositeGlobalMessageType::NewExtractor(
    std::vector<FieldRequest> fields) const {
  return std::make_unique<GlobalExtractor>(parts_, fields, limits_.elements_max);
}

absl::Status CompositeGlobalMessageType::Parse(std::string_view body, Document& document) const {
  std::string_view tail;
  return ParseParts(parts_, limits_.fields_max, body, document, tail,
                    [&document](size_t, const Node& root) {
                      std::vector<Document::Member>& members = document.root().members;
                      members.insert(members.end(), root.members.begin(), root.members.end());
                    });
}

absl::Status CompositeGlobalMessageType::DoWrite(const Document&, std::string&) const {
  return MakeError(ErrorCode::kMalformedBody,
                   fmt::format("bodies of {} cannot be written: which part a field belongs to is "
                               "not known",
                               name_));
}

}  // namespace fluxgate
