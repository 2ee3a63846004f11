// Encoded messages to documents and back: see protobuf_message_type.h.
#ifndef FLUXGATE_CORE_MESSAGE_PROTOBUF_DOCUMENT_H_
#define FLUXGATE_CORE_MESSAGE_PROTOBUF_DOCUMENT_H_

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "core/message/message_type.h"
#include "core/message/protobuf_schema.h"

namespace fluxgate {

absl::Status ParseProtobuf(const ProtobufMessage& root, std::string_view body,
                           const MessageLimits& limits, Document& document);

absl::Status WriteProtobuf(const ProtobufMessage& root, const Document& document,
                           uint32_t depth_max, std::string& body);

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_MESSAGE_PROTOBUF_DOCUMENT_H_
