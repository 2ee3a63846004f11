// An expression with aggregates, over the rows of a group: projections of views and of aggregated
// queries (`SUM(/qty * /price) / SUM(/qty)`). What stands outside of an aggregate is taken from the
// row that was added last.
#ifndef FLUXGATE_CORE_FILTER_AGGREGATE_EXPRESSION_H_
#define FLUXGATE_CORE_FILTER_AGGREGATE_EXPRESSION_H_

#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "core/filter/aggregate.h"
#include "core/filter/value_expression.h"

namespace fluxgate {

// Immutable once compiled; a group belongs to one thread at a time.
class AggregateExpression {
 public:
  // What the aggregates of the expression have of one group.
  using Group = std::vector<std::unique_ptr<Aggregate>>;

  // As ValueExpression::Compile; aggregates are allowed and OF CURRENT and OF PREVIOUS are not,
  // whatever `scope` says.
  static absl::StatusOr<std::unique_ptr<AggregateExpression>> Compile(
      std::string_view text, FieldTable& fields, const FilterLimits& limits = {},
      const ExpressionScope& scope = {});
  // Of what is parsed already.
  static absl::StatusOr<std::unique_ptr<AggregateExpression>> Compile(ExpressionTree tree,
                                                                      FieldTable& fields);

  Group NewGroup(Aggregate::Removal removal = Aggregate::Removal::kNever) const;
  // Begins an evaluation in `context`: text that was in it is gone.
  void Add(Group& group, std::span<const Value> values, EvaluationContext& context) const;
  // Takes back a row that was added and not removed since, likewise: `values` are those it was
  // added with, also what is not of its body (LAST_UPDATED()). Only of an expression compiled with
  // ExpressionScope::deterministic_only, and of a group made with Removal::kAllowed.
  void Remove(Group& group, std::span<const Value> values, EvaluationContext& context) const;
  // `last`: the row that was added last. Text in the result is in the group, the context, `last` or
  // the expression.
  Value Result(const Group& group, std::span<const Value> last, EvaluationContext& context) const;

  const ValueExpression& expression() const { return *expression_; }

 private:
  explicit AggregateExpression(std::unique_ptr<ValueExpression> expression);

  template <typename Change>
  void ForEachArgument(Group& group, std::span<const Value> values, EvaluationContext& context,
                       Change&& change) const;

  std::unique_ptr<ValueExpression> expression_;
  std::vector<Program> arguments_;  // one for each aggregate
};

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_FILTER_AGGREGATE_EXPRESSION_H_
