// amps-action-on-schedule: at intervals, or at a time of the day or week.
#include <optional>
#include <utility>

#include "gateway/actions/action_services.h"
#include "gateway/actions/built_in_actions.h"
#include "gateway/actions/option_reader.h"
#include "gateway/actions/schedule_time.h"

namespace fluxgate {
namespace {

constexpr int64_t kLookNs = 1'000'000'000;

class OnSchedule final : public ActionTrigger {
 public:
  OnSchedule(Schedule schedule, std::string name) : schedule_(schedule), name_(std::move(name)) {}

  absl::Status Start(ActionServices& services, Fire fire) override {
    if (schedule_.interval_ns != 0) {
      services.reactor().Every(static_cast<int64_t>(schedule_.interval_ns),
                               [this, &services, fire] {
                                 if (!services.draining()) fire(Variables());
                               });
      return absl::OkStatus();
    }
    due_ns_ = NextDueNs(schedule_, services.clock().WallNs());
    services.reactor().Every(kLookNs, [this, &services, fire] {
      const int64_t now_ns = services.clock().WallNs();
      const int64_t next_ns = NextDueNs(schedule_, now_ns);
      if (now_ns >= due_ns_ && !services.draining()) fire(Variables());
      // Also when the clock was set back.
      due_ns_ = next_ns;
    });
    return absl::OkStatus();
  }

 private:
  ActionVariables Variables() const { return {{"AMPS_SCHEDULE_NAME", name_}}; }

  const Schedule schedule_;
  const std::string name_;
  int64_t due_ns_ = 0;
};

}  // namespace

TriggerPtr MakeOnSchedule(OptionReader& options) {
  const std::optional<Schedule> schedule = ParseSchedule(options.Required("Every"));
  if (!schedule) options.Fail("Every", "is no schedule", kScheduleText);
  return std::make_unique<OnSchedule>(schedule.value_or(Schedule()), options.Optional("Name"));
}

}  // namespace fluxgate
