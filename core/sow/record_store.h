// The records of one topic: found by key, walked in slots. Whoever walks does so in slices and
// still sees one state: a RecordScan is handed what is replaced before it got there. One thread.
#ifndef FLUXGATE_CORE_SOW_RECORD_STORE_H_
#define FLUXGATE_CORE_SOW_RECORD_STORE_H_

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "core/sow/record.h"

namespace fluxgate {

class RecordScan;

class RecordStore {
 public:
  // Slots in one allocation, so that growing never copies the others.
  static constexpr uint32_t kChunkSlots = 4096;
  // Maps that share the keys, so that one that grows is small.
  static constexpr size_t kShards = 64;

  RecordStore() = default;
  ~RecordStore();
  RecordStore(const RecordStore&) = delete;
  RecordStore& operator=(const RecordStore&) = delete;

  void Reserve(uint64_t records);

  // Null: none.
  const Record* Find(uint64_t key) const;
  // Enters `record`, in place of the one with its key (which is returned) if there is one. Sets its
  // slot.
  RecordRef Put(RecordRef record);
  // The same for what has been found: `previous` is the record with that key.
  RecordRef Replace(const Record& previous, RecordRef record);
  // Takes the record out; empty: there was none.
  RecordRef Remove(uint64_t key);

  const Record* at(uint32_t slot) const {
    return chunks_[slot / kChunkSlots][slot % kChunkSlots].get();
  }
  RecordRef share(uint32_t slot) const { return chunks_[slot / kChunkSlots][slot % kChunkSlots]; }
  uint32_t slot_end() const { return slot_end_; }
  size_t size() const { return size_; }
  uint64_t text_bytes() const { return text_bytes_; }  // of all keys and bodies
  // Of slots and keys; records not counted.
  uint64_t bytes() const;

 private:
  friend class RecordScan;
  using Chunk = std::unique_ptr<RecordRef[]>;
  using Shard = absl::flat_hash_map<uint64_t, uint32_t>;

  // Keys may be plain counters: multiplied, their high bits differ.
  Shard& ShardOf(uint64_t key) { return shards_[(key * 0x9E3779B97F4A7C15) >> 58]; }
  const Shard& ShardOf(uint64_t key) const { return shards_[(key * 0x9E3779B97F4A7C15) >> 58]; }
  RecordRef& slot(uint32_t number) { return chunks_[number / kChunkSlots][number % kChunkSlots]; }
  void HandOver(const RecordRef& leaving);

  std::array<Shard, kShards> shards_;
  std::vector<Chunk> chunks_;
  std::vector<uint32_t> free_;
  uint32_t slot_end_ = 0;
  size_t size_ = 0;
  uint64_t text_bytes_ = 0;
  std::vector<RecordScan*> scans_;
};

// All records as they are when the scan is made, each once, in no order, in slices. Holds on to
// what is replaced meanwhile.
class RecordScan {
 public:
  // `sequence`: of the last change. The store outlives the scan.
  RecordScan(RecordStore& store, uint64_t sequence);
  ~RecordScan();
  RecordScan(const RecordScan&) = delete;
  RecordScan& operator=(const RecordScan&) = delete;

  // The next record; null at the end. It is there until the next call.
  const Record* Next();
  // That record, to be kept.
  RecordRef Share() const;
  bool done() const { return next_ == end_ && handed_.empty(); }
  // Of records that only this scan keeps, roughly: those that were replaced before it got there.
  uint64_t held_bytes() const { return held_bytes_; }

 private:
  friend class RecordStore;

  RecordStore& store_;
  const uint64_t sequence_;
  const uint32_t end_;
  uint32_t next_ = 0;
  std::vector<RecordRef> handed_;
  uint64_t held_bytes_ = 0;
  RecordRef last_handed_;
  const Record* last_ = nullptr;
};

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_SOW_RECORD_STORE_H_
