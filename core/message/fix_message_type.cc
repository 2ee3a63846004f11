#include "core/message/fix_message_type.h"

#include <fmt/format.h>

#include "core/base/error.h"
#include "core/message/field_collector.h"
#include "core/message/field_tree.h"
#include "core/message/message_reader.h"
#include "core/message/repetitions.h"
#include "core/message/value_text.h"

namespace fluxgate {
namespace {

static_assert(kBodyPaddingBytes >= kSearchBytes);

template <bool kTags>
class FixExtractor final : public Extractor {
 public:
  FixExtractor(const std::vector<FieldRequest>& requests, const FixOptions& options,
               uint32_t elements_max)
      : options_(options),
        fields_(requests, FieldTable::kSubscriptLevelMax),
        collector_(SlotsOf(requests), elements_max),
        repetitions_(fields_) {}

  bool Extract(std::string_view body, std::span<Value> values) override {
    collector_.Begin(values);
    ++body_number_;
    FixError error;
    const bool ok = ScanFix<kTags>(
        body, options_, error, [this](std::string_view name, std::string_view value) {
          const FieldTree::Node* field = FieldTree::Find(fields_.root(), name.data(), name.size());
          if (field == nullptr) return true;
          return collector_.Add(repetitions_.Next(*field, body_number_).slots,
                                Value::String(value));
        });
    if (ok) {
      collector_.Finish();
    } else {
      collector_.Abandon();
    }
    return ok;
  }

 private:
  const FixOptions options_;
  const FieldTree fields_;
  FieldCollector collector_;
  Repetitions repetitions_;
  uint64_t body_number_ = 0;
};

class FixWriter {
 public:
  FixWriter(FixMessageType::Names names, const FixOptions& options, std::string& body)
      : has_tags_(names == FixMessageType::Names::kTags), options_(options), body_(body) {}

  absl::Status Write(std::string_view name, const Document::Node& node) {
    if (node.kind == Document::Node::Kind::kObject) return Refuse(name, "holds fields of its own");
    for (const Document::Node* element : node.elements) {
      if (element->kind != Document::Node::Kind::kScalar) {
        return Refuse(name, "holds an array of arrays or objects");
      }
      if (absl::Status status = WriteField(name, element->value); !status.ok()) return status;
    }
    if (node.kind == Document::Node::Kind::kArray) return absl::OkStatus();
    return WriteField(name, node.value);
  }

 private:
  static absl::Status Refuse(std::string_view name, std::string_view why) {
    return MakeError(ErrorCode::kMalformedBody, fmt::format("field {} {}", name, why));
  }

  absl::Status WriteField(std::string_view name, const Value& value) {
    const std::string_view text = ValueToText(value, number_);
    bool may_hold_separators = false;
    if (has_tags_) {
      padded_name_.assign(name).append(kNamePadding, '\0');
      if (!IsFixTag(padded_name_.data(), name.size())) return Refuse(name, "is no tag number");
      const uint32_t tag = FixTagNumber(padded_name_.data(), name.size());
      if (length_.is_announced(tag)) {
        if (!length_.has_size() || length_.size() != text.size()) {
          return Refuse(name, "is not as long as the field before it says");
        }
        may_hold_separators = true;
      }
      length_.Next(tag, text);
    } else if (name.empty() || name.find(options_.value_separator) != std::string_view::npos ||
               name.find(options_.field_separator) != std::string_view::npos) {
      return Refuse(name, "has a name that is empty or holds a separator");
    }
    if (!may_hold_separators && text.find(options_.field_separator) != std::string_view::npos) {
      return Refuse(name, "holds a separator");
    }
    body_.append(name).push_back(options_.value_separator);
    body_.append(text).push_back(options_.field_separator);
    return absl::OkStatus();
  }

  static constexpr size_t kNamePadding = 8;  // that IsFixTag may read

  const bool has_tags_;
  const FixOptions& options_;
  std::string& body_;
  FixDataLength length_;
  std::string padded_name_;
  std::string number_;
};

}  // namespace

absl::Status FixMessageType::CheckOptions(Names names, const FixOptions& options) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (options.field_separator == options.value_separator) {
    return MakeError(ErrorCode::kBadOption, "the two separators are the same");
  }
  if (names == Names::kTags &&
      (is_digit(options.field_separator) || is_digit(options.value_separator))) {
    return MakeError(ErrorCode::kBadOption, "a digit cannot be a separator of tags");
  }
  return absl::OkStatus();
}

std::unique_ptr<Extractor> FixMessageType::NewExtractor(std::vector<FieldRequest> fields) const {
  if (names_ == Names::kTags) {
    return std::make_unique<FixExtractor<true>>(fields, options_, limits_.elements_max);
  }
  return std::make_unique<FixExtractor<false>>(fields, options_, limits_.elements_max);
}

absl::Status FixMessageType::Parse(std::string_view body, Document& document) const {
  document.Clear();
  // A copy with the padding that the scan needs.
  const std::string_view text =
      document.Keep(std::string(body).append(kBodyPaddingBytes, '\0')).substr(0, body.size());
  FixError error;
  uint32_t fields = 0;
  FixDataLength length;
  const auto add = [&](std::string_view name, std::string_view value) {
    if (++fields > limits_.fields_max) {
      error = {"more fields than allowed", name.data()};
      return false;
    }
    Document::Node& node = document.AddMember(document.root(), name, Document::Node::Kind::kScalar);
    node.value = Value::String(value);
    if (names_ == Names::kTags) {
      const uint32_t tag = FixTagNumber(name.data(), name.size());
      node.is_led = length.is_announced(tag);
      length.Next(tag, value);
    }
    return true;
  };
  if (names_ == Names::kTags ? ScanFix<true>(text, options_, error, add)
                             : ScanFix<false>(text, options_, error, add)) {
    return absl::OkStatus();
  }
  return MalformedAt(error.what, static_cast<size_t>(error.at - text.data()));
}

absl::Status FixMessageType::DoWrite(const Document& document, std::string& body) const {
  FixWriter writer(names_, options_, body);
  for (const Document::Member& member : document.root().members) {
    if (absl::Status status = writer.Write(member.name, *member.node); !status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace fluxgate
