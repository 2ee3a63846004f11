// What must hold of every message type that repeats names (FIX, XML), whatever the body is.
#ifndef FLUXGATE_TESTS_FUZZ_MESSAGE_TYPE_CHECK_H_
#define FLUXGATE_TESTS_FUZZ_MESSAGE_TYPE_CHECK_H_

#include <string>
#include <string_view>
#include <vector>

#include "core/message/message_type.h"

namespace fluxgate {

// Aborts unless the extractor finds at `paths` what Parse does, and unless what Write makes of a
// parsed body is parsed to the same. Returns what was written, or nothing if the body is malformed.
std::string CheckMessageType(const MessageType& type, std::string_view body, char padding,
                             const std::vector<FieldPath>& paths);

}  // namespace fluxgate

#endif  // FLUXGATE_TESTS_FUZZ_MESSAGE_TYPE_CHECK_H_
