// The message types `fix` and `nvfix`: a body is a row of fields, each a name, a separator and a
// value; fix names fields by tag numbers (FIX 4.4 and 5.0 SP2, tagvalue encoding), nvfix by any
// text. docs/message-types.md says what users see.
//
// A path has one name: `/55`, `/448[1]`; a longer one is never found. Fields that are repeated are
// an array. Every value is text, an empty one NULL. In fix, a field of type data is as long as the
// length field directly before it says, and may hold separators. The order of fields, BeginString,
// BodyLength and CheckSum are neither checked nor made: they are the publisher's.
#ifndef FLUXGATE_CORE_MESSAGE_FIX_MESSAGE_TYPE_H_
#define FLUXGATE_CORE_MESSAGE_FIX_MESSAGE_TYPE_H_

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/message/fix_scanner.h"
#include "core/message/message_type.h"

namespace fluxgate {

class FixMessageType final : public MessageType {
 public:
  enum class Names : uint8_t { kTags, kText };

  // Called fix or nvfix unless it has a name of its own.
  explicit FixMessageType(Names names, const FixOptions& options = {},
                          const MessageLimits& limits = {}, std::string name = {})
      : names_(names), options_(options), limits_(limits), name_(std::move(name)) {
    if (name_.empty()) name_ = names == Names::kTags ? "fix" : "nvfix";
  }

  // kBadOption for separators with which no body could be read: equal ones, and digits in fix.
  static absl::Status CheckOptions(Names names, const FixOptions& options);

  std::string_view name() const override { return name_; }
  std::unique_ptr<Extractor> NewExtractor(std::vector<FieldRequest> fields) const override;
  // An empty body is one without fields. A data field is led by its length (Document::Node).
  absl::Status Parse(std::string_view body, Document& document) const override;

 private:
  // A separator stands behind every field. Objects, names that are no tags, text with a separator
  // in it, and data fields without their length are refused.
  absl::Status DoWrite(const Document& document, std::string& body) const override;
  uint32_t fields_max() const override { return limits_.fields_max; }

  Names names_;
  FixOptions options_;
  MessageLimits limits_;
  std::string name_;
};

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_MESSAGE_FIX_MESSAGE_TYPE_H_
