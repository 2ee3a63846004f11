// Versions of records that are no more, for as long as a topic's history window: what was the state
// at an earlier time? One thread.
#ifndef FLUXGATE_CORE_SOW_RECORD_HISTORY_H_
#define FLUXGATE_CORE_SOW_RECORD_HISTORY_H_

#include <cstdint>
#include <deque>

#include "absl/container/flat_hash_map.h"
#include "core/sow/record.h"

namespace fluxgate {

class RecordHistory {
 public:
  // Of the versions of a record that began in one granule (0: no granules) the last one is kept.
  RecordHistory(int64_t window_ns, int64_t granularity_ns)
      : window_ns_(window_ns), granularity_ns_(granularity_ns) {}

  // `version` was the record until now.
  void Add(RecordRef version, int64_t now_ns);
  // Forgets what ended before the window. At most `max` versions in one go; true: more is left.
  bool Trim(int64_t now_ns, size_t max);
  bool WantsTrim(int64_t now_ns) const {
    return readers == 0 && !versions_.empty() && versions_.front().to_ns < OldestNs(now_ns);
  }

  // The oldest time that can be asked about.
  int64_t OldestNs(int64_t now_ns) const { return now_ns - window_ns_; }

  // Positions of versions rise from begin() to end(); those below begin() are forgotten.
  uint64_t begin() const { return begin_; }
  uint64_t end() const { return begin_ + versions_.size(); }
  // The version at that position if it was the record at `time_ns`, else empty.
  RecordRef VersionAt(uint64_t position, int64_t time_ns) const;

  // While somebody reads, nothing is forgotten.
  uint32_t readers = 0;

  uint64_t bytes() const { return versions_.size() * sizeof(Version); }

 private:
  struct Version {
    RecordRef record;  // empty: replaced within its granule
    int64_t from_ns;
    int64_t to_ns;
  };

  const int64_t window_ns_;
  const int64_t granularity_ns_;
  std::deque<Version> versions_;  // by to_ns
  uint64_t begin_ = 0;
  absl::flat_hash_map<uint64_t, uint64_t> last_by_key_;  // position; with granules only
};

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_SOW_RECORD_HISTORY_H_
