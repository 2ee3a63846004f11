// Logons and entitlements between workers and reactor: what is asked, kept, reset and refused.
#include "gateway/security/transport_security.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "core/base/error.h"
#include "core/message/json_message_type.h"

namespace fluxgate {
namespace {

// How often each was asked, over all contexts.
struct Counts {
  std::atomic<int> logons = 0;
  std::atomic<int> checks = 0;
  std::atomic<int> failures = 0;  // still to come
  std::atomic<int> contexts = 0;
  std::atomic<int> alive = 0;
};

// Lets users in by the password of its generation.
class Passwords final : public Authentication {
 public:
  Passwords(Counts& counts, std::string password)
      : counts_(counts), password_(std::move(password)) {
    ++counts_.contexts;
    ++counts_.alive;
  }
  ~Passwords() override { --counts_.alive; }

  AuthenticationResult Authenticate(const Credentials& credentials) override {
    ++counts_.logons;
    AuthenticationResult result;
    result.user_id = credentials.user_id;
    if (credentials.password == password_) {
      result.outcome = AuthenticationResult::Outcome::kAccepted;
    }
    return result;
  }

 private:
  Counts& counts_;
  const std::string password_;
};

class OneTopic final : public Entitlement {
 public:
  OneTopic(Counts& counts, std::string topic) : counts_(counts), topic_(std::move(topic)) {}

  EntitlementResult Check(const EntitlementRequest& request) override {
    ++counts_.checks;
    EntitlementResult result;
    result.decision.is_allowed = request.type == EntitlementRequest::Resource::kLogon
                                     ? request.user_id != "banned"
                                     : request.resource == topic_;
    // Nobody knows at first.
    if (request.resource.starts_with("slow") && !result.decision.is_allowed &&
        counts_.failures-- > 0) {
      result.ask_again_s = 1;
    } else if (request.resource.starts_with("slow")) {
      result.decision.is_allowed = true;
    }
    return result;
  }

 private:
  Counts& counts_;
  const std::string topic_;
};

class TestOutbox final : public Outbox {
 public:
  bool Deliver(const Delivery&) override { return true; }
  void Acknowledge(const Ack&) override {}
  void OnAccessKnown() override {}
  void Dismiss(const absl::Status& why) override {
    dismissed = ErrorText(why);
    on_dismiss();
  }
  std::string dismissed;
  std::function<void()> on_dismiss;
};

class TransportSecurityTest : public ::testing::Test {
 protected:
  TransportSecurityTest() {
    SecurityLimits limits;
    limits.credential_bytes_max = 100;
    limits.asked_again_max = 1;
    auto made = TransportSecurity::Make(
        "tcp",
        [this]() -> absl::StatusOr<std::shared_ptr<Authentication>> {
          const std::lock_guard lock(mutex_);
          if (password_.empty()) return MakeError(ErrorCode::kBadOption, "no password");
          return std::make_shared<Passwords>(counts_, password_);
        },
        [this]() -> absl::StatusOr<std::shared_ptr<Entitlement>> {
          const std::lock_guard lock(mutex_);
          return std::make_shared<OneTopic>(counts_, topic_);
        },
        reactor_, engine_, workers_, limits);
    EXPECT_TRUE(made.ok());
    security_ = *std::move(made);
    thread_ = std::thread([this] { reactor_.Run(); });
  }
  ~TransportSecurityTest() override {
    workers_.Stop(int64_t{30'000'000'000});
    reactor_.Stop();
    thread_.join();
  }

  // Reactor thread.
  Session* Open(TestOutbox& outbox, std::string_view user) {
    Session* const session = engine_.OpenSession(outbox);
    session->authority = security_->authority();
    session->user_is_known = true;
    Command logon;
    logon.type = CommandType::kLogon;
    logon.message_type = "json";
    logon.user_id = user;
    EXPECT_TRUE(engine_.Execute(*session, logon).ok());
    return session;
  }

  // Runs `start` on the reactor and waits until what it was given has been called, once.
  void Await(const std::function<void(std::function<void()>)>& start) {
    std::promise<void> called;
    reactor_.Post([&] { start([&called] { called.set_value(); }); });
    called.get_future().wait();
  }
  Session* OpenFrom(TestOutbox& outbox, std::string_view user) {
    Session* session = nullptr;
    Await([&](const std::function<void()>& done) {
      session = Open(outbox, user);
      done();
    });
    return session;
  }
  void Close(Session* session) {
    Await([&](const std::function<void()>& done) {
      engine_.CloseSession(session);
      done();
    });
  }
  // The first answer but this one, for a minute at most.
  ErrorCode SubscribeUntilNot(Session& session, std::string_view topic, ErrorCode not_this) {
    Command subscribe;
    subscribe.type = CommandType::kSubscribe;
    subscribe.command_id = topic;
    subscribe.topic = topic;
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    ErrorCode answer;
    do {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
      Await([&](const std::function<void()>& done) {
        answer = ErrorCodeOf(engine_.Execute(session, subscribe));
        done();
      });
    } while (answer == not_this && std::chrono::steady_clock::now() < give_up);
    return answer;
  }
  ErrorCode Subscribe(Session& session, std::string_view topic) {
    return SubscribeUntilNot(session, topic, ErrorCode::kPending);
  }
  ErrorCode SubscribeInTheEnd(Session& session, std::string_view topic) {
    return SubscribeUntilNot(session, topic, ErrorCode::kNotEntitled);
  }
  LogOnResult LogOn(const std::string& user, const std::string& password, bool cached = false) {
    Credentials credentials;
    credentials.user_id = user;
    credentials.password = password;
    LogOnResult result;
    Await([&](const std::function<void()>& stop) {
      security_->LogOn(credentials, cached, [&result, stop](const LogOnResult& found) {
        result = found;
        stop();
      });
    });
    return result;
  }
  bool IsIn(const std::string& user, const std::string& password, bool cached = false) {
    return LogOn(user, password, cached).outcome == LogOnResult::Outcome::kAccepted;
  }
  absl::Status ResetAuthentication() {
    absl::Status result;
    Await([&](const std::function<void()>& stop) {
      security_->ResetAuthentication([&result, stop](const absl::Status& status) {
        result = status;
        stop();
      });
    });
    return result;
  }
  void Set(const std::string& password, const std::string& topic) {
    const std::lock_guard lock(mutex_);
    password_ = password;
    topic_ = topic;
  }

  JsonMessageType json_;
  net::SystemClock clock_;
  net::Reactor reactor_;
  Engine engine_{EngineOptions(), {&json_}, clock_};
  Counts counts_;
  std::mutex mutex_;
  std::string password_ = "right";  // guarded by mutex_
  std::string topic_ = "t";         // guarded by mutex_
  WorkerPool workers_{"test", 3, 1000};
  std::unique_ptr<TransportSecurity> security_;
  std::thread thread_;
};

TEST_F(TransportSecurityTest, WhoIsLetIn) {
  EXPECT_TRUE(IsIn("ann", "right"));
  EXPECT_FALSE(IsIn("ann", "wrong"));
  EXPECT_EQ(ErrorCodeOf(LogOn("ann", "wrong").refused), ErrorCode::kAuthentication);
  EXPECT_EQ(ErrorCodeOf(LogOn("banned", "right").refused), ErrorCode::kNotEntitled);
}

TEST_F(TransportSecurityTest, OnlyGoodLogonsAreRemembered) {
  EXPECT_TRUE(IsIn("ann", "right", true));
  EXPECT_TRUE(IsIn("ann", "right", true));
  EXPECT_EQ(counts_.logons, 1);
  EXPECT_FALSE(IsIn("ann", "wrong", true));
  EXPECT_FALSE(IsIn("ann", "wrong", true));
  EXPECT_EQ(counts_.logons, 3);
  EXPECT_TRUE(IsIn("ann", "right", false));
  EXPECT_EQ(counts_.logons, 4);
}

TEST_F(TransportSecurityTest, AResetForgetsThem) {
  EXPECT_TRUE(IsIn("ann", "right", true));
  Set("other", "t");
  EXPECT_TRUE(ResetAuthentication().ok());
  EXPECT_FALSE(IsIn("ann", "right", true));
  EXPECT_TRUE(IsIn("ann", "other", true));
  EXPECT_EQ(counts_.contexts, 2);
  EXPECT_EQ(counts_.alive, 1) << "the old one has gone";
}

TEST_F(TransportSecurityTest, AResetThatFailsChangesNothing) {
  Set("", "t");
  EXPECT_FALSE(ResetAuthentication().ok());
  EXPECT_TRUE(IsIn("ann", "right"));
}

TEST_F(TransportSecurityTest, CredentialsAtTheLimitAndAbove) {
  EXPECT_EQ(LogOn("ann", std::string(100, 'x')).refused.message(), "authentication failed");
  EXPECT_EQ(LogOn("ann", std::string(101, 'x')).refused.message(),
            "a password or token has at most 100 bytes");
  EXPECT_EQ(LogOn(std::string(256, 'u'), "x").refused.message(), "authentication failed");
  EXPECT_EQ(LogOn(std::string(257, 'u'), "x").refused.message(),
            "a user name has at most 256 bytes");
  EXPECT_EQ(LogOn("a\nb", "x").refused.message(), "a name has a control character");
  EXPECT_EQ(LogOn("ann", std::string("right\0", 6)).refused.message(),
            "a password has a zero byte");
  EXPECT_EQ(counts_.logons, 2);
}

TEST_F(TransportSecurityTest, WhileDisabledEverybodyIsWhoTheySay) {
  Await([&](const std::function<void()>& stop) {
    security_->EnableAuthentication(false);
    stop();
  });
  EXPECT_TRUE(IsIn("ann", "wrong"));
  Await([&](const std::function<void()>& stop) {
    security_->EnableAuthentication(true);
    stop();
  });
  EXPECT_FALSE(IsIn("ann", "wrong"));
}

TEST_F(TransportSecurityTest, ManyLogonsWhileItIsResetAgainAndAgain) {
  static constexpr int kLogons = 300;
  int done = 0;
  Await([&](const std::function<void()>& stop) {
    for (int i = 0; i < kLogons; ++i) {
      Credentials credentials;
      credentials.user_id = fmt::format("u{}", i % 7);
      credentials.password = "right";
      security_->LogOn(credentials, i % 2 == 0, [&done, stop](const LogOnResult& result) {
        EXPECT_EQ(result.outcome, LogOnResult::Outcome::kAccepted);
        if (++done == kLogons) stop();
      });
      if (i % 10 == 0) {
        security_->ResetAuthentication([](const absl::Status& s) { EXPECT_TRUE(s.ok()); });
        security_->ResetEntitlement([](const absl::Status& s) { EXPECT_TRUE(s.ok()); });
      }
    }
  });
  EXPECT_EQ(done, kLogons);
}

// What could not be found out is asked again by itself: until then it is not allowed.
TEST_F(TransportSecurityTest, AnAnswerThatIsNotTheLastWord) {
  counts_.failures = 2;
  TestOutbox outbox;
  Session* const session = OpenFrom(outbox, "ann");
  EXPECT_EQ(Subscribe(*session, "slow"), ErrorCode::kNotEntitled);
  EXPECT_EQ(SubscribeInTheEnd(*session, "slow"), ErrorCode::kNone);
  EXPECT_EQ(counts_.checks, 3);
  Close(session);
}

TEST_F(TransportSecurityTest, AnswersThatAreAskedForAgainAtTheLimitAndAbove) {
  counts_.failures = 2;
  TestOutbox outbox;
  Session* const session = OpenFrom(outbox, "ann");
  EXPECT_EQ(Subscribe(*session, "slow"), ErrorCode::kNotEntitled);
  EXPECT_EQ(Subscribe(*session, "slow too"), ErrorCode::kNotEntitled);
  EXPECT_EQ(SubscribeInTheEnd(*session, "slow"), ErrorCode::kNone);
  EXPECT_EQ(Subscribe(*session, "slow too"), ErrorCode::kNotEntitled);
  EXPECT_EQ(counts_.checks, 3);
  Close(session);
}

TEST_F(TransportSecurityTest, WhoMayNotBeLoggedOnAnyMoreLeaves) {
  TestOutbox outbox;
  Session* session = nullptr;
  Await([&](const std::function<void()>& done) {
    session = Open(outbox, "banned");
    // The logon is checked again behind the reset, and what comes of it is told the outbox.
    outbox.on_dismiss = done;
    security_->ResetEntitlement([](const absl::Status& status) { EXPECT_TRUE(status.ok()); });
  });
  EXPECT_EQ(outbox.dismissed, "this user may not be logged on here any more");
  Close(session);
}

}  // namespace
}  // namespace fluxgate
