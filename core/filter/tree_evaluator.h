// A second evaluator, for tests only and deliberately simple: walks the parsed tree. No folding, no
// predicates, no programs, no prepared constants; arrays element by element as the manual says it.
#ifndef FLUXGATE_CORE_FILTER_TREE_EVALUATOR_H_
#define FLUXGATE_CORE_FILTER_TREE_EVALUATOR_H_

#include <functional>
#include <vector>

#include "core/filter/evaluation_context.h"
#include "core/filter/expression.h"
#include "core/filter/operators.h"
#include "core/message/value.h"

namespace fluxgate {

class TreeEvaluator {
 public:
  using FieldLookup = std::function<Value(const FieldReference&)>;

  TreeEvaluator(const ExpressionTree& tree, FieldLookup lookup)
      : tree_(tree), lookup_(std::move(lookup)) {}

  // Text in the result lives as long as the evaluator.
  Value Evaluate() { return ValueOfNode(*tree_.root); }
  size_t text_bytes() const { return context_.text.bytes(); }
  Truth EvaluateCondition() { return TruthOf(Evaluate()); }

 private:
  using Test = std::function<Truth(const Value& element, const Value& other)>;

  Value ValueOfNode(const Expression& e);
  Truth Chain(const Expression& e);
  Truth List(const Expression& e, const Test& test);
  Value Call(const Expression& e);
  static Truth Any(const Value& a, const Value& b, const Test& test);

  const ExpressionTree& tree_;
  FieldLookup lookup_;
  EvaluationContext context_;
};

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_FILTER_TREE_EVALUATOR_H_
