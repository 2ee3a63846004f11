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
    if (filtered_->entries.size() <= id) filtered_->entries.resize(id + 1);
    filtered_->entries[id].canonical = canonical;
  }
  filtered_->entries[found->second].subscriptions.Add(&subscription);
}

void TopicState::Detach(Subscription& subscription) {
  if (subscription.filter == nullptr) {
    unfiltered_.Remove(&subscription);
    return;
  }
  const auto found = filtered_->by_canonical.find(subscription.filter->canonical());
  const FilterIndex::Id id = found->second;
  SubscriberList& sharing = filtered_->entries[id].subscriptions;
  sharing.Remove(&subscription);
  if (!sharing.empty()) return;
  filtered_->index.Remove(id);
  filtered_->by_canonical.erase(found);
  filtered_->entries[id] = Entry();
  if (filtered_->by_canonical.empty()) filtered_.reset();
}

bool TopicState::Match(const MessageType& type, const FieldTable& fields, std::string_view body,
                       std::vector<Value>& values, std::vector<FilterIndex::Id>& ids,
                       std::vector<Subscription*>& matches) {
  matches.insert(matches.end(), unfiltered_.items().begin(), unfiltered_.items().end());
  if (filtered_ == nullptr) return true;

  if (filtered_->extractor_version != filtered_->index.slots_version()) {
    RefreshExtractor(type, fields);
  }
  const bool body_valid =
      filtered_->extractor == nullptr || filtered_->extractor->Extract(body, values);
  ids.clear();
  filtered_->index.Match(values, body_valid, ids);
  for (const FilterIndex::Id id : ids) {
    const std::vector<Subscription*>& sharing = filtered_->entries[id].subscriptions.items();
    matches.insert(matches.end(), sharing.begin(), sharing.end());
  }
  return body_valid;
}

void TopicState::RefreshExtractor(const MessageType& type, const FieldTable& fields) {
  std::vector<FieldRequest> requests;
  for (const FieldSlot slot : filtered_->index.slots()) {
    requests.push_back({fields.path(slot), slot});
  }
  filtered_->extractor = requests.empty() ? nullptr : type.NewExtractor(std::move(requests));
  filtered_->extractor_version = filtered_->index.slots_version();
}

}  // namespace fluxgate
