// The message type `json`: objects as of RFC 8259.
//
// A path names a member of the object, of an object in it, and so on. Of members with the same name
// the first counts. A value that is an object, `null` or an empty string is NULL; so is every field
// of a body that is valid but no object.
//
// A path that leads through an array or ends in one has the values of all its elements, in the
// order of the body, arrays in arrays opened up as well: elements that are NULL keep their place,
// elements that do not have the rest of the path have none. A subscript names one element; a value
// that is no array is its own element 0.
//
// Parse takes objects only. A document keeps every scalar as it was spelled, and what is not
// changed is written back so, without blanks between. Written anew: integers in decimal, doubles in
// the shortest form that reads back the same, with a point or exponent; NaN and infinities, which
// JSON has not, as `null`. What is no UTF-8 or nested deeper than the limit is not written:
// kMalformedBody, and `body` as it was.
#ifndef FLUXGATE_CORE_MESSAGE_JSON_MESSAGE_TYPE_H_
#define FLUXGATE_CORE_MESSAGE_JSON_MESSAGE_TYPE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/message/message_type.h"

namespace fluxgate {

// Objects and arrays that are looked into are read by recursion; this keeps any configured limit
// harmless.
inline constexpr uint32_t kJsonDepthCeiling = 1000;

class JsonMessageType final : public MessageType {
 public:
  explicit JsonMessageType(const MessageLimits& limits = {}) : limits_(limits) {}

  std::string_view name() const override { return "json"; }
  std::unique_ptr<Extractor> NewExtractor(std::vector<FieldRequest> fields) const override;
  absl::Status Parse(std::string_view body, Document& document) const override;

 private:
  absl::Status DoWrite(const Document& document, std::string& body) const override;
  uint32_t fields_max() const override { return limits_.fields_max; }

  MessageLimits limits_;
};

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_MESSAGE_JSON_MESSAGE_TYPE_H_
