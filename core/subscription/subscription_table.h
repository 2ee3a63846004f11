// All subscriptions of one message type, by topic: which of them want this message? Patterns are
// tried once per topic name, not per message. Reactor thread only.
#ifndef FLUXGATE_CORE_SUBSCRIPTION_SUBSCRIPTION_TABLE_H_
#define FLUXGATE_CORE_SUBSCRIPTION_SUBSCRIPTION_TABLE_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "core/base/strings.h"
#include "core/message/field_table.h"
#include "core/message/message_type.h"
#include "core/subscription/filter_index.h"
#include "core/subscription/subscription.h"
#include "core/subscription/topic_state.h"

namespace fluxgate {

class SubscriptionTable {
 public:
  // `type` and `clock` outlive the table.
  SubscriptionTable(const MessageType& type, const TopicLimits& limits, uint32_t fields_max,
                    const Clock& clock);
  ~SubscriptionTable();

  // Where filters for this table are compiled.
  FieldTable& fields() { return fields_; }
  const MessageType& message_type() const { return type_; }

  // The subscription stays in place, unchanged, until removed.
  void Add(Subscription& subscription);
  void Remove(Subscription& subscription);

  // State of a topic, made when the name is new. Good until version() moves.
  TopicState& Resolve(std::string_view topic);
  uint64_t version() const { return version_; }
  // Null: the name is new.
  const TopicState* Find(std::string_view topic) const {
    const auto found = topics_.find(topic);
    return found == topics_.end() ? nullptr : found->second.get();
  }

  // Appends the subscriptions that match what was published on this topic. False: the body could
  // not be read (subscriptions that need none of it have matched all the same).
  bool Match(TopicState& topic, const Command& publish, std::vector<Subscription*>& matches) {
    if (topic.patterns_seen != patterns_made_) TryNewPatterns(topic);
    if (context_.values.size() < fields_.slot_end()) context_.values.resize(fields_.slot_end());
    return topic.Match(context_, publish, matches);
  }

  // The same for what has been read already, with fields of TopicState::slots(); for records.
  void MatchValues(TopicState& topic, std::span<const Value> values, bool body_valid,
                   std::vector<Subscription*>& matches) {
    topic.MatchValues(context_, values, body_valid, matches);
  }
  // TopicState::Readers, with subscriptions that new patterns bring to this topic.
  RecordReaders& Readers(TopicState& topic, std::span<const FieldSlot> more,
                         uint64_t more_version) {
    if (topic.patterns_seen != patterns_made_ && topic.takes_patterns) TryNewPatterns(topic);
    return topic.Readers(context_, more, more_version);
  }

  // The guards of these subscriptions say something else of that topic now.
  void Reattach(Subscription& subscription, std::string_view topic);
  // Guarded subscriptions to patterns that match the name.
  void ForEachGuarded(std::string_view topic, absl::FunctionRef<void(Subscription&)> visit) const;
  void ForEachTopic(absl::FunctionRef<void(std::string_view)> visit) const;

  size_t size() const { return subscription_count_; }
  size_t topics_remembered() const { return topics_.size(); }

 private:
  // Subscriptions to the same pattern text; tried on a name once for all of them.
  struct PatternGroup {
    std::shared_ptr<const TopicPattern> pattern;
    SubscriberList subscriptions;
    size_t guarded_count = 0;
    std::vector<TopicState*> topics;  // whose names match
  };

  TopicState& ResolveNew(std::string_view topic);
  void TryNewPatterns(TopicState& topic);
  void ForgetTopics();

  const MessageType& type_;
  const TopicLimits limits_;
  FieldTable fields_;
  StringMap<std::unique_ptr<TopicState>> topics_;
  size_t forget_at_;  // topics_.size() at which states that can be made again are dropped
  std::map<uint64_t, PatternGroup> patterns_;  // by number
  StringMap<uint64_t> pattern_numbers_;        // by text
  uint64_t patterns_made_ = 0;
  size_t subscription_count_ = 0;
  uint64_t version_ = 1;

  MatchContext context_;
};

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_SUBSCRIPTION_SUBSCRIPTION_TABLE_H_
