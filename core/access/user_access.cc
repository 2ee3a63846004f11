#include "core/access/user_access.h"

#include <fmt/format.h>

#include <utility>

#include "core/base/error.h"

namespace fluxgate {

UserAccess::UserAccess(AccessAuthority& authority, uint64_t number, std::string user,
                       const MessageType& type, FieldTable& fields, AccessLimits limits,
                       std::string instance_name)
    : authority_(authority),
      number_(number),
      user_(std::move(user)),
      type_(type),
      fields_(fields),
      limits_(std::move(limits)),
      instance_name_(std::move(instance_name)) {}

std::shared_ptr<const Grant> UserAccess::Find(std::string_view topic, AccessKind kind) const {
  const auto found = topics_.find(topic);
  if (found == topics_.end()) {
    // Beyond the limit nothing is asked any more, and nothing allowed.
    static const auto nothing = std::make_shared<const Grant>();
    return topics_.size() >= limits_.topics_max ? nothing : nullptr;
  }
  return kind == AccessKind::kRead ? found->second.read.grant : found->second.write.grant;
}

WriteGuard* UserAccess::FindWriteGuard(std::string_view topic, const Clock& clock) {
  const auto found = topics_.find(topic);
  if (found == topics_.end()) return nullptr;
  Topic& known = found->second;
  if (known.write.grant == nullptr || known.write.grant->is_whole()) return nullptr;
  if (known.write_guard == nullptr) {
    known.write_guard =
        std::make_unique<WriteGuard>(known.write.grant, topic, type_, fields_, clock);
  }
  return known.write_guard.get();
}

bool UserAccess::Know(std::string_view topic, AccessKind kind) {
  auto found = topics_.find(topic);
  if (found == topics_.end()) {
    if (topics_.size() >= limits_.topics_max) return true;
    found = topics_.emplace(std::string(topic), Topic()).first;
  }
  Entry& entry = Of(found->second, kind);
  if (entry.grant != nullptr) return true;
  if (!entry.is_asked) Ask(topic, kind, entry);
  return false;
}

void UserAccess::Ask(std::string_view topic, AccessKind kind, Entry& entry) {
  entry.is_asked = true;
  ++asked_;
  authority_.Ask({number_, user_, std::string(type_.name()), std::string(topic), kind});
}

absl::Status UserAccess::Decide(std::string_view topic, AccessKind kind,
                                const AccessDecision& decision) {
  const auto found = topics_.find(topic);
  if (found == topics_.end()) return absl::OkStatus();
  Entry& entry = Of(found->second, kind);
  if (!entry.is_asked) return absl::OkStatus();
  entry.is_asked = false;
  ++answered_;
  if (std::exchange(entry.is_stale, false)) {
    Ask(topic, kind, entry);
    return absl::OkStatus();
  }
  if (std::exchange(entry.is_of_again, false)) --again_unanswered_;
  auto grant = std::make_shared<Grant>();
  const absl::Status status = Compile(decision, *grant);
  if (!status.ok()) *grant = Grant();
  // While everything is asked again, what was not known before is of use at once.
  (entry.grant == nullptr ? entry.grant : entry.next) = std::move(grant);
  return status;
}

absl::Status UserAccess::Compile(const AccessDecision& decision, Grant& grant) {
  grant.is_allowed = decision.is_allowed;
  if (!decision.is_allowed) return absl::OkStatus();
  if (!decision.filter.empty()) {
    std::weak_ptr<const Filter>& known = filters_[decision.filter];
    grant.filter = known.lock();
    if (grant.filter == nullptr) {
      const ClientFacts client{.client_name = {},
                               .user = user_,
                               .remote_address = {},
                               .client_version = {},
                               .connection_name = {}};
      const ExpressionScope scope{.client = &client,
                                  .instance_name = instance_name_,
                                  .functions = limits_.functions,
                                  .deterministic_only = true};
      auto filter = Filter::Compile(decision.filter, fields_, limits_.filters, scope);
      if (!filter.ok()) return filter.status();
      known = grant.filter = *std::move(filter);
    }
    grant.filter_text = decision.filter;
  }
  if (!decision.select_list.empty()) {
    std::weak_ptr<const SelectList>& known = select_lists_[decision.select_list];
    grant.select = known.lock();
    if (grant.select == nullptr) {
      auto select = SelectList::Parse(decision.select_list, limits_.select_lists);
      if (!select.ok()) return select.status();
      known = grant.select = *std::move(select);
    }
    if (grant.select->selects_all()) grant.select = nullptr;
  }
  return absl::OkStatus();
}

void UserAccess::AskAgain() {
  asking_again_ = true;
  for (auto& [name, topic] : topics_) {
    for (const AccessKind kind : {AccessKind::kRead, AccessKind::kWrite}) {
      AskAgain(name, kind, Of(topic, kind));
    }
  }
}

bool UserAccess::AskAgain(std::string_view topic, AccessKind kind) {
  const auto found = topics_.find(topic);
  if (found == topics_.end()) return true;
  Entry& entry = Of(found->second, kind);
  if (entry.next != nullptr) return false;
  if (entry.grant == nullptr || entry.is_asked) return true;  // an answer is under way
  asking_again_ = true;
  AskAgain(topic, kind, entry);
  return true;
}

void UserAccess::AskAgain(std::string_view topic, AccessKind kind, Entry& entry) {
  entry.next = nullptr;
  if (entry.is_asked) {
    entry.is_stale = true;
  } else if (entry.grant != nullptr) {
    Ask(topic, kind, entry);
  }
  if (entry.grant != nullptr && !std::exchange(entry.is_of_again, true)) ++again_unanswered_;
}

std::vector<std::string> UserAccess::ChangedTopics(AccessKind kind) const {
  std::vector<std::string> changed;
  for (const auto& [name, topic] : topics_) {
    const Entry& entry = Of(topic, kind);
    if (entry.next != nullptr && !(*entry.next == *entry.grant)) changed.push_back(name);
  }
  return changed;
}

void UserAccess::TakeAnswers() {
  asking_again_ = false;
  for (auto& [name, topic] : topics_) {
    for (const AccessKind kind : {AccessKind::kRead, AccessKind::kWrite}) {
      Entry& entry = Of(topic, kind);
      if (entry.next != nullptr) entry.grant = std::move(entry.next);
    }
    topic.write_guard = nullptr;
  }
  absl::erase_if(filters_, [](const auto& known) { return known.second.expired(); });
  absl::erase_if(select_lists_, [](const auto& known) { return known.second.expired(); });
}

absl::StatusOr<std::shared_ptr<const Filter>> UserAccess::Within(const Grant& grant,
                                                                 std::string_view text,
                                                                 const ClientFacts& client,
                                                                 bool deterministic) const {
  if (text.empty()) return grant.filter;
  // Both have been compiled alone and within their limits.
  FilterLimits limits = limits_.filters;
  limits.text_bytes_max = 2 * limits.text_bytes_max + 16;
  limits.depth_max += 4;
  limits.nodes_max *= 2;
  limits.patterns_max *= 2;
  const ExpressionScope scope{.client = &client,
                              .instance_name = instance_name_,
                              .functions = limits_.functions,
                              .deterministic_only = deterministic};
  return Filter::Compile(fmt::format("({}) AND ({})", grant.filter_text, text), fields_, limits,
                         scope);
}

}  // namespace fluxgate
