// What users may see: what is not allowed, what is hidden.
#include "core/engine/entitlement_testing.h"

namespace fluxgate {
namespace {

TEST_F(EntitlementTest, NothingIsAllowedThatIsNotSaid) {
  EntitledClient ann;
  Connect(ann, "ann");
  EXPECT_EQ(Publish(ann, "t", "{}"), ErrorCode::kNotEntitled);
  EXPECT_EQ(Subscribe(ann, "t"), ErrorCode::kNotEntitled);
  EXPECT_EQ(Query(ann, "stored"), ErrorCode::kNotEntitled);
  EXPECT_EQ(Ask(ann, CommandType::kSowAndSubscribe, "stored"), ErrorCode::kNotEntitled);
  EXPECT_EQ(Ask(ann, CommandType::kSowDelete, "stored", "1=1"), ErrorCode::kNotEntitled);
  EXPECT_EQ(Publish(free_, "t", "{}"), ErrorCode::kNone);
  EXPECT_EQ(ann.Take(), Lines());
}

TEST_F(EntitlementTest, ReadingIsNotWriting) {
  EntitledClient ann;
  Connect(ann, "ann");
  rules_.Allow("ann/r/r");
  rules_.Allow("ann/w/w");
  EXPECT_EQ(Subscribe(ann, "r"), ErrorCode::kNone);
  EXPECT_EQ(Publish(ann, "r", "{}"), ErrorCode::kNotEntitled);
  EXPECT_EQ(Publish(ann, "w", "{}"), ErrorCode::kNone);
  EXPECT_EQ(Subscribe(ann, "w"), ErrorCode::kNotEntitled);
  EXPECT_EQ(Publish(free_, "r", "{\"a\":1}"), ErrorCode::kNone);
  EXPECT_EQ(ann.Take(), Lines({"r {\"a\":1}"}));
}

TEST_F(EntitlementTest, OnlyMessagesThatTheUserMaySee) {
  EntitledClient ann;
  Connect(ann, "ann");
  rules_.Allow("ann/t/r", "/owner = 'ann'");
  EXPECT_EQ(Subscribe(ann, "t", "/n > 1"), ErrorCode::kNone);
  EXPECT_EQ(Subscribe(ann, "t", "/n > 1) OR (1=1"), ErrorCode::kBadFilter);
  EXPECT_EQ(Publish(free_, "t", R"({"owner":"ann","n":1})"), ErrorCode::kNone);
  EXPECT_EQ(Publish(free_, "t", R"({"owner":"bob","n":2})"), ErrorCode::kNone);
  EXPECT_EQ(Publish(free_, "t", R"({"owner":"ann","n":2})"), ErrorCode::kNone);
  EXPECT_EQ(ann.Take(), Lines({R"(t {"owner":"ann","n":2})"}));
}

TEST_F(EntitlementTest, AFilterWithAnOrDoesNotReachAroundTheUsersOwn) {
  EntitledClient ann;
  Connect(ann, "ann");
  rules_.Allow("ann/t/r", "/owner = 'ann' OR /owner = 'all'");
  EXPECT_EQ(Subscribe(ann, "t", "/n = 1 OR /n = 2"), ErrorCode::kNone);
  EXPECT_EQ(Publish(free_, "t", R"({"owner":"bob","n":2})"), ErrorCode::kNone);
  EXPECT_EQ(Publish(free_, "t", R"({"owner":"all","n":3})"), ErrorCode::kNone);
  EXPECT_EQ(Publish(free_, "t", R"({"owner":"all","n":2})"), ErrorCode::kNone);
  EXPECT_EQ(ann.Take(), Lines({R"(t {"owner":"all","n":2})"}));
}

TEST_F(EntitlementTest, APatternReachesOnlyWhatMayBeRead) {
  EntitledClient ann;
  Connect(ann, "ann");
  rules_.Allow("ann/a.1/r");
  rules_.Allow("ann/a.2/r", "/n > 1");
  EXPECT_EQ(Publish(free_, "a.1", R"({"n":1})"), ErrorCode::kNone);
  EXPECT_EQ(Subscribe(ann, "^a\\..*"), ErrorCode::kNone);
  for (const std::string_view topic : {"a.1", "a.2", "a.3"}) {
    EXPECT_EQ(Publish(free_, topic, R"({"n":1})"), ErrorCode::kNone);
    EXPECT_EQ(Publish(free_, topic, R"({"n":2})"), ErrorCode::kNone);
  }
  EXPECT_EQ(ann.Take(), Lines({R"(a.1 {"n":1})", R"(a.1 {"n":2})", R"(a.2 {"n":2})"}));
}

TEST_F(EntitlementTest, QueriesShowWhatMayBeSeen) {
  EntitledClient ann;
  Connect(ann, "ann");
  rules_.Allow("ann/stored/r", "/owner = 'ann'");
  EXPECT_EQ(Publish(free_, "stored", R"({"id":1,"owner":"ann"})"), ErrorCode::kNone);
  EXPECT_EQ(Publish(free_, "stored", R"({"id":2,"owner":"bob"})"), ErrorCode::kNone);
  EXPECT_EQ(Publish(free_, "other", R"({"id":3,"owner":"ann"})"), ErrorCode::kNone);
  const Lines visible = {R"(sow stored {"id":1,"owner":"ann"})"};
  EXPECT_EQ(Query(ann, "stored"), ErrorCode::kNone);
  EXPECT_EQ(ann.Take(), visible);
  EXPECT_EQ(ann.stats, "1/1");
  EXPECT_EQ(Query(ann, "stored", "/id > 0"), ErrorCode::kNone);
  EXPECT_EQ(ann.Take(), visible);
  EXPECT_EQ(Query(ann, ".*"), ErrorCode::kNone);
  EXPECT_EQ(ann.Take(), visible);
  EXPECT_EQ(ann.stats, "1/1");
  EXPECT_EQ(Query(ann, ".*", "/id > 0"), ErrorCode::kNone);
  EXPECT_EQ(ann.Take(), visible);
}

TEST_F(EntitlementTest, HiddenFieldsAreNeitherShownNorProbed) {
  EntitledClient ann;
  Connect(ann, "ann");
  rules_.Allow("ann/stored/r", "", "-/secret");
  rules_.Allow("ann/t/r", "", "-/secret");
  EXPECT_EQ(Publish(free_, "stored", R"({"id":1,"secret":7})"), ErrorCode::kNone);
  EXPECT_EQ(Subscribe(ann, "t", "/secret = 7"), ErrorCode::kNotEntitled);
  EXPECT_EQ(Query(ann, "stored", "/secret > 0"), ErrorCode::kNotEntitled);
  EXPECT_EQ(Query(ann, "stored", "/id = 1 OR /secret/x IS NULL"), ErrorCode::kNotEntitled);
  EXPECT_EQ(Ask(ann, CommandType::kSow, "stored", "", "", "/secret"), ErrorCode::kNotEntitled);
  EXPECT_EQ(Ask(ann, CommandType::kSowAndSubscribe, "stored", "", "top_n=2", "/secret DESC"),
            ErrorCode::kNotEntitled);
  EXPECT_EQ(Subscribe(ann, "stored", "", "conflation=1s,conflation_key=[/secret]"),
            ErrorCode::kNotEntitled);
  EXPECT_EQ(Ask(ann, CommandType::kSow, "stored", "",
                "projection=[/secret AS /s,COUNT(/id) AS /n],grouping=[/secret]"),
            ErrorCode::kNotEntitled);
  EXPECT_EQ(Query(ann, ".*", "/secret = 7"), ErrorCode::kNone);
  EXPECT_EQ(ann.Take(), Lines());
  EXPECT_EQ(Subscribe(ann, ".*", "/secret = 7"), ErrorCode::kNone);
  EXPECT_EQ(Subscribe(ann, "t", "", "select=[-/,+/secret,+/id]"), ErrorCode::kNone);
  EXPECT_EQ(Query(ann, "stored"), ErrorCode::kNone);
  EXPECT_EQ(Publish(free_, "t", R"({"id":2,"secret":7})"), ErrorCode::kNone);
  EXPECT_EQ(ann.Take(), Lines({R"(sow stored {"id":1})", R"(t {"id":2})"}));
}

TEST_F(EntitlementTest, DeltasSayNothingOfHiddenFields) {
  EntitledClient ann;
  Connect(ann, "ann");
  rules_.Allow("ann/stored/r", "", "-/secret");
  EXPECT_EQ(Publish(free_, "stored", R"({"id":1,"a":1,"secret":7})"), ErrorCode::kNone);
  EXPECT_EQ(Ask(ann, CommandType::kSowAndDeltaSubscribe, "stored", "", "no_empties"),
            ErrorCode::kNone);
  EXPECT_EQ(Publish(free_, "stored", R"({"id":1,"a":1,"secret":8})"), ErrorCode::kNone);
  EXPECT_EQ(Publish(free_, "stored", R"({"id":1,"a":2,"secret":8})"), ErrorCode::kNone);
  EXPECT_EQ(ann.Take(), Lines({R"(sow stored {"id":1,"a":1})", R"(stored {"id":1,"a":2})"}));
}

TEST_F(EntitlementTest, ARecordThatIsHiddenNowLeavesWithoutShowingWhatItIs) {
  EntitledClient ann;
  Connect(ann, "ann");
  rules_.Allow("ann/stored/r", "/owner = 'ann'");
  EXPECT_EQ(Publish(free_, "stored", R"({"id":1,"owner":"ann"})"), ErrorCode::kNone);
  EXPECT_EQ(Ask(ann, CommandType::kSowAndSubscribe, "stored", "", "oof"), ErrorCode::kNone);
  EXPECT_EQ(Publish(free_, "stored", R"({"id":1,"owner":"bob","pin":1})"), ErrorCode::kNone);
  EXPECT_EQ(ann.Take(), Lines({R"(sow stored {"id":1,"owner":"ann"})",
                               R"(oof stored {"id":1,"owner":"ann"})"}));
}

TEST_F(EntitlementTest, RulesThatCannotBeCompiledAllowNothing) {
  EntitledClient ann;
  Connect(ann, "ann");
  rules_.Allow("ann/t/r", "/a = ");
  rules_.Allow("ann/u/r", "", "secret");
  EXPECT_EQ(Subscribe(ann, "t"), ErrorCode::kNotEntitled);
  EXPECT_EQ(Subscribe(ann, "u"), ErrorCode::kNotEntitled);
}

TEST_F(EntitlementTest, TopicsRememberedOfAUser) {
  EntitledClient ann;
  Connect(ann, "ann");
  for (int i = 1; i <= 9; ++i) {
    const std::string topic = fmt::format("t{}", i);
    rules_.Allow(fmt::format("ann/{}/w", topic));
    EXPECT_EQ(Publish(ann, topic, "{}"), i <= 8 ? ErrorCode::kNone : ErrorCode::kNotEntitled);
  }
}

TEST_F(EntitlementTest, ANameIsTakenOverByItsUserOnly) {
  EntitledClient first, again, thief;
  Connect(first, "ann", true, "desk");
  Connect(thief, "bob", true, "desk");
  EXPECT_EQ(ErrorCodeOf(logged_on_), ErrorCode::kNameInUse);
  EXPECT_EQ(first.dismissed, "");
  Connect(again, "ann", true, "desk");
  EXPECT_TRUE(logged_on_.ok());
  EXPECT_EQ(first.dismissed, "the client has logged on again elsewhere");
  engine_.CloseSession(first.session);
  engine_.CloseSession(thief.session);
  Connect(thief, "bob", true, "desk");
  EXPECT_EQ(ErrorCodeOf(logged_on_), ErrorCode::kNameInUse) << "the second connection has it";
  engine_.CloseSession(again.session);
  Connect(thief, "bob", true, "desk");
  EXPECT_TRUE(logged_on_.ok());
}

}  // namespace
}  // namespace fluxgate
