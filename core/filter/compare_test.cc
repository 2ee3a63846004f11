#include "core/filter/compare.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

namespace fluxgate {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr int64_t kTwo53 = int64_t{1} << 53;

Ordering Reverse(Ordering o) {
  if (o == Ordering::kLess) return Ordering::kGreater;
  return o == Ordering::kGreater ? Ordering::kLess : o;
}

void ExpectOrder(const Value& a, const Value& b, Ordering expected) {
  EXPECT_EQ(Compare(a, b), expected);
  EXPECT_EQ(Compare(b, a), Reverse(expected));
}

Value S(std::string_view text) { return Value::String(text); }

TEST(CompareTest, IntegersOfBothKinds) {
  ExpectOrder(Value::Int(1), Value::Int(2), Ordering::kLess);
  ExpectOrder(Value::Int(2), Value::Int(2), Ordering::kEqual);
  ExpectOrder(Value::Int(INT64_MAX), Value::Uint(uint64_t{1} << 63), Ordering::kLess);
  ExpectOrder(Value::Int(INT64_MIN), Value::Uint(UINT64_MAX), Ordering::kLess);
  ExpectOrder(Value::Uint(UINT64_MAX), Value::Uint(UINT64_MAX), Ordering::kEqual);
  ExpectOrder(Value::Uint(UINT64_MAX - 1), Value::Uint(UINT64_MAX), Ordering::kLess);
}

TEST(CompareTest, IntegersAgainstDoublesAreExact) {
  ExpectOrder(Value::Int(5), Value::Double(5.0), Ordering::kEqual);
  ExpectOrder(Value::Int(5), Value::Double(5.5), Ordering::kLess);
  ExpectOrder(Value::Int(-5), Value::Double(-5.5), Ordering::kGreater);
  ExpectOrder(Value::Int(kTwo53 + 1), Value::Double(9007199254740992.0), Ordering::kGreater);
  ExpectOrder(Value::Int(INT64_MAX), Value::Double(9223372036854775808.0), Ordering::kLess);
  ExpectOrder(Value::Int(INT64_MIN), Value::Double(-9223372036854775808.0), Ordering::kEqual);
  ExpectOrder(Value::Int(INT64_MIN), Value::Double(-1e19), Ordering::kGreater);
  ExpectOrder(Value::Uint(UINT64_MAX), Value::Double(18446744073709551616.0), Ordering::kLess);
  ExpectOrder(Value::Uint(uint64_t{1} << 63), Value::Double(9223372036854775808.0),
              Ordering::kEqual);
  ExpectOrder(Value::Uint(UINT64_MAX), Value::Double(-1.0), Ordering::kGreater);
  ExpectOrder(Value::Int(0), Value::Double(-0.0), Ordering::kEqual);
  ExpectOrder(Value::Int(0), Value::Double(kInfinity), Ordering::kLess);
  ExpectOrder(Value::Uint(UINT64_MAX), Value::Double(-kInfinity), Ordering::kGreater);
}

TEST(CompareTest, StringsCompareByteByByte) {
  ExpectOrder(S("a"), S("b"), Ordering::kLess);
  ExpectOrder(S("a"), S("aa"), Ordering::kLess);
  ExpectOrder(S("10"), S("9"), Ordering::kLess);
  ExpectOrder(S("100"), S("100.0"), Ordering::kLess);
  ExpectOrder(S("z"), S("\xc3\xa9"), Ordering::kLess);
  ExpectOrder(S("same"), S("same"), Ordering::kEqual);
}

TEST(CompareTest, StringAgainstNumberComparesAsNumbers) {
  ExpectOrder(S("100"), Value::Int(100), Ordering::kEqual);
  ExpectOrder(S("100.0"), Value::Int(100), Ordering::kEqual);
  ExpectOrder(S(" 1e2 "), Value::Int(100), Ordering::kEqual);
  ExpectOrder(S("9"), Value::Int(10), Ordering::kLess);
  ExpectOrder(S("18446744073709551615"), Value::Uint(UINT64_MAX), Ordering::kEqual);
}

TEST(CompareTest, StringThatIsNoNumberIsAboveEveryNumber) {
  ExpectOrder(S("abc"), Value::Int(5), Ordering::kGreater);
  ExpectOrder(S("-"), Value::Uint(UINT64_MAX), Ordering::kGreater);
  ExpectOrder(S("abc"), Value::Double(kInfinity), Ordering::kGreater);
  ExpectOrder(S("nan"), Value::Double(1), Ordering::kGreater);
}

TEST(CompareTest, NullAndNanCompareWithNothing) {
  const Value nan = Value::Double(std::nan(""));
  for (const Value& v : {Value::Null(), Value::Bool(true), Value::Int(1), Value::Uint(UINT64_MAX),
                         Value::Double(1), nan, S("1"), S("abc"), S("")}) {
    ExpectOrder(v, Value::Null(), Ordering::kUnordered);
  }
  for (const Value& v : {Value::Bool(true), Value::Int(1), Value::Uint(UINT64_MAX),
                         Value::Double(1), nan, S("1"), S("abc")}) {
    ExpectOrder(v, nan, Ordering::kUnordered);
  }
}

TEST(CompareTest, BooleansAreOneAndZeroOrTheirNames) {
  ExpectOrder(Value::Bool(true), Value::Int(1), Ordering::kEqual);
  ExpectOrder(Value::Bool(false), Value::Double(0), Ordering::kEqual);
  ExpectOrder(Value::Bool(true), S("true"), Ordering::kEqual);
  ExpectOrder(Value::Bool(false), S("false"), Ordering::kEqual);
  ExpectOrder(Value::Bool(true), S("1"), Ordering::kGreater);
  ExpectOrder(Value::Bool(false), Value::Bool(true), Ordering::kLess);
}

TEST(ParseNumberTest, Integers) {
  EXPECT_EQ(ParseNumber("0")->as_int(), 0);
  EXPECT_EQ(ParseNumber("-0")->as_int(), 0);
  EXPECT_EQ(ParseNumber("007")->as_int(), 7);
  EXPECT_EQ(ParseNumber("+7")->as_int(), 7);
  EXPECT_EQ(ParseNumber("9223372036854775807")->as_int(), INT64_MAX);
  EXPECT_EQ(ParseNumber("-9223372036854775808")->as_int(), INT64_MIN);
  EXPECT_EQ(ParseNumber("9223372036854775808")->as_uint(), uint64_t{1} << 63);
  EXPECT_EQ(ParseNumber("18446744073709551615")->as_uint(), UINT64_MAX);
}

TEST(ParseNumberTest, DoublesAndIntegersTooLargeForInteger) {
  for (const auto& [text, number] : std::vector<std::pair<std::string_view, double>>{
           {"1.5", 1.5},
           {"-1.5", -1.5},
           {"+1.5", 1.5},
           {".5", 0.5},
           {"-.5", -0.5},
           {"5.", 5.0},
           {"1e3", 1000.0},
           {"1E+3", 1000.0},
           {"1.e-3", 0.001},
           {"\t2.5\r\n", 2.5},
           {"18446744073709551616", 18446744073709551616.0},
           {"-9223372036854775809", -9223372036854775808.0},
           {"1e999", kInfinity},
           {"-1e999", -kInfinity},
           {"1e-999", 0.0}}) {
    const auto value = ParseNumber(text);
    ASSERT_TRUE(value.has_value()) << text;
    ASSERT_EQ(value->kind(), Value::Kind::kDouble) << text;
    EXPECT_EQ(value->as_double(), number) << text;
  }
}

TEST(ParseNumberTest, EverythingElseIsNoNumber) {
  for (std::string_view text :
       {"",         " ",   "-",    "+",     ".",     "-.",    "e5",   "1e",
        "1e+",      "1 2", "0x10", "1,000", "12abc", "nan",   "inf",  "-inf",
        "infinity", "+-1", "-+1",  "--1",   "1.2.3", "1e5.5", "1e5e5"}) {
    EXPECT_FALSE(ParseNumber(text).has_value()) << text;
  }
}

TEST(DoubleTest, ExactUpToTwo53AndForEvenNumbersAbove) {
  EXPECT_TRUE(IsExactDouble(Value::Int(kTwo53)));
  EXPECT_FALSE(IsExactDouble(Value::Int(kTwo53 + 1)));
  EXPECT_TRUE(IsExactDouble(Value::Int(kTwo53 + 2)));
  EXPECT_FALSE(IsExactDouble(Value::Int(INT64_MAX)));
  EXPECT_TRUE(IsExactDouble(Value::Int(INT64_MIN)));
  EXPECT_FALSE(IsExactDouble(Value::Uint(UINT64_MAX)));
  EXPECT_TRUE(IsExactDouble(Value::Uint(uint64_t{1} << 63)));
  EXPECT_TRUE(IsExactDouble(Value::Double(0.1)));
  EXPECT_FALSE(IsExactDouble(Value::Double(std::nan(""))));
  EXPECT_EQ(ToDouble(Value::Int(-3)), -3.0);
  EXPECT_EQ(ToDouble(Value::Uint(uint64_t{1} << 63)), 9223372036854775808.0);
  EXPECT_EQ(ToDouble(Value::Double(0.25)), 0.25);
}

}  // namespace
}  // namespace fluxgate
