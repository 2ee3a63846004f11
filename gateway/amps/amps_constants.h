// Names and numbers of the `amps` wire protocol: header fields with their long and short names,
// command names, ack types, limits. Sources: public Command Reference, tables "header fields" and
// "commands"; what each is for is in docs/protocol-amps.md.
#ifndef FLUXGATE_GATEWAY_AMPS_AMPS_CONSTANTS_H_
#define FLUXGATE_GATEWAY_AMPS_AMPS_CONSTANTS_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/message/command.h"

namespace fluxgate::amps {

// In front of every frame: the number of bytes that follow, unsigned, big endian.
inline constexpr size_t kFramePrefixBytes = 4;

// What a peer may send. A frame's length may be anything up to the sum of both.
struct FrameLimits {
  uint64_t header_bytes_max = 128ull << 10;
  uint64_t body_bytes_max = 16ull << 20;
};

// Fields in one header, known and unknown together.
inline constexpr int kHeaderFieldsMax = 64;

// A header field. The names follow the long names on the wire.
enum class HeaderKey : uint8_t {
  kUnknown,
  kAckType,
  kBatchSize,
  kBookmark,
  kClientName,
  kCommand,
  kCommandId,
  kCorrelationId,
  kDataOnly,
  kExpiration,
  kFilter,
  kGroupSequence,
  kHeartbeat,
  kLeasePeriod,
  kMatches,
  kMaxMessages,
  kMessageLength,
  kMessageType,
  kOptions,
  kOrderBy,
  kPassword,
  kQueryId,
  kReason,
  kRecordsDeleted,
  kRecordsInserted,
  kRecordsReturned,
  kRecordsUpdated,
  kSendEmpty,
  kSendKeys,
  kSendOof,
  kSequence,
  kSource,
  kSowKey,
  kSowKeys,
  kStatus,
  kSubId,
  kSubIds,
  kTimeoutInterval,
  kTimestamp,
  kTopN,
  kTopic,
  kTopicMatches,
  kUseNamespace,
  kUserId,
  kVersion,
};
inline constexpr int kHeaderKeyCount = static_cast<int>(HeaderKey::kVersion) + 1;

struct HeaderKeyName {
  std::string_view name;
  HeaderKey key;
};

// Every name that a field may have on input, shortest first. Two names of one key are one field.
inline constexpr HeaderKeyName kHeaderKeyNames[] = {
    {"a", HeaderKey::kAckType},
    {"c", HeaderKey::kCommand},
    {"e", HeaderKey::kExpiration},
    {"f", HeaderKey::kFilter},
    {"k", HeaderKey::kSowKey},
    {"l", HeaderKey::kMessageLength},
    {"o", HeaderKey::kOptions},
    {"s", HeaderKey::kSequence},
    {"t", HeaderKey::kTopic},
    {"v", HeaderKey::kVersion},
    {"x", HeaderKey::kCorrelationId},
    {"bm", HeaderKey::kBookmark},
    {"bs", HeaderKey::kBatchSize},
    {"lp", HeaderKey::kLeasePeriod},
    {"mt", HeaderKey::kMessageType},
    {"pw", HeaderKey::kPassword},
    {"ts", HeaderKey::kTimestamp},
    {"cid", HeaderKey::kCommandId},
    {"cmd", HeaderKey::kCommand},
    {"seq", HeaderKey::kSequence},
    {"src", HeaderKey::kSource},
    {"gseq", HeaderKey::kGroupSequence},
    {"opts", HeaderKey::kOptions},
    {"sids", HeaderKey::kSubIds},
    {"topic", HeaderKey::kTopic},
    {"top_n", HeaderKey::kTopN},
    {"cmd_id", HeaderKey::kCommandId},
    {"filter", HeaderKey::kFilter},
    {"reason", HeaderKey::kReason},
    {"status", HeaderKey::kStatus},
    {"sub_id", HeaderKey::kSubId},
    {"use_ns", HeaderKey::kUseNamespace},
    {"matches", HeaderKey::kMatches},
    {"msg_len", HeaderKey::kMessageLength},
    {"orderby", HeaderKey::kOrderBy},
    {"sow_key", HeaderKey::kSowKey},
    {"user_id", HeaderKey::kUserId},
    {"version", HeaderKey::kVersion},
    {"ack_type", HeaderKey::kAckType},
    {"bookmark", HeaderKey::kBookmark},
    {"max_msgs", HeaderKey::kMaxMessages},
    {"order_by", HeaderKey::kOrderBy},
    {"password", HeaderKey::kPassword},
    {"query_id", HeaderKey::kQueryId},
    {"send_oof", HeaderKey::kSendOof},
    {"sow_keys", HeaderKey::kSowKeys},
    {"data_only", HeaderKey::kDataOnly},
    {"heartbeat", HeaderKey::kHeartbeat},
    {"send_keys", HeaderKey::kSendKeys},
    {"timestamp", HeaderKey::kTimestamp},
    {"batch_size", HeaderKey::kBatchSize},
    {"expiration", HeaderKey::kExpiration},
    {"send_empty", HeaderKey::kSendEmpty},
    {"client_name", HeaderKey::kClientName},
    {"leaseperiod", HeaderKey::kLeasePeriod},
    {"lease_period", HeaderKey::kLeasePeriod},
    {"message_type", HeaderKey::kMessageType},
    {"topic_matches", HeaderKey::kTopicMatches},
    {"correlation_id", HeaderKey::kCorrelationId},
    {"records_deleted", HeaderKey::kRecordsDeleted},
    {"records_updated", HeaderKey::kRecordsUpdated},
    {"records_inserted", HeaderKey::kRecordsInserted},
    {"records_returned", HeaderKey::kRecordsReturned},
    {"timeout_interval", HeaderKey::kTimeoutInterval},
};
inline constexpr size_t kHeaderKeyNameBytesMax = 16;

// What a client may ask for. The short and the long name of publish are one command.
struct CommandName {
  std::string_view name;
  CommandType type;
};
inline constexpr CommandName kCommandNames[] = {
    {"p", CommandType::kPublish},
    {"publish", CommandType::kPublish},
    {"delta_publish", CommandType::kDeltaPublish},
    {"logon", CommandType::kLogon},
    {"subscribe", CommandType::kSubscribe},
    {"delta_subscribe", CommandType::kDeltaSubscribe},
    {"sow", CommandType::kSow},
    {"sow_and_subscribe", CommandType::kSowAndSubscribe},
    {"sow_and_delta_subscribe", CommandType::kSowAndDeltaSubscribe},
    {"sow_delete", CommandType::kSowDelete},
    {"unsubscribe", CommandType::kUnsubscribe},
    {"flush", CommandType::kFlush},
    {"heartbeat", CommandType::kHeartbeat},
    {"start_timer", CommandType::kStartTimer},
    {"stop_timer", CommandType::kStopTimer},
};

// Types of acks in the field `a`. "none" is accepted too and adds nothing.
struct AckTypeName {
  std::string_view name;
  AckType type;
};
inline constexpr AckTypeName kAckTypeNames[] = {
    {"received", AckType::kReceived},   {"processed", AckType::kProcessed},
    {"persisted", AckType::kPersisted}, {"completed", AckType::kCompleted},
    {"stats", AckType::kStats},
};
inline constexpr std::string_view kAckTypeNone = "none";

// What a server sends.
enum class ServerMessageType : uint8_t {
  kUnknown,
  kAck,
  kPublish,
  kGroupBegin,
  kGroupEnd,
  kSow,
  kOof,
  kHeartbeat,
};
struct ServerMessageName {
  std::string_view name;
  ServerMessageType type;
};
inline constexpr ServerMessageName kServerMessageNames[] = {
    {"p", ServerMessageType::kPublish},
    {"publish", ServerMessageType::kPublish},
    {"ack", ServerMessageType::kAck},
    {"sow", ServerMessageType::kSow},
    {"oof", ServerMessageType::kOof},
    {"group_begin", ServerMessageType::kGroupBegin},
    {"group_end", ServerMessageType::kGroupEnd},
    {"heartbeat", ServerMessageType::kHeartbeat},
};

inline constexpr std::string_view kStatusSuccess = "success";
inline constexpr std::string_view kStatusFailure = "failure";
inline constexpr std::string_view kStatusRetry = "retry";

}  // namespace fluxgate::amps

#endif  // FLUXGATE_GATEWAY_AMPS_AMPS_CONSTANTS_H_
