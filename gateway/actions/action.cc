#include "gateway/actions/action.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <utility>

#include "core/base/error.h"
#include "core/base/strings.h"
#include "core/base/thread_activity.h"

namespace fluxgate {
namespace {

// Parts gone through before other work gets its turn.
constexpr int kPartsPerGo = 256;
// What a run costs beside its variables.
constexpr uint64_t kRunBytes = 256;

}  // namespace

Action::Action(std::string name, std::vector<NamedPart> parts, ActionVariables variables,
               ActionServices& services, WorkerPool& helper)
    : name_(std::move(name)),
      parts_(std::move(parts)),
      variables_(std::move(variables)),
      services_(services),
      helper_(helper) {}

Action::~Action() { *alive_ = false; }

absl::Status Action::Start() {
  for (const NamedPart& part : parts_) {
    absl::Status status;
    if (part.part.trigger != nullptr) {
      status = part.part.trigger->Start(
          services_, [this](ActionVariables variables) { OnTrigger(std::move(variables)); });
    } else if (part.part.step != nullptr) {
      status = part.part.step->Prepare(services_);
    }
    if (!status.ok()) {
      return MakeError(ErrorCodeOf(status),
                       fmt::format("{}: {}: {}", name_, part.name, ToStd(status.message())));
    }
  }
  return absl::OkStatus();
}

void Action::OnTrigger(ActionVariables variables) {
  const uint64_t bytes = BytesOf(variables) + kRunBytes;
  if (waiting_.size() >= kActionRunsWaitingMax ||
      waiting_bytes_ + bytes > kActionRunsWaitingBytesMax) {
    ++stats_.dropped;
    if (dropped_in_a_row_++ == 0) {
      spdlog::warn("{}: {} runs wait already; further ones are dropped", name_, waiting_.size());
    }
    return;
  }
  waiting_bytes_ += bytes;
  variables.insert(variables_.begin(), variables_.end());
  waiting_.push_back({std::move(variables), bytes, services_.clock().WallNs()});
  Wake();
}

// In a later batch: triggers fire from inside the engine.
void Action::Wake() {
  if (std::exchange(woken_, true)) return;
  services_.reactor().Post([this, alive = alive_] {
    if (!*alive) return;
    woken_ = false;
    Work();
  });
}

void Action::Work() {
  if (working_) return;
  working_ = true;
  int parts_left = kPartsPerGo;
  while (!step_under_way_) {
    if (!run_.has_value()) {
      if (waiting_.empty()) break;
      Waiting& first = waiting_.front();
      run_.emplace(Run{ActionContext(services_, std::move(first.variables), first.wall_ns)});
      waiting_bytes_ -= first.bytes;
      waiting_.pop_front();
      ++stats_.runs;
    }
    if (parts_left-- == 0) {
      Wake();
      break;
    }
    if (run_->next == parts_.size()) {
      EndRun();
    } else {
      Step(parts_[run_->next++]);
    }
  }
  working_ = false;
}

void Action::Step(const NamedPart& named) {
  const ActionRegistry::Part& part = named.part;
  const ActivityScope scope("action", named.name);
  if (part.condition != nullptr) {
    const absl::StatusOr<bool> holds = part.condition->Holds(run_->context);
    if (!holds.ok()) {
      StepDone(named, holds.status());
    } else if (!*holds) {
      ++stats_.stopped;
      EndRun();
    }
    return;
  }
  if (part.step == nullptr) return;  // a trigger
  step_under_way_ = true;
  const auto done = [this, &named, alive = alive_](const absl::Status& status) {
    if (!*alive) return;
    StepDone(named, status);
    Work();
  };
  if (part.step->place() == ActionStep::Place::kReactor) {
    part.step->Start(run_->context, done);
    return;
  }
  // The helper's last task ends before this goes.
  helper_.SubmitAlways([&named, &context = run_->context, &reactor = services_.reactor(), done] {
    const ActivityScope helper_scope("action", named.name);
    const absl::Status status = named.part.step->Run(context);
    reactor.Post([done, status] { done(status); });
  });
}

void Action::StepDone(const NamedPart& part, const absl::Status& status) {
  step_under_way_ = false;
  if (status.ok()) return;
  ++stats_.failed;
  spdlog::warn("{}: {}: {}", name_, part.name, ToStd(status.message()));
  EndRun();
}

void Action::EndRun() {
  run_.reset();
  if (!waiting_.empty() || dropped_in_a_row_ == 0) return;
  spdlog::warn("{}: {} runs were dropped", name_, std::exchange(dropped_in_a_row_, 0));
}

}  // namespace fluxgate
