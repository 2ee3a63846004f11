#include "core/filter/filter.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/filter/compare.h"
#include "core/filter/evaluation_context.h"
#include "core/filter/expression.h"

namespace fluxgate {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

class FilterTest : public testing::Test {
 protected:
  std::shared_ptr<const Filter> Make(std::string_view text, const FilterLimits& limits = {}) {
    auto filter = Filter::Compile(text, fields_, limits);
    EXPECT_TRUE(filter.ok()) << text.substr(0, 100) << ": " << filter.status();
    return filter.ok() ? *filter : nullptr;
  }

  absl::Status Failure(std::string_view text, const FilterLimits& limits = {}) {
    return Filter::Compile(text, fields_, limits).status();
  }

  std::string Canonical(std::string_view text) { return Make(text)->canonical(); }

  // Predicates in words, and "+" when something is left over: "/a in {1, 'x'}; /b in [1, 2]; +".
  std::string Parts(std::string_view text) {
    const auto filter = Make(text);
    if (filter == nullptr) return "";
    if (filter->never()) return "never";
    std::string parts;
    for (const Predicate& predicate : filter->predicates()) {
      parts += fields_.path(predicate.slot).ToString();
      if (predicate.kind == Predicate::Kind::kRange) {
        parts += fmt::format(" in [{}, {}]; ", predicate.low, predicate.high);
        continue;
      }
      switch (predicate.kind) {
        case Predicate::Kind::kNotEqual:
          parts += " !=";
          break;
        case Predicate::Kind::kNoneOf:
          parts += " not";
          break;
        case Predicate::Kind::kNull:
          parts += " null; ";
          continue;
        case Predicate::Kind::kNotNull:
          parts += " not null; ";
          continue;
        case Predicate::Kind::kPrefix:
          parts += " begins";
          break;
        case Predicate::Kind::kLike:
          parts += " like " + predicate.regex->pattern();
          break;
        case Predicate::Kind::kNotLike:
          parts += " not like " + predicate.regex->pattern();
          break;
        default:
          break;
      }
      parts += " in {";
      for (const Value& constant : predicate.constants) {
        if (!parts.ends_with('{')) parts += ", ";
        parts += LiteralText(constant);
      }
      parts += "}; ";
    }
    if (filter->residual() != nullptr) parts += "+";
    return parts;
  }

  FieldTable fields_;
};

TEST_F(FilterTest, EqualityBecomesAnyOf) {
  EXPECT_EQ(Parts("/a = 1"), "/a in {1}; ");
  EXPECT_EQ(Parts("1 = /a"), "/a in {1}; ");
  EXPECT_EQ(Parts("/a = 'x'"), "/a in {'x'}; ");
  EXPECT_EQ(Parts("/a = TRUE"), "/a in {TRUE}; ");
  EXPECT_EQ(Parts("/a = 1.0"), "/a in {1}; ");
  EXPECT_EQ(Parts("/a = 0.5"), "/a in {0.5}; ");
  EXPECT_EQ(Parts("/a = 18446744073709551615"), "/a in {18446744073709551615}; ");
  EXPECT_EQ(Parts("/a = 1 + 1"), "/a in {2}; ");
}

TEST_F(FilterTest, InAndOrOfOneFieldBecomeAnyOf) {
  EXPECT_EQ(Parts("/a IN (1, 'x', 2.5)"), "/a in {1, 'x', 2.5}; ");
  EXPECT_EQ(Parts("/a = 1 OR /a = 2"), "/a in {1, 2}; ");
  EXPECT_EQ(Parts("/a = 1 OR /a IN (2, 3) OR 4 = /a"), "/a in {1, 2, 3, 4}; ");
  EXPECT_EQ(Parts("(/a = 1 OR /a = 2) AND /b = 3"), "/a in {1, 2}; /b in {3}; ");
  EXPECT_EQ(Parts("/a IN (1, 1, 1.0, '1', '1')"), "/a in {1, '1'}; ");
  EXPECT_EQ(Parts("/a = 1 OR /a = 1"), "/a in {1}; ");
  EXPECT_EQ(Parts("/a IN (1, '')"), "/a in {1}; ");
  EXPECT_EQ(Parts("/a = 1 OR /a = ''"), "/a in {1}; ");
}

TEST_F(FilterTest, ComparisonsWithNumbersBecomeRanges) {
  EXPECT_EQ(Parts("/a <= 5"), "/a in [-inf, 5]; ");
  EXPECT_EQ(Parts("/a >= 5"), "/a in [5, inf]; ");
  EXPECT_EQ(Parts("/a BETWEEN 1 AND 2.5"), "/a in [1, 2.5]; ");
  const auto below = Make("/a < 5");
  EXPECT_EQ(below->predicates()[0].high, std::nextafter(5.0, 0.0));
  EXPECT_EQ(below->predicates()[0].low, -kInfinity);
  const auto above = Make("/a > 5");
  EXPECT_EQ(above->predicates()[0].low, std::nextafter(5.0, 6.0));
  EXPECT_EQ(above->predicates()[0].high, kInfinity);
  EXPECT_EQ(Make("/a > 0")->predicates()[0].low, std::numeric_limits<double>::denorm_min());
  EXPECT_EQ(Parts("5 <= /a"), "/a in [5, inf]; ");
}

TEST_F(FilterTest, RangesOfOneFieldAreMerged) {
  EXPECT_EQ(Parts("/a >= 1 AND /a <= 5"), "/a in [1, 5]; ");
  EXPECT_EQ(Parts("/a >= 1 AND /b <= 5 AND /a >= 2 AND /a <= 7 AND /a <= 6"),
            "/a in [2, 6]; /b in [-inf, 5]; ");
  // One element of an array must be inside both ends of BETWEEN, any may be above 1.
  EXPECT_EQ(Parts("/a >= 1 AND /a BETWEEN 0 AND 9"), "/a in [1, inf]; /a in [0, 9]; ");
  // Two elements of an array can be on either side.
  EXPECT_EQ(Parts("/a >= 5 AND /a <= 4"), "/a in [5, inf]; /a in [-inf, 4]; ");
  EXPECT_EQ(Parts("/a >= 1 AND /a = 5"), "/a in [1, inf]; /a in {5}; ");
}

TEST_F(FilterTest, WhatARangeCannotSayExactlyIsResidual) {
  EXPECT_EQ(Parts("/a > 9007199254740991"), "/a in [9007199254740992, inf]; ");
  EXPECT_EQ(Parts("/a > 9007199254740992"), "+");
  EXPECT_EQ(Parts("/a >= -9007199254740992"), "+");
  EXPECT_EQ(Parts("/a < 9007199254740993"), "+");
  EXPECT_EQ(Parts("/a < 1e300"), "+");
  EXPECT_EQ(Parts("/a > '5'"), "+");
  EXPECT_EQ(Parts("/a > TRUE"), "+");
  EXPECT_EQ(Parts("/a BETWEEN 1 AND 'x'"), "+");
  EXPECT_EQ(Parts("/a BETWEEN 'a' AND 5"), "+");
}

TEST_F(FilterTest, EverythingElseIsResidual) {
  for (std::string_view text :
       {"/a", "/a != /b", "NOT /a < 1", "/a = /b", "/a + 1 = 2", "/a = 1 OR /b = 1",
        "/a = 1 OR /a > 1", "/a NOT IN (1, '')", "/a NOT IN (1, /b)", "/a IN (1, /b)",
        "/a BETWEEN 1 AND /b", "1 IN (/a)", "/a BEGINS WITH (1)", "/a ENDS WITH ('x')",
        "NOT /a BEGINS WITH ('x')", "/a + 1 IS NULL"}) {
    EXPECT_EQ(Parts(text), "+") << text;
  }
  EXPECT_EQ(Parts("/a = 1 AND /b + 1 != 2 AND /c < 'x'"), "/a in {1}; +");
}

TEST_F(FilterTest, OtherConditionsOnOneField) {
  EXPECT_EQ(Parts("/a != 1"), "/a != in {1}; ");
  EXPECT_EQ(Parts("'x' <> /a"), "/a != in {'x'}; ");
  EXPECT_EQ(Parts("NOT /a = 1"), "/a not in {1}; ");
  EXPECT_EQ(Parts("/a NOT IN (1, 'x', 1)"), "/a not in {1, 'x'}; ");
  EXPECT_EQ(Parts("/a IS NULL"), "/a null; ");
  EXPECT_EQ(Parts("/a IS NOT NULL"), "/a not null; ");
  EXPECT_EQ(Parts("/a BEGINS WITH ('x', 'yz')"), "/a begins in {'x', 'yz'}; ");
  EXPECT_EQ(Parts("/a LIKE 'x'"), "/a like x in {}; ");
  EXPECT_EQ(Parts("/a LIKE '^ab'"), "/a begins in {'ab'}; ");
  EXPECT_EQ(Parts("/a LIKE '^ab$'"), "/a like ^ab$ in {'ab'}; ");
  EXPECT_EQ(Parts("/a LIKE '^ab.*c'"), "/a like ^ab.*c in {'ab'}; ");
  EXPECT_EQ(Parts("/a NOT LIKE '^ab'"), "/a not like ^ab in {}; ");
}

TEST_F(FilterTest, AlternativesOfAnOr) {
  const auto count = [this](std::string_view text) {
    const auto filter = Make(text);
    return filter->alternatives().empty() ? 0 : filter->alternatives()[0].size();
  };
  EXPECT_EQ(count("/a = 1 OR /b BEGINS WITH ('x')"), 2u);
  EXPECT_EQ(count("/a = 1 OR (/c > 1 AND /b IN (1, 2)) OR /d LIKE '^x'"), 3u);
  EXPECT_EQ(count("/a = 1 OR /b > 1"), 0u);
  EXPECT_EQ(count("/a = 1 OR /b != 1"), 0u);
  EXPECT_EQ(count("/a = 1 OR /b LIKE 'x'"), 0u);
  EXPECT_EQ(count("/a = 1 OR /a IS NULL"), 0u);
  EXPECT_EQ(count("/a > 1 OR NOT (/a = 1 OR /b = 1)"), 0u);
}

TEST_F(FilterTest, PredicatesOfArrays) {
  const Value elements[] = {Value::Int(1), Value::String("x"), Value::Null()};
  const auto matches = [&](std::string_view text) {
    const auto filter = Make(text);
    std::vector<Value> values(fields_.slot_end());
    for (Value& value : values) value = Value::Array(elements);
    return filter->Matches(values);
  };
  EXPECT_TRUE(matches("/a = 1 AND /a = 'x'"));
  EXPECT_FALSE(matches("/a = 2"));
  EXPECT_TRUE(matches("/a != 1"));
  EXPECT_FALSE(matches("/a NOT IN (1)"));
  EXPECT_FALSE(matches("/a NOT IN (2)"));  // NULL is among the elements
  EXPECT_TRUE(matches("/a > 5 AND /a < 2"));
  EXPECT_FALSE(matches("/a BETWEEN 1.5 AND 5"));
  EXPECT_FALSE(matches("/a < 1"));
  EXPECT_TRUE(matches("/a BEGINS WITH ('x')"));
  EXPECT_TRUE(matches("/a LIKE '^x$'"));
  EXPECT_FALSE(matches("/a NOT LIKE '^y$'"));
  EXPECT_FALSE(matches("/a IS NULL"));
  EXPECT_TRUE(matches("/a IS NOT NULL"));
}

TEST_F(FilterTest, WhatIsNeverTrueIsNoticed) {
  for (std::string_view text :
       {"FALSE", "''", "1 = 2", "/a = ''", "/a IN ('')", "/a = 1 AND FALSE", "/a = 1 AND ''",
        "/a BETWEEN 5 AND 4", "/a > 1 AND /b BETWEEN 2 AND 0", "NOT TRUE AND /a",
        "/a = '' OR /b = ''"}) {
    EXPECT_EQ(Parts(text), "never") << text;
    EXPECT_FALSE(Make(text)->reads_body()) << text;
  }
}

TEST_F(FilterTest, NullPartsOfAnOrSayNothing) {
  EXPECT_EQ(Parts("(/a = 1 AND /b = 2) OR ''"), "/a in {1}; /b in {2}; ");
  EXPECT_EQ(Parts("/c = 3 AND ((/a = 1 AND /b > 2) OR AMPS_GROUP_NAME() = 'g')"),
            Parts("/c = 3 AND /a = 1 AND /b > 2"));
  EXPECT_EQ(Parts("/a OR ''"), "+");
  EXPECT_EQ(Parts("(/a = 1 AND ((/b = 2 AND /c = 3) OR '')) OR ''"),
            "/a in {1}; /b in {2}; /c in {3}; ");
}

TEST_F(FilterTest, FunctionsOfConstantsLeaveALimitedText) {
  const std::string grow = "REPLACE('" + std::string(200, 'a') + "', 'a', '";
  // 200 * 300 bytes are less than 64 KiB, 200 * 400 more.
  EXPECT_EQ(Parts("/a = " + grow + std::string(400, 'b') + "')"), "+");
  EXPECT_NE(Parts("/a = " + grow + std::string(300, 'b') + "')"), "+");
  // Together, too.
  std::string many = "/a = LENGTH(" + grow + std::string(300, 'b') + "')) ";
  EXPECT_EQ(Parts(many), "/a in {60000}; ");
  EXPECT_EQ(Parts(many + "AND /b = LENGTH(" + grow + std::string(300, 'c') + "'))"),
            "/a in {60000}; +");
}

TEST_F(FilterTest, AnEvaluationHoldsALimitedNumberOfValues) {
  const auto call = [](size_t arguments) {
    std::string text = "CONCAT(/a";
    for (size_t i = 1; i < arguments; ++i) text += ",/a";
    return text + ") IS NULL";
  };
  EXPECT_TRUE(Failure(call(1024)).ok());
  EXPECT_EQ(ErrorCodeOf(Failure(call(1025))), ErrorCode::kBadFilter);
}

TEST_F(FilterTest, SpeaksOfOneMessageWhateverTheScope) {
  const ExpressionScope wide{.records = true, .qualified_fields = true, .aggregates = true};
  for (std::string_view text : {"/a OF PREVIOUS = 1", "[t].[/a] = 1", "SUM(/a) = 1"}) {
    EXPECT_EQ(ErrorCodeOf(Filter::Compile(text, fields_, {}, wide).status()), ErrorCode::kBadFilter)
        << text;
  }
}

TEST_F(FilterTest, WorkOfAnEvaluationIsLimited) {
  const auto filter = Make("CRC32(/a) >= 0 AND CRC32(/a) + 1 > 0");
  std::vector<Value> values(fields_.slot_end());
  const uint64_t most = EvaluationContext::kWorkMax / EvaluationContext::kWorkPerByte / 2;
  const std::string text(most + 1, 'x');
  values[filter->slots()[0]] = Value::String(std::string_view(text).substr(0, most));
  EXPECT_TRUE(filter->Matches(values));
  values[filter->slots()[0]] = Value::String(text);
  EXPECT_FALSE(filter->Matches(values));
}

TEST_F(FilterTest, WhatIsAlwaysTrueAsksForNothing) {
  for (std::string_view text :
       {"TRUE", "1 = 1", "'a' < 'b'", "TRUE OR /a = 1", "5", "NOT ''=1 OR TRUE"}) {
    EXPECT_EQ(Parts(text), "") << text;
    EXPECT_FALSE(Make(text)->reads_body()) << text;
    EXPECT_TRUE(Make(text)->Matches({})) << text;
  }
}

TEST_F(FilterTest, SlotsAreDistinctAscendingAndReleased) {
  {
    const auto filter = Make("/c = 1 AND /a = 2 AND /c > 3 AND /b + /a = 4");
    EXPECT_EQ(filter->slots().size(), 3u);
    EXPECT_TRUE(std::is_sorted(filter->slots().begin(), filter->slots().end()));
    EXPECT_TRUE(filter->reads_body());
    EXPECT_EQ(fields_.in_use(), 3u);
    const auto other = Make("/a = 1");
    EXPECT_EQ(fields_.in_use(), 3u);
  }
  EXPECT_EQ(fields_.in_use(), 0u);
}

TEST_F(FilterTest, FieldsThatFoldAwayAreNotRead) {
  const auto filter = Make("/a = 1 AND (/b = 2 OR TRUE)");
  ASSERT_EQ(filter->slots().size(), 1u);
  EXPECT_EQ(fields_.path(filter->slots()[0]).ToString(), "/a");
}

TEST_F(FilterTest, FailureAcquiresNothing) {
  EXPECT_FALSE(Failure("/a = 1 AND /b = ").ok());
  EXPECT_EQ(fields_.in_use(), 0u);
  FieldTable two(2);
  EXPECT_TRUE(Filter::Compile("/a = /b", two).ok());
  const absl::Status status = Filter::Compile("/a = 1 AND /b = 2 AND /c = 3", two).status();
  EXPECT_EQ(ErrorCodeOf(status), ErrorCode::kQuotaExceeded);
  EXPECT_EQ(two.in_use(), 0u);
}

TEST_F(FilterTest, TextOfConstantsLivesWithTheFilter) {
  std::shared_ptr<const Filter> filter;
  {
    const std::string text = "/a = 'a rather long constant' AND /b != 'another long constant'";
    filter = Make(text);
  }
  const std::vector<Value> values = {Value::String("a rather long constant"), Value::String("x")};
  EXPECT_TRUE(filter->Matches(values));
}

TEST_F(FilterTest, CanonicalTextForgetsSpelling) {
  for (const auto& [text, canonical] : std::vector<std::pair<std::string_view, std::string_view>>{
           {"/a = 1", "/a = 1"},
           {"  /a==1\n", "/a = 1"},
           {"((/a) = (1))", "/a = 1"},
           {"1 = /a", "/a = 1"},
           {"1 < /a", "/a > 1"},
           {"/a <> 1", "/a != 1"},
           {"/a = \"x\"", "/a = 'x'"},
           {"/a = 1.0", "/a = 1"},
           {"/a = 'it\\'s \\\\ \\n'", "/a = 'it\\'s \\\\ \\x0a'"},
           {"/a=1 and (/b=2 and /c=3)", "/a = 1 AND /b = 2 AND /c = 3"},
           {"/a=1 And ((/b=2 OR /c=3))", "/a = 1 AND (/b = 2 OR /c = 3)"},
           {"(/a=1 and /b=2) or /c=3", "/a = 1 AND /b = 2 OR /c = 3"},
           {"/a not in (1,2)", "NOT /a IN (1, 2)"},
           {"not (/a in (1,2))", "NOT /a IN (1, 2)"},
           {"/a IS NOT NULL", "NOT /a IS NULL"},
           {"/a between 1 and 2", "/a BETWEEN 1 AND 2"},
           {"/a mod 2 = 1", "/a % 2 = 1"},
           {"(/a + /b) + /c = 1", "/a + /b + /c = 1"},
           {"/a + (/b + /c) = 1", "/a + (/b + /c) = 1"},
           {"/a * (/b + 1) = 1", "/a * (/b + 1) = 1"},
           {"/a + 1 + 2 = 1", "/a + 1 + 2 = 1"},
           {"/a + (1 + 2) = 1", "/a + 3 = 1"},
           {"/a / 2.0 = 1", "/a / 2.0 = 1"},
           {"-(5) = /a", "/a = -5"},
           {"not not /a", "/a"},
           {"not not (/a=1)", "/a = 1"},
           {"[/a/b] = 1", "/a/b = 1"},
           {"[/a b] = 1", "[/a b] = 1"},
           {"[/a\\/b] = 1", "[/a\\/b] = 1"},
           {"/a-b = 1", "[/a-b] = 1"},
           {"/a LIKE r'\\d'", "/a LIKE '\\\\d'"},
           {"/a begins with ('x')", "/a BEGINS WITH ('x')"},
           {"TRUE AND /a = 1", "/a = 1"},
           {"1 = 1", "TRUE"},
           {"(/a AND /b) = TRUE", "(/a AND /b) = TRUE"},
           {"(/a AND TRUE) = 1", "(NOT NOT /a) = 1"}}) {
    EXPECT_EQ(Canonical(text), canonical) << text;
    EXPECT_EQ(Canonical(canonical), canonical);
  }
}

TEST_F(FilterTest, DifferentFiltersHaveDifferentCanonicalText) {
  const std::vector<std::string_view> texts = {"/a = 1",
                                               "/a = '1'",
                                               "/a = TRUE",
                                               "/a = 'TRUE'",
                                               "/a/b = 1",
                                               "[/a\\/b] = 1",
                                               "/A = 1",
                                               "/a / 2 = 1",
                                               "/a / 2.0 = 1",
                                               "/a LIKE '/b'",
                                               "/a = '/b'",
                                               "/a = /b",
                                               "/a - (/b - /c) = 1",
                                               "/a - /b - /c = 1",
                                               "/a = 0.1",
                                               "/a = 0.10000000000000001",
                                               "/a = 0.30000000000000004",
                                               "/a = 0.3",
                                               "NOT /a",
                                               "NOT /a = 1",
                                               "/a = '\\x01'",
                                               "/a = '\\\\x01'",
                                               "/a IN (1, 2)",
                                               "/a = 1 OR /a = 2",
                                               "-/a = 1",
                                               "0 + /a = 1",
                                               "/a IS NULL",
                                               "/a IS NAN"};
  for (const auto a : texts) {
    for (const auto b : texts) {
      const bool same = a == b || (a.starts_with("/a = 0.1") && b.starts_with("/a = 0.1"));
      EXPECT_EQ(Canonical(a) == Canonical(b), same) << a << " | " << b;
    }
  }
}

TEST_F(FilterTest, TextLimit) {
  FilterLimits limits;
  limits.text_bytes_max = 20;
  EXPECT_TRUE(Failure("/a = '" + std::string(13, 'x') + "'", limits).ok());
  const absl::Status status = Failure("/a = '" + std::string(14, 'x') + "'", limits);
  EXPECT_EQ(ErrorCodeOf(status), ErrorCode::kBadFilter);
  EXPECT_EQ(ErrorOffsetOf(status), 20);
}

std::string Repeat(std::string_view text, size_t times) {
  std::string out;
  for (size_t i = 0; i < times; ++i) out += text;
  return out;
}

TEST_F(FilterTest, DepthLimit) {
  FilterLimits limits;
  limits.depth_max = 10;
  for (const auto& [before, middle, after] :
       std::vector<std::tuple<std::string_view, std::string_view, std::string_view>>{
           {"(", "/a", ")"},
           {"NOT ", "/a", ""},
           {"- ", "/a", ""},
           {"+ ", "/a", ""},
           {"1 + ", "/a", ""},
           {"", "/a", " * /b"},
           {"/a OR (", "/a", ")"}}) {
    const auto nested = [b = before, m = middle, a = after](size_t n) {
      return Repeat(b, n) + std::string(m) + Repeat(a, n);
    };
    EXPECT_TRUE(Failure(nested(10), limits).ok()) << before;
    const absl::Status status = Failure(nested(11), limits);
    EXPECT_EQ(ErrorCodeOf(status), ErrorCode::kBadFilter) << before;
    EXPECT_NE(ErrorText(status).find("nested deeper than 10"), std::string::npos) << status;
  }
  // An element of a list is a sum, so a list in a list is in parentheses, which nest as well.
  const std::string list = "(/a IN (1, ";
  EXPECT_TRUE(Failure(Repeat(list, 5) + "/a" + Repeat("))", 5), limits).ok());
  EXPECT_FALSE(Failure(Repeat(list, 5) + "(/a)" + Repeat("))", 5), limits).ok());
  // Chains do not nest.
  EXPECT_TRUE(Failure("/a" + Repeat(" OR /a", 50), limits).ok());
  EXPECT_TRUE(Failure("/a" + Repeat(" AND /a", 50), limits).ok());
}

TEST_F(FilterTest, DeepestFilterCanBeEvaluated) {
  // A sum and a product each count as a level, besides the parentheses.
  const uint32_t levels = FilterLimits().depth_max / 2;
  const std::string text =
      Repeat("/a AND /a OR /a = /a + /a * (", levels) + "/a" + Repeat(")", levels);
  const auto filter = Make(text);
  ASSERT_NE(filter, nullptr);
  const std::vector<Value> one = {Value::Int(1)};
  const std::vector<Value> null = {Value::Null()};
  EXPECT_TRUE(filter->Matches(one));
  EXPECT_FALSE(filter->Matches(null));
}

TEST_F(FilterTest, NodeLimit) {
  FilterLimits limits;
  limits.nodes_max = 7;
  EXPECT_TRUE(Failure("/a = 1 AND /b = 2", limits).ok());
  const absl::Status status = Failure("/a = 1 AND /b = -/c", limits);
  EXPECT_EQ(ErrorCodeOf(status), ErrorCode::kBadFilter);
  EXPECT_NE(ErrorText(status).find("more than 7"), std::string::npos);
}

TEST_F(FilterTest, PatternLimits) {
  FilterLimits limits;
  limits.patterns_max = 2;
  limits.regex.pattern_bytes_max = 5;
  EXPECT_TRUE(Failure("/a LIKE 'x' OR /a LIKE 'y' OR /b LIKE 'x'", limits).ok());
  EXPECT_EQ(ErrorCodeOf(Failure("/a LIKE 'x' OR /a LIKE 'y' OR /b LIKE 'z'", limits)),
            ErrorCode::kBadFilter);
  EXPECT_TRUE(Failure("/a LIKE 'abcde'", limits).ok());
  const absl::Status status = Failure("/a LIKE 'abcdef'", limits);
  EXPECT_EQ(ErrorCodeOf(status), ErrorCode::kBadFilter);
  EXPECT_EQ(ErrorOffsetOf(status), 8);
}

TEST_F(FilterTest, FieldLimit) {
  FieldTable fields(3);
  EXPECT_TRUE(Filter::Compile("/a = /b OR /c", fields).ok());
  EXPECT_EQ(ErrorCodeOf(Filter::Compile("/a = /b OR /c = /d", fields).status()),
            ErrorCode::kQuotaExceeded);
}

TEST_F(FilterTest, HostileTextIsBoundedInTimeAndStack) {
  const auto start = std::chrono::steady_clock::now();
  const size_t size = FilterLimits().text_bytes_max;
  for (std::string_view part :
       {"(",    ")",       "NOT ", "- ", "+",        "/a OR ",      "/a AND ",
        "1+",   "/a IN (", "[",    "[/", "'",        "\\",          "/",
        "/a",   "/a/",     "0",    "1.", "r'",       "/a BETWEEN ", "/a LIKE 'a' OR ",
        "\xff", "NOT(",    "-(",   "!",  "/a=1 OR ", "/a>1 AND ",   "/a IN (1,",
        "''",   "."}) {
    const std::string text = Repeat(part, size / part.size());
    const bool harmless = part == "/a" || part == "0";  // one long path, one long number
    EXPECT_EQ(Failure(text).ok(), harmless) << part;
    const absl::Status completed = Failure(text.substr(0, size - 1) + "1");
    EXPECT_TRUE(completed.ok() || ErrorCodeOf(completed) == ErrorCode::kBadFilter) << part;
  }
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
}

TEST_F(FilterTest, LongChainsWork) {
  // As many terms as the limits allow.
  std::string ors = "/x";
  std::string ands = "/x";
  std::string values = "/x = 0";
  std::string list = "/x IN (0";
  std::string ranges = "/f0 > 0";
  for (int i = 1; i < 5000; ++i) {
    ors += " OR /x";
    ands += " AND /x";
    values += fmt::format(" OR /x={}", i);
    list += fmt::format(",{}", i);
    if (i < 4000) ranges += fmt::format(" AND /f{}>0", i);
  }
  list += ")";
  const auto start = std::chrono::steady_clock::now();
  const std::vector<Value> match = {Value::Int(4999)};
  const std::vector<Value> other = {Value::Int(5000)};
  for (const std::string* text : {&ors, &ands, &values, &list}) {
    const auto filter = Make(*text);
    EXPECT_TRUE(filter->Matches(match));
    EXPECT_EQ(filter->Matches(other), text == &ors || text == &ands);
  }
  FieldTable fields;
  const auto filter = Filter::Compile(ranges, fields);
  ASSERT_TRUE(filter.ok()) << filter.status();
  EXPECT_EQ((*filter)->predicates().size(), 4000u);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
}

TEST_F(FilterTest, LikeThatGivesUpIsNeitherTrueNorFalse) {
  FilterLimits limits;
  limits.regex.match_steps_max = 1000;
  const std::string text(100, 'a');
  const std::vector<Value> values = {Value::String(text)};
  EXPECT_FALSE(Make("/a LIKE '(?=a)(a+)+b'", limits)->Matches(values));
  EXPECT_FALSE(Make("/a NOT LIKE '(?=a)(a+)+[^a]$'", limits)->Matches(values));
  EXPECT_TRUE(Make("(/a LIKE '(?=a)(a+)+[^a]$') IS NULL", limits)->Matches(values));
}

TEST_F(FilterTest, NanAndInfinityCanComeOutOfArithmetic) {
  const std::vector<Value> values = {Value::Double(1e308)};
  EXPECT_TRUE(Make("/a * 10 > 1e308")->Matches(values));
  EXPECT_TRUE(Make("/a * 10 - /a * 10 IS NAN")->Matches(values));
  EXPECT_FALSE(Make("/a * 10 - /a * 10 = /a")->Matches(values));
  EXPECT_TRUE(Make("1e308 * 10 > /a")->Matches(values));
  EXPECT_TRUE(Make("1e308 * 10 - 1e308 * 10 IS NAN")->Matches(values));
}

}  // namespace
}  // namespace fluxgate
