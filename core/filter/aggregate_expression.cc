#include "core/filter/aggregate_expression.h"

#include <algorithm>
#include <utility>

#include "core/base/error.h"
#include "core/filter/parser.h"

namespace fluxgate {

AggregateExpression::AggregateExpression(std::unique_ptr<ValueExpression> expression)
    : expression_(std::move(expression)) {
  for (const Expression* aggregate : expression_->aggregates()) {
    arguments_.emplace_back(*aggregate->operands[0], expression_->slots_by_field());
  }
}

absl::StatusOr<std::unique_ptr<AggregateExpression>> AggregateExpression::Compile(
    std::string_view text, FieldTable& fields, const FilterLimits& limits,
    const ExpressionScope& scope) {
  ExpressionScope with_aggregates = scope;
  with_aggregates.aggregates = true;
  with_aggregates.records = false;
  auto tree = ParseExpression(text, limits, with_aggregates);
  if (!tree.ok()) return tree.status();
  return Compile(*std::move(tree), fields);
}

absl::StatusOr<std::unique_ptr<AggregateExpression>> AggregateExpression::Compile(
    ExpressionTree tree, FieldTable& fields) {
  auto expression = ValueExpression::Compile(std::move(tree), fields);
  if (!expression.ok()) return expression.status();
  std::unique_ptr<AggregateExpression> result(new AggregateExpression(*std::move(expression)));
  for (const Program& argument : result->arguments_) {
    if (!argument.fits()) {
      return MakeErrorAt(ErrorCode::kBadFilter, "nested too deep to evaluate", 0);
    }
  }
  return result;
}

AggregateExpression::Group AggregateExpression::NewGroup(Aggregate::Removal removal) const {
  Group group;
  for (const Expression* e : expression_->aggregates()) {
    TextBuffer buffer;
    group.push_back(e->aggregate->make(e->operands.size() > 1
                                           ? TextOf(e->operands[1]->constant, buffer)
                                           : Aggregate::kDelimiterDefault,
                                       removal));
  }
  return group;
}

template <typename Change>
void AggregateExpression::ForEachArgument(Group& group, std::span<const Value> values,
                                          EvaluationContext& context, Change&& change) const {
  EvaluationInput input;
  input.values = values;
  for (size_t i = 0; i < group.size(); ++i) {
    context.Begin();
    change(*group[i], arguments_[i].EvaluateValue(input, context));
  }
}

void AggregateExpression::Add(Group& group, std::span<const Value> values,
                              EvaluationContext& context) const {
  ForEachArgument(group, values, context,
                  [](Aggregate& aggregate, const Value& value) { aggregate.Add(value); });
}

void AggregateExpression::Remove(Group& group, std::span<const Value> values,
                                 EvaluationContext& context) const {
  ForEachArgument(group, values, context,
                  [](Aggregate& aggregate, const Value& value) { aggregate.Remove(value); });
}

Value AggregateExpression::Result(const Group& group, std::span<const Value> last,
                                  EvaluationContext& context) const {
  std::vector<Value> results;
  for (const auto& aggregate : group) results.push_back(aggregate->Result(context));
  EvaluationInput input;
  input.values = last;
  input.aggregates = results;
  return expression_->Evaluate(input, context);
}

}  // namespace fluxgate
