#include "core/engine/change_delivery.h"

#include <algorithm>
#include <limits>
#include <tuple>
#include <utility>

#include "core/engine/conflation.h"
#include "core/engine/page.h"

namespace fluxgate {
namespace {

// Conflated events delivered in one go.
constexpr size_t kConflatedPerSlice = 256;
constexpr size_t kConflatedPerTurn = 32;  // of one subscription

bool WantsForm(const DeliveryForm& form) {
  return form.no_sow_key || form.timestamp || form.select != nullptr || form.access != nullptr;
}

}  // namespace

void ChangeDelivery::GroupBySession(std::span<Subscription* const> subscriptions) {
  sessions_.clear();
  for (Subscription* subscription : subscriptions) {
    Session& session = *subscription->session;
    if (session.matched_.empty()) sessions_.push_back(&session);
    session.matched_.push_back(subscription);
  }
}

// One copy per session, naming all of its subscriptions.
void ChangeDelivery::DeliverGroups(Delivery delivery) {
  for (Session* session : sessions_) {
    if (session->matched_.size() > 1) {
      std::ranges::sort(session->matched_, {}, &Subscription::number);
    }
    delivery.subscriptions = session->matched_;
    if (session->outbox() != nullptr && session->outbox()->Deliver(delivery)) ++stats_.delivered;
    session->matched_.clear();
  }
  sessions_.clear();
}

void ChangeDelivery::DeliverMessage(const Command& publish, std::vector<Subscription*>& matched) {
  stats_.matched += matched.size();
  const Delivery delivery{publish.topic, publish.body, publish.correlation_id, matched};
  if (matched.size() == 1 && matched[0]->feed == nullptr) [[likely]] {
    Session& session = *matched[0]->session;
    if (session.outbox() != nullptr && session.outbox()->Deliver(delivery)) ++stats_.delivered;
    return;
  }
  const auto fed = std::partition(matched.begin(), matched.end(),
                                  [](const Subscription* s) { return s->feed == nullptr; });
  GroupBySession({matched.begin(), fed});
  if (fed != matched.end()) {
    FeedEvent event;
    event.topic = publish.topic;
    event.body = publish.body;
    event.correlation_id = publish.correlation_id;
    event.time_ns = clock_.WallNs();
    std::sort(fed, matched.end(),
              [](const Subscription* a, const Subscription* b) { return a->number < b->number; });
    for (auto it = fed; it != matched.end(); ++it) FeedNow(**it, RecordFeed::Of(**it), event);
    JoinGroups(nullptr);
    DeliverReady();
  }
  DeliverGroups(delivery);
}

void ChangeDelivery::DeliverChange(SubscriptionTable& table, TopicState& topic, const SowTopic& sow,
                                   const RecordChange& change, const SowScratch& scratch,
                                   std::string_view correlation_id) {
  ++change_;
  const Record& named = change.current ? *change.current : *change.previous;
  FeedEvent event;
  event.sow = &sow;
  event.topic = sow.TopicOf(named);  // `topic` may go before the event does
  event.correlation_id = correlation_id;
  event.time_ns = change.current ? change.current->updated_ns : clock_.WallNs();

  previous_matched_.clear();
  if (change.previous && topic.tracks_records()) {
    table.MatchValues(topic, scratch.previous, true, previous_matched_);
    std::erase_if(previous_matched_, [](const Subscription* s) { return !s->tracks_records; });
    for (Subscription* subscription : previous_matched_) subscription->previous_mark = change_;
  }
  matched_.clear();
  if (change.current) {
    table.MatchValues(topic, scratch.values, scratch.body_valid, matched_);
  }
  stats_.matched += matched_.size();

  plain_.clear();
  for (Subscription* subscription : matched_) {
    if (subscription->feed == nullptr) {
      plain_.push_back(subscription);
      continue;
    }
    subscription->current_mark = change_;
    RecordFeed& feed = RecordFeed::Of(*subscription);
    event.current = change.current;
    event.leaves = OutOfFocusReason::kNone;
    const bool had = subscription->previous_mark == change_ &&
                     (feed.page != nullptr || feed.Has(sow, *change.previous));
    event.previous = had ? change.previous : RecordRef();
    FeedNow(*subscription, feed, event);
  }
  for (Subscription* subscription : previous_matched_) {
    if (subscription->current_mark == change_) continue;
    RecordFeed& feed = RecordFeed::Of(*subscription);
    if (feed.page == nullptr && !feed.Has(sow, *change.previous)) continue;
    event.previous = change.previous;
    event.current = change.current;
    event.leaves = change.current ? OutOfFocusReason::kMatch : change.reason;
    FeedNow(*subscription, feed, event);
  }

  GroupBySession(plain_);
  if (!ready_.empty()) {
    JoinGroups(change.current.get());
    DeliverReady();
  }
  if (sessions_.empty()) return;
  SowKeyBuffer key;
  Delivery delivery{topic.name(), named.body(), correlation_id, {}};
  delivery.sow_key = SowKeyText(named, key);
  DeliverGroups(delivery);
}

void ChangeDelivery::Feed(Subscription& subscription, const FeedEvent& event) {
  FeedNow(subscription, RecordFeed::Of(subscription), event);
  DeliverReady();
}

void ChangeDelivery::FeedPastPage(Subscription& subscription, const FeedEvent& event) {
  PassConflation(subscription, event);
  DeliverReady();
}

void ChangeDelivery::FeedNow(Subscription& subscription, RecordFeed& feed, const FeedEvent& event) {
  if (subscription.session->outbox() == nullptr) return;
  if (!feed.holds) return PassPage(subscription, feed, event);
  HeldEvent& held = feed.held.emplace_back(event);
  feed.held_bytes += held.bytes();
  if (feed.held_bytes > held_bytes_max_) CutOff(subscription);
}

bool ChangeDelivery::DeliverHeld(Subscription& subscription, size_t max) {
  RecordFeed& feed = RecordFeed::Of(subscription);
  while (!feed.held.empty()) {
    if (max-- == 0) return false;
    const Outbox* outbox = subscription.session->outbox();
    if (outbox == nullptr || !outbox->HasRoomFor(subscription)) return false;
    HeldEvent held = std::move(feed.held.front());
    feed.held.pop_front();
    feed.held_bytes -= held.bytes();
    FeedEvent& event = held.event();
    // What the snapshot left out is only known since it ended.
    if (event.previous && feed.page == nullptr && !feed.Has(*event.sow, *event.previous)) {
      if (event.leaves != OutOfFocusReason::kNone) continue;
      event.previous = {};
    }
    PassPage(subscription, feed, held.event());
    DeliverReady();
  }
  feed.holds = false;
  return true;
}

void ChangeDelivery::CutOff(Subscription& subscription) {
  if (subscription.session->outbox() == nullptr) return;
  subscription.session->outbox()->CutOffSubscription(
      subscription,
      MakeError(ErrorCode::kSlowClient, "too much waits behind a snapshot or an interval"));
}

void ChangeDelivery::PassPage(Subscription& subscription, RecordFeed& feed,
                              const FeedEvent& event) {
  if (feed.page == nullptr || event.sow == nullptr) return PassConflation(subscription, event);
  feed.page->Apply(event, [&](const FeedEvent& change) { PassConflation(subscription, change); });
}

void ChangeDelivery::PassConflation(Subscription& subscription, const FeedEvent& event) {
  RecordFeed& feed = RecordFeed::Of(subscription);
  if (event.leaves != OutOfFocusReason::kNone && !feed.out_of_focus) {
    // What waits of it must not come any more as if it were still there.
    if (feed.conflation == nullptr) return;
  }
  if (feed.conflation != nullptr) {
    const bool was_empty = feed.conflation->empty();
    feed.conflation->Add(event, clock_.MonotonicNs());
    if (was_empty) conflating_.push_back(&subscription);
    if (feed.conflation->bytes() > held_bytes_max_) CutOff(subscription);
    return;
  }
  const Content content = event.leaves != OutOfFocusReason::kNone ? Content::kOutOfFocus
                          : feed.form.delta && !event.is_new()    ? Content::kDelta
                                                                  : Content::kFull;
  ready_.push_back({&subscription, event, content});
}

void ChangeDelivery::DeliverDue(Subscription& subscription, const FeedEvent& event) {
  const RecordFeed& feed = RecordFeed::Of(subscription);
  const bool leaves = event.leaves != OutOfFocusReason::kNone;
  if (leaves && !feed.out_of_focus) return;
  const Content content = leaves                               ? Content::kOutOfFocus
                          : feed.form.delta && !event.is_new() ? Content::kDelta
                                                               : Content::kFull;
  ready_.push_back({&subscription, event, content});
  DeliverReady();
}

void ChangeDelivery::DeliverConflated(Subscription& subscription) {
  RecordFeed& feed = RecordFeed::Of(subscription);
  if (feed.conflation == nullptr || feed.conflation->empty()) return;
  std::erase(conflating_, &subscription);
  while (const std::optional<HeldEvent> due =
             feed.conflation->TakeDue(std::numeric_limits<int64_t>::max())) {
    DeliverDue(subscription, due->event());
  }
}

// Each in its turn, a few at a time, so that one with very many keys holds up nobody.
bool ChangeDelivery::RunTimers() {
  const int64_t now_ns = clock_.MonotonicNs();
  size_t slice_left = kConflatedPerSlice;
  bool more = false;
  for (size_t turns = conflating_.size(); turns > 0 && !conflating_.empty(); --turns) {
    if (slice_left == 0) return true;
    if (next_conflating_ >= conflating_.size()) next_conflating_ = 0;
    const size_t i = next_conflating_;
    size_t left = std::min(slice_left, kConflatedPerTurn);
    slice_left -= left;
    Subscription& subscription = *conflating_[i];
    RecordFeed& feed = RecordFeed::Of(subscription);
    Outbox* outbox = subscription.session->outbox();
    // One that reads slowly gets the latest of each key when it has room again.
    while (left != 0 && outbox != nullptr && outbox->HasRoomFor(subscription)) {
      const std::optional<HeldEvent> due = feed.conflation->TakeDue(now_ns);
      if (!due.has_value()) break;
      --left;
      DeliverDue(subscription, due->event());
    }
    if (left == 0) more = true;
    slice_left += left;
    if (feed.conflation->empty()) {
      conflating_[i] = conflating_.back();
      conflating_.pop_back();
    } else {
      ++next_conflating_;
    }
  }
  return more;
}

void ChangeDelivery::Forget(Subscription& subscription) {
  if (subscription.feed == nullptr) return;
  RecordFeed& feed = RecordFeed::Of(subscription);
  if (feed.conflation != nullptr && !feed.conflation->empty()) {
    std::erase(conflating_, &subscription);
  }
}

void ChangeDelivery::ForgetSession(const Session& session) {
  std::erase_if(conflating_, [&](const Subscription* s) { return s->session == &session; });
}

// Full and partial messages of one record for one session become one full message.
void ChangeDelivery::JoinGroups(const Record* record) {
  const auto joins = [&](const Ready& ready, Content content) {
    return ready.content == content && ready.event.current.get() == record &&
           RecordFeed::Of(*ready.subscription).page == nullptr &&
           !WantsForm(RecordFeed::Of(*ready.subscription).form);
  };
  for (const Ready& ready : ready_) {
    if (!joins(ready, Content::kFull)) continue;
    Session& session = *ready.subscription->session;
    if (session.matched_.empty()) sessions_.push_back(&session);
    session.matched_.push_back(ready.subscription);
  }
  std::erase_if(ready_, [&](const Ready& ready) {
    if (joins(ready, Content::kFull)) return true;
    Session& session = *ready.subscription->session;
    if (!joins(ready, Content::kDelta) || session.matched_.empty()) return false;
    session.matched_.push_back(ready.subscription);
    return true;
  });
}

void ChangeDelivery::DeliverReady() {
  // What one change does to a page is several events: they stay in their order.
  for (const Ready& ready : ready_) {
    if (RecordFeed::Of(*ready.subscription).page != nullptr) DeliverTogether({&ready, 1});
  }
  std::erase_if(ready_, [](const Ready& ready) {
    return RecordFeed::Of(*ready.subscription).page != nullptr;
  });
  if (ready_.size() > 1) {
    const auto order = [](const Ready& r) {
      const DeliveryForm& form = RecordFeed::Of(*r.subscription).form;
      return std::make_tuple(r.subscription->session, r.event.current.get(), r.event.previous.get(),
                             r.content, form.select.get(), form.no_sow_key, form.timestamp,
                             form.no_empties);
    };
    std::stable_sort(ready_.begin(), ready_.end(),
                     [&](const Ready& a, const Ready& b) { return order(a) < order(b); });
    for (size_t begin = 0; begin < ready_.size();) {
      size_t end = begin + 1;
      while (end < ready_.size() && order(ready_[end]) == order(ready_[begin])) ++end;
      DeliverTogether(std::span(ready_).subspan(begin, end - begin));
      begin = end;
    }
  } else if (!ready_.empty()) {
    DeliverTogether(ready_);
  }
  ready_.clear();
}

void ChangeDelivery::DeliverTogether(std::span<const Ready> ready) {
  const Ready& first = ready.front();
  Session& session = *first.subscription->session;
  if (session.outbox() == nullptr) return;
  const FeedEvent& event = first.event;
  const DeliveryForm& form = RecordFeed::Of(*first.subscription).form;
  Delivery delivery{event.topic, {}, event.correlation_id, {}};
  if (!BodyOf(first, delivery.body)) return;
  together_.clear();
  for (const Ready& one : ready) together_.push_back(one.subscription);
  delivery.subscriptions = together_;
  SowKeyBuffer key;
  const Record* record = event.current ? event.current.get() : event.previous.get();
  if (record != nullptr && !form.no_sow_key) delivery.sow_key = SowKeyText(*record, key);
  if (form.timestamp) delivery.timestamp_ns = event.time_ns;
  delivery.out_of_focus = event.leaves;
  if (session.outbox()->Deliver(delivery)) ++stats_.delivered;
}

std::string_view ChangeDelivery::Visible(const DeliveryForm& form, const MessageType& type,
                                         std::string_view topic, std::string_view body,
                                         std::string& scratch) {
  if (form.access == nullptr) return body;
  const std::optional<const SelectList*> fields = form.access->FieldsOn(topic);
  if (!fields.has_value()) return {};
  const SelectList* shown = *fields;
  if (shown == nullptr) return body;
  scratch.clear();
  // A body that cannot be taken apart may hold what is hidden: it is not shown.
  if (!shown->Apply(type, body, scratch).ok()) return {};
  const size_t size = scratch.size();
  scratch.append(kBodyPaddingBytes, '\0');
  return std::string_view(scratch).substr(0, size);
}

std::string_view ChangeDelivery::Selected(const DeliveryForm& form, const MessageType& type,
                                          std::string_view topic, std::string_view body) {
  body = Visible(form, type, topic, body, visible_);
  if (form.select == nullptr) return body;
  selected_.clear();
  // A body that cannot be taken apart may hold what was not selected: it is not shown.
  if (!form.select->Apply(type, body, selected_).ok()) return {};
  return selected_;
}

bool ChangeDelivery::BodyOf(const Ready& ready, std::string_view& body) {
  const FeedEvent& event = ready.event;
  const DeliveryForm& form = RecordFeed::Of(*ready.subscription).form;
  const MessageType& type = ready.subscription->session->table->message_type();
  switch (ready.content) {
    case Content::kOutOfFocus: {
      // Of what may not be seen any more nothing is shown, but that it has gone.
      if (event.leaves == OutOfFocusReason::kEntitlement) return true;
      // What it has become may be hidden: then the one that could be seen is shown.
      const auto* access = static_cast<SubscriptionAccess*>(ready.subscription->guard.get());
      const bool is_there = event.leaves == OutOfFocusReason::kMatch && event.current &&
                            (access == nullptr || !access->HidesMessagesOf(event.topic));
      body = Selected(form, type, event.topic,
                      is_there ? event.current->body() : event.previous->body());
      return true;
    }
    case Content::kDelta: {
      delta_.clear();
      bool changed = false;
      const std::string_view before =
          Visible(form, type, event.topic, event.previous->body(), visible_before_);
      const std::string_view after =
          Visible(form, type, event.topic, event.current->body(), visible_);
      const absl::Status status = type.Diff(before, after, event.sow->key_paths(), delta_, changed);
      if (!status.ok()) break;  // in full then
      if (!changed && form.no_empties) return false;
      delta_.append(kBodyPaddingBytes, '\0');
      body = Selected(form, type, event.topic,
                      std::string_view(delta_).substr(0, delta_.size() - kBodyPaddingBytes));
      return true;
    }
    case Content::kFull:
      break;
  }
  body = Selected(form, type, event.topic, event.current ? event.current->body() : event.body);
  return true;
}

bool ChangeDelivery::DeliverRecord(Session& session, const QueryInfo& query,
                                   const DeliveryForm& form, const SowTopic& sow,
                                   const RecordRef& record) {
  SowKeyBuffer key;
  Delivery delivery{sow.TopicOf(*record), {}, {}, {}};
  delivery.body = Selected(form, session.table->message_type(), delivery.topic, record->body());
  if (!form.no_sow_key) delivery.sow_key = SowKeyText(*record, key);
  if (form.timestamp) delivery.timestamp_ns = record->updated_ns;
  return session.outbox()->DeliverRecord(query, delivery);
}

}  // namespace fluxgate
