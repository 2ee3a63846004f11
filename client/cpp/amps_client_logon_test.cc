// How an amps client logs on: with what, and what it does with challenges.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "client/cpp/client.h"
#include "client/cpp/fake_gateway.h"
#include "core/base/error.h"

namespace fluxgate::client {
namespace {

constexpr int kAttemptsMax = 16;

// Remembers what it is asked and told; the password is the challenge, turned round.
class TestSource final : public CredentialSource {
 public:
  absl::StatusOr<UserPassword> Credentials(const LogonAttempt& attempt) override {
    attempts.push_back(attempt);
    if (attempt.challenge == "impossible") return MakeError(ErrorCode::kBadOption, "no idea");
    return UserPassword{.user = attempt.user,
                        .password = {attempt.challenge.rbegin(), attempt.challenge.rend()}};
  }
  void Completed(bool accepted, std::string_view reason) override {
    told.push_back((accepted ? "yes " : "no ") + std::string(reason));
  }
  std::vector<LogonAttempt> attempts;
  std::vector<std::string> told;
};

class LogonTest : public ::testing::Test {
 protected:
  absl::Status Connect(const FakeGateway& gateway, bool with_source = true) {
    auto uri = Uri::Parse(gateway.uri());
    uri->user = "ann";
    uri->password = "of the URI";
    ClientOptions options;
    if (with_source) options.credentials = source_;
    return client::Connect(*uri, options).status();
  }
  const std::shared_ptr<TestSource> source_ = std::make_shared<TestSource>();
};

TEST_F(LogonTest, AnswersChallengesAndTellsTheOutcome) {
  FakeGateway gateway([](FakeConnection& c) {
    const Command* logon = c.Read();
    ASSERT_NE(logon, nullptr);
    EXPECT_EQ(logon->user_id, "ann");
    EXPECT_EQ(logon->password, "");
    c.Challenge(*logon, "ann-2", "abc");
    logon = c.Read();
    ASSERT_NE(logon, nullptr);
    EXPECT_EQ(logon->type, CommandType::kLogon);
    EXPECT_EQ(logon->user_id, "ann-2");
    EXPECT_EQ(logon->password, "cba");
    c.Ack(*logon);
    EXPECT_EQ(c.Read(), nullptr);
  });
  EXPECT_TRUE(Connect(gateway).ok());
  ASSERT_EQ(source_->attempts.size(), 2u);
  EXPECT_EQ(source_->attempts[0].attempt, 1u);
  EXPECT_EQ(source_->attempts[0].address, "127.0.0.1:" + std::to_string(gateway.port()));
  EXPECT_EQ(source_->attempts[1].attempt, 2u);
  EXPECT_EQ(source_->told, std::vector<std::string>{"yes "});
}

TEST_F(LogonTest, AChallengeThatNamesNobodyIsForTheSameUser) {
  FakeGateway gateway([](FakeConnection& c) {
    const Command* logon = c.Read();
    ASSERT_NE(logon, nullptr);
    c.Challenge(*logon, "", "abc");
    logon = c.Read();
    ASSERT_NE(logon, nullptr);
    EXPECT_EQ(logon->user_id, "ann");
    c.Ack(*logon);
  });
  EXPECT_TRUE(Connect(gateway).ok());
}

TEST_F(LogonTest, ARefusalIsTold) {
  FakeGateway gateway([](FakeConnection& c) {
    const Command* logon = c.Read();
    ASSERT_NE(logon, nullptr);
    c.Ack(*logon, "not you");
  });
  EXPECT_TRUE(absl::IsInvalidArgument(Connect(gateway)));
  EXPECT_EQ(source_->told, std::vector<std::string>{"no not you"});
}

TEST_F(LogonTest, ALostConnectionIsNoAnswer) {
  FakeGateway gateway([](FakeConnection& c) { EXPECT_NE(c.Read(), nullptr); });
  EXPECT_TRUE(absl::IsUnavailable(Connect(gateway)));
  EXPECT_TRUE(source_->told.empty());
}

TEST_F(LogonTest, ASourceThatHasNoAnswerEndsIt) {
  FakeGateway gateway([](FakeConnection& c) {
    const Command* logon = c.Read();
    ASSERT_NE(logon, nullptr);
    c.Challenge(*logon, "ann", "impossible");
    EXPECT_EQ(c.Read(), nullptr);
  });
  EXPECT_EQ(ErrorText(Connect(gateway)), "no idea");
}

TEST_F(LogonTest, APasswordOfTheUriIsNotSentASecondTime) {
  FakeGateway gateway([](FakeConnection& c) {
    const Command* logon = c.Read();
    ASSERT_NE(logon, nullptr);
    EXPECT_EQ(logon->password, "of the URI");
    c.Challenge(*logon, "ann", "what?");
    EXPECT_EQ(c.Read(), nullptr);
  });
  const absl::Status status = Connect(gateway, /*with_source=*/false);
  EXPECT_EQ(ErrorCodeOf(status), ErrorCode::kAuthentication) << status;
  EXPECT_NE(ErrorText(status).find("asks for the answer to a challenge"), std::string::npos);
}

TEST_F(LogonTest, ChallengesAtTheLimitAndAbove) {
  for (const int challenges : {kAttemptsMax - 1, kAttemptsMax}) {
    source_->attempts.clear();
    FakeGateway gateway([challenges](FakeConnection& c) {
      for (int i = 0; const Command* logon = c.Read(); ++i) {
        if (i < challenges) {
          c.Challenge(*logon, "ann", "again");
        } else {
          c.Ack(*logon);
        }
      }
    });
    const absl::Status status = Connect(gateway);
    EXPECT_EQ(status.ok(), challenges < kAttemptsMax) << status;
    EXPECT_EQ(source_->attempts.size(), static_cast<size_t>(kAttemptsMax));
  }
}

}  // namespace
}  // namespace fluxgate::client
