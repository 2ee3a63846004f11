#include "core/sow/sow_query.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_set.h"

namespace fluxgate {
namespace {

// Sorted together when everything is sorted: some hundred microseconds, and memory that the
// allocator takes back without asking the system.
constexpr size_t kRunRecords = 512;
// One call of Run takes about this long at most, and as long as one record takes.
constexpr int64_t kSliceNs = 400'000;
constexpr size_t kRecordsPerLook = 16;
// Entries of an ordered index looked at for the first n of an order.
constexpr size_t kOrderedLookMax = 2048;
constexpr size_t kOrderedLookBytesMax = 1 << 20;
// The first n are kept as a heap up to this many; more is sorted whole.
constexpr size_t kHeapMax = 2048;

std::vector<FieldSlot> SlotsOf(const SowQuerySpec& spec) {
  std::vector<FieldSlot> slots;
  const auto add = [&](std::span<const FieldSlot> more) {
    slots.insert(slots.end(), more.begin(), more.end());
  };
  if (spec.filter != nullptr) add(spec.filter->slots());
  if (spec.left_out != nullptr) add(spec.left_out->slots());
  if (spec.order_by != nullptr) add(spec.order_by->slots());
  for (const TopicVisibility* visible : {spec.visible.get(), spec.left_visible.get()}) {
    if (visible == nullptr) continue;
    for (const auto& [topic, filter] : *visible) {
      if (filter != nullptr) add(filter->slots());
    }
  }
  std::ranges::sort(slots);
  slots.erase(std::unique(slots.begin(), slots.end()), slots.end());
  return slots;
}

}  // namespace

SowQuery::SowQuery(SowQuerySpec spec, std::vector<SowTopic*> topics)
    : spec_(std::move(spec)),
      type_(topics.front()->context().type),
      fields_(topics.front()->context().fields),
      reader_(type_, fields_, SlotsOf(spec_)),
      values_(fields_.slot_end()) {
  if (spec_.order_by != nullptr) evaluation_.emplace();
  parts_.reserve(topics.size());
  for (SowTopic* topic : topics) AddPart(*topic);
}

SowQuery::~SowQuery() {
  for (Part& part : parts_) {
    if (part.history_end != 0) --part.topic->history()->readers;
  }
}

uint64_t SowQuery::held_bytes() const {
  uint64_t bytes = 0;
  for (const Part& part : parts_) {
    if (part.scan != nullptr) bytes += part.scan->held_bytes();
  }
  return bytes;
}

void SowQuery::AddPart(SowTopic& topic) {
  Part& part = parts_.emplace_back();
  part.topic = &topic;
  topic_records_ += topic.store().size();
  if (spec_.as_of_ns.has_value()) {
    RecordHistory* history = topic.history();
    if (history == nullptr || *spec_.as_of_ns < history->OldestNs(topic.context().clock.WallNs())) {
      return;  // nothing is known: empty
    }
    part.history_next = history->begin();
    part.history_end = history->end();
    if (part.history_end != 0) ++history->readers;
    part.scan = std::make_unique<RecordScan>(topic.store(), topic.context().sequence);
    return;
  }
  if (GatherByKeys(part) || GatherByIndex(part) || GatherInOrder(part)) return;
  part.scan = std::make_unique<RecordScan>(topic.store(), topic.context().sequence);
}

bool SowQuery::GatherByKeys(Part& part) {
  if (!spec_.by_keys) return false;
  if (spec_.topic_pattern != nullptr && part.topic->keys_are_per_topic()) {
    part.scans_for_keys = true;
    scanned_keys_.insert(spec_.keys.begin(), spec_.keys.end());
    part.scan = std::make_unique<RecordScan>(part.topic->store(), part.topic->context().sequence);
    return true;
  }
  absl::flat_hash_set<uint32_t> known;
  for (const std::string& key : spec_.keys) {
    const Record* record = part.topic->Find(spec_.topic, key);
    if (record != nullptr && known.insert(record->slot).second) {
      part.candidates.push_back(part.topic->store().share(record->slot));
    }
  }
  return true;
}

bool SowQuery::GatherByIndex(Part& part) {
  if (spec_.filter == nullptr || spec_.filter->never()) return spec_.filter != nullptr;
  std::vector<uint32_t> slots;
  if (!part.topic->Gather(*spec_.filter, kCandidatesMax, slots)) return false;
  part.candidates.reserve(slots.size());
  for (const uint32_t slot : slots) part.candidates.push_back(part.topic->store().share(slot));
  return true;
}

// The first n by an ordered index, when it does not take looking at too many.
bool SowQuery::GatherInOrder(Part& part) {
  if (spec_.counts || spec_.top_n == 0 || spec_.order_by == nullptr) return false;
  if (!spec_.order_by->first_field().has_value()) return false;
  const auto& field = *spec_.order_by->first_field();
  const FieldIndex* index = part.topic->OrderedIndex(field.path);
  if (index == nullptr) return false;
  const size_t wanted = size_t{spec_.top_n} + spec_.skip_n;
  std::vector<uint32_t> slots;
  size_t bytes = 0;
  const auto accept = [&](uint32_t slot) {
    const Record* record = part.topic->store().at(slot);
    if (record == nullptr || bytes > kOrderedLookBytesMax) return false;
    bytes += record->body().size();
    return Wanted(part, *record);
  };
  const bool has_them =
      index->GatherInOrder(field.descending, wanted, kOrderedLookMax, accept, slots);
  if (!has_them || bytes > kOrderedLookBytesMax) return false;
  for (const uint32_t slot : slots) part.candidates.push_back(part.topic->store().share(slot));
  is_cut_ = true;
  return true;
}

// Of a group's topics some only may be asked for.
bool SowQuery::IsOfTopic(Part& part, const Record& record) {
  if (!part.topic->has_pattern()) return true;
  if (spec_.topic_pattern == nullptr) return part.topic->TopicOf(record) == spec_.topic;
  if (part.topic_matches.size() <= record.topic) part.topic_matches.resize(record.topic + 1);
  std::optional<bool>& matches = part.topic_matches[record.topic];
  if (!matches.has_value()) matches = spec_.topic_pattern->Matches(part.topic->TopicOf(record));
  return *matches;
}

bool SowQuery::HasKey(const Part& part, const Record& record) const {
  return !part.scans_for_keys || scanned_keys_.contains(record.key_text());
}

bool SowQuery::Wanted(Part& part, const Record& record) {
  if (!IsOfTopic(part, record) || !HasKey(part, record)) return false;
  if (!reads_wanted()) return true;
  const std::shared_ptr<const Filter>* visible = nullptr;
  if (spec_.visible != nullptr) {
    visible = VisibilityOf(part, record, *spec_.visible, part.visible);
    if (visible == nullptr) return false;
  }
  const bool valid = part.topic->Read(record, reader_, key_, values_);
  const auto matches = [&](const Filter& filter) {
    return (valid || !filter.reads_body()) && filter.Matches(values_);
  };
  if (visible != nullptr && *visible != nullptr && !matches(**visible)) return false;
  if (spec_.filter != nullptr && !matches(*spec_.filter)) return false;
  if (!spec_.leave_out) return true;
  if (spec_.left_visible != nullptr) {
    const auto* left = VisibilityOf(part, record, *spec_.left_visible, part.left_visible);
    if (left == nullptr || (*left != nullptr && !matches(**left))) return true;
  }
  return spec_.left_out != nullptr && !matches(*spec_.left_out);
}

const std::shared_ptr<const Filter>* SowQuery::VisibilityOf(
    const Part& part, const Record& record, const TopicVisibility& visibility,
    std::vector<const std::shared_ptr<const Filter>*>& known) {
  if (known.size() <= record.topic) known.resize(record.topic + 1);
  if (known[record.topic] != nullptr) return known[record.topic];
  const auto found = visibility.find(part.topic->TopicOf(record));
  if (found == visibility.end()) return nullptr;
  return known[record.topic] = &found->second;
}

// The next record of the part, shared or to be shared by `seen`; neither: none is left.
RecordRef SowQuery::NextRecord(Part& part, const Record*& seen) {
  seen = nullptr;
  while (part.next_candidate < part.candidates.size()) {
    RecordRef candidate = std::move(part.candidates[part.next_candidate++]);
    seen = candidate.get();
    return candidate;
  }
  if (part.history_next < part.history_end) {
    RecordRef version = part.topic->history()->VersionAt(part.history_next++, *spec_.as_of_ns);
    seen = version.get();
    return version;
  }
  if (part.scan != nullptr) {
    seen = part.scan->Next();
    if (seen != nullptr && spec_.as_of_ns.has_value() && seen->updated_ns > *spec_.as_of_ns) {
      seen = nullptr;
    }
  }
  return {};
}

SowQuery::Progress SowQuery::Run(size_t records, size_t bytes, Take take) {
  const Clock& clock = parts_.front().topic->context().clock;
  const int64_t end_ns = clock.MonotonicNs() + kSliceNs;
  if (merging_) return Emit(records, clock, end_ns, take);
  const bool in_order = spec_.order_by != nullptr;
  for (; part_ < parts_.size(); ++part_) {
    Part& part = parts_[part_];
    for (;;) {
      const bool at_end = part.next_candidate == part.candidates.size() &&
                          part.history_next == part.history_end &&
                          (part.scan == nullptr || part.scan->done());
      if (at_end) break;
      if (records == 0 || bytes == 0) return Progress::kMore;
      // Some filters are dear: time decides, too, looked at now and then.
      if (records-- % kRecordsPerLook == 0 && clock.MonotonicNs() > end_ns) return Progress::kMore;
      const Record* seen;
      RecordRef record = NextRecord(part, seen);
      if (seen == nullptr) continue;
      bytes -= std::min(bytes, seen->body().size() + sizeof(Record));
      if (!Wanted(part, *seen)) continue;
      ++matches_;
      if (!record) record = part.scan->Share();
      if (in_order) {
        Collect(part, std::move(record));
        continue;
      }
      if (skipped_ < spec_.skip_n) {
        ++skipped_;
        is_cut_ = true;
        continue;
      }
      if (spec_.top_n != 0 && returned_ == spec_.top_n) {
        is_cut_ = true;
        continue;  // only counted
      }
      ++returned_;
      Result result{part.topic, std::move(record)};
      if (!take(result)) return Progress::kFull;
    }
    if (part.history_end != 0) {
      part.history_end = 0;
      part.history_next = 0;
      --part.topic->history()->readers;
    }
    part.scan.reset();
  }
  if (!in_order) return Progress::kDone;
  SortRun();
  merging_ = true;
  for (uint32_t run = 0; run < runs_.size(); ++run) merge_.push_back(run);
  const auto later = [this](uint32_t a, uint32_t b) { return ComesLater(a, b); };
  std::ranges::make_heap(merge_, later);
  return Progress::kMore;
}

void SowQuery::Collect(const Part& part, RecordRef record) {
  if (!reads_wanted()) {
    part.topic->Read(*record, reader_, key_, values_);
  }
  Sorted entry{spec_.order_by->KeyOf(values_, record->key, *evaluation_), {part.topic, record}};
  const size_t wanted = spec_.top_n == 0 ? SIZE_MAX : size_t{spec_.top_n} + spec_.skip_n;
  const auto less = [this](const Sorted& a, const Sorted& b) {
    return spec_.order_by->Less(a.key, b.key);
  };
  if (wanted <= kHeapMax) {
    if (sorted_.size() < wanted) {
      sorted_.push_back(std::move(entry));
      std::ranges::push_heap(sorted_, less);
      return;
    }
    is_cut_ = true;
    if (!less(entry, sorted_.front())) return;
    std::ranges::pop_heap(sorted_, less);
    sorted_.back() = std::move(entry);
    std::ranges::push_heap(sorted_, less);
    return;
  }
  sorted_.push_back(std::move(entry));
  if (sorted_.size() >= kRunRecords) SortRun();
}

void SowQuery::SortRun() {
  if (sorted_.empty()) return;
  std::ranges::sort(sorted_, [this](const Sorted& a, const Sorted& b) {
    return spec_.order_by->Less(b.key, a.key);
  });
  runs_.push_back(std::exchange(sorted_, {}));
}

bool SowQuery::ComesLater(uint32_t a, uint32_t b) const {
  return spec_.order_by->Less(runs_[b].back().key, runs_[a].back().key);
}

SowQuery::Progress SowQuery::Emit(size_t records, const Clock& clock, int64_t end_ns, Take take) {
  const auto later = [this](uint32_t a, uint32_t b) { return ComesLater(a, b); };
  while (!merge_.empty()) {
    if (spec_.top_n != 0 && returned_ == spec_.top_n) {
      is_cut_ = true;
      merge_.clear();
      break;
    }
    if (records == 0) return Progress::kMore;
    if (records-- % kRecordsPerLook == 0 && clock.MonotonicNs() > end_ns) return Progress::kMore;
    std::ranges::pop_heap(merge_, later);
    std::vector<Sorted>& run = runs_[merge_.back()];
    Result result = std::move(run.back().result);
    run.pop_back();
    if (run.empty()) {
      run.shrink_to_fit();
      merge_.pop_back();
    } else {
      std::ranges::push_heap(merge_, later);
    }
    if (skipped_ < spec_.skip_n) {
      ++skipped_;
      is_cut_ = true;
      continue;
    }
    ++returned_;
    if (!take(result)) return Progress::kFull;
  }
  return DropRuns(records);
}

// What is behind the last one that was wanted.
SowQuery::Progress SowQuery::DropRuns(size_t records) {
  while (!runs_.empty()) {
    const size_t dropped = runs_.back().size();
    runs_.pop_back();
    if (dropped > records) return Progress::kMore;
    records -= dropped;
  }
  return Progress::kDone;
}

}  // namespace fluxgate
