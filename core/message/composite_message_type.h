// Message types whose bodies are several messages of other types, one behind the other: each part
// has its length in front, four bytes, most significant first; what is behind the last part is
// carried along (User Guide, "Composite Messages"). A part of length zero is not there: all its
// fields are NULL.
//
// A body is malformed when a part is missing, longer than what is left of the body, or malformed
// itself. Parts that no field is wanted from are not looked into.
#ifndef FLUXGATE_CORE_MESSAGE_COMPOSITE_MESSAGE_TYPE_H_
#define FLUXGATE_CORE_MESSAGE_COMPOSITE_MESSAGE_TYPE_H_

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/message/message_type.h"

namespace fluxgate {

// `composite-local`: the first name of a path is the number of the part (`/0/price`). Deltas go
// part by part: one that is not there changes nothing, one of type binary is replaced.
class CompositeLocalMessageType final : public MessageType {
 public:
  // 1 or more parts, which outlive the type; none of them a composite. `limits` of
  // fields and elements hold for all parts together.
  CompositeLocalMessageType(std::string name, std::vector<const MessageType*> parts,
                            const MessageLimits& limits = {})
      : name_(std::move(name)), parts_(std::move(parts)), limits_(limits) {}

  std::string_view name() const override { return name_; }
  std::unique_ptr<Extractor> NewExtractor(std::vector<FieldRequest> fields) const override;
  // Members are the parts, named by their numbers.
  absl::Status Parse(std::string_view body, Document& document) const override;

 private:
  absl::Status DoWrite(const Document& document, std::string& body) const override;
  uint32_t fields_max() const override { return limits_.fields_max; }

  const std::string name_;
  const std::vector<const MessageType*> parts_;
  const MessageLimits limits_;
};

// `composite-global`: paths are looked for in every part; one that several parts have is the array
// of what they have, in the order of the parts, and a subscript counts within its part. Bodies
// cannot be written.
class CompositeGlobalMessageType final : public MessageType {
 public:
  // As above.
  CompositeGlobalMessageType(std::string name, std::vector<const MessageType*> parts,
                             const MessageLimits& limits = {})
      : name_(std::move(name)), parts_(std::move(parts)), limits_(limits) {}

  std::string_view name() const override { return name_; }
  Level level() const override { return Level::kFilter; }
  std::unique_ptr<Extractor> NewExtractor(std::vector<FieldRequest> fields) const override;
  // The members of all parts.
  absl::Status Parse(std::string_view body, Document& document) const override;

 private:
  absl::Status DoWrite(const Document& document, std::string& body) const override;
  uint32_t fields_max() const override { return limits_.fields_max; }

  const std::string name_;
  const std::vector<const MessageType*> parts_;
  const MessageLimits limits_;
};

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_MESSAGE_COMPOSITE_MESSAGE_TYPE_H_
