// What a subscription may see, where that is not everything: asked when it meets a topic.
#ifndef FLUXGATE_CORE_SUBSCRIPTION_SUBSCRIPTION_GUARD_H_
#define FLUXGATE_CORE_SUBSCRIPTION_SUBSCRIPTION_GUARD_H_

#include <memory>
#include <optional>
#include <string_view>

#include "core/filter/filter.h"

namespace fluxgate {

class SubscriptionGuard {
 public:
  virtual ~SubscriptionGuard() = default;
  // With which filter (null: none) it takes messages of that topic; nullopt: not at all.
  virtual std::optional<std::shared_ptr<const Filter>> FilterOn(std::string_view topic) = 0;
};

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_SUBSCRIPTION_SUBSCRIPTION_GUARD_H_
