// Filters against a second, deliberately simple evaluator that walks the parsed tree: no folding,
// no predicates, no programs, no prepared constants. Random filters over random values.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "core/filter/compare.h"
#include "core/filter/expression.h"
#include "core/filter/filter.h"
#include "core/filter/operators.h"
#include "core/filter/parser.h"

namespace fluxgate {
namespace {

using Random = std::mt19937_64;

constexpr std::array kFields = {"a", "b", "c"};
using Row = std::array<Value, kFields.size()>;

size_t Below(Random& random, size_t n) { return random() % n; }

// Values that meet often, and the ones at the edges.
constexpr std::array kNumbers = {"0",
                                 "1",
                                 "2",
                                 "-1",
                                 "1.5",
                                 "-0.0",
                                 "2.0",
                                 "100",
                                 "9007199254740992",
                                 "9007199254740993",
                                 "9223372036854775807",
                                 "18446744073709551615",
                                 "-9223372036854775807",
                                 "1e300",
                                 "0.1"};
constexpr std::array kTexts = {
    "x",  "xy", "1",  "1.0", "2", " 2 ", "true", "false", "abc", "1e300", "18446744073709551615",
    "-1", "-",  "nan"};
constexpr std::array kPatterns = {"x", "^1", "y$", "[0-9]+", "(.)(?=y)"};

Value RandomValue(Random& random) {
  switch (Below(random, 10)) {
    case 0:
      return Value::Null();
    case 1:
      return Value::Bool(Below(random, 2) == 0);
    case 2:
    case 3:
    case 4:
      return *ParseNumber(kNumbers[Below(random, kNumbers.size())]);
    case 5:
      return Value::Double(std::array{std::numeric_limits<double>::infinity(), -1e308, 5e-324,
                                      -std::numeric_limits<double>::infinity()}[Below(random, 4)]);
    default:
      return Value::String(kTexts[Below(random, kTexts.size())]);
  }
}

std::string Constant(Random& random) {
  switch (Below(random, 8)) {
    case 0:
      return Below(random, 2) == 0 ? "TRUE" : "FALSE";
    case 1:
      return Below(random, 3) == 0 ? "''" : "1";
    case 2:
    case 3:
      return fmt::format("'{}'", kTexts[Below(random, kTexts.size())]);
    default:
      return kNumbers[Below(random, kNumbers.size())];
  }
}

std::string Field(Random& random) { return fmt::format("/{}", kFields[Below(random, 3)]); }

std::string Condition(Random& random, int depth);

std::string Operand(Random& random, int depth) {
  switch (Below(random, depth > 3 ? 6 : 10)) {
    case 0:
    case 1:
    case 2:
      return Field(random);
    case 3:
    case 4:
    case 5:
      return Constant(random);
    case 6:
      return fmt::format("-{}", Operand(random, depth + 1));
    case 7:
      return fmt::format("({})", Condition(random, depth + 1));
    default:
      return fmt::format("({} {} {})", Operand(random, depth + 1),
                         std::array{"+", "-", "*", "/", "%"}[Below(random, 5)],
                         Operand(random, depth + 1));
  }
}

std::string List(Random& random, int depth) {
  std::string list;
  const bool constants = Below(random, 2) == 0;
  for (size_t i = Below(random, 5) + 1; i > 0; --i) {
    list += constants ? Constant(random) : Operand(random, depth + 1);
    if (i > 1) list += ", ";
  }
  return list;
}

std::string Chain(Random& random, int depth, std::string_view word) {
  std::string chain = Condition(random, depth + 1);
  for (size_t i = Below(random, 3) + 1; i > 0; --i) {
    chain += fmt::format(" {} {}", word, Condition(random, depth + 1));
  }
  return chain;
}

std::string_view RandomCompare(Random& random) {
  return std::array{"=", "==", "!=", "<>", "<", "<=", ">", ">="}[Below(random, 8)];
}

std::string Condition(Random& random, int depth) {
  const auto negation = [&] { return Below(random, 3) == 0 ? "NOT " : ""; };
  switch (Below(random, depth > 3 ? 8 : 14)) {
    case 0:
    case 1:
    case 2:
      return fmt::format("{} {} {}", Field(random), RandomCompare(random), Constant(random));
    case 3:
      return fmt::format("{} {} {}", Operand(random, depth + 1), RandomCompare(random),
                         Operand(random, depth + 1));
    case 4:
      return fmt::format("{} {}IN ({})", Operand(random, depth + 1), negation(),
                         List(random, depth));
    case 5:
      return fmt::format("{} {}BETWEEN {} AND {}", Operand(random, depth + 1), negation(),
                         Constant(random), Operand(random, depth + 1));
    case 6:
      return fmt::format("{} {}{} WITH ({})", Operand(random, depth + 1), negation(),
                         Below(random, 2) == 0 ? "BEGINS" : "ENDS", List(random, depth));
    case 7:
      return fmt::format("{} {}LIKE '{}'", Operand(random, depth + 1), negation(),
                         kPatterns[Below(random, kPatterns.size())]);
    case 8:
      return fmt::format("{} IS {}{}", Operand(random, depth + 1), negation(),
                         Below(random, 3) == 0 ? "NAN" : "NULL");
    case 9:
      return fmt::format("NOT ({})", Condition(random, depth + 1));
    case 10:
      return Operand(random, depth + 1);
    case 11:
    case 12:
      return fmt::format("({})", Chain(random, depth, "OR"));
    default:
      return fmt::format("({})", Chain(random, depth, "AND"));
  }
}

// The simple evaluator.
class TreeWalker {
 public:
  TreeWalker(const ExpressionTree& tree, const Row& row) : tree_(tree), row_(row) {}

  Truth Evaluate() const { return TruthOf(ValueOfNode(*tree_.root)); }

 private:
  Value ValueOfNode(const Expression& e) const {
    const auto operand = [&](size_t i) { return ValueOfNode(*e.operands[i]); };
    switch (e.kind) {
      case ExpressionKind::kConstant:
        return e.constant;
      case ExpressionKind::kField:
        return row_[static_cast<size_t>(tree_.fields[e.field].path.steps[0].name[0] - 'a')];
      case ExpressionKind::kArithmetic:
        return Arithmetic(e.arithmetic, operand(0), operand(1));
      case ExpressionKind::kNegate:
        return Negate(operand(0));
      case ExpressionKind::kCompare:
        return ValueOf(Holds(e.compare, Compare(operand(0), operand(1))));
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
      case ExpressionKind::kTruth:
        return ValueOf(TruthOf(operand(0)));
      default:
        return ValueOf(Many(e));
    }
  }

  Truth Many(const Expression& e) const {
    const bool is_list = e.kind == ExpressionKind::kIn || e.kind == ExpressionKind::kBeginsWith ||
                         e.kind == ExpressionKind::kEndsWith;
    Truth truth = TruthOf(e.kind == ExpressionKind::kAnd);
    for (size_t i = is_list ? 1 : 0; i < e.operands.size(); ++i) {
      const Value value = ValueOfNode(*e.operands[i]);
      switch (e.kind) {
        case ExpressionKind::kAnd:
          truth = And(truth, TruthOf(value));
          break;
        case ExpressionKind::kOr:
          truth = Or(truth, TruthOf(value));
          break;
        case ExpressionKind::kIn:
          truth = Or(truth, Holds(CompareOp::kEqual, Compare(ValueOfNode(*e.operands[0]), value)));
          break;
        case ExpressionKind::kBeginsWith:
          truth = Or(truth, BeginsWith(ValueOfNode(*e.operands[0]), value));
          break;
        default:
          truth = Or(truth, EndsWith(ValueOfNode(*e.operands[0]), value));
      }
    }
    return truth;
  }

  const ExpressionTree& tree_;
  const Row& row_;
};

TEST(FilterDifferentialTest, RandomFiltersOverRandomValues) {
  const uint64_t seed = std::random_device()();
  SCOPED_TRACE(fmt::format("seed {}", seed));
  Random random(seed);
  int matched = 0;
  int unmatched = 0;
  for (int i = 0; i < 20'000; ++i) {
    const std::string text = Below(random, 2) == 0 ? Condition(random, 0) : Chain(random, 1, "AND");
    SCOPED_TRACE(text);
    const auto tree = ParseExpression(text, {}, {});
    ASSERT_TRUE(tree.ok()) << tree.status();
    FieldTable fields;
    const auto filter = Filter::Compile(text, fields);
    ASSERT_TRUE(filter.ok()) << filter.status();
    const auto negated = Filter::Compile("NOT (" + text + ")", fields);
    const auto canonical = Filter::Compile((*filter)->canonical(), fields);
    ASSERT_TRUE(canonical.ok()) << (*filter)->canonical() << canonical.status();
    ASSERT_EQ((*canonical)->canonical(), (*filter)->canonical());
    for (int j = 0; j < 10; ++j) {
      Row row;
      for (Value& value : row) value = RandomValue(random);
      std::vector<Value> values(fields.slot_end());
      for (const auto* used : {&*filter, &*negated, &*canonical}) {
        for (const FieldSlot slot : (*used)->slots()) {
          values[slot] = row[static_cast<size_t>(fields.path(slot).steps[0].name[0] - 'a')];
        }
      }
      const Truth truth = TreeWalker(*tree, row).Evaluate();
      ASSERT_EQ((*filter)->Matches(values), truth == Truth::kTrue);
      ASSERT_EQ((*negated)->Matches(values), truth == Truth::kFalse);
      ASSERT_EQ((*canonical)->Matches(values), truth == Truth::kTrue) << (*canonical)->canonical();
      ++(truth == Truth::kTrue ? matched : unmatched);
    }
  }
  EXPECT_GT(matched, 10'000);
  EXPECT_GT(unmatched, 10'000);
}

}  // namespace
}  // namespace fluxgate
