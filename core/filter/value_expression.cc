#include "core/filter/value_expression.h"

#include <utility>

#include "core/base/error.h"
#include "core/filter/fold.h"
#include "core/filter/parser.h"

namespace fluxgate {

ValueExpression::ValueExpression(ExpressionTree tree, FieldTable& fields)
    : fields_(fields), tree_(std::move(tree)) {}

ValueExpression::~ValueExpression() {
  for (const FieldSlot slot : acquired_) fields_.Release(slot);
}

absl::StatusOr<std::unique_ptr<ValueExpression>> ValueExpression::Compile(
    std::string_view text, FieldTable& fields, const FilterLimits& limits,
    const ExpressionScope& scope) {
  absl::StatusOr<ExpressionTree> tree = ParseExpression(text, limits, scope);
  if (!tree.ok()) return tree.status();
  return Compile(*std::move(tree), fields);
}

absl::StatusOr<std::unique_ptr<ValueExpression>> ValueExpression::Compile(ExpressionTree tree,
                                                                          FieldTable& fields) {
  FoldValue(tree);
  std::unique_ptr<ValueExpression> expression(new ValueExpression(std::move(tree), fields));
  expression->canonical_ = CanonicalText(expression->tree_);
  for (const FieldReference& reference : expression->tree_.fields) {
    absl::StatusOr<FieldSlot> slot = fields.Acquire(reference.path);
    if (!slot.ok()) return slot.status();
    expression->slots_.push_back(*slot);
    expression->acquired_.push_back(*slot);
  }
  expression->program_ = std::make_unique<Program>(*expression->tree_.root, expression->slots_);
  if (!expression->program_->fits()) {
    return MakeErrorAt(ErrorCode::kBadFilter, "nested too deep to evaluate", 0);
  }
  return expression;
}

}  // namespace fluxgate
