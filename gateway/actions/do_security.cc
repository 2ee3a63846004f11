// Steps that switch authentication and entitlement, of one transport or of all.
#include <utility>

#include "gateway/actions/action_services.h"
#include "gateway/actions/built_in_actions.h"
#include "gateway/actions/option_reader.h"

namespace fluxgate {
namespace {

using What = SecurityControl::What;
using Change = SecurityControl::Change;

class DoSecurity final : public ActionStep {
 public:
  DoSecurity(What what, Change change, std::string transport)
      : what_(what), change_(change), transport_(std::move(transport)) {}

  absl::Status Run(ActionContext& context) override {
    return context.services().control().security->Apply(what_, change_, transport_);
  }

 private:
  const What what_;
  const Change change_;
  const std::string transport_;
};

StepPtr Make(What what, Change change, OptionReader& options) {
  std::string transport = options.Has("Transport") ? options.Transport("Transport") : "";
  options.Optional("Transport");
  return std::make_unique<DoSecurity>(what, change, std::move(transport));
}

}  // namespace

StepPtr MakeDoEnableAuthentication(OptionReader& options) {
  return Make(What::kAuthentication, Change::kEnable, options);
}
StepPtr MakeDoDisableAuthentication(OptionReader& options) {
  return Make(What::kAuthentication, Change::kDisable, options);
}
StepPtr MakeDoResetAuthentication(OptionReader& options) {
  return Make(What::kAuthentication, Change::kReset, options);
}
StepPtr MakeDoEnableEntitlement(OptionReader& options) {
  return Make(What::kEntitlement, Change::kEnable, options);
}
StepPtr MakeDoDisableEntitlement(OptionReader& options) {
  return Make(What::kEntitlement, Change::kDisable, options);
}
StepPtr MakeDoResetEntitlement(OptionReader& options) {
  return Make(What::kEntitlement, Change::kReset, options);
}

}  // namespace fluxgate
