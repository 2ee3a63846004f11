#include <gtest/gtest.h>

#include <cmath>

#include "core/filter/functions/function_testing.h"

namespace fluxgate {
namespace {

TEST(NullFunctionsTest, CoalesceIsTheFirstThatIsNotNull) {
  EXPECT_EQ(Call("COALESCE", {nullptr, "", 3, 4}), "3");
  EXPECT_EQ(Call("COALESCE", {nullptr}), "NULL");
  EXPECT_EQ(Call("COALESCE", {std::nan(""), 1}), "NaN");
}

TEST(NullFunctionsTest, TypedValues) {
  EXPECT_EQ(Call("TRUE_VALUE", {}), "true");
  EXPECT_EQ(Call("FALSE_VALUE", {}), "false");
  EXPECT_EQ(Call("NAN_VALUE", {}), "NaN");
  EXPECT_EQ(Call("CHAR_VALUE", {65}), "'A'");
  EXPECT_EQ(Call("CHAR_VALUE", {"66"}), "'B'");
}

TEST(NullFunctionsTest, CharValueIsOneByte) {
  EXPECT_EQ(Call("CHAR_VALUE", {0}), std::string("'\0'", 3));
  EXPECT_EQ(Call("CHAR_VALUE", {255}), "'\xff'");
  EXPECT_EQ(Call("CHAR_VALUE", {256}), "NULL");
  EXPECT_EQ(Call("CHAR_VALUE", {-1}), "NULL");
  EXPECT_EQ(Call("CHAR_VALUE", {nullptr}), "NULL");
}

}  // namespace
}  // namespace fluxgate
