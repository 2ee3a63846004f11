// Triggers that wait for an event of ActionServices, some with options that its variables must fit.
#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/base/error.h"
#include "core/topic/topic_pattern.h"
#include "gateway/actions/action_services.h"
#include "gateway/actions/built_in_actions.h"
#include "gateway/actions/option_reader.h"
#include "gateway/actions/signal_names.h"

namespace fluxgate {
namespace {

// A variable that must have this text, or fit this pattern.
struct Fit {
  std::string variable;
  std::string text;
  std::shared_ptr<const TopicPattern> pattern;  // null: the text itself

  bool Matches(const ActionVariables& variables) const {
    const auto found = variables.find(variable);
    const std::string_view value =
        found == variables.end() ? std::string_view() : std::string_view(found->second);
    return pattern == nullptr ? value == text : pattern->Matches(value);
  }
};

class OnEvent final : public ActionTrigger {
 public:
  OnEvent(ActionEvent event, std::vector<Fit> fits) : event_(event), fits_(std::move(fits)) {}

  absl::Status Start(ActionServices& services, Fire fire) override {
    services.Listen(event_, [this, fire = std::move(fire)](const ActionVariables& variables) {
      const auto matches = [&](const Fit& fit) { return fit.Matches(variables); };
      if (std::ranges::all_of(fits_, matches)) fire(variables);
    });
    return absl::OkStatus();
  }

 private:
  const ActionEvent event_;
  const std::vector<Fit> fits_;
};

TriggerPtr Plain(ActionEvent event) { return std::make_unique<OnEvent>(event, std::vector<Fit>()); }

// The option, when it is there, is a topic or a pattern of topics.
void AddTopic(OptionReader& options, bool required, std::vector<Fit>& fits) {
  if (!required && !options.Has("Topic")) {
    options.Optional("Topic");
    return;
  }
  Fit fit{"AMPS_TOPIC", options.Required("Topic"), nullptr};
  if (IsTopicPattern(fit.text)) {
    auto pattern = TopicPattern::Compile(fit.text);
    if (pattern.ok()) {
      fit.pattern = *std::move(pattern);
    } else {
      options.Fail("Topic", ErrorText(pattern.status()));
    }
  }
  fits.push_back(std::move(fit));
}

TriggerPtr OfClient(ActionEvent event, OptionReader& options) {
  std::vector<Fit> fits;
  AddTopic(options, false, fits);
  return std::make_unique<OnEvent>(event, std::move(fits));
}

TriggerPtr OfRecord(ActionEvent event, OptionReader& options) {
  std::vector<Fit> fits = {{"AMPS_MESSAGE_TYPE", options.MessageType(), nullptr}};
  AddTopic(options, true, fits);
  return std::make_unique<OnEvent>(event, std::move(fits));
}

}  // namespace

TriggerPtr MakeOnStartup(OptionReader&) { return Plain(ActionEvent::kStartup); }
TriggerPtr MakeOnShutdown(OptionReader&) { return Plain(ActionEvent::kShutdown); }
TriggerPtr MakeOnConnectClient(OptionReader&) { return Plain(ActionEvent::kConnectClient); }
TriggerPtr MakeOnDisconnectClient(OptionReader&) { return Plain(ActionEvent::kDisconnectClient); }
TriggerPtr MakeOnLogonClient(OptionReader&) { return Plain(ActionEvent::kLogonClient); }

TriggerPtr MakeOnSubscribe(OptionReader& options) {
  return OfClient(ActionEvent::kSubscribe, options);
}
TriggerPtr MakeOnUnsubscribe(OptionReader&) { return Plain(ActionEvent::kUnsubscribe); }
TriggerPtr MakeOnSowExpireMessage(OptionReader& options) {
  return OfRecord(ActionEvent::kSowExpireMessage, options);
}
TriggerPtr MakeOnSowDeleteMessage(OptionReader& options) {
  return OfRecord(ActionEvent::kSowDeleteMessage, options);
}

TriggerPtr MakeOnSignal(OptionReader& options) {
  const int signal = SignalNamed(options.Required("Signal"));
  if (signal == 0) options.Fail("Signal", "is none of them", kSignalNames);
  return std::make_unique<OnEvent>(
      ActionEvent::kSignal,
      std::vector<Fit>{{"AMPS_SIGNAL", std::string(SignalName(signal)), nullptr}});
}

TriggerPtr MakeOnExecuteEvent(OptionReader& options) {
  return std::make_unique<OnEvent>(
      ActionEvent::kExecuteEvent,
      std::vector<Fit>{{"AMPS_EVENT_NAME", options.Required("Name"), nullptr}});
}

}  // namespace fluxgate
