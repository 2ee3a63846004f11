#include "gateway/config/machine_memory.h"

#include "gtest/gtest.h"

namespace fluxgate::config {
namespace {

TEST(MachineMemoryTest, IsPlausible) {
  EXPECT_GE(MachineMemoryBytes(), 16ull << 20);
  EXPECT_LE(MachineMemoryBytes(), 1ull << 50);
}

TEST(MachineMemoryTest, GroupLimits) {
  EXPECT_EQ(ParseGroupLimit("536870912\n"), 536870912u);
  EXPECT_EQ(ParseGroupLimit("1"), 1u);
  EXPECT_EQ(ParseGroupLimit("max\n"), std::nullopt);
  EXPECT_EQ(ParseGroupLimit(""), std::nullopt);
  EXPECT_EQ(ParseGroupLimit("0\n"), std::nullopt);
  EXPECT_EQ(ParseGroupLimit("12 34"), std::nullopt);
  EXPECT_EQ(ParseGroupLimit("99999999999999999999"), std::nullopt);
}

}  // namespace
}  // namespace fluxgate::config
