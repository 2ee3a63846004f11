#include "core/filter/fold.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "core/base/strings.h"
#include "core/filter/function.h"

namespace fluxgate {
namespace {

using Node = std::unique_ptr<Expression>;

// Text that functions of constants may leave in one expression: it is kept as long as that lives.
constexpr size_t kFoldedTextBytesMax = 64 * 1024;

bool IsTruth(const Expression& e, Truth truth) {
  return e.is_constant() && e.is_condition() && TruthOf(e.constant) == truth;
}

Node Constant(const Value& value) {
  auto node = std::make_unique<Expression>(ExpressionKind::kConstant);
  node->constant = value;
  return node;
}

Node Condition(Node e) {
  if (e->is_condition()) return e;
  if (e->is_constant()) return Constant(ValueOf(TruthOf(e->constant)));
  auto node = std::make_unique<Expression>(ExpressionKind::kTruth);
  node->operands.push_back(std::move(e));
  return node;
}

// A whole double compares exactly as the integer does: one form for both.
void PreferInteger(Expression& e) {
  constexpr double kLimit = 9007199254740992.0;
  if (!e.is_constant() || e.constant.kind() != Value::Kind::kDouble) return;
  const double d = e.constant.as_double();
  if (d < -kLimit || d > kLimit) return;
  const auto whole = static_cast<int64_t>(d);
  if (static_cast<double>(whole) == d) e.constant = Value::Int(whole);
}

template <typename Test>
Truth AnyOf(const Expression& e, Test&& test) {
  Truth truth = Truth::kFalse;
  for (size_t i = 1; i < e.operands.size(); ++i) {
    truth = Or(truth, test(e.operands[0]->constant, e.operands[i]->constant));
  }
  return truth;
}

// What must be asked anew each time.
bool CanFold(const Expression& e) {
  return e.kind != ExpressionKind::kAggregate &&
         (e.kind != ExpressionKind::kCall || e.function->deterministic);
}

class Folder {
 public:
  explicit Folder(ExpressionTree& tree) : tree_(tree) {}

  Node FoldNode(Node e);

 private:
  Node FoldChain(Node e);
  Node FoldNot(Node e);
  Node FoldIf(Node e);
  Value Evaluate(const Expression& e);
  bool Call(const Expression& e, Value& value);

  ExpressionTree& tree_;
  std::unique_ptr<EvaluationContext> context_;  // of the calls; most filters have none
  size_t text_left_ = kFoldedTextBytesMax;
};

// A node whose operands are all constants.
Value Folder::Evaluate(const Expression& e) {
  const auto operand = [&e](size_t i) -> const Value& { return e.operands[i]->constant; };
  switch (e.kind) {
    case ExpressionKind::kArithmetic:
      return Arithmetic(e.arithmetic, operand(0), operand(1));
    case ExpressionKind::kNegate:
      return Negate(operand(0));
    case ExpressionKind::kCompare:
      return ValueOf(Holds(e.compare, Compare(operand(0), operand(1))));
    case ExpressionKind::kIn:
      return ValueOf(AnyOf(e, [](const Value& a, const Value& b) {
        return Holds(CompareOp::kEqual, Compare(a, b));
      }));
    case ExpressionKind::kBeginsWith:
      return ValueOf(AnyOf(e, BeginsWith));
    case ExpressionKind::kEndsWith:
      return ValueOf(AnyOf(e, EndsWith));
    case ExpressionKind::kBetween:
      return ValueOf(And(Holds(CompareOp::kGreaterEqual, Compare(operand(0), operand(1))),
                         Holds(CompareOp::kLessEqual, Compare(operand(0), operand(2)))));
    case ExpressionKind::kLike:
      return ValueOf(Like(operand(0), *e.regex));
    case ExpressionKind::kIsNull:
      return Value::Bool(operand(0).is_null());
    case ExpressionKind::kIsNan:
      return Value::Bool(IsNan(operand(0)));
    case ExpressionKind::kNot:
      return ValueOf(Not(TruthOf(operand(0))));
    default:
      return Value::Null();
  }
}

Node Folder::FoldChain(Node e) {
  const bool is_and = e->kind == ExpressionKind::kAnd;
  const Truth decides = is_and ? Truth::kFalse : Truth::kTrue;
  const Truth changes_nothing = Not(decides);
  std::vector<Node> kept;
  bool has_null = false;
  const auto keep = [&](Node operand) {
    if (IsTruth(*operand, changes_nothing)) return true;
    if (IsTruth(*operand, decides)) return false;
    if (IsTruth(*operand, Truth::kNull)) {
      has_null = true;
    } else {
      kept.push_back(std::move(operand));
    }
    return true;
  };
  for (Node& operand : e->operands) {
    Node folded = FoldNode(std::move(operand));
    if (folded->kind == e->kind) {
      for (Node& inner : folded->operands) {
        if (!keep(std::move(inner))) return Constant(ValueOf(decides));
      }
    } else if (!keep(Condition(std::move(folded)))) {
      return Constant(ValueOf(decides));
    }
  }
  if (has_null) kept.push_back(Constant(Value::Null()));
  if (kept.empty()) return Constant(ValueOf(changes_nothing));
  if (kept.size() == 1) return std::move(kept[0]);
  // Inside a chain an operand is taken as a condition anyway.
  for (Node& operand : kept) {
    if (operand->kind == ExpressionKind::kTruth) operand = std::move(operand->operands[0]);
  }
  e->operands = std::move(kept);
  return e;
}

Node Folder::FoldNot(Node e) {
  Node operand = FoldNode(std::move(e->operands[0]));
  if (operand->is_constant()) return Constant(ValueOf(Not(TruthOf(operand->constant))));
  if (operand->kind == ExpressionKind::kNot) return Condition(std::move(operand->operands[0]));
  if (operand->kind == ExpressionKind::kTruth) operand = std::move(operand->operands[0]);
  e->operands[0] = std::move(operand);
  return e;
}

// False: too much text; the call is left for later.
bool Folder::Call(const Expression& e, Value& value) {
  std::vector<Value> arguments;
  for (const Node& operand : e.operands) arguments.push_back(operand->constant);
  if (context_ == nullptr) context_ = std::make_unique<EvaluationContext>();
  context_->Begin();
  context_->data = e.regex != nullptr ? e.regex.get() : e.function->data;
  value = e.function->body(arguments, *context_);
  if (value.is_string()) {
    if (value.as_string().size() > text_left_) return false;
    text_left_ -= value.as_string().size();
  }
  value = tree_.Keep(value);
  return true;
}

Node Folder::FoldIf(Node e) {
  const Expression& condition = *e->operands[0];
  if (!condition.is_constant()) return e;
  const bool is_true = TruthOf(condition.constant) == Truth::kTrue;
  return std::move(e->operands[is_true ? 1 : 2]);
}

// Constants that are there twice, spelled alike.
void RemoveDuplicates(Expression& list) {
  StringSet seen;
  const auto twice = [&seen](const Node& e) {
    return e->is_constant() && !seen.insert(LiteralText(e->constant)).second;
  };
  list.operands.erase(std::remove_if(list.operands.begin() + 1, list.operands.end(), twice),
                      list.operands.end());
}

Node Folder::FoldNode(Node e) {
  if (e->is_constant() || e->is_field()) return e;
  if (e->kind == ExpressionKind::kAnd || e->kind == ExpressionKind::kOr) {
    return FoldChain(std::move(e));
  }
  if (e->kind == ExpressionKind::kNot) return FoldNot(std::move(e));

  for (Node& operand : e->operands) operand = FoldNode(std::move(operand));
  if (e->kind == ExpressionKind::kIf) return FoldIf(std::move(e));
  if (!CanFold(*e)) return e;
  const bool all_constant = std::all_of(e->operands.begin(), e->operands.end(),
                                        [](const Node& operand) { return operand->is_constant(); });
  if (all_constant) {
    Value value;
    if (e->kind != ExpressionKind::kCall) {
      value = Evaluate(*e);
    } else if (!Call(*e, value)) {
      return e;
    }
    // There is no way to write a constant that is no finite number.
    return IsFinite(value) ? Constant(value) : std::move(e);
  }
  const auto is_null = [](const Node& operand) {
    return operand->is_constant() && operand->constant.is_null();
  };
  switch (e->kind) {
    case ExpressionKind::kCompare:
      if (e->operands[0]->is_constant()) {
        std::swap(e->operands[0], e->operands[1]);
        e->compare = Mirrored(e->compare);
      }
      [[fallthrough]];
    case ExpressionKind::kArithmetic:
      if (is_null(e->operands[0]) || is_null(e->operands[1])) return Constant(Value::Null());
      break;
    case ExpressionKind::kIn:
    case ExpressionKind::kBeginsWith:
    case ExpressionKind::kEndsWith:
      if (is_null(e->operands[0])) return Constant(Value::Null());
      break;
    default:
      break;
  }
  if (e->kind == ExpressionKind::kCompare || e->kind == ExpressionKind::kBetween ||
      e->kind == ExpressionKind::kIn) {
    for (Node& operand : e->operands) PreferInteger(*operand);
  }
  if (e->kind == ExpressionKind::kIn) RemoveDuplicates(*e);
  return e;
}

}  // namespace

void FoldValue(ExpressionTree& tree) {
  Folder folder(tree);
  tree.root = folder.FoldNode(std::move(tree.root));
}

void Fold(ExpressionTree& tree) {
  FoldValue(tree);
  Node root = std::move(tree.root);
  // A whole filter is taken as a condition anyway.
  if (root->kind == ExpressionKind::kTruth) root = std::move(root->operands[0]);
  tree.root = root->is_constant() ? Condition(std::move(root)) : std::move(root);
}

}  // namespace fluxgate
