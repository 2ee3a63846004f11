// The message type `binary`: bodies without fields, carried and never looked into.
#ifndef FLUXGATE_CORE_MESSAGE_BINARY_MESSAGE_TYPE_H_
#define FLUXGATE_CORE_MESSAGE_BINARY_MESSAGE_TYPE_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/message/message_type.h"

namespace fluxgate {

class BinaryMessageType final : public MessageType {
 public:
  std::string_view name() const override { return "binary"; }
  Level level() const override { return Level::kRoute; }
  // Every field is NULL, and no body malformed.
  std::unique_ptr<Extractor> NewExtractor(std::vector<FieldRequest> fields) const override;
  // The root is a scalar spelled as the body.
  absl::Status Parse(std::string_view body, Document& document) const override;

 private:
  absl::Status DoWrite(const Document& document, std::string& body) const override;
  uint32_t fields_max() const override { return UINT32_MAX; }
};

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_MESSAGE_BINARY_MESSAGE_TYPE_H_
