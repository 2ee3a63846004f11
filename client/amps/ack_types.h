// The names of acks on the wire. Internal.
#ifndef FLUXGATE_CLIENT_AMPS_ACK_TYPES_H_
#define FLUXGATE_CLIENT_AMPS_ACK_TYPES_H_

#include <string_view>

#include "amps/message.h"

namespace AMPS::internal {

struct AckTypeName {
  Message::AckType type;
  std::string_view name;
};

inline constexpr AckTypeName kAckTypeNames[] = {
    {Message::None, "none"},           {Message::Received, "received"},
    {Message::Processed, "processed"}, {Message::Persisted, "persisted"},
    {Message::Completed, "completed"}, {Message::Stats, "stats"},
};

}  // namespace AMPS::internal

#endif  // FLUXGATE_CLIENT_AMPS_ACK_TYPES_H_
