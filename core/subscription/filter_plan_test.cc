#include "core/subscription/filter_plan.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "core/filter/filter.h"
#include "core/message/field_table.h"
#include "core/subscription/prepared_event.h"

namespace fluxgate {
namespace {

class FilterPlanTest : public testing::Test {
 protected:
  ~FilterPlanTest() override {
    for (const auto& filter : filters_) indexed_.Remove(*filter);
  }

  FilterPlan Plan(const std::string& text) {
    auto filter = Filter::Compile(text, fields_);
    EXPECT_TRUE(filter.ok()) << filter.status();
    filters_.push_back(*filter);
    indexed_.Add(**filter, messages_);
    return PlanFilter(**filter, indexed_, messages_);
  }

  FieldSlot AccessField(const FilterPlan& plan) const {
    return filters_.back()->predicates()[plan.access].slot;
  }

  FieldSlot SlotOf(const std::string& name) {
    const auto slot = fields_.Acquire(FieldPath{{name}});
    return *slot;
  }

  FieldTable fields_;
  std::vector<std::shared_ptr<const Filter>> filters_;
  IndexedFields indexed_;
  uint64_t messages_ = 0;
};

TEST_F(FilterPlanTest, RangesAloneHaveNoAccessValue) {
  const FilterPlan plan = Plan("/price > 10 AND /price <= 20 AND /qty < 5");
  EXPECT_EQ(plan.access, kNoAccess);
  EXPECT_EQ(plan.columns.size(), 3u);
  EXPECT_EQ(plan.checks, 0u);
}

TEST_F(FilterPlanTest, PrefersTheFieldWithMoreValues) {
  for (int i = 0; i < 50; ++i) Plan(fmt::format("/symbol = 'S{}'", i));
  const FilterPlan plan = Plan("/side = 'buy' AND /symbol = 'S1' AND /price > 1");
  EXPECT_EQ(AccessField(plan), SlotOf("symbol"));
  EXPECT_EQ(plan.columns.size(), 2u);
}

TEST_F(FilterPlanTest, PrefersWhatFewerMessagesHave) {
  for (int i = 0; i < 50; ++i) Plan(fmt::format("/symbol = 'S{}'", i));
  Plan("/side = 'buy'");
  // Every message so far was of S1, none of them bought.
  PreparedEvent event;
  event.Reserve(indexed_.slot_end());
  std::vector<Value> values(fields_.slot_end());
  values[SlotOf("symbol")] = Value::String("S1");
  values[SlotOf("side")] = Value::String("sell");
  for (; messages_ < 100; ++messages_) event.Prepare(indexed_.compared(), values);
  EXPECT_EQ(AccessField(Plan("/side = 'buy' AND /symbol = 'S1'")), SlotOf("side"));
  EXPECT_EQ(AccessField(Plan("/side = 'buy' AND /symbol = 'S2'")), SlotOf("symbol"));
}

TEST_F(FilterPlanTest, ListsBecomeBitsUntilIdentitiesAreTooLarge) {
  std::string list = "'v0'";
  for (uint32_t i = 1; i < kBitIdentities; ++i) list += fmt::format(", 'v{}'", i);
  const FilterPlan fits = Plan("/key = 'k' AND /venue IN (" + list + ")");
  ASSERT_EQ(fits.columns.size(), 1u);
  EXPECT_EQ(fits.columns[0].test, ColumnTest::kOneOf);
  EXPECT_EQ(fits.checks, 0u);
  list += fmt::format(", 'v{}'", kBitIdentities);
  const FilterPlan too_large = Plan("/key = 'k' AND /venue IN (" + list + ")");
  EXPECT_TRUE(too_large.columns.empty());
  EXPECT_EQ(too_large.checks, 2u);
}

TEST_F(FilterPlanTest, MoreColumnsThanThereAreAreChecked) {
  std::string text = "/f0 > 1";
  for (uint32_t i = 1; i < kColumnsMax; ++i) text += fmt::format(" AND /f{} > 1", i);
  const FilterPlan fits = Plan(text);
  EXPECT_EQ(fits.columns.size(), kColumnsMax);
  EXPECT_EQ(fits.checks, 0u);
  const FilterPlan too_many = Plan(text + fmt::format(" AND /f{} > 1", kColumnsMax));
  EXPECT_EQ(too_many.columns.size(), kColumnsMax);
  EXPECT_EQ(too_many.checks, kAllPredicates);
}

TEST_F(FilterPlanTest, ASecondSpellingIsFiledTwiceAndChecked) {
  EXPECT_EQ(Plan("/n = '5'").buckets.size(), 1u);
  const FilterPlan second = Plan("/n = '5.0'");
  EXPECT_EQ(second.buckets.size(), 2u);
  EXPECT_EQ(second.checks, 1u);
  const FilterPlan both = Plan("/n IN (5, '5', '5.0')");
  EXPECT_EQ(both.buckets.size(), 1u);
  EXPECT_EQ(both.checks, 0u);
}

}  // namespace
}  // namespace fluxgate
