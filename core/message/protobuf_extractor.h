// Reads wanted fields out of encoded messages: see protobuf_message_type.h.
#ifndef FLUXGATE_CORE_MESSAGE_PROTOBUF_EXTRACTOR_H_
#define FLUXGATE_CORE_MESSAGE_PROTOBUF_EXTRACTOR_H_

#include <memory>
#include <vector>

#include "core/message/message_type.h"
#include "core/message/protobuf_schema.h"

namespace fluxgate {

// `root` outlives the extractor.
std::unique_ptr<Extractor> NewProtobufExtractor(const ProtobufMessage& root,
                                                const std::vector<FieldRequest>& requests,
                                                const MessageLimits& limits);

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_MESSAGE_PROTOBUF_EXTRACTOR_H_
