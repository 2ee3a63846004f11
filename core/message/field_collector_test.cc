#include "core/message/field_collector.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "core/message/message_testing.h"

namespace fluxgate {
namespace {

class FieldCollectorTest : public testing::Test {
 protected:
  std::string Values() {
    std::string text;
    for (const Value& value : values_) text += (text.empty() ? "" : " ") + ValueText(value);
    return text;
  }

  const std::vector<FieldSlot> slots_ = {0, 2, 3};
  std::vector<Value> values_ = std::vector<Value>(4, Value::Int(-1));
};

TEST_F(FieldCollectorTest, WhatIsNotAddedIsNull) {
  FieldCollector collector(slots_, 100);
  collector.Begin(values_);
  collector.Finish();
  EXPECT_EQ(Values(), "NULL -1 NULL NULL");
}

TEST_F(FieldCollectorTest, OneValueIsItself) {
  FieldCollector collector(slots_, 100);
  collector.Begin(values_);
  EXPECT_FALSE(collector.has(2));
  EXPECT_TRUE(collector.Add(2, Value::Int(5)));
  EXPECT_TRUE(collector.has(2));
  EXPECT_FALSE(collector.has(3));
  collector.Finish();
  EXPECT_EQ(Values(), "NULL -1 5 NULL");
}

TEST_F(FieldCollectorTest, SeveralAreAnArrayInTheirOrder) {
  FieldCollector collector(slots_, 100);
  collector.Begin(values_);
  for (int i = 0; i < 4; ++i) {
    EXPECT_TRUE(collector.Add(3, Value::Int(i)));
    EXPECT_TRUE(collector.Add(0, i == 1 ? Value::Null() : Value::Int(10 * i)));
  }
  EXPECT_TRUE(collector.Add(2, Value::String("x")));
  collector.Finish();
  EXPECT_EQ(Values(), "[0, NULL, 20, 30] -1 'x' [0, 1, 2, 3]");
}

TEST_F(FieldCollectorTest, NullIsAValueThatWasAdded) {
  FieldCollector collector(slots_, 100);
  collector.Begin(values_);
  EXPECT_TRUE(collector.Add(0, Value::Null()));
  EXPECT_TRUE(collector.Add(2, Value::Null()));
  EXPECT_TRUE(collector.Add(2, Value::Int(1)));
  EXPECT_TRUE(collector.has(0));
  collector.Finish();
  EXPECT_EQ(Values(), "NULL -1 [NULL, 1] NULL");
}

TEST_F(FieldCollectorTest, OneValueForSeveralSlots) {
  FieldCollector collector(slots_, 100);
  collector.Begin(values_);
  EXPECT_TRUE(collector.Add(std::vector<FieldSlot>{0, 3}, Value::Int(1)));
  EXPECT_TRUE(collector.Add(3, Value::Int(2)));
  collector.Finish();
  EXPECT_EQ(Values(), "1 -1 NULL [1, 2]");
}

TEST_F(FieldCollectorTest, BodiesDoNotMix) {
  FieldCollector collector(slots_, 100);
  for (int body = 0; body < 3; ++body) {
    collector.Begin(values_);
    for (int i = 0; i <= 3 - body; ++i) EXPECT_TRUE(collector.Add(0, Value::Int(10 * body + i)));
    collector.Finish();
    EXPECT_EQ(Values(), body == 0   ? "[0, 1, 2, 3] -1 NULL NULL"
                        : body == 1 ? "[10, 11, 12] -1 NULL NULL"
                                    : "[20, 21] -1 NULL NULL");
  }
}

TEST_F(FieldCollectorTest, AbandonedBodyLeavesNulls) {
  FieldCollector collector(slots_, 100);
  collector.Begin(values_);
  EXPECT_TRUE(collector.Add(0, Value::Int(1)));
  EXPECT_TRUE(collector.Add(0, Value::Int(2)));
  EXPECT_TRUE(collector.Add(2, Value::Int(3)));
  collector.Abandon();
  EXPECT_EQ(Values(), "NULL -1 NULL NULL");
}

TEST_F(FieldCollectorTest, InPlaceKeepsWhatIsNotAddedTo) {
  FieldCollector collector(slots_, 100);
  collector.BeginInPlace(values_);
  EXPECT_TRUE(collector.Add(2, Value::Int(1)));
  EXPECT_TRUE(collector.Add(2, Value::Int(2)));
  collector.Finish();
  EXPECT_EQ(Values(), "-1 -1 [1, 2] -1");
}

TEST_F(FieldCollectorTest, ElementsAtTheLimitAndOneMore) {
  FieldCollector collector(slots_, 4);
  collector.Begin(values_);
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(collector.Add(0, Value::Int(i)));
  EXPECT_FALSE(collector.Add(0, Value::Int(4)));
  EXPECT_TRUE(collector.Add(2, Value::Int(5)));  // one value is no array
  EXPECT_FALSE(collector.Add(2, Value::Int(6)));
  // Of all fields together; a new body begins anew.
  collector.Begin(values_);
  for (int i = 0; i < 2; ++i) {
    EXPECT_TRUE(collector.Add(0, Value::Int(i)));
    EXPECT_TRUE(collector.Add(2, Value::Int(i)));
  }
  EXPECT_FALSE(collector.Add(0, Value::Int(2)));
  EXPECT_FALSE(collector.Add(std::vector<FieldSlot>{3, 2}, Value::Int(2)));
}

TEST_F(FieldCollectorTest, SmallLimits) {
  for (const uint32_t elements_max : {0u, 1u}) {
    FieldCollector collector(slots_, elements_max);
    collector.Begin(values_);
    EXPECT_TRUE(collector.Add(0, Value::Int(1)));
    EXPECT_FALSE(collector.Add(0, Value::Int(2)));
  }
}

TEST_F(FieldCollectorTest, NoSlotsAtAll) {
  FieldCollector collector({}, 10);
  collector.Begin(values_);
  collector.Finish();
  EXPECT_EQ(Values(), "-1 -1 -1 -1");
}

}  // namespace
}  // namespace fluxgate
