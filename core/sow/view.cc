#include "core/sow/view.h"

#include <algorithm>

namespace fluxgate {

View::View(std::unique_ptr<ViewPlan> plan, SowTopic& output)
    : plan_(std::move(plan)),
      output_(output),
      joins_(plan_->sources().size()),
      fill_joined_(plan_->sources().size()),
      values_(plan_->slot_end()),
      row_(plan_->sources().size()) {
  for (size_t i = 0; i < source_count(); ++i) {
    SowTopic& topic = *plan_->sources()[i].topic;
    observers_.push_back(std::make_unique<Observer>(*this, i));
    topic.AddObserver(observers_.back().get());
    if (i > 0) fill_joined_[i].second = topic.store().slot_end();
  }
  SowTopic& leftmost = *plan_->sources()[0].topic;
  fill_ = std::make_unique<RecordScan>(leftmost.store(), leftmost.context().sequence);
}

View::~View() {
  for (size_t i = 0; i < source_count(); ++i) {
    plan_->sources()[i].topic->RemoveObserver(observers_[i].get());
  }
}

void View::Note(size_t source, const RecordChange& change) {
  const bool idle = !HasWork();
  const uint64_t key = change.current ? change.current->key : change.previous->key;
  if (source == 0) {
    NoteLeft(key);
  } else if (dirty_joined_keys_.emplace(source, key).second) {
    dirty_joined_.emplace_back(source, key);
  }
  if (idle) Wake();
}

void View::NoteLeft(uint64_t key) {
  if (!dirty_keys_.insert(key).second) return;
  dirty_.push_back(key);
  ++noted_;
}

bool View::HasWork() const {
  return fill_ != nullptr || !dirty_.empty() || !dirty_joined_.empty() || !sweeps_.empty();
}

bool View::RunSlice(DerivedOutput& output) {
  if (!HasWork()) return false;
  size_t steps = 0;
  // What is joined has to be known first; the leftmost records then find it as it is.
  for (size_t i = 1; i < source_count(); ++i) {
    auto& [next, end] = fill_joined_[i];
    for (; next < end && steps < kStepsPerSlice; ++steps) {
      const Record* record = plan_->sources()[i].topic->store().at(next++);
      if (record != nullptr) UpdateJoined(i, record->key);
    }
  }
  for (; !dirty_joined_.empty() && steps < kStepsPerSlice; ++steps) {
    const auto [source, key] = dirty_joined_.front();
    dirty_joined_keys_.erase(dirty_joined_.front());
    dirty_joined_.pop_front();
    UpdateJoined(source, key);
  }
  while (!sweeps_.empty() && steps < kStepsPerSlice) {
    Sweep& sweep = sweeps_.front();
    const ViewJoin::Entries& wanted = joins_[sweep.source].wanted();
    auto it = wanted.lower_bound({sweep.value, sweep.next_key});
    for (; it != wanted.end() && it->first == sweep.value && steps < kStepsPerSlice; ++steps) {
      NoteLeft(it->second);
      ++it;
    }
    if (it == wanted.end() || it->first != sweep.value) {
      sweeps_.pop_front();
    } else {
      sweep.next_key = it->second;
    }
  }
  if (dirty_joined_.empty() && steps < kStepsPerSlice) {
    // The slice that ends the filling has nothing else in it: so far nobody is told.
    const bool is_filling = fill_ != nullptr;
    while (fill_ != nullptr && steps < kStepsPerSlice) {
      const Record* record = fill_->Next();
      if (record == nullptr) {
        fill_.reset();
        break;
      }
      RecordRef shared = fill_->Share();
      steps += Replace(record->key, std::move(shared));
    }
    const RecordStore& store = plan_->sources()[0].topic->store();
    while (!is_filling && !dirty_.empty() && steps < kStepsPerSlice) {
      const uint64_t key = dirty_.front();
      dirty_.pop_front();
      dirty_keys_.erase(key);
      const Record* record = store.Find(key);
      steps += Replace(key, record == nullptr ? RecordRef() : store.share(record->slot));
    }
  }
  for (const uint64_t key : dirty_groups_) Write(key, *groups_.find(key)->second, output);
  dirty_groups_.clear();
  return true;
}

void View::UpdateJoined(size_t source, uint64_t key) {
  ViewPlan::Source& of = plan_->sources()[source];
  const Record* record = of.topic->store().Find(key);
  std::optional<uint64_t> value;
  if (record != nullptr) {
    plan_->Read(source, record, values_);
    value = plan_->JoinValue(of.join_right, values_);
  }
  const std::optional<uint64_t> had = joins_[source].SetValue(key, value);
  if (had.has_value()) sweeps_.push_back({source, *had});
  if (value.has_value() && value != had) sweeps_.push_back({source, *value});
}

size_t View::Replace(uint64_t key, RecordRef record) {
  size_t steps = 1 + TakeOut(key);
  if (!record) return steps;
  const bool is_valid = plan_->Read(0, record.get(), values_);
  if (!plan_->Matches(is_valid, values_)) return steps;
  Member member;
  row_[0] = std::move(record);
  Join(1, key, member);
  row_.assign(source_count(), RecordRef());
  steps += member.rows.size() / source_count();
  records_cut_ += member.is_cut;
  joined_records_ += member.rows.size();
  members_.emplace(key, std::move(member));
  return steps;
}

size_t View::TakeOut(uint64_t key) {
  const auto found = members_.find(key);
  if (found == members_.end()) return 0;
  const size_t sources = source_count();
  Member member = std::move(found->second);
  members_.erase(found);
  for (size_t at = 0; at < member.rows.size(); at += sources) {
    for (size_t i = 0; i < sources; ++i) plan_->Read(i, member.rows[at + i].get(), values_);
    const uint64_t group_key = plan_->GroupKey(values_);
    Group& group = *groups_.find(group_key)->second;
    for (size_t i = 0; i < group.aggregates.size(); ++i) {
      plan_->projection()[i].expression->Remove(group.aggregates[i], values_, evaluation_);
    }
    --group.rows;
    Touch(group_key, group);
  }
  if (member.wants != nullptr) {
    for (const auto& [source, value] : *member.wants) joins_[source].Forget(value, key);
  }
  records_cut_ -= member.is_cut;
  joined_records_ -= member.rows.size();
  return member.rows.size() / sources;
}

void View::Join(size_t source, uint64_t key, Member& member) {
  if (source == source_count()) {
    if (member.rows.size() / source_count() == kRowsPerRecordMax) {
      member.is_cut = true;
    } else {
      PutIn(member);
    }
    return;
  }
  ViewPlan::Source& of = plan_->sources()[source];
  const std::optional<uint64_t> value = plan_->JoinValue(of.join_left, values_);
  bool is_joined = false;
  if (value.has_value()) {
    ViewJoin& join = joins_[source];
    join.Want(*value, key);
    if (member.wants == nullptr)
      member.wants = std::make_unique<std::vector<std::pair<uint32_t, uint64_t>>>();
    member.wants->emplace_back(static_cast<uint32_t>(source), *value);
    const RecordStore& store = of.topic->store();
    for (auto it = join.records().lower_bound({*value, 0});
         it != join.records().end() && it->first == *value; ++it) {
      const Record* record = store.Find(it->second);
      if (record == nullptr) continue;
      is_joined = true;
      if (member.is_cut) return;
      row_[source] = store.share(record->slot);
      plan_->Read(source, record, values_);
      Join(source + 1, key, member);
    }
  }
  if (is_joined) return;
  row_[source] = RecordRef();
  plan_->Read(source, nullptr, values_);
  Join(source + 1, key, member);
}

void View::PutIn(Member& member) {
  const uint64_t group_key = plan_->GroupKey(values_);
  Group& group = GroupOf(group_key);
  for (size_t i = 0; i < group.aggregates.size(); ++i) {
    plan_->projection()[i].expression->Add(group.aggregates[i], values_, evaluation_);
  }
  ++group.rows;
  group.last.assign(row_.begin(), row_.end());
  member.rows.insert(member.rows.end(), row_.begin(), row_.end());
  Touch(group_key, group);
}

View::Group& View::GroupOf(uint64_t key) {
  std::unique_ptr<Group>& group = groups_[key];
  if (group == nullptr) {
    group = std::make_unique<Group>();
    for (const ViewPlan::Field& field : plan_->projection()) {
      group->aggregates.push_back(field.expression->NewGroup(Aggregate::Removal::kAllowed));
    }
  }
  return *group;
}

void View::Touch(uint64_t key, Group& group) {
  if (group.is_dirty) return;
  group.is_dirty = true;
  dirty_groups_.push_back(key);
}

void View::Write(uint64_t key, Group& group, DerivedOutput& output) {
  group.is_dirty = false;
  if (group.is_unwritable) --groups_unwritable_;
  group.is_unwritable = false;
  if (group.rows == 0) {
    groups_.erase(key);
    output.Remove(key, OutOfFocusReason::kDeleted);
    return;
  }
  if (!WriteBody(group)) {
    // What it was is no longer true.
    group.is_unwritable = true;
    ++groups_unwritable_;
    output.Remove(key, OutOfFocusReason::kDeleted);
    return;
  }
  const Record* shown = output_.store().Find(key);
  if (shown != nullptr && shown->body() == body_) return;
  RecordRef record = output_.memory().New({}, body_);
  record.mutable_record()->key = key;
  record.mutable_record()->updated_ns = output_.context().clock.WallNs();
  output.Put(std::move(record));
}

bool View::WriteBody(Group& group) {
  for (size_t i = 0; i < source_count(); ++i) plan_->Read(i, group.last[i].get(), values_);
  document_.Clear();
  for (size_t i = 0; i < group.aggregates.size(); ++i) {
    const ViewPlan::Field& field = plan_->projection()[i];
    evaluation_.Begin();
    const Value value = field.expression->Result(group.aggregates[i], values_, evaluation_);
    if (value.is_null() && field.optional) continue;
    if (document_.Set(field.destination, value) != Document::SetResult::kDone) return false;
  }
  body_.clear();
  return output_.context().type.Write(document_, body_).ok();
}

uint64_t View::bytes() const {
  uint64_t bytes = members_.capacity() * (sizeof(decltype(members_)::value_type) + 1) +
                   groups_.capacity() * (sizeof(decltype(groups_)::value_type) + 1) +
                   dirty_.size() * 17 + dirty_joined_.size() * 33;
  // Each has as many aggregates as the projection.
  uint64_t group_bytes = sizeof(Group);
  for (const ViewPlan::Field& field : plan_->projection()) {
    group_bytes += sizeof(AggregateExpression::Group) +
                   field.expression->expression().aggregates().size() * sizeof(void*);
  }
  bytes += groups_.size() * group_bytes;
  for (const ViewJoin& join : joins_) bytes += join.bytes();
  // One record is in its member itself.
  if (joins_.size() > 1) bytes += joined_records_ * sizeof(RecordRef);
  return bytes;
}

}  // namespace fluxgate
