#include "core/sow/record_history.h"

#include <utility>

namespace fluxgate {

void RecordHistory::Add(RecordRef version, int64_t now_ns) {
  Version added{std::move(version), 0, now_ns};
  added.from_ns = added.record->updated_ns;
  if (granularity_ns_ > 0) {
    const auto [last, is_first] = last_by_key_.try_emplace(added.record->key, end());
    if (!is_first) {
      if (last->second >= begin_) {
        Version& earlier = versions_[last->second - begin_];
        // Of the versions that began in one granule the last one stands for all of it.
        if (earlier.record && earlier.record->updated_ns / granularity_ns_ ==
                                  added.record->updated_ns / granularity_ns_) {
          added.from_ns = earlier.from_ns;
          earlier.record = RecordRef();
        }
      }
      last->second = end();
    }
  }
  versions_.push_back(std::move(added));
}

bool RecordHistory::Trim(int64_t now_ns, size_t max) {
  if (readers != 0) return false;
  const int64_t oldest_ns = OldestNs(now_ns);
  for (size_t i = 0; !versions_.empty() && versions_.front().to_ns < oldest_ns; ++i) {
    if (i == max) return true;
    if (granularity_ns_ > 0 && versions_.front().record) {
      const auto last = last_by_key_.find(versions_.front().record->key);
      if (last != last_by_key_.end() && last->second == begin_) last_by_key_.erase(last);
    }
    versions_.pop_front();
    ++begin_;
  }
  return false;
}

RecordRef RecordHistory::VersionAt(uint64_t position, int64_t time_ns) const {
  if (position < begin_ || position >= end()) return {};
  const Version& version = versions_[position - begin_];
  if (!version.record || version.from_ns > time_ns || version.to_ns <= time_ns) return {};
  return version.record;
}

}  // namespace fluxgate
