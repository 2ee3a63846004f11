#include "core/subscription/topic_state.h"

namespace fluxgate {

void TopicState::Attach(Subscription& subscription) {
  if (subscription.filter == nullptr) {
    unfiltered_.Add(&subscription);
    return;
  }
  if (filtered_ == nullptr) filtered_ = std::make_unique<Filtered>();
  const std::string& canonical = subscription.filter->canonical();
  auto found = filtered_->by_canonical.find(canonical);
  if (found == filtered_->by_canonical.end()) {
    const FilterIndex::Id id = filtered_->index.Add(subscription.filter);
    found = filtered_->by_canonical.emplace(canonical, id).first;
    if (filtered_->subscribers.size() <= id) filtered_->subscribers.resize(id + 1);
  }
  filtered_->subscribers[found->second].Add(&subscription);
}

void TopicState::Detach(Subscription& subscription) {
  if (subscription.filter == nullptr) {
    unfiltered_.Remove(&subscription);
    return;
  }
  const auto found = filtered_->by_canonical.find(subscription.filter->canonical());
  const FilterIndex::Id id = found->second;
  SubscriberList& sharing = filtered_->subscribers[id];
  sharing.Remove(&subscription);
  if (!sharing.empty()) return;
  filtered_->index.Remove(id);
  filtered_->by_canonical.erase(found);
  if (filtered_->by_canonical.empty()) filtered_.reset();
}

bool TopicState::Match(MatchContext& context, const Command& publish,
                       std::vector<Subscription*>& matches) {
  for (Subscription* subscription : unfiltered_.items()) matches.push_back(subscription);
  if (filtered_ == nullptr) return true;

  if (filtered_->extractor_version != filtered_->index.slots_version()) {
    RefreshExtractor(context);
  }
  const bool body_valid = filtered_->extractor == nullptr ||
                          filtered_->extractor->Extract(publish.body, context.values);
  if (!filtered_->envelope.empty()) FillEnvelope(context, publish);
  std::vector<FilterIndex::Id>& ids = context.ids;
  ids.clear();
  filtered_->index.Match(context.values, body_valid, ids);
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
  return body_valid;
}

void TopicState::FillEnvelope(MatchContext& context, const Command& publish) const {
  for (const FieldRequest& request : filtered_->envelope) {
    Value& value = context.values[request.slot];
    switch (request.path.envelope) {
      case EnvelopeField::kMessageSize:
        value = Value::Uint(publish.body.size());
        break;
      case EnvelopeField::kTopicName:
        value = Value::String(publish.topic);
        break;
      case EnvelopeField::kCorrelationId:
        value = Value::String(publish.correlation_id);
        break;
      case EnvelopeField::kNow:
        value = Value::Double(static_cast<double>(context.clock.WallNs()) / 1e9);
        break;
      default:
        // Of records and of the log: a message that is only passed on has none.
        value = Value::Null();
    }
  }
}

void TopicState::RefreshExtractor(const MatchContext& context) {
  std::vector<FieldRequest> requests;
  filtered_->envelope.clear();
  for (const FieldSlot slot : filtered_->index.slots()) {
    const FieldPath& path = context.fields.path(slot);
    const bool in_body = path.envelope == EnvelopeField::kNone;
    (in_body ? requests : filtered_->envelope).push_back({path, slot});
  }
  filtered_->extractor =
      requests.empty() ? nullptr : context.type.NewExtractor(std::move(requests));
  filtered_->extractor_version = filtered_->index.slots_version();
}

}  // namespace fluxgate
