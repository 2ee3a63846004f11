// Counts durations in buckets whose width grows with the value: quantiles to within 3 %.
#ifndef FLUXGATE_CLIENT_CLI_LATENCY_HISTOGRAM_H_
#define FLUXGATE_CLIENT_CLI_LATENCY_HISTOGRAM_H_

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace fluxgate::cli {

class LatencyHistogram {
 public:
  void Add(uint64_t ns) {
    ++buckets_[BucketOf(ns)];
    ++count_;
    if (ns > most_) most_ = ns;
  }
  void Add(const LatencyHistogram& other) {
    for (size_t i = 0; i < buckets_.size(); ++i) buckets_[i] += other.buckets_[i];
    count_ += other.count_;
    if (other.most_ > most_) most_ = other.most_;
  }

  uint64_t count() const { return count_; }
  uint64_t most() const { return most_; }

  // The value that `share` (0 to 1) of all values do not exceed; 0 when there are none.
  uint64_t Quantile(double share) const {
    const auto rank = static_cast<uint64_t>(share * static_cast<double>(count_));
    uint64_t seen = 0;
    for (size_t i = 0; i < buckets_.size(); ++i) {
      seen += buckets_[i];
      if (seen > rank || (seen == count_ && seen != 0)) {
        const uint64_t end = EndOf(i);
        return end < most_ ? end : most_;
      }
    }
    return 0;
  }

 private:
  static constexpr int kSubBits = 5;  // 32 buckets to each power of two
  static constexpr size_t kSub = size_t{1} << kSubBits;

  static size_t BucketOf(uint64_t ns) {
    if (ns < kSub) return ns;
    const int shift = std::bit_width(ns) - 1 - kSubBits;
    return (static_cast<size_t>(shift) << kSubBits) + static_cast<size_t>(ns >> shift);
  }
  // The largest value in the bucket.
  static uint64_t EndOf(size_t bucket) {
    if (bucket < kSub) return bucket;
    const size_t shift = (bucket >> kSubBits) - 1;
    const uint64_t base = bucket - (shift << kSubBits);
    return ((base + 1) << shift) - 1;
  }

  std::array<uint64_t, (64 - kSubBits + 1) * kSub> buckets_{};
  uint64_t count_ = 0;
  uint64_t most_ = 0;
};

}  // namespace fluxgate::cli

#endif  // FLUXGATE_CLIENT_CLI_LATENCY_HISTOGRAM_H_
