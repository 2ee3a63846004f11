#include "gateway/actions/action_context.h"

#include <fmt/format.h>
#include <time.h>

#include <charconv>
#include <utility>

#include "core/base/error.h"

namespace fluxgate {
namespace {

constexpr int64_t kSecondNs = 1'000'000'000;
constexpr std::string_view kOpen = "{{";
constexpr std::string_view kClose = "}}";
constexpr std::string_view kBytePrefix = "AMPS_BYTE_";

std::string DateTime(int64_t wall_ns) {
  const time_t seconds = wall_ns / kSecondNs;
  tm parts{};
  gmtime_r(&seconds, &parts);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", parts.tm_year + 1900, parts.tm_mon + 1,
                     parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec);
}

absl::Status TooLong() {
  return MakeError(ErrorCode::kQuotaExceeded,
                   fmt::format("text with variables is longer than {} bytes", kActionTextBytesMax));
}

}  // namespace

uint64_t BytesOf(const ActionVariables& variables) {
  uint64_t bytes = 0;
  for (const auto& [name, value] : variables) bytes += name.size() + value.size();
  return bytes;
}

ActionContext::ActionContext(ActionServices& services, ActionVariables variables, int64_t wall_ns)
    : services_(services), variables_(std::move(variables)) {
  variables_.try_emplace("AMPS_DATETIME", DateTime(wall_ns));
  variables_.try_emplace("AMPS_UNIX_TIMESTAMP", fmt::format("{}", wall_ns / kSecondNs));
}

std::string ActionContext::Get(std::string_view name) const {
  const auto found = variables_.find(name);
  if (found != variables_.end()) return found->second;
  if (name.substr(0, kBytePrefix.size()) == kBytePrefix) {
    const std::string_view digits = name.substr(kBytePrefix.size());
    uint8_t byte = 0;
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), byte, 16);
    if (digits.size() == 2 && error == std::errc() && end == digits.data() + digits.size()) {
      return std::string(1, static_cast<char>(byte));
    }
  }
  return {};
}

absl::Status ActionContext::Set(std::string_view name, std::string value) {
  const auto found = variables_.find(name);
  const uint64_t before = found == variables_.end() ? 0 : found->second.size();
  if (BytesOf(variables_) - before + value.size() > kActionTextBytesMax) return TooLong();
  variables_.insert_or_assign(std::string(name), std::move(value));
  return absl::OkStatus();
}

absl::StatusOr<std::string> ActionContext::Expand(std::string_view text) const {
  std::string result;
  while (!text.empty()) {
    const size_t open = text.find(kOpen);
    const size_t close =
        open == std::string_view::npos ? open : text.find(kClose, open + kOpen.size());
    if (close == std::string_view::npos) {
      result += text;
      break;
    }
    result += text.substr(0, open);
    result += Get(text.substr(open + kOpen.size(), close - open - kOpen.size()));
    if (result.size() > kActionTextBytesMax) return TooLong();
    text.remove_prefix(close + kClose.size());
  }
  if (result.size() > kActionTextBytesMax) return TooLong();
  return result;
}

}  // namespace fluxgate
