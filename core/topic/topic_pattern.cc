#include "core/topic/topic_pattern.h"

#include <fmt/format.h>

#include "core/base/utf8.h"

namespace fluxgate {
namespace {

constexpr std::string_view kPatternCharacters = "^$*+?()[]{}|\\";
constexpr std::string_view kReservedPrefix = "/AMPS/";

absl::Status CheckName(std::string_view topic, const TopicLimits& limits) {
  if (topic.empty()) return MakeError(ErrorCode::kBadTopic, "topic is empty");
  if (topic.size() > limits.name_bytes_max) {
    return MakeError(ErrorCode::kBadTopic, fmt::format("topic is {} bytes long; at most {}",
                                                       topic.size(), limits.name_bytes_max));
  }
  if (!IsValidUtf8(topic)) return MakeError(ErrorCode::kBadTopic, "topic is not valid UTF-8");
  if (HasControlCharacter(topic)) {
    return MakeError(ErrorCode::kBadTopic, "topic has a control character");
  }
  return absl::OkStatus();
}

}  // namespace

bool IsTopicPattern(std::string_view topic) {
  return topic.find_first_of(kPatternCharacters) != std::string_view::npos;
}

absl::Status CheckPublishTopic(std::string_view topic, const TopicLimits& limits) {
  if (absl::Status status = CheckName(topic, limits); !status.ok()) return status;
  if (IsTopicPattern(topic)) {
    return MakeError(ErrorCode::kBadTopic,
                     fmt::format("cannot publish to the topic pattern {}; a topic published to is "
                                 "literal and has none of {}",
                                 topic, kPatternCharacters));
  }
  if (topic.starts_with(kReservedPrefix)) {
    return MakeError(ErrorCode::kBadTopic,
                     fmt::format("topics below {} are the gateway's own", kReservedPrefix));
  }
  return absl::OkStatus();
}

absl::Status CheckSubscribeTopic(std::string_view topic, const TopicLimits& limits) {
  return CheckName(topic, limits);
}

absl::StatusOr<std::shared_ptr<const TopicPattern>> TopicPattern::Compile(
    std::string_view pattern) {
  // Every new topic name meets every pattern, so a single match must stay far below a millisecond.
  const RegexLimits limits{.match_steps_max = 10'000};
  auto regex = Regex::Compile(pattern, ErrorCode::kBadTopicPattern, limits);
  if (!regex.ok()) return regex.status();
  return std::shared_ptr<const TopicPattern>(new TopicPattern(*std::move(regex)));
}

}  // namespace fluxgate
