// One topic of one message type: its subscriptions, exact and by pattern, with their filters
// indexed. Owned by the SubscriptionTable; reactor thread only.
#ifndef FLUXGATE_CORE_SUBSCRIPTION_TOPIC_STATE_H_
#define FLUXGATE_CORE_SUBSCRIPTION_TOPIC_STATE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.h"
#include "core/base/strings.h"
#include "core/message/command.h"
#include "core/message/message_type.h"
#include "core/subscription/filter_index.h"
#include "core/subscription/subscriber_list.h"
#include "core/subscription/subscription.h"

namespace fluxgate {

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

  void Attach(Subscription& subscription);
  void Detach(Subscription& subscription);

  // Appends what matches the message. False: its body could not be read.
  bool Match(MatchContext& context, const Command& publish, std::vector<Subscription*>& matches);

  const std::string& name() const { return name_; }

  // How many subscriptions name this topic literally; a state without any can be made again from
  // the patterns.
  uint32_t exact_count = 0;
  // Patterns numbered up to here have been tried on this name.
  uint64_t patterns_seen = 0;

 private:
  struct Filtered {
    FilterIndex index;
    // By FilterIndex::Id: subscriptions with the same filter share one entry of the index.
    std::vector<SubscriberList> subscribers;
    StringMap<FilterIndex::Id> by_canonical;
    std::unique_ptr<Extractor> extractor;  // null: no filter reads the body
    std::vector<FieldRequest> envelope;    // what filters ask for beside the body
    uint64_t extractor_version = 0;        // FilterIndex::slots_version() that it was made for
  };

  void RefreshExtractor(const MatchContext& context);
  void FillEnvelope(MatchContext& context, const Command& publish) const;

  std::string name_;
  SubscriberList unfiltered_;
  std::unique_ptr<Filtered> filtered_;  // null until a filter comes: most topics are only names
};

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_SUBSCRIPTION_TOPIC_STATE_H_
