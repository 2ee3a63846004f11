#include "core/subscription/shared_condition.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "core/message/field_table.h"

namespace fluxgate {
namespace {

class SharedConditionTest : public testing::Test {
 protected:
  // Of the first predicate of the filter, which need not stay.
  SharedCondition* Acquire(const std::string& text) {
    const auto filter = Filter::Compile(text, fields_);
    EXPECT_TRUE(filter.ok()) << filter.status();
    values_.resize(fields_.slot_end());
    slot_ = (*filter)->predicates()[0].slot;
    return conditions_.Acquire((*filter)->predicates()[0]);
  }

  bool Holds(SharedCondition* condition, const Value& value) {
    values_[slot_] = value;
    return condition->Holds(++message_, values_);
  }

  FieldTable fields_;
  ConditionTable conditions_;
  std::vector<Value> values_;
  FieldSlot slot_ = 0;
  uint64_t message_ = 0;
};

TEST_F(SharedConditionTest, TheSameConditionIsOne) {
  SharedCondition* const a = Acquire("/s LIKE 'a.c'");
  EXPECT_EQ(Acquire("/s LIKE 'a.c' AND /t = 1"), a);
  SharedCondition* const others[] = {Acquire("/s NOT LIKE 'a.c'"), Acquire("/t LIKE 'a.c'"),
                                     Acquire("/s LIKE 'a.d'"), Acquire("/s BEGINS WITH ('a.c')")};
  EXPECT_EQ(conditions_.size(), 5u);
  for (SharedCondition* other : others) conditions_.Release(other);
  conditions_.Release(a);
  EXPECT_EQ(conditions_.size(), 1u);
  conditions_.Release(a);
  EXPECT_EQ(conditions_.size(), 0u);
}

TEST_F(SharedConditionTest, IsEvaluatedOncePerMessage) {
  SharedCondition* const condition = Acquire("/s LIKE 'a.c'");
  EXPECT_TRUE(Holds(condition, Value::String("abc")));
  // Not looked at again, so what the message held stands.
  values_[slot_] = Value::String("x");
  EXPECT_TRUE(condition->Holds(message_, values_));
  EXPECT_FALSE(Holds(condition, Value::String("x")));
  conditions_.Release(condition);
}

TEST_F(SharedConditionTest, PrefixesAreKeptWithoutTheirFilter) {
  SharedCondition* const condition = Acquire("/s BEGINS WITH ('a:/1:b', '/', 'xyz')");
  for (const char* text : {"a:/1:bc", "/", "xyz1"}) {
    EXPECT_TRUE(Holds(condition, Value::String(text))) << text;
  }
  for (const char* text : {"a:", "1:b", "xy"}) {
    EXPECT_FALSE(Holds(condition, Value::String(text))) << text;
  }
  conditions_.Release(condition);
}

TEST_F(SharedConditionTest, ListsThoseWithFiltersFiledUnderThem) {
  SharedCondition* const a = Acquire("/s LIKE 'a.c'");
  SharedCondition* const b = Acquire("/s LIKE 'b.c'");
  EXPECT_TRUE(conditions_.filed().empty());
  conditions_.File(a);
  conditions_.File(a);
  conditions_.File(b);
  EXPECT_EQ(conditions_.filed().size(), 2u);
  conditions_.Unfile(a);
  EXPECT_EQ(conditions_.filed().size(), 2u);
  conditions_.Unfile(a);
  ASSERT_EQ(conditions_.filed().size(), 1u);
  EXPECT_EQ(conditions_.filed()[0], b);
  conditions_.Unfile(b);
  EXPECT_TRUE(conditions_.filed().empty());
  conditions_.Release(a);
  conditions_.Release(b);
}

}  // namespace
}  // namespace fluxgate
