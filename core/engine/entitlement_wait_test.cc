// Commands that wait until it is known what a user may do.
#include "core/engine/entitlement_testing.h"

namespace fluxgate {
namespace {

TEST_F(EntitlementTest, ACommandWaitsForItsAnswerAndIsAcknowledgedOnce) {
  EntitledClient ann;
  Connect(ann, "ann");
  rules_.Allow("ann/t/r");
  Command command;
  command.type = CommandType::kSubscribe;
  command.command_id = "1";
  command.topic = "t";
  command.acks.add(AckType::kReceived);
  command.acks.add(AckType::kProcessed);
  EXPECT_EQ(ErrorCodeOf(engine_.Execute(*ann.session, command)), ErrorCode::kPending);
  EXPECT_EQ(ErrorCodeOf(engine_.Execute(*ann.session, command)), ErrorCode::kPending);
  EXPECT_EQ(ann.acks, 0);
  EXPECT_EQ(rules_.questions.size(), 1u);
  rules_.Answer(engine_);
  EXPECT_TRUE(ann.woken);
  EXPECT_TRUE(engine_.Execute(*ann.session, command).ok());
  EXPECT_EQ(ann.acks, 2);
}

TEST_F(EntitlementTest, AnswersAreSharedByTheSessionsOfAUser) {
  EntitledClient one, two;
  Connect(one, "ann");
  Connect(two, "ann");
  rules_.Allow("ann/t/r");
  EXPECT_EQ(Subscribe(one, "t"), ErrorCode::kNone);
  EXPECT_EQ(Subscribe(two, "t"), ErrorCode::kNone);
  EXPECT_EQ(rules_.answered, 1);
}

TEST_F(EntitlementTest, AnAnswerForAClientThatHasLeftIsPassedOver) {
  EntitledClient ann;
  Connect(ann, "ann");
  Command command;
  command.type = CommandType::kSubscribe;
  command.command_id = "1";
  command.topic = "t";
  EXPECT_EQ(ErrorCodeOf(engine_.Execute(*ann.session, command)), ErrorCode::kPending);
  engine_.CloseSession(ann.session);
  rules_.Answer(engine_);
  EXPECT_FALSE(ann.woken);
}

TEST_F(EntitlementTest, APublisherWaitsForWhatPatternsMaySee) {
  EntitledClient ann;
  Connect(ann, "ann");
  rules_.Allow("ann/new/r");
  EXPECT_EQ(Subscribe(ann, ".*"), ErrorCode::kNone);
  Command command;
  const std::string body = "{}" + std::string(kBodyPaddingBytes, '\0');
  command.type = CommandType::kPublish;
  command.topic = "new";
  command.body = std::string_view(body).substr(0, 2);
  EXPECT_EQ(ErrorCodeOf(engine_.Execute(*free_.session, command)), ErrorCode::kPending);
  rules_.Answer(engine_);
  EXPECT_TRUE(free_.woken);
  EXPECT_TRUE(engine_.Execute(*free_.session, command).ok());
  EXPECT_EQ(ann.Take(), Lines({"new {}"}));
}

TEST_F(EntitlementTest, WhoWaitsForAnotherUserGoesOnWhenThatOneLeaves) {
  auto ann = std::make_unique<EntitledClient>();
  Connect(*ann, "ann");
  EXPECT_EQ(Subscribe(*ann, ".*"), ErrorCode::kNone);
  Command command;
  const std::string body = "{}" + std::string(kBodyPaddingBytes, '\0');
  command.type = CommandType::kPublish;
  command.topic = "new";
  command.body = std::string_view(body).substr(0, 2);
  EXPECT_EQ(ErrorCodeOf(engine_.Execute(*free_.session, command)), ErrorCode::kPending);
  engine_.CloseSession(ann->session);
  EXPECT_TRUE(free_.woken);
  EXPECT_TRUE(engine_.Execute(*free_.session, command).ok());
}

// Somebody whom everything is allowed waits for what another user's pattern may see, and leaves.
TEST_F(EntitlementTest, WhoWaitsForAnotherUserMayLeave) {
  EntitledClient ann;
  Connect(ann, "ann");
  EXPECT_EQ(Subscribe(ann, ".*"), ErrorCode::kNone);
  auto other = std::make_unique<EntitledClient>();
  Connect(*other, "", false);
  Command command;
  const std::string body = "{}" + std::string(kBodyPaddingBytes, '\0');
  command.type = CommandType::kPublish;
  command.topic = "new";
  command.body = std::string_view(body).substr(0, 2);
  EXPECT_EQ(ErrorCodeOf(engine_.Execute(*other->session, command)), ErrorCode::kPending);
  engine_.CloseSession(other->session);
  other.reset();
  rules_.Answer(engine_);
  EXPECT_EQ(Publish(free_, "new", "{}"), ErrorCode::kNone);
  EXPECT_EQ(ann.Take(), Lines()) << "it may not be read";
}

TEST_F(EntitlementTest, SubscriptionsOnTheirWayOutHoldUpNobody) {
  EntitledClient ann;
  Connect(ann, "ann");
  for (int i = 0; i < 2000; ++i) EXPECT_EQ(Subscribe(ann, ".*"), ErrorCode::kNone);
  engine_.CloseSession(ann.session);
  EXPECT_EQ(Publish(free_, "new", "{}"), ErrorCode::kNone);
}

}  // namespace
}  // namespace fluxgate
