// The message type `json`: objects as of RFC 8259.
//
// A path names a member of the object, of an object in it, and so on. An array stands for its first
// element. Of members with the same name the first counts. A value that is an object, `null` or an
// empty string is NULL; so is every field of a body that is valid but no object.
#ifndef FLUXGATE_CORE_MESSAGE_JSON_MESSAGE_TYPE_H_
#define FLUXGATE_CORE_MESSAGE_JSON_MESSAGE_TYPE_H_

#include <memory>
#include <string_view>
#include <vector>

#include "core/message/message_type.h"

namespace fluxgate {

class JsonMessageType final : public MessageType {
 public:
  explicit JsonMessageType(const MessageLimits& limits = {}) : limits_(limits) {}

  std::string_view name() const override { return "json"; }
  std::unique_ptr<Extractor> NewExtractor(std::vector<FieldRequest> fields) const override;
  absl::Status Parse(std::string_view body, Document& document) const override;
  absl::Status Write(const Document& document, std::string& body) const override;

 private:
  MessageLimits limits_;
};

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_MESSAGE_JSON_MESSAGE_TYPE_H_
