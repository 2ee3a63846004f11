// Steps that open and close listeners.
#include <utility>

#include "gateway/actions/action_services.h"
#include "gateway/actions/built_in_actions.h"
#include "gateway/actions/option_reader.h"

namespace fluxgate {
namespace {

class DoSetTransport final : public ActionStep {
 public:
  DoSetTransport(std::string transport, bool enabled)
      : transport_(std::move(transport)), enabled_(enabled) {}

  absl::Status Run(ActionContext& context) override {
    return context.services().control().set_transport(transport_, enabled_);
  }

 private:
  const std::string transport_;
  const bool enabled_;
};

}  // namespace

StepPtr MakeDoEnableTransport(OptionReader& options) {
  return std::make_unique<DoSetTransport>(options.Transport("Transport"), true);
}
StepPtr MakeDoDisableTransport(OptionReader& options) {
  return std::make_unique<DoSetTransport>(options.Transport("Transport"), false);
}

}  // namespace fluxgate
