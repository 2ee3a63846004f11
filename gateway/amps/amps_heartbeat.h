// The heartbeat of one session (Command Reference, heartbeat): the client asks for it with options
// `start,<interval>`, then both sides speak at least once an interval.
#ifndef FLUXGATE_GATEWAY_AMPS_AMPS_HEARTBEAT_H_
#define FLUXGATE_GATEWAY_AMPS_AMPS_HEARTBEAT_H_

#include <cstdint>
#include <string_view>

#include "absl/status/status.h"

namespace fluxgate::amps {

class Heartbeat {
 public:
  static constexpr int64_t kIntervalSecondsMax = 86'400;
  // Intervals of silence after which a client counts as gone.
  static constexpr int kMissedMax = 2;

  enum class Due : uint8_t { kNothing, kSend, kClientGone };

  // The options of a heartbeat command: `start,<seconds>`, `beat` or `stop`. kBadOption otherwise.
  absl::Status Configure(std::string_view options, int64_t now_ns);
  void OnReceived(int64_t now_ns) { received_ns_ = now_ns; }
  // What is to be done now; kSend counts as done.
  Due Check(int64_t now_ns);

 private:
  int64_t interval_ns_ = 0;  // 0: off
  int64_t received_ns_ = 0;
  int64_t sent_ns_ = 0;
};

}  // namespace fluxgate::amps

#endif  // FLUXGATE_GATEWAY_AMPS_AMPS_HEARTBEAT_H_
