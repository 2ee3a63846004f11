#include "gateway/amps/amps_heartbeat.h"

#include <fmt/format.h>

#include <charconv>

#include "core/base/error.h"

namespace fluxgate::amps {

absl::Status Heartbeat::Configure(std::string_view options, int64_t now_ns) {
  constexpr std::string_view kStart = "start,";
  received_ns_ = now_ns;
  if (options == "beat" || options.empty()) return absl::OkStatus();
  if (options == "stop") {
    interval_ns_ = 0;
    return absl::OkStatus();
  }
  int64_t seconds = 0;
  if (options.starts_with(kStart)) {
    const std::string_view text = options.substr(kStart.size());
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (failed != std::errc() || end != text.data() + text.size()) seconds = 0;
  }
  if (seconds < 1 || seconds > kIntervalSecondsMax) {
    return MakeError(ErrorCode::kBadOption,
                     fmt::format("invalid options: heartbeat takes start,<seconds> (1 to {}), "
                                 "beat or stop",
                                 kIntervalSecondsMax));
  }
  interval_ns_ = seconds * 1'000'000'000;
  sent_ns_ = now_ns;
  return absl::OkStatus();
}

Heartbeat::Due Heartbeat::Check(int64_t now_ns) {
  if (interval_ns_ == 0) return Due::kNothing;
  if (now_ns - received_ns_ > kMissedMax * interval_ns_) return Due::kClientGone;
  if (now_ns - sent_ns_ < interval_ns_) return Due::kNothing;
  sent_ns_ = now_ns;
  return Due::kSend;
}

}  // namespace fluxgate::amps
