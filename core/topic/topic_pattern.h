// Topic names, literal and as patterns. A subscription topic with a regular-expression character
// other than '.' is a pattern, matched anywhere in a name (anchor with ^ and $); the option
// `non_regex_topic` makes it literal. A topic published to is always literal.
#ifndef FLUXGATE_CORE_TOPIC_TOPIC_PATTERN_H_
#define FLUXGATE_CORE_TOPIC_TOPIC_PATTERN_H_

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "core/base/regex.h"

namespace fluxgate {

struct TopicLimits {
  size_t name_bytes_max = 1024;
  size_t topics_remembered_max = 100'000;  // names with resolved subscriptions kept in memory
};

// Whether `topic` reads as a pattern: it has one of ^ $ * + ? ( ) [ ] { } | or a backslash. A dot
// alone does not make a pattern: names like orders.eu are literal.
bool IsTopicPattern(std::string_view topic);

// A literal name that may be published to: not empty, not too long, valid UTF-8 without control
// characters, no pattern, not reserved (/AMPS/...).
absl::Status CheckPublishTopic(std::string_view topic, const TopicLimits& limits);
// A name or pattern that may be subscribed to; a pattern is checked when it is compiled.
absl::Status CheckSubscribeTopic(std::string_view topic, const TopicLimits& limits);

class TopicPattern {
 public:
  static absl::StatusOr<std::shared_ptr<const TopicPattern>> Compile(std::string_view pattern);
  bool Matches(std::string_view topic) const { return regex_->Match(topic) == RegexMatch::kYes; }

 private:
  explicit TopicPattern(std::shared_ptr<const Regex> regex) : regex_(std::move(regex)) {}
  std::shared_ptr<const Regex> regex_;
};

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_TOPIC_TOPIC_PATTERN_H_
