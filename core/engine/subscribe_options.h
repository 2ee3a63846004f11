// The options of subscribe and sow commands (Command Reference, "options"), as far as they are
// built.
#ifndef FLUXGATE_CORE_ENGINE_SUBSCRIBE_OPTIONS_H_
#define FLUXGATE_CORE_ENGINE_SUBSCRIBE_OPTIONS_H_

#include <cstdint>
#include <optional>
#include <string_view>

#include "absl/status/statusor.h"

namespace fluxgate {

// Text is of the parsed options.
struct SubscribeOptions {
  // Shortest and longest interval of conflation.
  static constexpr int64_t kConflationMinNs = 10'000'000;
  static constexpr int64_t kConflationMaxNs = 86'400'000'000'000;

  bool replace = false;        // take the place of the subscription with the same id, at once
  bool literal_topic = false;  // `non_regex_topic`: the topic is no pattern, whatever it holds
  bool out_of_focus = false;   // `oof`
  bool no_empties = false;     // of deltas, those that change nothing
  bool no_sow_key = false;
  bool timestamp = false;
  int64_t conflation_ns = 0;                       // 0: none
  std::optional<std::string_view> conflation_key;  // inside of [...]
  std::optional<std::string_view> select;          // inside of [...]
  std::optional<std::string_view> grouping;        // inside of [...]
  std::optional<std::string_view> projection;      // inside of [...]
  std::optional<uint32_t> top_n;
  std::optional<uint32_t> skip_n;
};

// `text` is a comma-separated list of names and name=value; commas inside [...] do not separate.
// Errors: kBadOption for an unknown one or an impossible value, kNotBuilt for one of the protocol's
// that is not built yet.
absl::StatusOr<SubscribeOptions> ParseSubscribeOptions(std::string_view text);

// The next item of a comma-separated list, which it is cut off from, without blanks around it;
// commas inside (...), [...] and quotes do not separate. `quotes`: also outside of brackets is a
// quote one, as in expressions.
std::string_view TakeListItem(std::string_view& text, bool quotes = false);

// `5s`, `100ms`, `2m`, `1h`, `1d`, `250us`; a number alone is seconds. nullopt: none of these, or
// more than 64 bits of nanoseconds.
std::optional<int64_t> ParseOptionInterval(std::string_view text);

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_ENGINE_SUBSCRIBE_OPTIONS_H_
