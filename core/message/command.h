// What a client asks of the engine, whatever protocol it came by. Text fields are views into the
// receive buffer and live only for the duration of Engine::Execute.
#ifndef FLUXGATE_CORE_MESSAGE_COMMAND_H_
#define FLUXGATE_CORE_MESSAGE_COMMAND_H_

#include <cstdint>
#include <string_view>

namespace fluxgate {

enum class CommandType : uint8_t {
  kUnknown,
  kLogon,
  kPublish,
  kDeltaPublish,
  kSubscribe,
  kDeltaSubscribe,
  kSow,
  kSowAndSubscribe,
  kSowAndDeltaSubscribe,
  kSowDelete,
  kUnsubscribe,
  kFlush,
  kHeartbeat,
  kStartTimer,
  kStopTimer,
};
inline constexpr int kCommandTypeCount = static_cast<int>(CommandType::kStopTimer) + 1;

std::string_view CommandTypeName(CommandType type);  // as on the wire: "sow_and_subscribe"

enum class AckType : uint8_t {
  kReceived = 1,
  kProcessed = 2,
  kPersisted = 4,
  kCompleted = 8,
  kStats = 16
};

// A set of AckType.
struct AckSet {
  uint8_t bits = 0;
  bool has(AckType t) const { return (bits & static_cast<uint8_t>(t)) != 0; }
  void add(AckType t) { bits = static_cast<uint8_t>(bits | static_cast<uint8_t>(t)); }
  bool empty() const { return bits == 0; }
};

// Why a record is no longer part of what a subscription selects.
enum class OutOfFocusReason : uint8_t { kNone, kMatch, kDeleted, kExpired, kEntitlement };

struct Command {
  CommandType type = CommandType::kUnknown;
  AckSet acks;  // which acks the client wants; none by default
  bool has_sequence = false;
  uint32_t batch_size = 0;    // 0: server default
  int64_t expiration_s = -1;  // -1: not given
  uint32_t top_n = 0;         // 0: all
  uint64_t sequence = 0;      // publisher's own numbering, with has_sequence

  std::string_view topic;
  std::string_view command_id;
  std::string_view sub_id;  // unsubscribe: one, a comma-separated list, or "all"
  std::string_view query_id;
  std::string_view filter;
  std::string_view options;
  std::string_view bookmark;
  std::string_view sow_key;
  std::string_view sow_keys;
  std::string_view order_by;
  std::string_view correlation_id;
  std::string_view client_name;
  std::string_view user_id;
  std::string_view password;
  std::string_view message_type;
  std::string_view version;
  std::string_view body;  // kBodyPaddingBytes readable bytes follow
};

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_MESSAGE_COMMAND_H_
