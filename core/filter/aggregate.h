// The aggregates of views and aggregated queries: one value from many (docs/expressions.md). NULL
// is left out everywhere, of an array the first element counts, and text where a number is wanted
// is the number it spells or NaN, as in arithmetic; any NaN makes AVG, MAX, MIN, SUM and both
// STDDEVs NaN. Of no values COUNT and COUNT_DISTINCT are 0 and the others NULL.
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
  // What one aggregate keeps at most; with more its result is NULL until Clear.
  static constexpr size_t kDistinctValuesMax = 100'000;  // COUNT_DISTINCT, GROUP_CONCAT
  // Of text in all. COUNT_DISTINCT counts one byte more for a text, and 9 for a number.
  static constexpr size_t kBytesMax = 1 << 20;

  struct Kind {
    std::string_view name;  // upper case
    uint8_t arguments_min;
    uint8_t arguments_max;  // 2 for GROUP_CONCAT, whose second is the delimiter
    std::unique_ptr<Aggregate> (*make)(std::string_view delimiter);
  };
  // In any case; nullptr when there is none of that name.
  static const Kind* FindAggregate(std::string_view name);
  static constexpr std::string_view kDelimiterDefault = ",";

  virtual ~Aggregate() = default;
  virtual void Add(const Value& value) = 0;
  // Text of the result is of `context` or of the aggregate, and there until the one is reset or the
  // other changed.
  virtual Value Result(EvaluationContext& context) const = 0;
  virtual void Clear() = 0;
};

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_FILTER_AGGREGATE_H_
