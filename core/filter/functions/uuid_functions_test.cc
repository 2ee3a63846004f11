#include <gtest/gtest.h>

#include <regex>
#include <string>

#include "core/filter/functions/function_testing.h"

namespace fluxgate {
namespace {

// The example of RFC 9562, A.6: 2022-02-22 19:22:22 UTC.
constexpr double kTime = 1645557742;

TEST(UuidFunctionsTest, HoldsTimeVersionAndVariant) {
  const std::string uuid = Call("UUID7", {kTime});
  const std::regex form("'017f22e2-79b0-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}'");
  EXPECT_TRUE(std::regex_match(uuid, form)) << uuid;
  EXPECT_EQ(Call("UUID7", {kTime + 0.123}).substr(1, 13), "017f22e2-7a2b");
}

TEST(UuidFunctionsTest, DiffersWithinAContextAndRepeatsFromOneState) {
  EvaluationContext context;
  context.random_state = 5;
  const std::string first = CallIn(context, "UUID7", {kTime});
  EXPECT_NE(CallIn(context, "UUID7", {kTime}), first);
  EvaluationContext other;
  EXPECT_NE(CallIn(other, "UUID7", {kTime}), first);
  other.random_state = 5;
  EXPECT_EQ(CallIn(other, "UUID7", {kTime}), first);
  other.random_state = 7;
  EXPECT_NE(CallIn(other, "UUID7", {kTime}), first);
}

TEST(UuidFunctionsTest, TimesThatItCannotHold) {
  EXPECT_EQ(Call("UUID7", {0}).substr(1, 13), "00000000-0000");
  EXPECT_EQ(Call("UUID7", {-0.001}), "NULL");
  EXPECT_EQ(Call("UUID7", {281474976710.655}).substr(1, 13), "ffffffff-ffff");
  EXPECT_EQ(Call("UUID7", {281474976710.656}), "NULL");
  EXPECT_EQ(Call("UUID7", {nullptr}), "NULL");
  EXPECT_EQ(Call("UUID7", {std::nan("")}), "NULL");
}

TEST(UuidFunctionsTest, IsGivenTheTimeAndIsNoConstant) {
  EXPECT_TRUE(Find("UUID7").takes_time);
  EXPECT_FALSE(Find("UUID7").deterministic);
}

}  // namespace
}  // namespace fluxgate
