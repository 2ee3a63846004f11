#include <gtest/gtest.h>

#include <string>

#include "core/filter/functions/function_testing.h"

namespace fluxgate {
namespace {

TEST(StringFunctionsTest, ConcatSkipsNull) {
  EXPECT_EQ(Call("CONCAT", {"a", "b", "c"}), "'abc'");
  EXPECT_EQ(Call("CONCAT", {"a", nullptr, 1, true, 2.5}), "'a1true2.5'");
  EXPECT_EQ(Call("CONCAT", {nullptr, ""}), "NULL");
}

TEST(StringFunctionsTest, LengthCountsBytes) {
  EXPECT_EQ(Call("LENGTH", {"abc"}), "3");
  EXPECT_EQ(Call("LENGTH", {"\u00e9"}), "2");
  EXPECT_EQ(Call("LENGTH", {-12}), "3");
  EXPECT_EQ(Call("LENGTH", {false}), "5");
  EXPECT_EQ(Call("LENGTH", {""}), "NULL");
  EXPECT_EQ(Call("LENGTH", {std::nan("")}), "NULL");
}

TEST(StringFunctionsTest, SubstrCountsFromOne) {
  EXPECT_EQ(Call("SUBSTR", {"abcdef", 2}), "'bcdef'");
  EXPECT_EQ(Call("SUBSTR", {"abcdef", 2, 3}), "'bcd'");
  EXPECT_EQ(Call("SUBSTR", {"abcdef", 6, 10}), "'f'");
  EXPECT_EQ(Call("SUBSTR", {"abcdef", 7}), "NULL");
  EXPECT_EQ(Call("SUBSTR", {"abcdef", 0, 2}), "'ab'");
  EXPECT_EQ(Call("SUBSTR", {"abcdef", 2, 0}), "NULL");
  EXPECT_EQ(Call("SUBSTR", {"abcdef", 2, -1}), "NULL");
  EXPECT_EQ(Call("SUBSTR", {123456, 3, 2}), "'34'");
  EXPECT_EQ(Call("SUBSTR", {"abcdef", "3", 2.9}), "'cd'");
}

TEST(StringFunctionsTest, SubstrCountsNegativePositionsFromTheEnd) {
  EXPECT_EQ(Call("SUBSTR", {"abcdef", -1}), "'f'");
  EXPECT_EQ(Call("SUBSTR", {"abcdef", -3, 2}), "'de'");
  EXPECT_EQ(Call("SUBSTR", {"abcdef", -6}), "'abcdef'");
  EXPECT_EQ(Call("SUBSTR", {"abcdef", -7}), "'abcdef'");
}

TEST(StringFunctionsTest, SubstrTakesTheEndsOfTheRangeOfNumbers) {
  EXPECT_EQ(Call("SUBSTR", {"abc", INT64_MIN}), "'abc'");
  EXPECT_EQ(Call("SUBSTR", {"abc", INT64_MAX, INT64_MAX}), "NULL");
  EXPECT_EQ(Call("SUBSTR", {"abc", 2, INT64_MAX}), "'bc'");
  EXPECT_EQ(Call("SUBSTR", {"abc", UINT64_MAX}), "NULL");
  EXPECT_EQ(Call("SUBSTR", {"abc", -1e300, 1e300}), "'abc'");
  EXPECT_EQ(Call("SUBSTR", {"abc", std::nan("")}), "NULL");
  EXPECT_EQ(Call("SUBSTR", {"abc", "x"}), "NULL");
  EXPECT_EQ(Call("SUBSTR", {nullptr, 1}), "NULL");
  EXPECT_EQ(Call("SUBSTR", {"abc", 1, nullptr}), "NULL");
}

TEST(StringFunctionsTest, LeftAndRight) {
  EXPECT_EQ(Call("LEFT", {"abcdef", 2}), "'ab'");
  EXPECT_EQ(Call("RIGHT", {"abcdef", 2}), "'ef'");
  EXPECT_EQ(Call("LEFT", {"abc", 5}), "'abc'");
  EXPECT_EQ(Call("RIGHT", {"abc", INT64_MAX}), "'abc'");
  EXPECT_EQ(Call("LEFT", {"abc", 0}), "NULL");
  EXPECT_EQ(Call("RIGHT", {"abc", INT64_MIN}), "NULL");
  EXPECT_EQ(Call("LEFT", {nullptr, 1}), "NULL");
  EXPECT_EQ(Call("RIGHT", {"abc", nullptr}), "NULL");
}

TEST(StringFunctionsTest, ReverseUpperLower) {
  EXPECT_EQ(Call("REVERSE", {"abc"}), "'cba'");
  EXPECT_EQ(Call("UPPER", {"aBz1{"}), "'ABZ1{'");
  EXPECT_EQ(Call("LOWER", {"aBZ1["}), "'abz1['");
  EXPECT_EQ(Call("UPPER", {"\u00e9"}), "'\u00e9'");
  EXPECT_EQ(Call("REVERSE", {12}), "'21'");
  EXPECT_EQ(Call("UPPER", {nullptr}), "NULL");
}

TEST(StringFunctionsTest, TrimTakesBlanksOrASet) {
  EXPECT_EQ(Call("TRIM", {" \t\r\n a b \v\f"}), "'a b'");
  EXPECT_EQ(Call("LTRIM", {"  ab  "}), "'ab  '");
  EXPECT_EQ(Call("RTRIM", {"  ab  "}), "'  ab'");
  EXPECT_EQ(Call("TRIM", {"xyaxyx", "yx"}), "'a'");
  EXPECT_EQ(Call("LTRIM", {"xyaxyx", "yx"}), "'axyx'");
  EXPECT_EQ(Call("RTRIM", {"xyaxyx", "yx"}), "'xya'");
  EXPECT_EQ(Call("TRIM", {"  "}), "NULL");
  EXPECT_EQ(Call("TRIM", {"\xff"
                          "a",
                          "\xff"}),
            "'a'");
  EXPECT_EQ(Call("TRIM", {100, 0}), "'1'");
  EXPECT_EQ(Call("TRIM", {"a", nullptr}), "NULL");
}

TEST(StringFunctionsTest, Replace) {
  EXPECT_EQ(Call("REPLACE", {"a-b-c", "-", "+"}), "'a+b+c'");
  EXPECT_EQ(Call("REPLACE", {"aaa", "aa", "b"}), "'ba'");
  EXPECT_EQ(Call("REPLACE", {"abc", "x", "y"}), "'abc'");
  EXPECT_EQ(Call("REPLACE", {"abcb", "b", ""}), "'ac'");
  EXPECT_EQ(Call("REPLACE", {"bb", "b", nullptr}), "NULL");
  EXPECT_EQ(Call("REPLACE", {"abc", "", "x"}), "NULL");
  EXPECT_EQ(Call("REPLACE", {nullptr, "a", "b"}), "NULL");
  EXPECT_EQ(Call("REPLACE", {1001, 0, 2}), "'1221'");
}

TEST(StringFunctionsTest, PositionsCountFromOne) {
  EXPECT_EQ(Call("INSTR", {"abcabc", "c"}), "3");
  EXPECT_EQ(Call("INSTR", {"abc", "C"}), "0");
  EXPECT_EQ(Call("INSTR_I", {"abC", "Bc"}), "2");
  EXPECT_EQ(Call("INSTR_I", {"abc", "x"}), "0");
  EXPECT_EQ(Call("INSTR", {"ab", "abc"}), "0");
  EXPECT_EQ(Call("INSTR", {"abc", ""}), "NULL");
  EXPECT_EQ(Call("INSTR_I", {nullptr, "a"}), "NULL");
}

TEST(StringFunctionsTest, EqualityIgnoringCase) {
  EXPECT_EQ(Call("STREQUAL_I", {"aBc", "AbC"}), "true");
  EXPECT_EQ(Call("STREQUAL_I", {"abc", "abcd"}), "false");
  EXPECT_EQ(Call("STREQUAL_I", {"[", "{"}), "false");
  EXPECT_EQ(Call("STREQUAL_I", {"TRUE", true}), "true");
  EXPECT_EQ(Call("STREQUAL_I", {"a", nullptr}), "NULL");
}

TEST(StringFunctionsTest, ResultsAreAsLongAsAnEvaluationMayMakeThem) {
  const std::string half(EvaluationText::kBytesMax / 2, 'a');
  EXPECT_EQ(Call("CONCAT", {half, half}).size(), EvaluationText::kBytesMax + 2);
  EXPECT_EQ(Call("CONCAT", {half, half, "a"}), "NULL");
  const std::string whole = half + half;
  EXPECT_EQ(Call("UPPER", {whole}).size(), EvaluationText::kBytesMax + 2);
  EXPECT_EQ(Call("UPPER", {whole + "a"}), "NULL");
  const std::string part(1024, 'a');
  EXPECT_EQ(Call("REPLACE", {half, part, part + part}).size(), EvaluationText::kBytesMax + 2);
  EXPECT_EQ(Call("REPLACE", {half + "a", part, part + part}), "NULL");
  // A part of an argument needs no memory.
  EXPECT_EQ(Call("RIGHT", {whole + "ab", 2}), "'ab'");
}

TEST(StringFunctionsTest, LookingForALongPartTakesLinearTime) {
  // Half of a million bytes at each of half a million positions would take minutes.
  const std::string text(1 << 20, 'a');
  const std::string part = std::string(1 << 19, 'a') + "b";
  EXPECT_EQ(Call("INSTR", {text, part}), "0");
  EXPECT_EQ(Call("LENGTH", {text}), "1048576");
}

}  // namespace
}  // namespace fluxgate
