// Steps that need nothing but a line each.
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <charconv>
#include <utility>

#include "core/base/error.h"
#include "gateway/actions/action_services.h"
#include "gateway/actions/built_in_actions.h"
#include "gateway/actions/option_reader.h"

namespace fluxgate {
namespace {

// A line of the log stays one, and of a length that can be read.
constexpr size_t kEchoBytesMax = 16 * 1024;

class DoNothing final : public ActionStep {
 public:
  absl::Status Run(ActionContext&) override { return absl::OkStatus(); }
};

class DoEchoMessage final : public ActionStep {
 public:
  explicit DoEchoMessage(std::string message) : message_(std::move(message)) {}

  absl::Status Run(ActionContext& context) override {
    auto text = context.Expand(message_);
    if (!text.ok()) return text.status();
    if (text->size() > kEchoBytesMax) text->resize(kEchoBytesMax);
    for (char& c : *text) {
      if (static_cast<unsigned char>(c) < ' ' || c == '\x7f') c = ' ';
    }
    spdlog::info("{}", *text);
    return absl::OkStatus();
  }

 private:
  const std::string message_;
};

class DoShutdown final : public ActionStep {
 public:
  absl::Status Run(ActionContext& context) override {
    context.services().control().shut_down();
    return absl::OkStatus();
  }
};

class DoExecuteEvent final : public ActionStep {
 public:
  explicit DoExecuteEvent(std::string name) : name_(std::move(name)) {}

  absl::Status Run(ActionContext& context) override {
    ActionVariables variables = context.variables();
    // These are those of a run's own time.
    variables.erase("AMPS_DATETIME");
    variables.erase("AMPS_UNIX_TIMESTAMP");
    variables.insert_or_assign("AMPS_EVENT_NAME", name_);
    context.services().Raise(ActionEvent::kExecuteEvent, variables);
    return absl::OkStatus();
  }

 private:
  const std::string name_;
};

class DoIncrementCounter final : public ActionStep {
 public:
  DoIncrementCounter(std::string key, std::string by, std::string variable)
      : key_(std::move(key)), by_(std::move(by)), variable_(std::move(variable)) {}

  absl::Status Run(ActionContext& context) override {
    const auto key = context.Expand(key_);
    if (!key.ok()) return key.status();
    const auto text = context.Expand(by_);
    if (!text.ok()) return text.status();
    int64_t by = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), by);
    if (error != std::errc() || end != text->data() + text->size()) {
      return MakeError(ErrorCode::kBadOption, "By is no whole number");
    }
    return context.Set(variable_, fmt::format("{}", context.services().Count(*key, by)));
  }

 private:
  const std::string key_;
  const std::string by_;
  const std::string variable_;
};

}  // namespace

StepPtr MakeDoNothing(OptionReader&) { return std::make_unique<DoNothing>(); }
StepPtr MakeDoShutdown(OptionReader&) { return std::make_unique<DoShutdown>(); }

StepPtr MakeDoEchoMessage(OptionReader& options) {
  return std::make_unique<DoEchoMessage>(options.Required("Message"));
}
StepPtr MakeDoExecuteEvent(OptionReader& options) {
  return std::make_unique<DoExecuteEvent>(options.Required("Name"));
}
StepPtr MakeDoIncrementCounter(OptionReader& options) {
  return std::make_unique<DoIncrementCounter>(options.Required("Key"), options.Optional("By", "1"),
                                              options.Optional("Variable", "AMPS_COUNTER"));
}

}  // namespace fluxgate
