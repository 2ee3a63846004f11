#include "core/engine/page.h"

#include <iterator>

namespace fluxgate {

Page::Page(std::shared_ptr<const OrderBy> order, const MessageType& type, FieldTable& fields,
           uint32_t skip_n, uint32_t top_n)
    : order_(std::move(order)),
      fields_(fields),
      skip_n_(skip_n),
      top_n_(top_n),
      reader_(type, fields, order_->slots()),
      before_(Less{order_.get()}),
      window_(Less{order_.get()}),
      behind_(Less{order_.get()}) {}

Page::~Page() = default;

SortKey Page::KeyOf(const SowTopic& sow, const Record& record) {
  values_.resize(fields_.slot_end());
  sow.Read(record, reader_, key_buffer_, values_);
  SortKey key = order_->KeyOf(values_, record.key, evaluation_);
  key.group = reinterpret_cast<uintptr_t>(&sow);
  return key;
}

void Page::Note(const Part& from, const Part& to, const Member& member) {
  const int inwards = (&to == &window_ ? 1 : 0) - (&from == &window_ ? 1 : 0);
  if (inwards == 0) return;
  for (Crossing& crossing : crossings_) {
    if (crossing.member.sow == member.sow && crossing.member.record->key == member.record->key) {
      crossing.inwards += inwards;
      return;
    }
  }
  crossings_.push_back({member, inwards});
}

void Page::MoveFirst(Part& from, Part& to) {
  Note(from, to, from.begin()->second);
  to.insert(from.extract(from.begin()));
}

void Page::MoveLast(Part& from, Part& to) {
  Note(from, to, from.rbegin()->second);
  to.insert(from.extract(std::prev(from.end())));
}

void Page::Rebalance() {
  while (before_.size() > skip_n_) MoveLast(before_, window_);
  while (window_.size() > top_n_) MoveLast(window_, behind_);
  while (before_.size() < skip_n_ && !(window_.empty() && behind_.empty())) {
    if (window_.empty()) MoveFirst(behind_, window_);
    MoveFirst(window_, before_);
  }
  while (window_.size() < top_n_ && !behind_.empty()) MoveFirst(behind_, window_);
}

void Page::Insert(SortKey key, Member member) {
  const auto belongs = [&](const Part& part) {
    return !part.empty() && !order_->Less(part.rbegin()->first, key);
  };
  Part& part = belongs(before_) ? before_ : belongs(window_) ? window_ : behind_;
  keys_[{member.sow, member.record->key}] = key;
  part.emplace(std::move(key), std::move(member));
}

RecordRef Page::Erase(const Id& id) {
  const auto known = keys_.find(id);
  if (known == keys_.end()) return {};
  RecordRef had;
  const auto in_window = window_.find(known->second);
  if (in_window != window_.end()) {
    had = in_window->second.record;
    window_.erase(in_window);
  } else if (before_.erase(known->second) == 0) {
    behind_.erase(known->second);
  }
  keys_.erase(known);
  return had;
}

void Page::AddInitial(const SowTopic& sow, const RecordRef& record) {
  Insert(KeyOf(sow, *record), {&sow, record});
  Rebalance();
  crossings_.clear();
}

void Page::Apply(const FeedEvent& event, const std::function<void(const FeedEvent&)>& announce) {
  const Record& named = event.leaves == OutOfFocusReason::kNone ? *event.current
                        : event.previous                        ? *event.previous
                                                                : *event.current;
  const Id id{event.sow, named.key};
  crossings_.clear();
  // Sizes are evened out once, at the end: only what comes of it all is announced.
  const RecordRef had = Erase(id);
  const bool is_member = event.leaves == OutOfFocusReason::kNone;
  if (is_member) Insert(KeyOf(*event.sow, *event.current), {event.sow, event.current});
  Rebalance();
  const auto key = keys_.find(id);
  const bool is_in = key != keys_.end() && window_.contains(key->second);

  if (had && !is_in) {
    FeedEvent out = event;
    out.previous = had;
    if (is_member) out.leaves = OutOfFocusReason::kMatch;
    announce(out);
  }
  for (const int direction : {-1, 1}) {
    for (const Crossing& crossing : crossings_) {
      const Member& member = crossing.member;
      if (crossing.inwards != direction || Id{member.sow, member.record->key} == id) continue;
      FeedEvent moved;
      moved.sow = member.sow;
      moved.topic = member.sow->TopicOf(*member.record);
      moved.current = member.record;
      moved.time_ns = event.time_ns;
      if (direction < 0) {
        moved.previous = member.record;
        moved.leaves = OutOfFocusReason::kMatch;
      }
      announce(moved);
    }
  }
  if (is_in) {
    FeedEvent in = event;
    in.previous = had;
    announce(in);
  }
}

}  // namespace fluxgate
