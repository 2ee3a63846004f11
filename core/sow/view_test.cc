#include "core/sow/view.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "core/sow/view_testing.h"

namespace fluxgate {
namespace {

TEST_F(ViewTest, ARecordOfAGroupFollowsItsMembers) {
  SowTopic& a = Source("a");
  Made view = Make(Single({"/g", "SUM(/q) AS /sum", "COUNT(/id) AS /n"}));
  Put(a, R"({"id":1,"g":"x","q":2})");
  Put(a, R"({"id":2,"g":"x","q":3})");
  Put(a, R"({"id":3,"g":"y","q":5})");
  EXPECT_EQ(view.Drain(), Seen({R"(+{"g":"x","sum":5,"n":2})", R"(+{"g":"y","sum":5,"n":1})"}));
  Put(a, R"({"id":2,"g":"y","q":4})");  // from one group to the other
  EXPECT_EQ(view.Drain(), Seen({R"(+{"g":"x","sum":2,"n":1})", R"(+{"g":"y","sum":9,"n":2})"}));
  Remove(a, "1");
  EXPECT_EQ(view.Drain(), Seen({R"(-{"g":"x","sum":2,"n":1})"}));
  EXPECT_FALSE(view.view->HasWork());
}

TEST_F(ViewTest, WhatDoesNotChangeTheRecordIsNotAnnounced) {
  SowTopic& a = Source("a");
  Made view = Make(Single({"/g", "MAX(/q) AS /max"}));
  Put(a, R"({"id":1,"g":"x","q":7})");
  view.Drain();
  Put(a, R"({"id":2,"g":"x","q":3})");
  EXPECT_EQ(view.Drain(), Seen());
  Remove(a, "1");
  EXPECT_EQ(view.Drain(), Seen({R"(+{"g":"x","max":3})"}));
}

TEST_F(ViewTest, ManyChangesOfAGroupAreAnnouncedOnce) {
  SowTopic& a = Source("a");
  Made view = Make(Single({"SUM(/q) AS /sum"}, {}));
  for (int i = 0; i < 50; ++i) Put(a, fmt::format(R"({{"id":{},"q":1}})", i));
  EXPECT_EQ(view.Drain(), Seen({R"(+{"sum":50})"}));
}

TEST_F(ViewTest, AFieldOutsideOfAggregatesIsTheLastOneAndStays) {
  SowTopic& a = Source("a");
  Made view = Make(Single({"/g", "/note AS /last", "COUNT(/id) AS /n"}));
  Put(a, R"({"id":1,"g":"x","note":"first"})");
  view.Drain();
  Put(a, R"({"id":2,"g":"x","note":"second"})");
  EXPECT_EQ(view.Drain(), Seen({R"(+{"g":"x","last":"second","n":2})"}));
  Remove(a, "2");
  EXPECT_EQ(view.Drain(), Seen({R"(+{"g":"x","last":"second","n":1})"}));
}

TEST_F(ViewTest, TheFilterIsOfSourceMessages) {
  SowTopic& a = Source("a");
  ViewDefinition definition = Single({"/g", "COUNT(/id) AS /n"});
  definition.filter = "/q > 1";
  Made view = Make(definition);
  Put(a, R"({"id":1,"g":"x","q":1})");
  Put(a, R"({"id":2,"g":"x","q":2})");
  EXPECT_EQ(view.Drain(), Seen({R"(+{"g":"x","n":1})"}));
  Put(a, R"({"id":2,"g":"x","q":0})");
  EXPECT_EQ(view.Drain(), Seen({R"(-{"g":"x","n":1})"}));
}

TEST_F(ViewTest, TakesOverWhatIsThereAsItIsThen) {
  SowTopic& a = Source("a");
  for (int i = 0; i < 1000; ++i) Put(a, fmt::format(R"({{"id":{},"g":{},"q":1}})", i, i % 3));
  Made view = Make(Single({"/g", "SUM(/q) AS /sum"}));
  Put(a, R"({"id":0,"g":0,"q":2})");  // after the view was made
  while (!view.view->is_filled()) view.view->RunSlice(*view.records);
  EXPECT_EQ(view.view->noted(), 1u);
  EXPECT_EQ(view.Sorted(),
            std::multiset<std::string>(
                {R"({"g":0,"sum":334})", R"({"g":1,"sum":333})", R"({"g":2,"sum":333})"}));
  EXPECT_EQ(view.view->done(), 0u);
  view.records->Take();
  EXPECT_EQ(view.Drain(), Seen({R"(+{"g":0,"sum":335})"}));
  EXPECT_EQ(view.view->done(), 1u);
}

TEST_F(ViewTest, NullsAreAGroupAndOptionalFieldsAreLeftOut) {
  SowTopic& a = Source("a");
  Made view = Make(Single({"/g AS /g HINT OPTIONAL", "/h", "COUNT(/id) AS /n"}));
  Put(a, R"({"id":1})");
  Put(a, R"({"id":2,"g":""})");
  EXPECT_EQ(view.Drain(), Seen({R"(+{"h":null,"n":2})"}));
}

TEST_F(ViewTest, AGroupThatCannotBeWrittenHasNoRecord) {
  SowTopic& a = Source("a");
  ViewDefinition definition = Single({"/g", "/v AS /1/2"});
  // A FIX tag is a number, and has no fields inside.
  auto plan = ViewPlan::Compile(definition, fix_context_,
                                [&](auto, auto) -> absl::StatusOr<SowTopic*> { return &a; });
  ASSERT_TRUE(plan.ok());
  auto topic = SowTopic::Create((*plan)->OutputDefinition(), fix_context_, SowTopic::Kind::kView);
  ASSERT_TRUE(topic.ok()) << topic.status();
  View view(*std::move(plan), **topic);
  ViewRecords records(**topic, sequence_);
  Put(a, R"({"id":1,"g":1,"v":2})");
  while (view.RunSlice(records)) {
  }
  EXPECT_EQ(records.Take(), Seen());
  EXPECT_EQ(view.groups_unwritable(), 1u);
  Remove(a, "1");
  while (view.RunSlice(records)) {
  }
  EXPECT_EQ(view.groups_unwritable(), 0u);
}

TEST_F(ViewTest, DefinitionsThatCannotBe) {
  Source("a");
  Source("b");
  Source("c");
  const std::vector<std::string> some = {"COUNT([a].[/id]) AS /n"};
  EXPECT_EQ(PlanError(Single({"/g"})), ErrorCode::kNone);
  EXPECT_EQ(PlanError(Single({})), ErrorCode::kBadOption);
  EXPECT_EQ(PlanError(Single({"SUM(/q)"})), ErrorCode::kBadFilter);
  EXPECT_EQ(PlanError(Single({"/a AS /x", "/b AS /x[3]"})), ErrorCode::kBadOption);
  EXPECT_EQ(PlanError(Single({"/a AS /x HINT SET_CURRENT"})), ErrorCode::kBadFilter);
  EXPECT_EQ(PlanError(Single({"[b].[/a] AS /x"})), ErrorCode::kBadFilter);
  EXPECT_EQ(PlanError(Single({"UNIX_TIMESTAMP() AS /x"})), ErrorCode::kBadFilter);
  EXPECT_EQ(PlanError(Single({"/g"}, {"/g + 1"})), ErrorCode::kBadOption);
  ViewDefinition unknown = Single({"/g"});
  unknown.source = "nowhere";
  EXPECT_EQ(PlanError(unknown), ErrorCode::kBadTopic);
  EXPECT_EQ(PlanError(Joined({{"[a].[/x]", "[b].[/x]"}}, some, {})), ErrorCode::kNone);
  EXPECT_EQ(PlanError(Joined({{"[a].[/x]", "[b].[/x]"}}, {"/n"}, {})), ErrorCode::kBadFilter);
  EXPECT_EQ(PlanError(Joined({{"[a].[/x]", "[a].[/y]"}}, some, {})), ErrorCode::kBadOption);
  EXPECT_EQ(PlanError(Joined({{"/x", "[b].[/x]"}}, some, {})), ErrorCode::kBadOption);
  EXPECT_EQ(PlanError(Joined({{"[a].[/x]", "[b].[/x]"}, {"[c].[/x]", "[b].[/x]"}}, some, {})),
            ErrorCode::kBadOption);
  EXPECT_EQ(PlanError(Joined({{"[a].[/x]", "[b].[/x]"}, {"[b].[/x]", "[a].[/x]"}}, some, {})),
            ErrorCode::kBadOption);
  ViewDefinition filtered = Joined({{"[a].[/x]", "[b].[/x]"}}, some, {});
  filtered.filter = "/x = 1";
  EXPECT_EQ(PlanError(filtered), ErrorCode::kBadOption);
}

TEST_F(ViewTest, BinaryIsNeitherSourceNorView) {
  SowTopic& a = Source("a");
  SowContext binary{binary_, fields_, clock_, {}, "here", sequence_};
  const auto find_a = [&](auto, auto) -> absl::StatusOr<SowTopic*> { return &a; };
  EXPECT_EQ(ErrorCodeOf(ViewPlan::Compile(Single({"/g"}), binary, find_a).status()),
            ErrorCode::kMessageType);
  SowTopicDefinition definition;
  definition.name = "bytes";
  definition.key_source = SowTopicDefinition::KeySource::kPublisher;
  auto bytes = SowTopic::Create(definition, binary);
  ASSERT_TRUE(bytes.ok());
  const auto find_bytes = [&](auto, auto) -> absl::StatusOr<SowTopic*> { return bytes->get(); };
  EXPECT_EQ(ErrorCodeOf(ViewPlan::Compile(Single({"/g"}), context_, find_bytes).status()),
            ErrorCode::kMessageType);
}

TEST_F(ViewTest, LimitsOfTheDefinition) {
  Source("a");
  std::vector<std::string> fields;
  for (size_t i = 0; i < ViewPlan::kProjectionMax; ++i) fields.push_back(fmt::format("/f{}", i));
  EXPECT_EQ(PlanError(Single(fields, fields)), ErrorCode::kNone);
  std::vector<std::string> more = fields;
  more.push_back("/more");
  EXPECT_EQ(PlanError(Single(more, fields)), ErrorCode::kQuotaExceeded);
  EXPECT_EQ(PlanError(Single(fields, more)), ErrorCode::kQuotaExceeded);
  std::vector<ViewDefinition::Join> joins;
  for (size_t i = 1; i <= ViewPlan::kSourcesMax; ++i) {
    Source(fmt::format("t{}", i));
    joins.push_back({"[a].[/x]", fmt::format("[t{}].[/x]", i)});
  }
  EXPECT_EQ(PlanError(Joined(joins, {"COUNT([a].[/x]) AS /n"}, {})), ErrorCode::kQuotaExceeded);
  joins.pop_back();
  EXPECT_EQ(PlanError(Joined(joins, {"COUNT([a].[/x]) AS /n"}, {})), ErrorCode::kNone);
}

TEST_F(ViewTest, WhatItKeepsIsCounted) {
  SowTopic& a = Source("a");
  Made view = Make(Single({"/g", "SUM(/q) AS /q"}));
  const uint64_t empty = view.view->bytes();
  for (int i = 0; i < 1000; ++i) Put(a, fmt::format(R"({{"id":{},"g":{},"q":1}})", i, i % 10));
  view.Drain();
  EXPECT_GE(view.view->bytes(), empty + 1000 * 24);
  EXPECT_LE(view.view->bytes(), empty + 1000 * 200);
}

}  // namespace
}  // namespace fluxgate
