// The order of a query's results: `/price DESC, /name`. Each term is an expression of
// docs/expressions.md over the record, ascending unless it says DESC.
//
// Values are in the order of core/filter/value_order.h. Records that are alike are in the order of
// their SOW keys, also with DESC.
#ifndef FLUXGATE_CORE_SOW_ORDER_BY_H_
#define FLUXGATE_CORE_SOW_ORDER_BY_H_

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/status/statusor.h"
#include "core/filter/value_expression.h"
#include "core/filter/value_order.h"

namespace fluxgate {

// What one record is sorted by; owns its text.
class SortKey {
 public:
  uint64_t tie = 0;     // the SOW key
  uintptr_t group = 0;  // tells records of several topics apart that have the same key

 private:
  friend class OrderBy;
  // A value that outlives its record.
  struct Part {
    PlacedValue place() const;

    PlacedValue placed;
    std::string text;  // of placed.value, if it is one
  };
  absl::InlinedVector<Part, 1> parts_;
};

class OrderBy {
 public:
  static constexpr size_t kTermsMax = 16;

  // Errors: kBadFilter, kQuotaExceeded. An empty text is the order of SOW keys.
  static absl::StatusOr<std::shared_ptr<const OrderBy>> Compile(std::string_view text,
                                                                FieldTable& fields,
                                                                const FilterLimits& limits,
                                                                const ExpressionScope& scope);

  // Fields that keys are made of.
  std::span<const FieldSlot> slots() const { return slots_; }
  SortKey KeyOf(std::span<const Value> values, uint64_t tie, EvaluationContext& context) const;
  bool Less(const SortKey& a, const SortKey& b) const;

  // The first term, when it is a plain field.
  struct FirstField {
    FieldPath path;
    bool descending;
  };
  const std::optional<FirstField>& first_field() const { return first_field_; }

 private:
  struct Term {
    std::unique_ptr<ValueExpression> expression;
    bool descending = false;
  };
  std::vector<Term> terms_;
  std::vector<FieldSlot> slots_;
  std::optional<FirstField> first_field_;
};

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_SOW_ORDER_BY_H_
