// One field of a body, as amps_message_field has it. Any thread.
#ifndef FLUXGATE_GATEWAY_MODULE_SERVICES_MESSAGE_FIELD_H_
#define FLUXGATE_GATEWAY_MODULE_SERVICES_MESSAGE_FIELD_H_

#include <cstddef>
#include <string_view>

#include "absl/status/status.h"
#include "amps_value.h"
#include "core/message/message_type.h"

namespace fluxgate {

// Text of the value is in `buffer`. kMessageType: bodies of the type have no fields; kBadFilter,
// kQuotaExceeded: the path; kMalformedBody; kMessageTooLarge: the text does not fit. Then `value`
// is as it was.
absl::Status ReadMessageField(const MessageType& type, std::string_view body, std::string_view path,
                              amps_value& value, char* buffer, size_t buffer_size);

}  // namespace fluxgate

#endif  // FLUXGATE_GATEWAY_MODULE_SERVICES_MESSAGE_FIELD_H_
