// The message type `msgpack`: maps as of the MessagePack specification.
//
// A path names a value of the map, of a map in it, and so on; an array stands for all its elements,
// and a value that is none for an array of one. Of keys with the same name the first counts; keys
// that are not str have no path. Values: msgpack_token.h. A body that is no map is malformed. Text
// may be any bytes, as the specification allows.
#ifndef FLUXGATE_CORE_MESSAGE_MSGPACK_MESSAGE_TYPE_H_
#define FLUXGATE_CORE_MESSAGE_MSGPACK_MESSAGE_TYPE_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/message/message_type.h"

namespace fluxgate {

class MsgpackMessageType final : public MessageType {
 public:
  explicit MsgpackMessageType(const MessageLimits& limits = {}) : limits_(limits) {}

  std::string_view name() const override { return "msgpack"; }
  std::unique_ptr<Extractor> NewExtractor(std::vector<FieldRequest> fields) const override;
  absl::Status Parse(std::string_view body, Document& document) const override;

 private:
  // Values as Parse found them are written byte for byte, new ones in their shortest form.
  absl::Status DoWrite(const Document& document, std::string& body) const override;
  uint32_t fields_max() const override { return limits_.fields_max; }

  MessageLimits limits_;
};

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_MESSAGE_MSGPACK_MESSAGE_TYPE_H_
