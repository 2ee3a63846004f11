#include "core/subscription/filter_index.h"

#include <algorithm>
#include <array>
#include <bit>
#include <utility>

#include "core/subscription/filter_bucket.h"
#include "core/subscription/filter_plan.h"
#include "core/subscription/filter_register.h"
#include "core/subscription/indexed_field.h"
#include "core/subscription/prepared_event.h"
#include "core/subscription/row_match.h"
#include "core/subscription/row_shape.h"
#include "core/subscription/row_tree.h"
#include "core/subscription/shared_condition.h"

namespace fluxgate {

namespace {

void Prefetch(const RegisteredFilter& filter) {
  constexpr size_t kLine = 64;
  const char* const at = reinterpret_cast<const char*>(&filter);
  for (size_t i = 0; i < sizeof filter; i += kLine) __builtin_prefetch(at + i);
}

// What is no shared condition.
bool PassesRest(const RegisteredFilter& candidate, std::span<const Value> values) {
  const Filter& filter = *candidate.filter;
  if (candidate.checks == kAllPredicates) return filter.Matches(values);
  for (PredicateSet rest = candidate.checks; rest != 0; rest &= rest - 1) {
    const Predicate& predicate = filter.predicates()[std::countr_zero(rest)];
    if (!Holds(predicate, values[predicate.slot])) return false;
  }
  return !candidate.check_residual || filter.ResidualMatches(values);
}

}  // namespace

class FilterIndex::Impl {
 public:
  explicit Impl(Id few_filters) : few_filters_(few_filters) {}
  ~Impl();

  Id Add(std::shared_ptr<const Filter> filter);
  void Remove(Id id);
  void Match(std::span<const Value> values, bool body_valid, std::vector<Id>& matches);

  const IndexedFields& fields() const { return fields_; }
  size_t size() const { return store_.filters.size(); }
  size_t memory_bytes() const;

 private:
  void Enter(Id id, const Filter& filter);
  void ShareConditions(const Filter& filter, RegisteredFilter& registered);
  static void FileUnderCondition(RegisteredFilter& registered);
  void Leave(Id id);
  void MatchInTurn(std::span<const Value> values, bool body_valid, std::vector<Id>& matches) const;
  void MatchBodyless(std::span<const Value> values, std::vector<Id>& matches) const;
  void MatchFiled(std::span<const Value> values, std::vector<Id>& matches);
  void DropBodyReaders(size_t from, std::vector<Id>& matches) const;
  void CheckFound(std::span<const Value> values, std::vector<Id>& matches);
  void CheckCandidates(std::span<const Value> values, std::vector<Id>& matches);
  bool PassesConditions(RegisteredFilter& candidate, std::span<const Value> values);

  RowStore store_;
  IndexedFields fields_;
  ConditionTable conditions_;
  FilterBucket every_message_;  // filters without an access value
  std::vector<Id> bodyless_;    // filters that read no field and can match
  uint64_t messages_ = 0;
  const Id few_filters_;

  // Of the message being matched.
  PreparedEvent event_;
  std::vector<const RowBlock*> roots_;
  RowMatches rows_;
  std::vector<Id> candidates_;
};

FilterIndex::Impl::~Impl() {
  while (!bodyless_.empty()) Remove(bodyless_.back());
  for (Id id = 0; store_.filters.size() > 0; ++id) {
    if (store_.filters[id].filter != nullptr) Remove(id);
  }
}

FilterIndex::Id FilterIndex::Impl::Add(std::shared_ptr<const Filter> filter) {
  const Filter& added = *filter;
  const Id id = store_.filters.Add(std::move(filter));
  fields_.Add(added, messages_);
  if (added.never()) return id;
  if (!added.slots().empty()) {
    Enter(id, added);
    event_.Reserve(fields_.slot_end());
  } else {
    bodyless_.push_back(id);
  }
  return id;
}

void FilterIndex::Impl::Enter(Id id, const Filter& filter) {
  const FilterPlan plan = PlanFilter(filter, fields_, messages_);
  RegisteredFilter& registered = store_.filters[id];
  registered.checks = plan.checks;
  ShareConditions(filter, registered);
  if (plan.is_unbounded()) FileUnderCondition(registered);
  registered.check_residual = plan.check_residual;
  registered.repeats = plan.repeats;
  registered.access = plan.access;
  registered.shape = store_.shapes.Acquire(plan.columns);
  Row row{.shape = registered.shape,
          .bounds = {},
          .filter = id,
          .check = !registered.conditions.empty() || registered.checks != 0 || plan.repeats ||
                   plan.check_residual};
  std::copy(plan.bounds.begin(), plan.bounds.end(), row.bounds.begin());
  if (registered.filed != nullptr) {
    conditions_.File(registered.filed).Insert(row, store_);
  } else if (plan.access == kNoAccess) {
    every_message_.Insert(row, store_);
  } else {
    for (FilterBucket* bucket : plan.buckets) bucket->Insert(row, store_);
  }
}

// Takes those of the checks that may be shared.
void FilterIndex::Impl::ShareConditions(const Filter& filter, RegisteredFilter& registered) {
  if (registered.checks == kAllPredicates) return;
  for (PredicateSet rest = registered.checks; rest != 0; rest &= rest - 1) {
    const Predicate& predicate = filter.predicates()[std::countr_zero(rest)];
    if (!ConditionTable::IsShared(predicate)) continue;
    registered.conditions.push_back(conditions_.Acquire(predicate));
    registered.checks &= ~(rest & -rest);
  }
}

// One evaluation for all that share a pattern, instead of one look at each of them.
void FilterIndex::Impl::FileUnderCondition(RegisteredFilter& registered) {
  const auto found = std::find_if(registered.conditions.begin(), registered.conditions.end(),
                                  [](const SharedCondition* c) { return !c->is_negated(); });
  if (found == registered.conditions.end()) return;
  registered.filed = *found;
  registered.conditions.erase(found);
}

void FilterIndex::Impl::Remove(Id id) {
  const std::shared_ptr<const Filter> filter = store_.filters[id].filter;
  if (store_.filters[id].shape != nullptr) {
    Leave(id);
  } else if (!filter->never()) {
    bodyless_.erase(std::find(bodyless_.begin(), bodyless_.end(), id));
  }
  fields_.Remove(*filter);
  store_.filters.Remove(id);
  if (store_.filters.size() > 0) return;
  event_.GiveBack();
  candidates_ = std::vector<Id>();
  rows_.GiveBack();
  bodyless_ = std::vector<Id>();
  roots_ = std::vector<const RowBlock*>();
}

void FilterIndex::Impl::Leave(Id id) {
  RegisteredFilter& registered = store_.filters[id];
  for (RowBlock* block : registered.blocks) {
    RowBlock* root = block;
    while (root->parent() != nullptr) root = root->parent();
    root->bucket()->Remove(block, id, store_);
  }
  store_.shapes.Release(registered.shape);
  for (SharedCondition* condition : registered.conditions) conditions_.Release(condition);
  if (registered.filed != nullptr) {
    conditions_.Unfile(registered.filed);
    conditions_.Release(registered.filed);
  }
  const Filter& filter = *registered.filter;
  fields_.RemoveAccess(AccessOf(filter, registered.access),
                       IsOwnPredicate(filter, registered.access));
}

void FilterIndex::Impl::Match(std::span<const Value> values, bool body_valid,
                              std::vector<Id>& matches) {
  if (store_.filters.end() <= few_filters_) {
    MatchInTurn(values, body_valid, matches);
    return;
  }
  if (!bodyless_.empty()) MatchBodyless(values, matches);
  const size_t before = matches.size();
  MatchFiled(values, matches);
  if (!body_valid) [[unlikely]]
    DropBodyReaders(before, matches);
}

// What such a filter said about NULLs, it did not say about the message.
void FilterIndex::Impl::DropBodyReaders(size_t from, std::vector<Id>& matches) const {
  const auto reads_body = [this](Id id) { return store_.filters[id].filter->reads_body(); };
  matches.erase(
      std::remove_if(matches.begin() + static_cast<ptrdiff_t>(from), matches.end(), reads_body),
      matches.end());
}

void FilterIndex::Impl::MatchInTurn(std::span<const Value> values, bool body_valid,
                                    std::vector<Id>& matches) const {
  for (Id id = 0; id < store_.filters.end(); ++id) {
    const Filter* filter = store_.filters[id].filter.get();
    if (filter == nullptr || (!body_valid && filter->reads_body())) continue;
    if (filter->Matches(values)) matches.push_back(id);
  }
}

void FilterIndex::Impl::MatchBodyless(std::span<const Value> values,
                                      std::vector<Id>& matches) const {
  for (const Id id : bodyless_) {
    if (store_.filters[id].filter->Matches(values)) matches.push_back(id);
  }
}

void FilterIndex::Impl::MatchFiled(std::span<const Value> values, std::vector<Id>& matches) {
  ++messages_;
  rows_.Clear();
  event_.Prepare(fields_.compared(), values);
  roots_.clear();
  const auto visit = [this](const FilterBucket& bucket) {
    roots_.insert(roots_.end(), bucket.roots().begin(), bucket.roots().end());
  };
  for (const FilterBucket* bucket : event_.buckets()) visit(*bucket);
  visit(every_message_);
  for (SharedCondition* condition : conditions_.filed()) {
    if (condition->Holds(messages_, values)) visit(condition->bucket());
  }
  if (roots_.empty()) return;
  MatchRows(roots_, event_.lanes(), rows_);

  if (event_.has_arrays()) [[unlikely]] {
    CheckCandidates(values, matches);
    return;
  }
  const std::span<const Id> found = rows_.found.ids();
  matches.insert(matches.end(), found.begin(), found.end());
  if (!rows_.check.ids().empty()) CheckFound(values, matches);
}

// Rows whose columns hold and are not all that there is to the filter. Each step from an entry to
// its filter and on to its program is a cache miss: those of several rows are made to overlap.
void FilterIndex::Impl::CheckFound(std::span<const Value> values, std::vector<Id>& matches) {
  constexpr size_t kBatch = 32;
  std::array<Id, kBatch> rest;
  for (std::span<const Id> ids = rows_.check.ids(); !ids.empty();) {
    const std::span<const Id> batch = ids.first(std::min(kBatch, ids.size()));
    ids = ids.subspan(batch.size());
    for (const Id id : batch) Prefetch(store_.filters[id]);
    size_t count = 0;
    for (const Id id : batch) {
      RegisteredFilter& candidate = store_.filters[id];
      if (!PassesConditions(candidate, values)) continue;
      if (candidate.checks == 0 && !candidate.check_residual) {
        matches.push_back(id);
        continue;
      }
      __builtin_prefetch(candidate.filter.get());
      rest[count++] = id;
    }
    for (size_t i = 0; i < count; ++i) {
      const RegisteredFilter& candidate = store_.filters[rest[i]];
      if (candidate.check_residual) __builtin_prefetch(candidate.filter->residual());
    }
    for (size_t i = 0; i < count; ++i) {
      if (PassesRest(store_.filters[rest[i]], values)) matches.push_back(rest[i]);
    }
  }
}

bool FilterIndex::Impl::PassesConditions(RegisteredFilter& candidate,
                                         std::span<const Value> values) {
  if (candidate.repeats && std::exchange(candidate.seen, messages_) == messages_) return false;
  for (SharedCondition* condition : candidate.conditions) {
    if (!condition->Holds(messages_, values)) return false;
  }
  return true;
}

// With arrays in the message every row is a candidate only.
void FilterIndex::Impl::CheckCandidates(std::span<const Value> values, std::vector<Id>& matches) {
  const std::span<const Id> found = rows_.found.ids();
  const std::span<const Id> check = rows_.check.ids();
  candidates_.assign(found.begin(), found.end());
  candidates_.insert(candidates_.end(), check.begin(), check.end());
  std::sort(candidates_.begin(), candidates_.end());
  const auto end = std::unique(candidates_.begin(), candidates_.end());
  for (auto it = candidates_.begin(); it != end; ++it) {
    if (store_.filters[*it].filter->Matches(values)) matches.push_back(*it);
  }
}

size_t FilterIndex::Impl::memory_bytes() const {
  return sizeof(Impl) + store_.heap.bytes() + store_.filters.memory_bytes() +
         store_.shapes.memory_bytes() + fields_.memory_bytes() + every_message_.memory_bytes() +
         bodyless_.capacity() * sizeof(Id) + roots_.capacity() * sizeof(roots_[0]) +
         event_.memory_bytes() + rows_.memory_bytes() + conditions_.memory_bytes() +
         candidates_.capacity() * sizeof(Id);
}

FilterIndex::FilterIndex(Id few_filters) : impl_(std::make_unique<Impl>(few_filters)) {}
FilterIndex::~FilterIndex() = default;

FilterIndex::Id FilterIndex::Add(std::shared_ptr<const Filter> filter) {
  return impl_->Add(std::move(filter));
}

void FilterIndex::Remove(Id id) { impl_->Remove(id); }

void FilterIndex::Match(std::span<const Value> values, bool body_valid,
                        std::vector<Id>& matches) const {
  impl_->Match(values, body_valid, matches);
}

std::span<const FieldSlot> FilterIndex::slots() const { return impl_->fields().slots(); }
uint64_t FilterIndex::slots_version() const { return impl_->fields().slots_version(); }
size_t FilterIndex::size() const { return impl_->size(); }
size_t FilterIndex::memory_bytes() const { return impl_->memory_bytes(); }

}  // namespace fluxgate
