#include "core/sow/record_store.h"

#include <algorithm>
#include <utility>

namespace fluxgate {
namespace {

// Records that change often lie anywhere in memory. So many slots ahead, the first bytes of a
// record are fetched: what most filters read.
constexpr uint32_t kFetchAhead = 8;
constexpr size_t kFetchBytes = 256;
constexpr size_t kCacheLine = 64;

void Fetch(const Record* record) {
  // As numbers: there may be no record, or a shorter one. Fetching faults on nothing.
  const auto begin = reinterpret_cast<uintptr_t>(record);
  for (size_t at = 0; at < kFetchBytes; at += kCacheLine) {
    __builtin_prefetch(reinterpret_cast<const void*>(begin + at));
  }
}

}  // namespace

RecordStore::~RecordStore() = default;

void RecordStore::Reserve(uint64_t records) {
  for (Shard& shard : shards_) shard.reserve(records / kShards + 1);
}

const Record* RecordStore::Find(uint64_t key) const {
  const Shard& shard = ShardOf(key);
  const auto found = shard.find(key);
  return found == shard.end() ? nullptr : at(found->second);
}

RecordRef RecordStore::Put(RecordRef record) {
  const auto [place, is_new] = ShardOf(record->key).try_emplace(record->key, 0);
  if (!is_new) return Replace(*at(place->second), std::move(record));
  text_bytes_ += record->text_bytes();
  uint32_t number;
  if (!free_.empty()) {
    number = free_.back();
    free_.pop_back();
  } else {
    number = slot_end_++;
    if (number / kChunkSlots == chunks_.size()) {
      chunks_.push_back(std::make_unique<RecordRef[]>(kChunkSlots));
    }
  }
  place->second = number;
  record.mutable_record()->slot = number;
  slot(number) = std::move(record);
  ++size_;
  return {};
}

RecordRef RecordStore::Replace(const Record& previous, RecordRef record) {
  RecordRef& entry = slot(previous.slot);
  record.mutable_record()->slot = previous.slot;
  text_bytes_ += record->text_bytes();
  text_bytes_ -= previous.text_bytes();
  HandOver(entry);
  return std::exchange(entry, std::move(record));
}

RecordRef RecordStore::Remove(uint64_t key) {
  Shard& shard = ShardOf(key);
  const auto found = shard.find(key);
  if (found == shard.end()) return {};
  const uint32_t number = found->second;
  shard.erase(found);
  HandOver(slot(number));
  text_bytes_ -= slot(number)->text_bytes();
  free_.push_back(number);
  --size_;
  return std::exchange(slot(number), RecordRef());
}

void RecordStore::HandOver(const RecordRef& leaving) {
  for (RecordScan* scan : scans_) {
    if (leaving->slot >= scan->next_ && leaving->slot < scan->end_ &&
        leaving->sequence <= scan->sequence_) {
      scan->handed_.push_back(leaving);
      scan->held_bytes_ += leaving->text_bytes() + sizeof(Record);
    }
  }
}

uint64_t RecordStore::bytes() const {
  uint64_t bytes = chunks_.size() * kChunkSlots * sizeof(RecordRef) + free_.capacity() * 4;
  for (const Shard& shard : shards_) {
    bytes += shard.capacity() * (sizeof(Shard::value_type) + 1);
  }
  return bytes;
}

RecordScan::RecordScan(RecordStore& store, uint64_t sequence)
    : store_(store), sequence_(sequence), end_(store.slot_end_) {
  store_.scans_.push_back(this);
}

RecordScan::~RecordScan() { std::erase(store_.scans_, this); }

const Record* RecordScan::Next() {
  if (!handed_.empty()) {
    last_handed_ = std::move(handed_.back());
    handed_.pop_back();
    held_bytes_ -= last_handed_->text_bytes() + sizeof(Record);
    return last_ = last_handed_.get();
  }
  while (next_ < end_) {
    if (end_ - next_ > kFetchAhead) Fetch(store_.at(next_ + kFetchAhead));
    const Record* record = store_.at(next_++);
    if (record != nullptr && record->sequence <= sequence_) return last_ = record;
  }
  return last_ = nullptr;
}

RecordRef RecordScan::Share() const {
  if (last_ == last_handed_.get()) return last_handed_;
  return store_.share(last_->slot);
}

}  // namespace fluxgate
