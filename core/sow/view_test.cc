#include "core/sow/view.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/message/binary_message_type.h"
#include "core/message/fix_message_type.h"
#include "core/message/json_message_type.h"

namespace fluxgate {
namespace {

using Seen = std::vector<std::string>;

// Enters what a view makes and writes it down: "+body" and "-body".
class Records final : public DerivedOutput {
 public:
  Records(SowTopic& topic, uint64_t& sequence) : topic_(topic), sequence_(sequence) {}

  void Put(RecordRef record) override {
    record.mutable_record()->sequence = ++sequence_;
    seen.push_back("+" + std::string(record->body()));
    RecordReaders readers;
    EXPECT_TRUE(topic_.PutRecord(std::move(record), topic_.name(), readers, false, scratch_).ok());
  }
  void Remove(uint64_t key, OutOfFocusReason reason) override {
    const Record* record = topic_.store().Find(key);
    if (record == nullptr) return;
    EXPECT_EQ(reason, OutOfFocusReason::kDeleted);
    seen.push_back("-" + std::string(record->body()));
    RecordReaders readers;
    topic_.Remove(key, reason, readers, false, scratch_);
  }
  Seen Take() { return std::exchange(seen, {}); }

  Seen seen;

 private:
  SowTopic& topic_;
  uint64_t& sequence_;
  SowScratch scratch_;
};

class ViewTest : public ::testing::Test {
 protected:
  SowTopic& Source(const std::string& name, const MessageType* type = nullptr) {
    SowTopicDefinition definition;
    definition.name = name;
    definition.key_fields = {type == &fix_ ? "/1" : "/id"};
    auto topic = SowTopic::Create(definition, type == &fix_ ? fix_context_ : context_);
    EXPECT_TRUE(topic.ok()) << topic.status();
    sources_.push_back(*std::move(topic));
    return *sources_.back();
  }

  absl::StatusOr<std::unique_ptr<ViewPlan>> Plan(const ViewDefinition& definition) {
    return ViewPlan::Compile(
        definition, context_,
        [this](std::string_view topic, std::string_view) -> absl::StatusOr<SowTopic*> {
          for (const auto& source : sources_) {
            if (source->name() == topic) return source.get();
          }
          return MakeError(ErrorCode::kBadTopic, "no such topic");
        });
  }
  ErrorCode PlanError(const ViewDefinition& definition) {
    return ErrorCodeOf(Plan(definition).status());
  }

  struct Made {
    std::unique_ptr<SowTopic> topic;
    std::unique_ptr<View> view;
    std::unique_ptr<Records> records;

    // What is announced until the view has nothing more to do.
    Seen Drain() {
      while (view->RunSlice(*records)) {
      }
      return records->Take();
    }
    // The bodies, by key.
    std::map<uint64_t, std::string> Bodies() const {
      std::map<uint64_t, std::string> bodies;
      for (uint32_t slot = 0; slot < topic->store().slot_end(); ++slot) {
        const Record* record = topic->store().at(slot);
        if (record != nullptr) bodies[record->key] = std::string(record->body());
      }
      return bodies;
    }
    std::multiset<std::string> Sorted() const {
      std::multiset<std::string> sorted;
      for (const auto& [key, body] : Bodies()) sorted.insert(body);
      return sorted;
    }
  };
  Made Make(const ViewDefinition& definition) {
    Made made;
    auto plan = Plan(definition);
    EXPECT_TRUE(plan.ok()) << plan.status();
    auto topic = SowTopic::Create((*plan)->OutputDefinition(), context_, SowTopic::Kind::kView);
    EXPECT_TRUE(topic.ok()) << topic.status();
    made.topic = *std::move(topic);
    made.view = std::make_unique<View>(*std::move(plan), *made.topic);
    made.records = std::make_unique<Records>(*made.topic, sequence_);
    return made;
  }

  void Put(SowTopic& topic, std::string body) {
    const size_t size = body.size();
    body.append(kBodyPaddingBytes, '\0');
    RecordReaders readers{FieldReader(topic.context().type, topic.context().fields, topic.slots()),
                          {}};
    SowPublish publish;
    publish.topic = topic.name();
    publish.body = std::string_view(body).substr(0, size);
    const auto change = topic.Put(publish, readers, false, scratch_);
    EXPECT_TRUE(change.ok()) << change.status();
  }
  void Remove(SowTopic& topic, std::string_view id) {
    std::string body = fmt::format(R"({{"id":{}}})", id);
    const size_t size = body.size();
    body.append(kBodyPaddingBytes, '\0');
    RecordReaders readers{FieldReader(json_, fields_, topic.slots()), {}};
    const auto key =
        topic.KeyOf(topic.name(), std::string_view(body).substr(0, size), readers, scratch_);
    ASSERT_TRUE(key.ok());
    topic.Remove(*key, OutOfFocusReason::kDeleted, readers, false, scratch_);
  }

  static ViewDefinition Single(std::vector<std::string> projection,
                               std::vector<std::string> grouping = {"/g"}) {
    ViewDefinition definition;
    definition.name = "view";
    definition.source = "a";
    definition.projection = std::move(projection);
    definition.grouping = std::move(grouping);
    return definition;
  }
  static ViewDefinition Joined(std::vector<ViewDefinition::Join> joins,
                               std::vector<std::string> projection,
                               std::vector<std::string> grouping) {
    ViewDefinition definition = Single(std::move(projection), std::move(grouping));
    definition.source.clear();
    definition.joins = std::move(joins);
    return definition;
  }

  JsonMessageType json_;
  FixMessageType fix_{FixMessageType::Names::kTags};
  BinaryMessageType binary_;
  ManualClock clock_;
  FieldTable fields_, fix_fields_;
  uint64_t sequence_ = 0;
  SowContext context_{json_, fields_, clock_, {}, "here", sequence_};
  SowContext fix_context_{fix_, fix_fields_, clock_, {}, "here", sequence_};
  SowScratch scratch_;
  std::vector<std::unique_ptr<SowTopic>> sources_;
};

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
  for (int i = 0; i < 100; ++i) Put(a, fmt::format(R"({{"id":{},"q":1}})", i));
  EXPECT_EQ(view.Drain(), Seen({R"(+{"sum":100})"}));
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

TEST_F(ViewTest, LeftOuterJoin) {
  SowTopic& a = Source("a");
  SowTopic& b = Source("b");
  Made view = Make(Joined({{"[a].[/c]", "[b].[/c]"}},
                          {"[a].[/id] AS /a", "COUNT([b].[/id]) AS /n", "SUM([b].[/q]) AS /q"},
                          {"[a].[/id]"}));
  Put(a, R"({"id":1,"c":"x"})");
  EXPECT_EQ(view.Drain(), Seen({R"(+{"a":1,"n":0,"q":null})"}));
  Put(b, R"({"id":10,"c":"x","q":2})");
  Put(b, R"({"id":11,"c":"x","q":3})");
  Put(b, R"({"id":12,"c":"y","q":9})");
  EXPECT_EQ(view.Drain(), Seen({R"(+{"a":1,"n":2,"q":5})"}));
  Put(b, R"({"id":10,"c":"y","q":2})");  // joins another value now
  EXPECT_EQ(view.Drain(), Seen({R"(+{"a":1,"n":1,"q":3})"}));
  Put(a, R"({"id":1,"c":"y"})");
  EXPECT_EQ(view.Drain(), Seen({R"(+{"a":1,"n":2,"q":11})"}));
  Remove(b, "12");
  Remove(b, "10");
  EXPECT_EQ(view.Drain(), Seen({R"(+{"a":1,"n":0,"q":null})"}));
}

TEST_F(ViewTest, NullsDoNotJoin) {
  SowTopic& a = Source("a");
  SowTopic& b = Source("b");
  Made view = Make(Joined({{"[a].[/c]", "[b].[/c]"}}, {"[a].[/id] AS /a", "COUNT([b].[/id]) AS /n"},
                          {"[a].[/id]"}));
  Put(b, R"({"id":10})");
  Put(a, R"({"id":1})");
  EXPECT_EQ(view.Drain(), Seen({R"(+{"a":1,"n":0})"}));
}

TEST_F(ViewTest, JoinsInAChainAndTogether) {
  SowTopic& a = Source("a");
  SowTopic& b = Source("b");
  SowTopic& c = Source("c");
  Made view =
      Make(Joined({{"[a].[/b]", "[b].[/id]"}, {"[b].[/x]", "[c].[/x]"}, {"[a].[/y]", "[c].[/y]"}},
                  {"[a].[/id] AS /a", "MAX([c].[/id]) AS /c"}, {"[a].[/id]"}));
  Put(a, R"({"id":1,"b":5,"y":"Y"})");
  Put(b, R"({"id":5,"x":"X"})");
  Put(c, R"({"id":7,"x":"X","y":"other"})");
  EXPECT_EQ(view.Drain(), Seen({R"(+{"a":1,"c":null})"}));
  Put(c, R"({"id":7,"x":"X","y":"Y"})");
  EXPECT_EQ(view.Drain(), Seen({R"(+{"a":1,"c":7})"}));
  Put(b, R"({"id":5,"x":"other"})");
  EXPECT_EQ(view.Drain(), Seen({R"(+{"a":1,"c":null})"}));
}

TEST_F(ViewTest, JoinsTopicsOfSeveralMessageTypes) {
  SowTopic& a = Source("a");
  SowTopic& f = Source("f", &fix_);
  Made view = Make(Joined({{"[a].[/c]", "[f].[/55]"}}, {"[a].[/id] AS /id", "SUM([f].[/38]) AS /q"},
                          {"[a].[/id]"}));
  Put(a, R"({"id":1,"c":"IBM"})");
  Put(f, "1=k\00155=IBM\00138=12\001");
  EXPECT_EQ(view.Drain(), Seen({R"(+{"id":1,"q":12})"}));
}

TEST_F(ViewTest, RowsOfOneRecordAtTheLimitAndAbove) {
  SowTopic& a = Source("a");
  SowTopic& b = Source("b");
  Made view = Make(Joined({{"[a].[/c]", "[b].[/c]"}}, {"COUNT([b].[/id]) AS /n"}, {}));
  Put(a, R"({"id":0,"c":1})");
  for (size_t i = 1; i <= View::kRowsPerRecordMax; ++i) {
    Put(b, fmt::format(R"({{"id":{},"c":1}})", i));
  }
  view.Drain();
  EXPECT_EQ(view.Sorted(), std::multiset<std::string>({R"({"n":1000})"}));
  EXPECT_EQ(view.view->records_cut(), 0u);
  Put(b, R"({"id":0,"c":1})");
  EXPECT_EQ(view.Drain(), Seen());
  EXPECT_EQ(view.view->records_cut(), 1u);
  Remove(b, "5");
  Remove(b, "6");
  EXPECT_EQ(view.Drain(), Seen({R"(+{"n":999})"}));
  EXPECT_EQ(view.view->records_cut(), 0u);
}

TEST_F(ViewTest, ManyLeftRecordsOfOneJoinedRecordAreRedoneInSlices) {
  SowTopic& a = Source("a");
  SowTopic& b = Source("b");
  Made view = Make(Joined({{"[a].[/c]", "[b].[/id]"}}, {"SUM([b].[/q]) AS /q"}, {}));
  Put(b, R"({"id":1,"q":1})");
  for (int i = 0; i < 2000; ++i) Put(a, fmt::format(R"({{"id":{},"c":1}})", i));
  view.Drain();
  Put(b, R"({"id":1,"q":3})");
  int slices = 0;
  while (view.view->RunSlice(*view.records)) ++slices;
  EXPECT_GT(slices, 10);
  EXPECT_EQ(view.records->Take().back(), R"(+{"q":6000})");
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
  Records records(**topic, sequence_);
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

TEST_F(ViewTest, WhatItKeepsIsCountedAndGivenBack) {
  SowTopic& a = Source("a");
  Made view = Make(Single({"/g", "SUM(/q) AS /q"}));
  const uint64_t empty = view.view->bytes();
  for (int i = 0; i < 1000; ++i) Put(a, fmt::format(R"({{"id":{},"g":{},"q":1}})", i, i % 10));
  view.Drain();
  EXPECT_GE(view.view->bytes(), empty + 1000 * 24);
  EXPECT_LE(view.view->bytes(), empty + 1000 * 200);
}

// A view that has followed changes says what a view made afterwards says.
TEST_F(ViewTest, AfterAnyChangesItIsWhatItWouldBeFromScratch) {
  SowTopic& a = Source("a");
  SowTopic& b = Source("b");
  SowTopic& c = Source("c");
  std::vector<ViewDefinition> definitions;
  definitions.push_back(
      Single({"/g", "SUM(/q) AS /sum", "COUNT(/q) AS /n", "MIN(/q) AS /min", "MAX(/q) AS /max",
              "AVG(/q) AS /avg", "SUM(/q * /p) / SUM(/q) AS /price",
              "COUNT_DISTINCT(/p) AS /prices", "UNIQUE(/p) AS /one"}));
  definitions.push_back(Single({"/g", "/p", "SUM(/q) AS /sum"}, {"/g", "/p"}));
  definitions.back().filter = "/q > 3 AND /g <> 1";
  definitions.push_back(
      Joined({{"[a].[/p]", "[b].[/p]"}},
             {"[a].[/g] AS /g", "COUNT([b].[/id]) AS /n", "SUM([a].[/q] * [b].[/q]) AS /product"},
             {"[a].[/g]"}));
  definitions.push_back(
      Joined({{"[a].[/p]", "[b].[/p]"}, {"[b].[/g]", "[c].[/g]"}, {"[a].[/q]", "[c].[/q]"}},
             {"[b].[/g] AS /b", "COUNT([c].[/id]) AS /n", "MIN([c].[/p]) AS /p",
              "COUNT([a].[/id]) AS /rows"},
             {"[b].[/g]"}));
  std::vector<Made> views;
  for (const ViewDefinition& definition : definitions) views.push_back(Make(definition));
  const unsigned seed = 20240611;
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  const auto below = [&](unsigned n) { return static_cast<unsigned>(random() % n); };
  SowTopic* const topics[] = {&a, &b, &c};
  for (int round = 0; round < 60; ++round) {
    for (unsigned i = below(40); i > 0; --i) {
      SowTopic& topic = *topics[below(3)];
      const unsigned id = below(25);
      const auto field = [&](std::string_view name, unsigned n) {
        const unsigned value = below(n + 1);
        return value == n ? std::string() : fmt::format(R"(,"{}":{})", name, value);
      };
      if (below(4) == 0) {
        Remove(topic, fmt::format("{}", id));
      } else {
        Put(topic,
            fmt::format(R"({{"id":{}{}{}{}}})", id, field("g", 3), field("p", 4), field("q", 6)));
      }
      // Some see every change, some only the last of many.
      if (below(3) == 0) {
        Made& one = views[below(4)];
        one.view->RunSlice(*one.records);
      }
    }
    for (size_t i = 0; i < views.size(); ++i) {
      views[i].Drain();
      Made fresh = Make(definitions[i]);
      fresh.Drain();
      ASSERT_EQ(views[i].Bodies(), fresh.Bodies()) << "round " << round << ", view " << i;
    }
  }
}

// The same against sums made by hand, with every pair of records looked at.
TEST_F(ViewTest, AJoinIsWhatNestedLoopsSay) {
  SowTopic& a = Source("a");
  SowTopic& b = Source("b");
  Made view = Make(Joined(
      {{"[a].[/p]", "[b].[/p]"}},
      {"[a].[/g] AS /g", "COUNT([a].[/id]) AS /rows", "SUM([a].[/q] * [b].[/q]) AS /product"},
      {"[a].[/g]"}));
  struct Row {
    int g, p, q;
  };
  std::map<int, Row> left, right;
  std::mt19937 random(7);
  for (int round = 0; round < 40; ++round) {
    for (int i = 0; i < 20; ++i) {
      const bool is_left = random() % 2 == 0;
      const int id = static_cast<int>(random() % 15);
      auto& rows = is_left ? left : right;
      if (random() % 4 == 0) {
        rows.erase(id);
        Remove(is_left ? a : b, fmt::format("{}", id));
        continue;
      }
      const Row row{static_cast<int>(random() % 3), static_cast<int>(random() % 5),
                    static_cast<int>(random() % 9)};
      rows[id] = row;
      Put(is_left ? a : b,
          fmt::format(R"({{"id":{},"g":{},"p":{},"q":{}}})", id, row.g, row.p, row.q));
    }
    view.Drain();
    struct Sum {
      int rows = 0;
      int joined = 0;
      int product = 0;
    };
    std::map<int, Sum> sums;
    for (const auto& [left_id, l] : left) {
      Sum& sum = sums[l.g];
      bool is_joined = false;
      for (const auto& [right_id, r] : right) {
        if (l.p != r.p) continue;
        is_joined = true;
        ++sum.rows;
        ++sum.joined;
        sum.product += l.q * r.q;
      }
      if (!is_joined) ++sum.rows;
    }
    std::multiset<std::string> expected;
    for (const auto& [g, sum] : sums) {
      expected.insert(fmt::format(R"({{"g":{},"rows":{},"product":{}}})", g, sum.rows,
                                  sum.joined == 0 ? "null" : fmt::format("{}", sum.product)));
    }
    ASSERT_EQ(view.Sorted(), expected) << "round " << round;
  }
}

}  // namespace
}  // namespace fluxgate
