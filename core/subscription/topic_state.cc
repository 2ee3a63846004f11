#include "core/subscription/topic_state.h"

#include <algorithm>

namespace fluxgate {

void TopicState::Attach(Subscription& subscription) {
  if (subscription.guard == nullptr || subscription.own_topic != nullptr) {
    return AttachWith(subscription, subscription.filter);
  }
  std::optional<std::shared_ptr<const Filter>> filter = subscription.guard->FilterOn(name_);
  if (!filter.has_value()) return;
  if (guarded_ == nullptr) guarded_ = std::make_unique<Guarded>();
  AttachWith(subscription, *filter);
  guarded_->emplace(&subscription, *std::move(filter));
}

void TopicState::Detach(Subscription& subscription) {
  if (subscription.guard == nullptr || subscription.own_topic != nullptr) {
    return DetachFrom(subscription, subscription.filter.get());
  }
  if (guarded_ == nullptr) return;
  const auto found = guarded_->find(&subscription);
  if (found == guarded_->end()) return;
  DetachFrom(subscription, found->second.get());
  guarded_->erase(found);
  if (guarded_->empty()) guarded_.reset();
}

void TopicState::AttachWith(Subscription& subscription,
                            const std::shared_ptr<const Filter>& filter) {
  if (subscription.tracks_records) ++tracking_count_;
  if (filter == nullptr) {
    unfiltered_.Add(&subscription);
    return;
  }
  if (filtered_ == nullptr) filtered_ = std::make_unique<Filtered>();
  const std::string& canonical = filter->canonical();
  auto found = filtered_->by_canonical.find(canonical);
  if (found == filtered_->by_canonical.end()) {
    const FilterIndex::Id id = filtered_->index.Add(filter);
    found = filtered_->by_canonical.emplace(canonical, id).first;
    if (filtered_->subscribers.size() <= id) filtered_->subscribers.resize(id + 1);
  }
  filtered_->subscribers[found->second].Add(&subscription);
}

void TopicState::DetachFrom(Subscription& subscription, const Filter* filter) {
  if (subscription.tracks_records) --tracking_count_;
  if (filter == nullptr) {
    unfiltered_.Remove(&subscription);
    return;
  }
  const auto found = filtered_->by_canonical.find(filter->canonical());
  const FilterIndex::Id id = found->second;
  SubscriberList& sharing = filtered_->subscribers[id];
  sharing.Remove(&subscription);
  if (!sharing.empty()) return;
  filtered_->index.Remove(id);
  filtered_->by_canonical.erase(found);
  if (!filtered_->by_canonical.empty()) return;
  filters_version_ += filtered_->index.slots_version() + 1;
  filtered_.reset();
}

bool TopicState::Match(MatchContext& context, const Command& publish,
                       std::vector<Subscription*>& matches) {
  for (Subscription* subscription : unfiltered_.items()) matches.push_back(subscription);
  if (filtered_ == nullptr) return true;

  if (filtered_->reader_version != filtered_->index.slots_version()) {
    filtered_->reader = FieldReader(context.type, context.fields, filtered_->index.slots());
    filtered_->reader_version = filtered_->index.slots_version();
  }
  FieldReader& reader = filtered_->reader;
  const bool body_valid = reader.ReadBody(publish.body, context.values);
  if (reader.has_envelope()) {
    reader.ReadEnvelope({.body_bytes = publish.body.size(),
                         .topic = publish.topic,
                         .correlation_id = publish.correlation_id},
                        context.clock, context.values);
  }
  context.ids.clear();
  filtered_->index.Match(context.values, body_valid, context.ids);
  AppendSubscribers(context.ids, matches);
  return body_valid;
}

void TopicState::MatchValues(MatchContext& context, std::span<const Value> values, bool body_valid,
                             std::vector<Subscription*>& matches) const {
  for (Subscription* subscription : unfiltered_.items()) matches.push_back(subscription);
  if (filtered_ == nullptr) return;
  context.ids.clear();
  filtered_->index.Match(values, body_valid, context.ids);
  AppendSubscribers(context.ids, matches);
}

void TopicState::AppendSubscribers(std::span<const FilterIndex::Id> ids,
                                   std::vector<Subscription*>& matches) const {
  const SubscriberList* const subscribers = filtered_->subscribers.data();
  // Many matches are many cache misses: they are made to overlap.
  if (ids.size() > 1) {
    for (const FilterIndex::Id id : ids) __builtin_prefetch(&subscribers[id]);
  }
  for (const FilterIndex::Id id : ids) {
    for (Subscription* subscription : subscribers[id].items()) {
      subscription->Prefetch();
      matches.push_back(subscription);
    }
  }
}

RecordReaders& TopicState::Readers(const MatchContext& context, std::span<const FieldSlot> more,
                                   uint64_t more_version) {
  const uint64_t filters_version =
      filters_version_ + (filtered_ == nullptr ? 0 : filtered_->index.slots_version());
  if (readers_ == nullptr) readers_ = std::make_unique<KeptReaders>();
  if (readers_->filters_version == filters_version && readers_->more_version == more_version) {
    return readers_->readers;
  }
  std::vector<FieldSlot> slots(more.begin(), more.end());
  if (filtered_ != nullptr) {
    const std::span<const FieldSlot> filters = filtered_->index.slots();
    slots.insert(slots.end(), filters.begin(), filters.end());
  }
  std::ranges::sort(slots);
  slots.erase(std::unique(slots.begin(), slots.end()), slots.end());
  readers_->readers.message = FieldReader(context.type, context.fields, slots);
  readers_->readers.previous = FieldReader(context.type, context.fields, slots);
  readers_->filters_version = filters_version;
  readers_->more_version = more_version;
  return readers_->readers;
}

}  // namespace fluxgate
