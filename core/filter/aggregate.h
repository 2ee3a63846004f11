// The aggregates of views and aggregated queries: one value from many (docs/expressions.md). NULL
// is left out everywhere, of an array the first element counts, and text where a number is wanted
// is the number it spells or NaN, as in arithmetic; any NaN makes AVG, MAX, MIN, SUM and both
// STDDEVs NaN. Of no values COUNT and COUNT_DISTINCT are 0 and the others NULL.
//
// The result is that of the values that are there, whatever their order and whatever was added and
// removed before; sums are exact until they are rounded once. Only ANY and GROUP_CONCAT speak of an
// order: see Remove.
#ifndef FLUXGATE_CORE_FILTER_AGGREGATE_H_
#define FLUXGATE_CORE_FILTER_AGGREGATE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "core/filter/evaluation_context.h"
#include "core/message/value.h"

namespace fluxgate {

// One thread at a time. Copies what it keeps of the values.
class Aggregate {
 public:
  // What one aggregate keeps at most. With more COUNT_DISTINCT and GROUP_CONCAT forget what they
  // have and are NULL until Clear, or until all values are removed.
  static constexpr size_t kDistinctValuesMax = 100'000;  // COUNT_DISTINCT, GROUP_CONCAT
  // Of text in all. COUNT_DISTINCT counts one byte more for a text, and 9 for a number. For ANY,
  // MAX, MIN and UNIQUE it is the limit of one text: they are NULL while a longer one is there
  // (Removal::kNever: from then on).
  static constexpr size_t kBytesMax = 1 << 20;

  // Whether Remove will be called. ANY, MAX, MIN and UNIQUE then keep every different value they
  // are given, with its text, which is no more than what they are given holds, and Add and Remove
  // take time that grows with the logarithm of their number.
  enum class Removal : uint8_t { kNever, kAllowed };

  struct Kind {
    std::string_view name;  // upper case
    uint8_t arguments_min;
    uint8_t arguments_max;  // 2 for GROUP_CONCAT, whose second is the delimiter
    std::unique_ptr<Aggregate> (*make)(std::string_view delimiter, Removal removal);
  };
  // In any case; nullptr when there is none of that name.
  static const Kind* FindAggregate(std::string_view name);
  static constexpr std::string_view kDelimiterDefault = ",";

  virtual ~Aggregate() = default;
  virtual void Add(const Value& value) = 0;
  // Takes back a value that was added and not removed since, and only with Removal::kAllowed;
  // otherwise the result is unspecified until Clear. ANY stays the value it is while that is there
  // and is the least of the others then; a text that is gone and comes back is the last of
  // GROUP_CONCAT.
  virtual void Remove(const Value& value) = 0;
  // Text of the result is of `context` or of the aggregate, and there until the one is reset or the
  // other changed.
  virtual Value Result(EvaluationContext& context) const = 0;
  virtual void Clear() = 0;
};

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_FILTER_AGGREGATE_H_
