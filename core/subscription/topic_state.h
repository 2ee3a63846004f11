// One topic of one message type: its subscriptions, exact and by pattern, with their filters
// indexed. Owned by the SubscriptionTable; reactor thread only.
#ifndef FLUXGATE_CORE_SUBSCRIPTION_TOPIC_STATE_H_
#define FLUXGATE_CORE_SUBSCRIPTION_TOPIC_STATE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "core/base/clock.h"
#include "core/base/strings.h"
#include "core/message/command.h"
#include "core/message/field_reader.h"
#include "core/message/message_type.h"
#include "core/subscription/filter_index.h"
#include "core/subscription/subscriber_list.h"
#include "core/subscription/subscription.h"

namespace fluxgate {

class SowTopic;

// What a table's topics match with; `values` and `ids` are scratch.
struct MatchContext {
  const MessageType& type;
  const FieldTable& fields;
  const Clock& clock;
  std::vector<Value> values;  // at least FieldTable::slot_end()
  std::vector<FilterIndex::Id> ids;
};

class TopicState {
 public:
  explicit TopicState(std::string_view name) : name_(name) {}

  // With its filter, or as its guard says.
  void Attach(Subscription& subscription);
  void Detach(Subscription& subscription);
  // Its guard says something else now.
  void Reattach(Subscription& subscription) {
    Detach(subscription);
    Attach(subscription);
  }

  // Appends what matches the message. False: its body could not be read.
  bool Match(MatchContext& context, const Command& publish, std::vector<Subscription*>& matches);

  // The same for what has been read already: `values` are those of slots().
  void MatchValues(MatchContext& context, std::span<const Value> values, bool body_valid,
                   std::vector<Subscription*>& matches) const;
  // Read what filters read, and `more`, of a message and of the record that was before it; `more`
  // is the same while `more_version` is. Good until the next call.
  RecordReaders& Readers(const MatchContext& context, std::span<const FieldSlot> more,
                         uint64_t more_version);
  // Whether some subscription tracks records.
  bool tracks_records() const { return tracking_count_ != 0; }

  const std::string& name() const { return name_; }

  // Who keeps its messages, as the engine has found; null: nobody.
  SowTopic* sow = nullptr;
  bool sow_known = false;

  // How many subscriptions name this topic literally; a state without any can be made again from
  // the patterns.
  uint32_t exact_count = 0;
  // Patterns numbered up to here have been tried on this name.
  uint64_t patterns_seen = 0;
  // The engine's: what guarded patterns may see of this topic is known.
  bool access_known = false;
  // False: only those attached to it by themselves (Subscription::own_topic).
  bool takes_patterns = true;

 private:
  struct Filtered {
    FilterIndex index;
    // By FilterIndex::Id: subscriptions with the same filter share one entry of the index.
    std::vector<SubscriberList> subscribers;
    StringMap<FilterIndex::Id> by_canonical;
    FieldReader reader;
    uint64_t reader_version = 0;  // FilterIndex::slots_version() that it was made for
  };

  void AttachWith(Subscription& subscription, const std::shared_ptr<const Filter>& filter);
  void DetachFrom(Subscription& subscription, const Filter* filter);
  void AppendSubscribers(std::span<const FilterIndex::Id> ids,
                         std::vector<Subscription*>& matches) const;

  std::string name_;
  SubscriberList unfiltered_;
  std::unique_ptr<Filtered> filtered_;  // null until a filter comes: most topics are only names
  uint32_t tracking_count_ = 0;
  // What guarded subscriptions are attached with; those that are not in here are not attached.
  using Guarded = absl::flat_hash_map<const Subscription*, std::shared_ptr<const Filter>>;
  std::unique_ptr<Guarded> guarded_;
  struct KeptReaders {
    RecordReaders readers;
    uint64_t filters_version = 0;
    uint64_t more_version = 0;
  };
  std::unique_ptr<KeptReaders> readers_;  // of stored topics
  uint64_t filters_version_ = 1;  // beside FilterIndex::slots_version(), which may begin anew
};

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_SUBSCRIPTION_TOPIC_STATE_H_
