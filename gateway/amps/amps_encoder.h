// Writes `amps` frames. Every function appends whole frames (length, header, body) to a buffer
// unless it says otherwise; text is escaped as JSON. Short field names, except `version`, which
// public logs show long. Field order follows the printed examples. No state; any thread.
#ifndef FLUXGATE_GATEWAY_AMPS_AMPS_ENCODER_H_
#define FLUXGATE_GATEWAY_AMPS_AMPS_ENCODER_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "core/message/command.h"
#include "gateway/amps/amps_constants.h"
#include "gateway/amps/amps_decoder.h"
#include "gateway/amps/amps_frame.h"

namespace fluxgate::amps {

// `text` as the inside of a JSON string.
void AppendEscaped(std::string_view text, std::string* out);

// 20240321T220952.535075Z for nanoseconds since 1970 UTC.
void AppendTimestamp(int64_t time_ns, std::string* out);

// A delivered message up to its body: 4 bytes of length, not yet filled in, and the header
// {"c":"p","t":"orders","sids":"1"}. A session keeps one per subscription and, for each message,
// copies it, patches the length and appends the body.
std::string DeliveryPrefix(std::string_view topic, std::string_view sub_ids,
                           std::string_view correlation_id = {});

// The same for publishing: {"c":"p","t":"orders"}.
std::string PublishPrefix(std::string_view topic);

// Appends `prefix` (of DeliveryPrefix or PublishPrefix) and `body` as one frame.
inline void AppendWithPrefix(std::string_view prefix, std::string_view body, std::string* out) {
  const size_t at = out->size();
  out->append(prefix);
  StoreFrameLength(static_cast<uint32_t>(prefix.size() - kFramePrefixBytes + body.size()),
                   out->data() + at);
  out->append(body);
}

// A delivered message with a header of its own.
void AppendDelivery(std::string_view topic, std::string_view sub_ids,
                    std::string_view correlation_id, std::string_view body, std::string* out);

// Any message of a server. An ack's fields come in the order of the public logs: c, cid, s, bm,
// client_name, a, status, reason, version; what they do not show follows. Empty text and zero
// counts are left out, except the batch size of kSow and the counts of a stats ack.
void AppendServerMessage(const ServerMessage& message, std::string* out);

// {"c":"heartbeat"}
void AppendHeartbeat(std::string* out);

// A command with its body: what a client sends. Fields that are empty are left out.
void AppendCommand(const Command& command, std::string* out);

}  // namespace fluxgate::amps

#endif  // FLUXGATE_GATEWAY_AMPS_AMPS_ENCODER_H_
