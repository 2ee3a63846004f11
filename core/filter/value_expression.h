// A compiled expression that gives a value: projections, enrichment, keys, order-by. Immutable once
// compiled.
#ifndef FLUXGATE_CORE_FILTER_VALUE_EXPRESSION_H_
#define FLUXGATE_CORE_FILTER_VALUE_EXPRESSION_H_

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "core/filter/evaluation_context.h"
#include "core/filter/expression.h"
#include "core/filter/expression_scope.h"
#include "core/filter/filter_limits.h"
#include "core/filter/program.h"
#include "core/message/field_table.h"
#include "core/message/value.h"

namespace fluxgate {

class ValueExpression {
 public:
  // Fields are acquired in `fields` (which must outlive the expression) and released on
  // destruction. Errors: kBadFilter with the offset; kQuotaExceeded for too many fields.
  static absl::StatusOr<std::unique_ptr<ValueExpression>> Compile(
      std::string_view text, FieldTable& fields, const FilterLimits& limits = {},
      const ExpressionScope& scope = {});
  // Of what is parsed already.
  static absl::StatusOr<std::unique_ptr<ValueExpression>> Compile(ExpressionTree tree,
                                                                  FieldTable& fields);
  ~ValueExpression();
  ValueExpression(const ValueExpression&) = delete;
  ValueExpression& operator=(const ValueExpression&) = delete;

  // Text in the result is in the context, in the input or in the expression.
  Value Evaluate(const EvaluationInput& input, EvaluationContext& context) const {
    return program_->EvaluateValue(input, context);
  }

  const std::string& canonical() const { return canonical_; }
  // Nothing but a field: the first of slots().
  bool is_field() const { return tree_.root->is_field(); }
  // One for each field that is written down; a field of the message and of a record, or of two
  // topics, has the same slot in the values of each.
  std::span<const FieldSlot> slots() const { return acquired_; }
  // The aggregates whose results the expression wants, as kAggregate nodes.
  std::span<const Expression* const> aggregates() const { return program_->aggregates(); }
  // By ExpressionTree field.
  std::span<const FieldSlot> slots_by_field() const { return slots_; }

 private:
  ValueExpression(ExpressionTree tree, FieldTable& fields);

  FieldTable& fields_;
  ExpressionTree tree_;
  std::string canonical_;
  std::vector<FieldSlot> slots_;
  std::vector<FieldSlot> acquired_;
  std::unique_ptr<Program> program_;
};

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_FILTER_VALUE_EXPRESSION_H_
