#include "core/subscription/subscription_table.h"

#include <algorithm>

namespace fluxgate {

SubscriptionTable::SubscriptionTable(const MessageType& type, const TopicLimits& limits,
                                     uint32_t fields_max, const Clock& clock)
    : type_(type),
      limits_(limits),
      fields_(fields_max),
      forget_at_(limits.topics_remembered_max),
      context_{type_, fields_, clock, {}, {}} {}

SubscriptionTable::~SubscriptionTable() = default;

void SubscriptionTable::Add(Subscription& subscription) {
  ++subscription_count_;
  if (subscription.own_topic != nullptr) return subscription.own_topic->Attach(subscription);
  if (subscription.pattern == nullptr) {
    TopicState& topic = Resolve(subscription.topic);
    topic.Attach(subscription);
    ++topic.exact_count;
    return;
  }
  const auto known = pattern_numbers_.find(subscription.topic);
  if (known != pattern_numbers_.end()) {
    PatternGroup& group = patterns_.at(known->second);
    group.subscriptions.Add(&subscription);
    if (subscription.guard != nullptr) ++group.guarded_count;
    for (TopicState* topic : group.topics) topic->Attach(subscription);
    return;
  }
  // A new pattern meets each topic when that topic is next published to.
  const uint64_t number = ++patterns_made_;
  pattern_numbers_.emplace(subscription.topic, number);
  PatternGroup& group = patterns_[number];
  group.pattern = subscription.pattern;
  group.subscriptions.Add(&subscription);
  if (subscription.guard != nullptr) ++group.guarded_count;
}

void SubscriptionTable::Remove(Subscription& subscription) {
  --subscription_count_;
  if (subscription.own_topic != nullptr) return subscription.own_topic->Detach(subscription);
  if (subscription.pattern == nullptr) {
    TopicState& topic = *topics_.find(subscription.topic)->second;
    topic.Detach(subscription);
    --topic.exact_count;
    return;
  }
  const auto known = pattern_numbers_.find(subscription.topic);
  PatternGroup& group = patterns_.at(known->second);
  group.subscriptions.Remove(&subscription);
  if (subscription.guard != nullptr) --group.guarded_count;
  for (TopicState* topic : group.topics) topic->Detach(subscription);
  if (group.subscriptions.empty()) {
    patterns_.erase(known->second);
    pattern_numbers_.erase(known);
  }
}

void SubscriptionTable::Reattach(Subscription& subscription, std::string_view topic) {
  const auto found = topics_.find(topic);
  if (found == topics_.end()) return;  // meets it when it comes back
  TopicState& state = *found->second;
  // A pattern that the topic has not been tried on meets it when that is published to next.
  const bool is_tried = subscription.pattern == nullptr ||
                        pattern_numbers_.find(subscription.topic)->second <= state.patterns_seen;
  if (is_tried && subscription.Meets(topic)) state.Reattach(subscription);
}

void SubscriptionTable::ForEachGuarded(std::string_view topic,
                                       absl::FunctionRef<void(Subscription&)> visit) const {
  for (const auto& [number, group] : patterns_) {
    if (group.guarded_count == 0 || !group.pattern->Matches(topic)) continue;
    for (Subscription* subscription : group.subscriptions.items()) {
      if (subscription->guard != nullptr) visit(*subscription);
    }
  }
}

void SubscriptionTable::ForEachTopic(absl::FunctionRef<void(std::string_view)> visit) const {
  for (const auto& [name, state] : topics_) visit(name);
}

TopicState& SubscriptionTable::Resolve(std::string_view topic) {
  const auto found = topics_.find(topic);
  return found != topics_.end() ? *found->second : ResolveNew(topic);
}

TopicState& SubscriptionTable::ResolveNew(std::string_view topic) {
  if (topics_.size() >= forget_at_) ForgetTopics();
  auto state = std::make_unique<TopicState>(topic);
  TopicState& result = *state;
  topics_.emplace(std::string(topic), std::move(state));
  return result;
}

void SubscriptionTable::TryNewPatterns(TopicState& topic) {
  for (auto it = patterns_.upper_bound(topic.patterns_seen); it != patterns_.end(); ++it) {
    PatternGroup& group = it->second;
    if (!group.pattern->Matches(topic.name())) continue;
    group.topics.push_back(&topic);
    for (Subscription* subscription : group.subscriptions.items()) topic.Attach(*subscription);
  }
  topic.patterns_seen = patterns_made_;
}

void SubscriptionTable::ForgetTopics() {
  ++version_;
  for (auto& [number, group] : patterns_) {
    std::erase_if(group.topics, [](const TopicState* topic) { return topic->exact_count == 0; });
  }
  for (auto it = topics_.begin(); it != topics_.end();) {
    if (it->second->exact_count == 0) {
      topics_.erase(it++);
    } else {
      ++it;
    }
  }
  // Twice what must stay, so that forgetting costs each new name a constant share.
  forget_at_ = std::max(limits_.topics_remembered_max, 2 * topics_.size());
}

}  // namespace fluxgate
