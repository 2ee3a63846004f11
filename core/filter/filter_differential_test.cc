// Filters against the simple evaluator (tree_evaluator.h): random filters over random values.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "core/filter/compare.h"
#include "core/filter/filter.h"
#include "core/filter/operators.h"
#include "core/filter/parser.h"
#include "core/filter/tree_evaluator.h"

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

// Sometimes an array; `elements` are then its memory.
Value RandomField(Random& random, std::vector<Value>& elements) {
  for (size_t i = Below(random, 4) == 0 ? Below(random, 4) + 2 : 1; i > 0; --i) {
    elements.push_back(RandomValue(random));
  }
  return Value::Array(elements);
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
std::string Call(Random& random, int depth);

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
    case 8:
      return Call(random, depth + 1);
    default:
      return fmt::format("({} {} {})", Operand(random, depth + 1),
                         std::array{"+", "-", "*", "/", "%"}[Below(random, 5)],
                         Operand(random, depth + 1));
  }
}

// A function of every family whose result depends on nothing else.
std::string Call(Random& random, int depth) {
  const auto operand = [&] { return Operand(random, depth); };
  switch (Below(random, 9)) {
    case 0:
      return fmt::format("IF({}, {}, {})", Condition(random, depth), operand(), operand());
    case 1:
      return fmt::format("COALESCE({}, {})", operand(), operand());
    case 2:
      return fmt::format("CONCAT({}, {}, {})", operand(), Constant(random), operand());
    case 3:
      return fmt::format("SUBSTR({}, {})", operand(), Constant(random));
    case 4:
      return fmt::format("ROUND({})", operand());
    case 5:
      return fmt::format("ARRAY_SUM({})", Field(random));
    case 6:
      return fmt::format("ARRAY_COUNT({})", Field(random));
    case 7:
      return fmt::format("REGEXP_MATCH({}, '{}')", operand(),
                         kPatterns[Below(random, kPatterns.size())]);
    default:
      return fmt::format("UPPER({})", operand());
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
      std::array<std::vector<Value>, kFields.size()> elements;
      for (size_t k = 0; k < row.size(); ++k) row[k] = RandomField(random, elements[k]);
      std::vector<Value> values(fields.slot_end());
      for (const auto* used : {&*filter, &*negated, &*canonical}) {
        for (const FieldSlot slot : (*used)->slots()) {
          values[slot] = row[static_cast<size_t>(fields.path(slot).steps[0].name[0] - 'a')];
        }
      }
      TreeEvaluator simple(*tree, [&row](const FieldReference& reference) {
        return row[static_cast<size_t>(reference.path.steps[0].name[0] - 'a')];
      });
      const Truth truth = simple.EvaluateCondition();
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
