// One action: variables, order of its parts, waiting runs.
#include "gateway/actions/action.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/error.h"
#include "core/message/json_message_type.h"
#include "gateway/net/reactor.h"
#include "gtest/gtest.h"

namespace fluxgate {
namespace {

struct ManualTrigger final : ActionTrigger {
  explicit ManualTrigger(Fire* out) : fire(out) {}
  absl::Status Start(ActionServices&, Fire f) override {
    *fire = std::move(f);
    return absl::OkStatus();
  }
  Fire* fire;
};

struct Note final : ActionStep {
  Note(std::vector<std::string>* out, std::string t, Place p, absl::Status r)
      : notes(out), text(std::move(t)), where(p), result(std::move(r)) {}
  Place place() const override { return where; }
  absl::Status Run(ActionContext& context) override {
    notes->push_back(*context.Expand(text));
    return result;
  }
  std::vector<std::string>* notes;
  std::string text;
  Place where;
  absl::Status result;
};

// Is over when the test says so.
struct Later final : ActionStep {
  explicit Later(std::optional<Done>* out) : done(out) {}
  absl::Status Run(ActionContext&) override { return absl::OkStatus(); }
  void Start(ActionContext&, Done d) override { *done = std::move(d); }
  std::optional<Done>* done;
};

struct Only final : ActionCondition {
  explicit Only(std::string v) : value(std::move(v)) {}
  absl::StatusOr<bool> Holds(ActionContext& context) override { return context.Get("V") == value; }
  std::string value;
};

class ActionTest : public testing::Test {
 protected:
  ActionTest() { Add().trigger = std::make_unique<ManualTrigger>(&fire_); }

  ActionRegistry::Part& Add() { return parts_.emplace_back(Action::NamedPart{"part", {}}).part; }
  void AddNote(std::string text, absl::Status result = absl::OkStatus(),
               ActionStep::Place place = ActionStep::Place::kReactor) {
    Add().step = std::make_unique<Note>(&notes_, std::move(text), place, std::move(result));
  }
  void Make() {
    action_ = std::make_unique<Action>("action 1", std::move(parts_),
                                       ActionVariables{{"AMPS_INSTANCE_NAME", "test"}}, services_,
                                       *helper_);
    ASSERT_TRUE(action_->Start().ok());
  }
  // Until nothing is under way; with what is posted meanwhile.
  void RunUntilIdle() {
    std::function<void()> look = [&] { action_->idle() ? reactor_.Stop() : reactor_.Post(look); };
    reactor_.Post(look);
    reactor_.Run();
  }
  void RunPosted() {
    net::Reactor& reactor = reactor_;
    reactor.Post([&reactor] { reactor.Post([&reactor] { reactor.Stop(); }); });
    reactor.Run();
  }

  net::Reactor reactor_;
  net::SystemClock clock_;
  JsonMessageType json_;
  Engine engine_{{}, {&json_}, clock_};
  ActionServices services_{reactor_, engine_, {&json_}, {}, {}};
  std::unique_ptr<WorkerPool> helper_ = std::make_unique<WorkerPool>("actions", 1, 1);
  ActionTrigger::Fire fire_;
  std::vector<std::string> notes_;
  std::vector<Action::NamedPart> parts_;
  std::unique_ptr<Action> action_;
};

TEST_F(ActionTest, StepsRunInOrderAlsoOnTheHelper) {
  AddNote("1 {{V}}");
  AddNote("2 {{V}}", absl::OkStatus(), ActionStep::Place::kHelper);
  AddNote("3 {{AMPS_INSTANCE_NAME}}{{NONE}}");
  Make();
  fire_({{"V", "a"}});
  EXPECT_TRUE(notes_.empty());  // never from inside the trigger
  fire_({{"V", "b"}});
  RunUntilIdle();
  EXPECT_EQ(notes_, (std::vector<std::string>{"1 a", "2 a", "3 test", "1 b", "2 b", "3 test"}));
  EXPECT_EQ(action_->stats().runs, 2u);
}

TEST_F(ActionTest, AFailedStepEndsTheRun) {
  AddNote("1");
  AddNote("2", MakeError(ErrorCode::kInternal, "no"), ActionStep::Place::kHelper);
  AddNote("3");
  Make();
  fire_({});
  fire_({});
  RunUntilIdle();
  EXPECT_EQ(notes_, (std::vector<std::string>{"1", "2", "1", "2"}));
  EXPECT_EQ(action_->stats().failed, 2u);
}

TEST_F(ActionTest, AConditionThatDoesNotHoldEndsTheRun) {
  AddNote("before");
  Add().condition = std::make_unique<Only>("yes");
  AddNote("after");
  Make();
  fire_({{"V", "no"}});
  fire_({{"V", "yes"}});
  RunUntilIdle();
  EXPECT_EQ(notes_, (std::vector<std::string>{"before", "before", "after"}));
  EXPECT_EQ(action_->stats().stopped, 1u);
  EXPECT_EQ(action_->stats().failed, 0u);
}

TEST_F(ActionTest, RunsWaitUpToTheLimit) {
  std::optional<ActionStep::Done> done;
  Add().step = std::make_unique<Later>(&done);
  Make();
  fire_({});
  RunPosted();
  ASSERT_TRUE(done.has_value());
  for (size_t i = 0; i < kActionRunsWaitingMax; ++i) fire_({});
  EXPECT_EQ(action_->stats().dropped, 0u);
  fire_({});
  EXPECT_EQ(action_->stats().dropped, 1u);
  EXPECT_EQ(action_->stats().runs, 1u);
  // One is over, one more begins, one more finds room.
  (*std::exchange(done, std::nullopt))(absl::OkStatus());
  EXPECT_EQ(action_->stats().runs, 2u);
  fire_({});
  EXPECT_EQ(action_->stats().dropped, 1u);
}

TEST_F(ActionTest, WaitingRunsAreLimitedByTheirVariables) {
  std::optional<ActionStep::Done> done;
  Add().step = std::make_unique<Later>(&done);
  Make();
  fire_({});
  RunPosted();
  const std::string half(kActionRunsWaitingBytesMax / 2 - 1000, 'x');
  fire_({{"V", half}});
  fire_({{"V", half}});
  EXPECT_EQ(action_->stats().dropped, 0u);
  fire_({{"V", std::string(2000, 'x')}});
  EXPECT_EQ(action_->stats().dropped, 1u);
}

TEST_F(ActionTest, WhatIsUnderWayAtTheEndDoesNoHarm) {
  std::optional<ActionStep::Done> done;
  Add().step = std::make_unique<Later>(&done);
  AddNote("never");
  Make();
  fire_({});
  RunPosted();
  action_.reset();
  (*done)(absl::OkStatus());
  EXPECT_TRUE(notes_.empty());
}

class ActionContextTest : public ActionTest {};

TEST_F(ActionContextTest, ReplacesVariables) {
  ActionContext context(services_, {{"A", "1"}, {"B", "{{A}}"}}, 1'795'348'800'123'456'789);
  const auto expand = [&](std::string_view text) { return *context.Expand(text); };
  EXPECT_EQ(expand("{{A}}-{{A}}"), "1-1");
  EXPECT_EQ(expand("{{UNKNOWN}}"), "");
  EXPECT_EQ(expand("{{B}}"), "{{A}}");  // once
  EXPECT_EQ(expand("a{{A"), "a{{A");
  EXPECT_EQ(expand("}}{{A}}{"), "}}1{");
  EXPECT_EQ(expand("{{AMPS_BYTE_0a}}{{AMPS_BYTE_41}}"), "\nA");
  EXPECT_EQ(expand("{{AMPS_BYTE_4}}{{AMPS_BYTE_4g}}{{AMPS_BYTE_}}"), "");
  EXPECT_EQ(expand("{{AMPS_DATETIME}} {{AMPS_UNIX_TIMESTAMP}}"), "2026-11-22T12:00:00Z 1795348800");
}

TEST_F(ActionContextTest, TextAndVariablesAreLimited) {
  ActionContext context(services_, {}, 0);
  const uint64_t used = BytesOf(context.variables());
  EXPECT_TRUE(context.Set("V", std::string(kActionTextBytesMax - used, 'x')).ok());
  EXPECT_EQ(ErrorCodeOf(context.Set("V", std::string(kActionTextBytesMax - used + 1, 'x'))),
            ErrorCode::kQuotaExceeded);
  ASSERT_TRUE(context.Set("V", std::string(kActionTextBytesMax / 2, 'x')).ok());
  EXPECT_TRUE(context.Expand("{{V}}{{V}}").ok());
  EXPECT_EQ(ErrorCodeOf(context.Expand("{{V}}{{V}}x").status()), ErrorCode::kQuotaExceeded);
  EXPECT_EQ(ErrorCodeOf(context.Expand("x{{V}}{{V}}").status()), ErrorCode::kQuotaExceeded);
}

}  // namespace
}  // namespace fluxgate
