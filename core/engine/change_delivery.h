// From a change to those who want to know of it: matches subscriptions against the record as it was
// and as it is, and hands each session what its subscriptions make of that. Owned by the engine;
// reactor thread.
#ifndef FLUXGATE_CORE_ENGINE_CHANGE_DELIVERY_H_
#define FLUXGATE_CORE_ENGINE_CHANGE_DELIVERY_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.h"
#include "core/engine/record_feed.h"
#include "core/engine/session.h"
#include "core/message/command.h"
#include "core/sow/sow_topic.h"

namespace fluxgate {

// Counters since start.
struct DeliveryStats {
  uint64_t matched = 0;    // subscriptions that matched
  uint64_t delivered = 0;  // messages taken by outboxes: one per session and message
};

class ChangeDelivery {
 public:
  // What may be held back behind one snapshot, or conflated, for one subscription.
  ChangeDelivery(const Clock& clock, uint64_t held_bytes_max)
      : clock_(clock), held_bytes_max_(held_bytes_max) {}

  // A message of a topic that is not stored; `matched` is sorted in place.
  void DeliverMessage(const Command& publish, std::vector<Subscription*>& matched);

  // A change of a record of `topic`, with its values in `scratch` as SowTopic leaves them.
  void DeliverChange(SubscriptionTable& table, TopicState& topic, const SowTopic& sow,
                     const RecordChange& change, const SowScratch& scratch,
                     std::string_view correlation_id);

  // One event for one subscription, through its stages.
  void Feed(Subscription& subscription, const FeedEvent& event);
  // The same, but past what is held behind a snapshot and past the page.
  void FeedPastPage(Subscription& subscription, const FeedEvent& event);
  // What was held behind a snapshot: the oldest ones, at most `max`, while the outbox has room.
  // True: nothing is held any more.
  bool DeliverHeld(Subscription& subscription, size_t max);

  // Events whose interval is over; at most some hundred in one go. True: more are due.
  bool RunTimers();
  // What waits for an interval to be over, now.
  void DeliverConflated(Subscription& subscription);
  // Nothing reaches this subscription any more.
  void Forget(Subscription& subscription);
  void ForgetSession(const Session& session);
  bool has_conflated() const { return !conflating_.empty(); }

  // A record as the answer to a query. False: its outbox takes no more.
  bool DeliverRecord(Session& session, const QueryInfo& query, const DeliveryForm& form,
                     const SowTopic& sow, const RecordRef& record);

  const DeliveryStats& stats() const { return stats_; }

 private:
  enum class Content : uint8_t { kFull, kDelta, kOutOfFocus };
  struct Ready {
    Subscription* subscription;
    FeedEvent event;
    Content content;
  };

  void FeedNow(Subscription& subscription, RecordFeed& feed, const FeedEvent& event);
  void PassPage(Subscription& subscription, RecordFeed& feed, const FeedEvent& event);
  void PassConflation(Subscription& subscription, const FeedEvent& event);
  void DeliverDue(Subscription& subscription, const FeedEvent& event);
  void CutOff(Subscription& subscription);

  void GroupBySession(std::span<Subscription* const> subscriptions);
  void DeliverGroups(Delivery delivery);
  // What is in ready_.
  void DeliverReady();
  // Takes what is a full message of `record` (null: of a topic that is not stored) out of ready_
  // and into the groups of sessions_.
  void JoinGroups(const Record* record);
  void DeliverTogether(std::span<const Ready> ready);
  // The body in that form; false: there is nothing to deliver.
  bool BodyOf(const Ready& ready, std::string_view& body);
  // What of a body is shown; `padded`: with padding behind it.
  std::string_view Selected(const DeliveryForm& form, const MessageType& type,
                            std::string_view topic, std::string_view body);
  // `body` without what is hidden from the user.
  static std::string_view Visible(const DeliveryForm& form, const MessageType& type,
                                  std::string_view topic, std::string_view body,
                                  std::string& scratch);

  const Clock& clock_;
  const uint64_t held_bytes_max_;
  DeliveryStats stats_;
  uint64_t change_ = 0;  // the mark

  // Scratch of one change.
  std::vector<Subscription*> previous_matched_;
  std::vector<Subscription*> matched_;
  std::vector<Subscription*> plain_;
  std::vector<Session*> sessions_;
  std::vector<Ready> ready_;
  std::vector<Subscription*> together_;
  std::string delta_;
  std::string selected_;
  std::string visible_;
  std::string visible_before_;

  std::vector<Subscription*> conflating_;  // with something that waits
  size_t next_conflating_ = 0;
};

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_ENGINE_CHANGE_DELIVERY_H_
