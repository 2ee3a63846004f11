// The options of a subscribe command (User Guide, "Subscription options"), as far as they are
// built.
#ifndef FLUXGATE_CORE_ENGINE_SUBSCRIBE_OPTIONS_H_
#define FLUXGATE_CORE_ENGINE_SUBSCRIBE_OPTIONS_H_

#include <string_view>

#include "absl/status/statusor.h"

namespace fluxgate {

struct SubscribeOptions {
  bool replace = false;        // take the place of the subscription with the same id, at once
  bool literal_topic = false;  // `non_regex_topic`: the topic is no pattern, whatever it holds
};

// `text` is a comma-separated list of names and name=value; commas inside [...] do not separate.
// Errors: kBadOption for an unknown one, kNotBuilt for one of the protocol's that is not built yet.
absl::StatusOr<SubscribeOptions> ParseSubscribeOptions(std::string_view text);

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_ENGINE_SUBSCRIBE_OPTIONS_H_
