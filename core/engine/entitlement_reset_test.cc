// What users may do is something else from now on.
#include <algorithm>

#include "core/engine/entitlement_testing.h"

namespace fluxgate {
namespace {

AccessDecision Yes() { return {.is_allowed = true}; }

TEST_F(EntitlementTest, AfterAResetTheNewAnswersCount) {
  EntitledClient ann;
  Connect(ann, "ann");
  rules_.Allow("ann/t/r");
  rules_.Allow("ann/t/w");
  EXPECT_EQ(Subscribe(ann, "t"), ErrorCode::kNone);
  EXPECT_EQ(Publish(ann, "t", R"({"a":1,"b":1})"), ErrorCode::kNone);
  rules_.rules.erase("ann/t/w");
  rules_.Allow("ann/t/r", "/a = 2", "-/b");
  engine_.ResetAccess(rules_);
  EXPECT_EQ(Publish(ann, "t", R"({"a":1,"b":2})"), ErrorCode::kNone) << "until they are there";
  Reset();
  EXPECT_EQ(Publish(ann, "t", R"({"a":2,"b":3})"), ErrorCode::kNotEntitled);
  EXPECT_EQ(Publish(free_, "t", R"({"a":1,"b":4})"), ErrorCode::kNone);
  EXPECT_EQ(Publish(free_, "t", R"({"a":2,"b":5})"), ErrorCode::kNone);
  rules_.rules.erase("ann/t/r");
  Reset();
  EXPECT_EQ(Publish(free_, "t", R"({"a":2,"b":6})"), ErrorCode::kNone);
  rules_.Allow("ann/t/r");
  Reset();
  EXPECT_EQ(Publish(free_, "t", R"({"a":3,"b":7})"), ErrorCode::kNone);
  EXPECT_EQ(ann.Take(), Lines({R"(t {"a":1,"b":1})", R"(t {"a":1,"b":2})", R"(t {"a":2})",
                               R"(t {"a":3,"b":7})"}));
}

TEST_F(EntitlementTest, AResetTakesRecordsOutOfFocus) {
  EntitledClient ann;
  Connect(ann, "ann");
  rules_.Allow("ann/stored/r");
  rules_.Allow("ann/other/r");
  for (int id = 1; id <= 3; ++id) {
    EXPECT_EQ(Publish(free_, "stored", fmt::format(R"({{"id":{}}})", id)), ErrorCode::kNone);
  }
  EXPECT_EQ(Publish(free_, "other", R"({"id":9})"), ErrorCode::kNone);
  EXPECT_EQ(Ask(ann, CommandType::kSowAndSubscribe, "stored", "/id > 1", "oof"), ErrorCode::kNone);
  EXPECT_EQ(Ask(ann, CommandType::kSowAndSubscribe, ".*", "/id > 2", "oof"), ErrorCode::kNone);
  ann.Take();
  rules_.Allow("ann/stored/r", "/id < 3");
  rules_.rules.erase("ann/other/r");
  Reset();
  Lines left = ann.Take();
  std::ranges::sort(left);
  EXPECT_EQ(left, Lines({"oof other ", "oof stored ", "oof stored "}));
  for (const OutOfFocusReason reason : ann.reasons) {
    EXPECT_EQ(reason, OutOfFocusReason::kEntitlement);
  }
  // It goes on with what is left.
  EXPECT_EQ(Publish(free_, "stored", R"({"id":2,"a":1})"), ErrorCode::kNone);
  EXPECT_EQ(Publish(free_, "stored", R"({"id":3,"a":1})"), ErrorCode::kNone);
  EXPECT_EQ(Publish(free_, "other", R"({"id":9,"a":1})"), ErrorCode::kNone);
  EXPECT_EQ(ann.Take(), Lines({R"(stored {"id":2,"a":1})"}));
}

TEST_F(EntitlementTest, AResetEndsPagesWhoseTopicHasChanged) {
  EntitledClient ann;
  Connect(ann, "ann");
  rules_.Allow("ann/stored/r");
  EXPECT_EQ(Ask(ann, CommandType::kSowAndSubscribe, "stored", "", "top_n=2,oof", "/id"),
            ErrorCode::kNone);
  Reset();
  EXPECT_EQ(ann.dismissed, "");
  rules_.Allow("ann/stored/r", "/id = 1");
  Reset();
  EXPECT_EQ(ann.dismissed, "entitlements have changed: subscribe again");
}

// What was conflated is delivered as it could be seen; what leaves is not shown at all.
TEST_F(EntitlementTest, AResetShowsNothingThatWasHidden) {
  EntitledClient ann;
  Connect(ann, "ann");
  rules_.Allow("ann/stored/r", "", "-/salary");
  EXPECT_EQ(Publish(free_, "stored", R"({"id":1,"salary":7})"), ErrorCode::kNone);
  EXPECT_EQ(Ask(ann, CommandType::kSowAndSubscribe, "stored", "", "oof"), ErrorCode::kNone);
  EXPECT_EQ(Subscribe(ann, "stored", "", "conflation=1h"), ErrorCode::kNone);
  EXPECT_EQ(Publish(free_, "stored", R"({"id":1,"salary":8,"a":1})"), ErrorCode::kNone);
  rules_.rules.erase("ann/stored/r");
  Reset();
  const Lines seen = ann.Take();
  for (const std::string& line : seen) EXPECT_EQ(line.find("salary"), std::string::npos) << line;
  EXPECT_EQ(seen.size(), 4u);
}

TEST_F(EntitlementTest, AResetSaysNothingOfRecordsThatWereNeverSent) {
  EntitledClient ann;
  Connect(ann, "ann");
  rules_.Allow("ann/stored/r");
  EXPECT_EQ(Publish(free_, "stored", R"({"id":1})"), ErrorCode::kNone);
  EXPECT_EQ(Subscribe(ann, "stored", "", "oof"), ErrorCode::kNone);
  EXPECT_EQ(Publish(free_, "stored", R"({"id":2})"), ErrorCode::kNone);
  rules_.rules.erase("ann/stored/r");
  Reset();
  EXPECT_EQ(ann.Take(), Lines({R"(stored {"id":2})", "oof stored "}));
}

TEST_F(EntitlementTest, OneAnswerIsAskedForAgain) {
  EntitledClient ann;
  Connect(ann, "ann");
  EXPECT_EQ(Subscribe(ann, "t"), ErrorCode::kNotEntitled);
  EXPECT_EQ(Subscribe(ann, "u"), ErrorCode::kNotEntitled);
  rules_.Allow("ann/t/r");
  rules_.Allow("ann/u/r");
  const uint64_t asker = rules_.last_asker;
  engine_.ResetAccess(asker, "t", AccessKind::kRead);
  engine_.ResetAccess(asker, "t", AccessKind::kRead);
  engine_.ResetAccess(asker, "t", AccessKind::kWrite);
  EXPECT_EQ(rules_.questions.size(), 1u) << "what nobody knew is not asked for";
  rules_.Answer(engine_);
  EXPECT_EQ(Subscribe(ann, "t"), ErrorCode::kNone);
  EXPECT_EQ(Subscribe(ann, "u"), ErrorCode::kNotEntitled);
}

// Or a reset would never end where answers take longer than they are good for.
TEST_F(EntitlementTest, WhatAResetHasAnsweredIsNotAskedForAgainBeforeItEnds) {
  EntitledClient ann;
  Connect(ann, "ann");
  rules_.Allow("ann/t/r");
  rules_.Allow("ann/u/r");
  EXPECT_EQ(Subscribe(ann, "t"), ErrorCode::kNone);
  EXPECT_EQ(Subscribe(ann, "u"), ErrorCode::kNone);
  rules_.rules.clear();
  engine_.ResetAccess(rules_);
  const std::string first = rules_.questions.front().topic;
  rules_.Answer(engine_, 1);
  EXPECT_FALSE(engine_.ResetAccess(rules_.last_asker, first, AccessKind::kRead));
  EXPECT_EQ(rules_.questions.size(), 1u);
  rules_.Answer(engine_);
  EXPECT_EQ(Subscribe(ann, "t"), ErrorCode::kNotEntitled);
  EXPECT_TRUE(engine_.ResetAccess(rules_.last_asker, first, AccessKind::kRead));
  EXPECT_EQ(rules_.questions.size(), 1u);
}

TEST_F(EntitlementTest, OneAnswerIsAskedForAgainDuringAReset) {
  EntitledClient ann;
  Connect(ann, "ann");
  EXPECT_EQ(Subscribe(ann, "t"), ErrorCode::kNotEntitled);
  rules_.Allow("ann/t/r");
  engine_.ResetAccess(rules_.last_asker, "t", AccessKind::kRead);
  engine_.ResetAccess(rules_);
  engine_.ResetAccess(rules_.last_asker, "t", AccessKind::kRead);
  rules_.Answer(engine_);
  EXPECT_EQ(Subscribe(ann, "t"), ErrorCode::kNone);
}

// An answer by rules of before a reset does not count, however late it comes.
TEST_F(EntitlementTest, AnAnswerThatAResetHasOvertaken) {
  EntitledClient ann;
  Connect(ann, "ann");
  Command command;
  command.type = CommandType::kSubscribe;
  command.command_id = "1";
  command.topic = "t";
  EXPECT_EQ(ErrorCodeOf(engine_.Execute(*ann.session, command)), ErrorCode::kPending);
  const AccessQuestion early = rules_.questions.front();
  rules_.questions.clear();
  engine_.ResetAccess(rules_);
  EXPECT_TRUE(engine_.Decide(early.asker, "t", AccessKind::kRead, Yes()).ok());
  EXPECT_EQ(rules_.questions.size(), 1u) << "it is asked again";
  EXPECT_EQ(Run(ann, command), ErrorCode::kNotEntitled);
}

TEST_F(EntitlementTest, AResetDuringAReset) {
  EntitledClient ann;
  Connect(ann, "ann");
  rules_.Allow("ann/t/r");
  EXPECT_EQ(Subscribe(ann, "t"), ErrorCode::kNone);
  engine_.ResetAccess(rules_);
  const AccessQuestion early = rules_.questions.front();
  rules_.questions.clear();
  rules_.rules.erase("ann/t/r");
  engine_.ResetAccess(rules_);
  EXPECT_TRUE(engine_.Decide(early.asker, "t", AccessKind::kRead, Yes()).ok());
  EXPECT_EQ(Publish(free_, "t", "{}"), ErrorCode::kNone);
  rules_.Answer(engine_);
  EXPECT_EQ(Publish(free_, "t", "{}"), ErrorCode::kNone);
  EXPECT_EQ(ann.Take(), Lines({"t {}"}));
}

}  // namespace
}  // namespace fluxgate
