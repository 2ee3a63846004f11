#include "core/message/protobuf_message_type.h"

#include "core/message/protobuf_document.h"
#include "core/message/protobuf_extractor.h"

namespace fluxgate {

absl::StatusOr<std::unique_ptr<ProtobufMessageType>> ProtobufMessageType::Make(
    std::string name, std::string_view descriptor_set, std::string_view message,
    const MessageLimits& limits) {
  auto schema = ProtobufSchema::Make(descriptor_set, message);
  if (!schema.ok()) return schema.status();
  return std::unique_ptr<ProtobufMessageType>(
      new ProtobufMessageType(std::move(name), *std::move(schema), limits));
}

std::unique_ptr<Extractor> ProtobufMessageType::NewExtractor(
    std::vector<FieldRequest> fields) const {
  return NewProtobufExtractor(schema_->root(), fields, limits_);
}

absl::Status ProtobufMessageType::Parse(std::string_view body, Document& document) const {
  return ParseProtobuf(schema_->root(), body, limits_, document);
}

absl::Status ProtobufMessageType::DoWrite(const Document& document, std::string& body) const {
  return WriteProtobuf(schema_->root(), document, limits_.depth_max, body);
}

}  // namespace fluxgate
