// The message type `protobuf`: one message of Protocol Buffers, known by its descriptor.
//
// A path names a field as the .proto file does, a field of a message in it, and so on; a repeated
// field, packed or not, is an array, and a map an array of entries with fields `key` and `value`.
// As in the publisher's language, an absent field that has no presence is its default, and one that
// has (`optional`, of a oneof, a message, all of proto2) is NULL; the last of several values of a
// singular field counts, and messages given several times are merged. An enumeration's value is its
// name, or its number where that has none. Extensions are unknown fields.
#ifndef FLUXGATE_CORE_MESSAGE_PROTOBUF_MESSAGE_TYPE_H_
#define FLUXGATE_CORE_MESSAGE_PROTOBUF_MESSAGE_TYPE_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "core/message/message_type.h"
#include "core/message/protobuf_schema.h"

namespace fluxgate {

class ProtobufMessageType final : public MessageType {
 public:
  // `message` is its full name, `descriptor_set` what `protoc --include_imports
  // --descriptor_set_out` wrote. kBadOption when one does not fit the other.
  static absl::StatusOr<std::unique_ptr<ProtobufMessageType>> Make(
      std::string name, std::string_view descriptor_set, std::string_view message,
      const MessageLimits& limits = {});

  std::string_view name() const override { return name_; }
  std::unique_ptr<Extractor> NewExtractor(std::vector<FieldRequest> fields) const override;

  // Only what the body has: a default that was not sent is not there. Unknown fields are members
  // named by their number. Required fields (proto2) may be missing, as in a delta.
  absl::Status Parse(std::string_view body, Document& document) const override;

 private:
  // Values as Parse found them, unknown fields among them, are written byte for byte. NULL is not
  // written. kMalformedBody for a name that the message does not have and a value that its field
  // cannot have; enumerations take names and numbers.
  absl::Status DoWrite(const Document& document, std::string& body) const override;
  uint32_t fields_max() const override { return limits_.fields_max; }

  ProtobufMessageType(std::string name, std::unique_ptr<ProtobufSchema> schema,
                      const MessageLimits& limits)
      : name_(std::move(name)), schema_(std::move(schema)), limits_(limits) {}

  const std::string name_;
  const std::unique_ptr<const ProtobufSchema> schema_;
  const MessageLimits limits_;
};

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_MESSAGE_PROTOBUF_MESSAGE_TYPE_H_
