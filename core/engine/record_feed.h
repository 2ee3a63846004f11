// What the engine keeps of a subscription that wants more than each message as it comes: which
// records it knows of, in what form it wants changes, and what is held back for it. Reactor thread.
//
// An event goes through up to three stages before it is delivered: while the subscription's
// snapshot is under way it is held; a page turns it into what happens to the page; conflation keeps
// the latest of a key for a while.
#ifndef FLUXGATE_CORE_ENGINE_RECORD_FEED_H_
#define FLUXGATE_CORE_ENGINE_RECORD_FEED_H_

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string_view>

#include "absl/container/flat_hash_set.h"
#include "core/access/subscription_access.h"
#include "core/filter/select_list.h"
#include "core/message/command.h"
#include "core/sow/sow_topic.h"
#include "core/subscription/subscription.h"

namespace fluxgate {

// Something that happened to one record, or a message of a topic that is not stored, as one
// subscription sees it.
struct FeedEvent {
  const SowTopic* sow = nullptr;  // null: not stored
  RecordRef previous;             // the version that the subscriber has; empty: none
  RecordRef current;              // the version now; empty: none
  OutOfFocusReason leaves = OutOfFocusReason::kNone;
  std::string_view topic;
  std::string_view body;  // of what is not stored, with kBodyPaddingBytes behind it
  std::string_view correlation_id;
  int64_t time_ns = 0;  // since 1970 UTC

  bool is_new() const { return !previous; }
};

// An event that outlives the message it came with.
class HeldEvent {
 public:
  explicit HeldEvent(const FeedEvent& event);
  HeldEvent(HeldEvent&&) noexcept = default;
  HeldEvent& operator=(HeldEvent&&) noexcept = default;

  FeedEvent& event() { return event_; }
  const FeedEvent& event() const { return event_; }
  // What it keeps from being freed, roughly.
  uint64_t bytes() const { return bytes_; }

 private:
  FeedEvent event_;
  std::unique_ptr<char[]> text_;
  uint64_t bytes_;
};

// How a subscription wants to have what it gets.
struct DeliveryForm {
  bool delta = false;
  bool no_empties = false;
  bool no_sow_key = false;
  bool timestamp = false;
  std::shared_ptr<const SelectList> select;    // null: all fields
  std::shared_ptr<SubscriptionAccess> access;  // null: no field is hidden
};

class AggregatedTopic;
class Conflation;
class Page;

class RecordFeed final : public SubscriptionFeed {
 public:
  RecordFeed();
  ~RecordFeed() override;

  static RecordFeed& Of(Subscription& subscription) {
    return static_cast<RecordFeed&>(*subscription.feed);
  }

  // Whether the subscriber has been sent that version, or one before it that changed into it.
  bool Has(const SowTopic& topic, const Record& version) const {
    if (version.sequence > since_sequence) return true;
    if (!has_snapshot) return false;
    return !snapshot_is_cut || snapshot_keys.contains({&topic, version.key});
  }

  std::shared_ptr<AggregatedTopic> aggregated;  // whose records these are; null: of stored topics
  DeliveryForm form;
  bool out_of_focus = false;
  uint64_t since_sequence = 0;   // versions later than this have been sent as they came
  bool tracks_cut = false;       // the snapshot may leave out records that match
  bool has_snapshot = false;     // and of those before everything that matched, ...
  bool snapshot_is_cut = false;  // ... or these:
  absl::flat_hash_set<std::pair<const SowTopic*, uint64_t>> snapshot_keys;

  bool holds = false;  // the snapshot is under way
  std::deque<HeldEvent> held;
  uint64_t held_bytes = 0;
  std::unique_ptr<Page> page;              // null: not paginated
  std::unique_ptr<Page> replaced_page;     // of the subscription that this one replaces
  std::unique_ptr<Conflation> conflation;  // null: none
};

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_ENGINE_RECORD_FEED_H_
