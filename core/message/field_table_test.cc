#include "core/message/field_table.h"

#include <gtest/gtest.h>

#include <vector>

#include <string>

#include "core/base/error.h"

namespace fluxgate {
namespace {

TEST(FieldTableTest, OnePathHasOneSlot) {
  FieldTable table;
  const FieldSlot a = *table.Acquire({{"a"}});
  const FieldSlot b = *table.Acquire({{"a", "b"}});
  EXPECT_NE(a, b);
  EXPECT_EQ(*table.Acquire({{"a"}}), a);
  EXPECT_EQ(table.in_use(), 2u);
  EXPECT_EQ(table.slot_end(), 2u);
  EXPECT_EQ(table.path(b).ToString(), "/a/b");
}

TEST(FieldTableTest, StepsAreNotConfusedWithTheirJoin) {
  FieldTable table;
  EXPECT_NE(*table.Acquire({{"a/b"}}), *table.Acquire({{"a", "b"}}));
  EXPECT_NE(*table.Acquire({{std::string("a\0b", 3)}}), *table.Acquire({{"a"}}));
}

TEST(FieldTableTest, SlotIsFreeAfterItsLastUse) {
  FieldTable table;
  const FieldSlot a = *table.Acquire({{"a"}});
  ASSERT_EQ(*table.Acquire({{"a"}}), a);
  table.Release(a);
  EXPECT_EQ(table.in_use(), 1u);
  table.Release(a);
  EXPECT_EQ(table.in_use(), 0u);
  EXPECT_EQ(*table.Acquire({{"b"}}), a);
  EXPECT_EQ(table.path(a).ToString(), "/b");
  EXPECT_EQ(table.slot_end(), 1u);
}

TEST(FieldTableTest, FieldsAtTheLimitAndOneMore) {
  FieldTable table(3);
  for (const char* name : {"a", "b", "c"}) EXPECT_TRUE(table.Acquire({{name}}).ok());
  EXPECT_EQ(ErrorCodeOf(table.Acquire({{"d"}}).status()), ErrorCode::kQuotaExceeded);
  EXPECT_TRUE(table.Acquire({{"a"}}).ok());  // no new field
  table.Release(1);
  EXPECT_EQ(*table.Acquire({{"d"}}), 1u);
}

FieldPath Element(const char* name, int32_t index) {
  FieldPath path;
  path.steps.emplace_back(name, index);
  return path;
}

TEST(FieldTableTest, SubscriptsStandInTheFirstNames) {
  FieldTable table;
  FieldPath path;
  for (size_t i = 1; i < FieldTable::kSubscriptLevelMax; ++i) path.steps.emplace_back("a");
  FieldPath at_limit = path;
  at_limit.steps.emplace_back("a", 0);
  EXPECT_TRUE(table.Acquire(at_limit).ok());
  path.steps.emplace_back("b");
  path.steps.emplace_back("a", 0);
  EXPECT_EQ(ErrorCodeOf(table.Acquire(path).status()), ErrorCode::kQuotaExceeded);
}

TEST(FieldTableTest, SubscriptsOfOneLevelAtTheLimitAndOneMore) {
  FieldTable table;
  std::vector<FieldSlot> slots;
  constexpr auto kMost = static_cast<int32_t>(FieldTable::kSubscriptCombinationsMax) - 1;
  for (int32_t i = 0; i < kMost; ++i) slots.push_back(*table.Acquire(Element("a", i * 1000)));
  EXPECT_EQ(ErrorCodeOf(table.Acquire(Element("a", 1)).status()), ErrorCode::kQuotaExceeded);
  // The same again, another name, and no subscript are no new combination.
  EXPECT_TRUE(table.Acquire(Element("a", 0)).ok());
  EXPECT_TRUE(table.Acquire(Element("b", 1)).ok());
  EXPECT_TRUE(table.Acquire({{"a"}}).ok());
  table.Release(slots.back());
  EXPECT_TRUE(table.Acquire(Element("a", 1)).ok());
}

TEST(FieldTableTest, SubscriptsOfSeveralLevelsAreMultiplied) {
  FieldTable table;
  const auto two_levels = [](int32_t first, int32_t second) {
    FieldPath path;
    path.steps.emplace_back("a", first);
    path.steps.emplace_back("b", second);
    return path;
  };
  // (1 + 7) * (1 + 15) = 128
  for (int32_t i = 0; i < 7; ++i) EXPECT_TRUE(table.Acquire(two_levels(i, 0)).ok());
  for (int32_t i = 1; i < 15; ++i) EXPECT_TRUE(table.Acquire(two_levels(0, i)).ok());
  EXPECT_TRUE(table.Acquire(two_levels(6, 14)).ok());
  EXPECT_EQ(ErrorCodeOf(table.Acquire(two_levels(0, 15)).status()), ErrorCode::kQuotaExceeded);
  EXPECT_EQ(ErrorCodeOf(table.Acquire(two_levels(7, 0)).status()), ErrorCode::kQuotaExceeded);
}

}  // namespace
}  // namespace fluxgate
