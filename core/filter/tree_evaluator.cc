#include "core/filter/tree_evaluator.h"

#include <vector>

#include "core/filter/compare.h"
#include "core/filter/function.h"

namespace fluxgate {

Truth TreeEvaluator::Any(const Value& a, const Value& b, const Test& test) {
  Truth truth = Truth::kFalse;
  if (a.is_array()) {
    for (const Value& element : a.as_array()) truth = Or(truth, test(element, b.first()));
  } else if (b.is_array()) {
    for (const Value& element : b.as_array()) truth = Or(truth, test(a, element));
  } else {
    truth = test(a, b);
  }
  return truth;
}

Value TreeEvaluator::ValueOfNode(const Expression& e) {
  const auto operand = [&](size_t i) { return ValueOfNode(*e.operands[i]); };
  const auto equal = [](const Value& a, const Value& b) {
    return Holds(CompareOp::kEqual, Compare(a, b));
  };
  switch (e.kind) {
    case ExpressionKind::kConstant:
      return e.constant;
    case ExpressionKind::kField:
      return lookup_(tree_.fields[e.field]);
    case ExpressionKind::kArithmetic:
      return Arithmetic(e.arithmetic, operand(0).first(), operand(1).first());
    case ExpressionKind::kNegate:
      return Negate(operand(0).first());
    case ExpressionKind::kCompare:
      return ValueOf(Any(operand(0), operand(1), [&e](const Value& a, const Value& b) {
        return Holds(e.compare, Compare(a, b));
      }));
    case ExpressionKind::kBetween:
      return ValueOf(Any(operand(0), Value::Null(), [&](const Value& a, const Value&) {
        return And(Holds(CompareOp::kGreaterEqual, Compare(a, operand(1).first())),
                   Holds(CompareOp::kLessEqual, Compare(a, operand(2).first())));
      }));
    case ExpressionKind::kLike:
      return ValueOf(Any(operand(0), Value::Null(),
                         [&e](const Value& a, const Value&) { return Like(a, *e.regex); }));
    case ExpressionKind::kIsNull:
      return Value::Bool(operand(0).first().is_null());
    case ExpressionKind::kIsNan:
      return Value::Bool(IsNan(operand(0).first()));
    case ExpressionKind::kNot:
      return ValueOf(Not(TruthOf(operand(0))));
    case ExpressionKind::kTruth:
      return ValueOf(TruthOf(operand(0)));
    case ExpressionKind::kIf:
      return operand(TruthOf(operand(0)) == Truth::kTrue ? 1 : 2);
    case ExpressionKind::kCall:
      return Call(e);
    case ExpressionKind::kAggregate:
      return Value::Null();
    case ExpressionKind::kIn:
      return ValueOf(List(e, equal));
    case ExpressionKind::kBeginsWith:
      return ValueOf(List(e, BeginsWith));
    case ExpressionKind::kEndsWith:
      return ValueOf(List(e, EndsWith));
    case ExpressionKind::kAnd:
    case ExpressionKind::kOr:
      return ValueOf(Chain(e));
  }
  return Value::Null();
}

Truth TreeEvaluator::Chain(const Expression& e) {
  const bool is_and = e.kind == ExpressionKind::kAnd;
  Truth truth = TruthOf(is_and);
  for (const auto& operand : e.operands) {
    const Truth next = TruthOf(ValueOfNode(*operand));
    truth = is_and ? And(truth, next) : Or(truth, next);
  }
  return truth;
}

Truth TreeEvaluator::List(const Expression& e, const Test& test) {
  const Value value = ValueOfNode(*e.operands[0]);
  Truth truth = Truth::kFalse;
  for (size_t i = 1; i < e.operands.size(); ++i) {
    truth = Or(truth, Any(value, ValueOfNode(*e.operands[i]), test));
  }
  return truth;
}

Value TreeEvaluator::Call(const Expression& e) {
  std::vector<Value> arguments;
  for (const auto& operand : e.operands) {
    const Value value = ValueOfNode(*operand);
    arguments.push_back(e.function->takes_arrays ? value : value.first());
  }
  context_.data = e.function->data;
  return e.function->body(arguments, context_);
}

}  // namespace fluxgate
