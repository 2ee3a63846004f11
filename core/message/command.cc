#include "core/message/command.h"

namespace fluxgate {

std::string_view CommandTypeName(CommandType type) {
  switch (type) {
    case CommandType::kUnknown:
      return "unknown";
    case CommandType::kLogon:
      return "logon";
    case CommandType::kPublish:
      return "publish";
    case CommandType::kDeltaPublish:
      return "delta_publish";
    case CommandType::kSubscribe:
      return "subscribe";
    case CommandType::kDeltaSubscribe:
      return "delta_subscribe";
    case CommandType::kSow:
      return "sow";
    case CommandType::kSowAndSubscribe:
      return "sow_and_subscribe";
    case CommandType::kSowAndDeltaSubscribe:
      return "sow_and_delta_subscribe";
    case CommandType::kSowDelete:
      return "sow_delete";
    case CommandType::kUnsubscribe:
      return "unsubscribe";
    case CommandType::kFlush:
      return "flush";
    case CommandType::kHeartbeat:
      return "heartbeat";
    case CommandType::kStartTimer:
      return "start_timer";
    case CommandType::kStopTimer:
      return "stop_timer";
  }
  return "unknown";
}

}  // namespace fluxgate
