// One session's interest in a topic or a topic pattern. Owned by the session that made it; known to
// the subscription table of its message type while it lives. Reactor thread only.
#ifndef FLUXGATE_CORE_SUBSCRIPTION_SUBSCRIPTION_H_
#define FLUXGATE_CORE_SUBSCRIPTION_SUBSCRIPTION_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "core/filter/filter.h"
#include "core/subscription/subscription_guard.h"
#include "core/topic/topic_pattern.h"

namespace fluxgate {

class Session;
class TopicState;

// What a session's outbox keeps with a subscription, such as a header made once.
class SubscriptionEdge {
 public:
  virtual ~SubscriptionEdge() = default;
};

// What the engine keeps with a subscription that wants more than each message as it comes.
class SubscriptionFeed {
 public:
  virtual ~SubscriptionFeed() = default;
};

class Subscription {
 public:
  // What a delivery looks at comes first, see Prefetch.
  Session* session = nullptr;
  std::unique_ptr<SubscriptionFeed> feed;  // null: each message as it comes
  uint64_t number = 0;                     // order of creation on this engine
  std::string id;                          // chosen by the client; unique on its session

  // Free for the session's outbox.
  std::unique_ptr<SubscriptionEdge> edge;  // goes when the subscription is replaced
  uint64_t edge_tag = 0;                   // stays

  std::shared_ptr<const TopicPattern> pattern;  // null: literal topic
  std::shared_ptr<const Filter> filter;         // null: everything
  std::string topic;                            // literal name, or the pattern's text
  // What it is attached to in place of the topic of its name; outlives it. Null: that topic.
  TopicState* own_topic = nullptr;

  // Null: it may see everything. Counts for topics of the table, not for own_topic.
  std::shared_ptr<SubscriptionGuard> guard;

  // Whether it has to be told what a record was before a change. Stays while it is attached.
  bool tracks_records = false;
  // Marks of the engine: the last change whose previous, or current, record matched.
  uint64_t previous_mark = 0;
  uint64_t current_mark = 0;

  // Whether its topic, or pattern, stands for that topic.
  bool Meets(std::string_view name) const {
    return pattern == nullptr ? topic == name : pattern->Matches(name);
  }

  // Fetches what a delivery needs into the cache, ahead of its use.
  void Prefetch() const {
    __builtin_prefetch(this);
    __builtin_prefetch(&edge_tag);
  }
};

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_SUBSCRIPTION_SUBSCRIPTION_H_
