#include "gateway/actions/module_step.h"

#include <fmt/format.h>

#include <deque>
#include <memory>
#include <string>
#include <utility>

#include "amps_action_module.h"
#include "core/base/error.h"
#include "core/module/module_context.h"
#include "core/module/option_array.h"
#include "gateway/actions/action_context.h"

namespace fluxgate {
namespace {

constexpr char kRun[] = "amps_action_run";

// What a module sees of one run; the server's part comes behind what the header knows.
struct ModuleCall {
  amps_action_call call;
  ActionContext* context;
  std::deque<std::string> shown;  // variables that were asked for; texts stay in place
};

ModuleCall& Of(amps_action_call* call) { return *reinterpret_cast<ModuleCall*>(call); }

const char* GetVariable(amps_action_call* call, const char* name) {
  if (call == nullptr || name == nullptr) return "";
  ModuleCall& own = Of(call);
  return own.shown.emplace_back(own.context->Get(name)).c_str();
}

int SetVariable(amps_action_call* call, const char* name, const char* value) {
  if (call == nullptr || name == nullptr || value == nullptr) return AMPS_FAILURE;
  return Of(call).context->Set(name, value).ok() ? AMPS_SUCCESS : AMPS_FAILURE;
}

class ModuleStep final : public ActionStep {
 public:
  ModuleStep(std::string name, config::Options options, const ModuleHost* modules)
      : name_(std::move(name)), options_(std::move(options)), modules_(modules) {}

  absl::Status Prepare(ActionServices&) override {
    auto module = modules_->Find(name_);
    if (!module.ok()) return module.status();
    auto run = (*module)->EntryPoint<decltype(amps_action_run)>(kRun);
    if (!run.ok()) return run.status();
    run_ = *run;
    auto context = ModuleContext::Create(*std::move(module), options_, "amps_action_create_context",
                                         "amps_action_destroy_context");
    if (!context.ok()) return context.status();
    context_ = *std::move(context);
    return absl::OkStatus();
  }

  Place place() const override { return Place::kHelper; }

  absl::Status Run(ActionContext& context) override {
    ModuleOptions expanded;
    for (const auto& [key, value] : options_) {
      auto text = context.Expand(value);
      if (!text.ok()) return text.status();
      expanded.emplace_back(key, *std::move(text));
    }
    const OptionArray array(expanded);
    ModuleCall call{};
    call.call.size = sizeof call.call;
    call.call.action_name = name_.c_str();
    call.call.get_variable = &GetVariable;
    call.call.set_variable = &SetVariable;
    call.context = &context;
    const int code = context_->module().Call(
        kRun, int{AMPS_FAILURE}, [&] { return run_(context_->get(), &call.call, array.get()); });
    if (code == AMPS_SUCCESS) return absl::OkStatus();
    return MakeError(ErrorCode::kInternal, fmt::format("module {} has failed", name_));
  }

 private:
  const std::string name_;
  const config::Options options_;
  const ModuleHost* const modules_;
  std::shared_ptr<ModuleContext> context_;
  decltype(amps_action_run)* run_ = nullptr;
};

}  // namespace

void AddModuleSteps(const config::Config& config, const ModuleHost* modules,
                    ActionRegistry& registry) {
  for (const config::ModuleConfig& module : config.modules) {
    registry.AddStep(module.name, [name = module.name, modules](OptionReader& options) {
      return std::make_unique<ModuleStep>(name, options.Everything(), modules);
    });
  }
}

}  // namespace fluxgate
