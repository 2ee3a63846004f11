#include "core/message/field_table.h"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace fluxgate
