// Who matches this message? Any number of compiled filters, indexed so that the cost of a message
// follows its matches and not the number of filters. Reactor thread only.
//
// A filter is filed under its most selective equality, IN, prefix, or OR of these, in the buckets
// of the fields and values; without one, in the bucket of every message. In a bucket, the remaining
// simple predicates are bounds in columns: blocks of up to 64 filters, under trees of bounds that
// keep away from whatever cannot match, compared many filters at a time. What columns cannot say
// (patterns, the residual program) is evaluated only for filters whose columns all hold.
// README.md has a picture.
#ifndef FLUXGATE_CORE_SUBSCRIPTION_FILTER_INDEX_H_
#define FLUXGATE_CORE_SUBSCRIPTION_FILTER_INDEX_H_

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "core/filter/filter.h"
#include "core/message/value.h"

namespace fluxgate {

class FilterIndex {
 public:
  // Names an entered filter; dense, reused after Remove.
  using Id = uint32_t;

  // So few filters are asked in turn: cheaper than preparing a message.
  static constexpr Id kFewFilters = 3;

  // `few_filters`: only tests choose another number.
  explicit FilterIndex(Id few_filters = kFewFilters);
  ~FilterIndex();
  FilterIndex(const FilterIndex&) = delete;
  FilterIndex& operator=(const FilterIndex&) = delete;

  // Tens of microseconds at most, also with a million filters entered.
  Id Add(std::shared_ptr<const Filter> filter);
  void Remove(Id id);

  // Appends the id of every filter that matches, each once, in no particular order. `values` is
  // indexed by slot and must hold every slot of every entered filter. `body_valid` false: the body
  // could not be read; only filters that read nothing of it can match.
  void Match(std::span<const Value> values, bool body_valid, std::vector<Id>& matches) const;

  // Fields that the entered filters read, ascending, with the number of times the set has changed:
  // an extractor built for one version serves until the version moves.
  std::span<const FieldSlot> slots() const;
  uint64_t slots_version() const;

  size_t size() const;
  size_t memory_bytes() const;  // of the index itself, filters not counted

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_SUBSCRIPTION_FILTER_INDEX_H_
