#include "core/access/subscription_access.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/base/error.h"

namespace fluxgate {

SubscriptionAccess::SubscriptionAccess(std::shared_ptr<UserAccess> user, const ClientFacts& client,
                                       std::shared_ptr<const Filter> filter, std::string_view text,
                                       bool deterministic)
    : user_(std::move(user)),
      client_(client),
      filter_(std::move(filter)),
      text_(text),
      deterministic_(deterministic) {
  if (filter_ == nullptr) return;
  for (const FieldSlot slot : filter_->slots()) reads_.push_back(user_->fields().path(slot));
}

absl::Status SubscriptionAccess::Check(std::string_view topic) const {
  const auto grant = user_->Find(topic, AccessKind::kRead);
  if (grant == nullptr || !grant->is_allowed) {
    return MakeError(ErrorCode::kNotEntitled, fmt::format("topic {} may not be read", topic));
  }
  if (grant->select == nullptr) return absl::OkStatus();
  for (const FieldPath& path : reads_) {
    if (grant->select->Shows(path)) continue;
    return MakeError(ErrorCode::kNotEntitled,
                     fmt::format("field {} of topic {} may not be read", path.ToString(), topic));
  }
  return absl::OkStatus();
}

std::optional<std::shared_ptr<const Filter>> SubscriptionAccess::FilterOn(std::string_view topic) {
  if (!Check(topic).ok()) return std::nullopt;
  const auto grant = user_->Find(topic, AccessKind::kRead);
  if (grant->filter == nullptr) return filter_;
  const auto known = std::ranges::find(combined_, grant->filter_text, &Combined::grant_text);
  if (known != combined_.end()) return known->filter;
  auto filter = user_->Within(*grant, text_, client_.view(), deterministic_);
  if (!filter.ok()) return std::nullopt;
  combined_.push_back({grant->filter_text, *filter});
  return *std::move(filter);
}

std::optional<const SelectList*> SubscriptionAccess::FieldsOn(std::string_view topic) const {
  const auto grant = user_->Find(topic, AccessKind::kRead);
  if (grant == nullptr || !grant->is_allowed) return std::nullopt;
  return grant->select.get();
}

bool SubscriptionAccess::HidesMessagesOf(std::string_view topic) const {
  const auto grant = user_->Find(topic, AccessKind::kRead);
  return grant == nullptr || grant->filter != nullptr;
}

}  // namespace fluxgate
