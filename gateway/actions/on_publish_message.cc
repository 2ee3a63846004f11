// amps-action-on-publish-message: a subscription like a client's, so that the index finds it.
#include <fmt/format.h>

#include <utility>

#include "core/base/error.h"
#include "core/filter/parser.h"
#include "core/topic/topic_pattern.h"
#include "gateway/actions/action_services.h"
#include "gateway/actions/built_in_actions.h"
#include "gateway/actions/option_reader.h"

namespace fluxgate {
namespace {

class OnPublishMessage final : public ActionTrigger {
 public:
  OnPublishMessage(std::string message_type, std::string topic, std::string filter)
      : message_type_(std::move(message_type)),
        topic_(std::move(topic)),
        filter_(std::move(filter)) {}

  absl::Status Start(ActionServices& services, Fire fire) override {
    auto session = services.SessionFor(message_type_);
    if (!session.ok()) return session.status();
    return (*session)->Subscribe(
        topic_, filter_, [this, &services, fire = std::move(fire)](const Delivery& delivery) {
          if (services.draining()) return;
          ActionVariables variables;
          variables.emplace("AMPS_TOPIC", delivery.topic);
          variables.emplace("AMPS_DATA", delivery.body);
          variables.emplace("AMPS_DATA_LENGTH", fmt::format("{}", delivery.body.size()));
          variables.emplace("AMPS_CORRELATION_ID", delivery.correlation_id);
          variables.emplace("AMPS_MESSAGE_TYPE", message_type_);
          variables.emplace("AMPS_SOW_KEY", delivery.sow_key);
          fire(std::move(variables));
        });
  }

 private:
  const std::string message_type_;
  const std::string topic_;
  const std::string filter_;
};

}  // namespace

TriggerPtr MakeOnPublishMessage(OptionReader& options) {
  std::string message_type = options.MessageType();
  std::string topic = options.Required("Topic");
  if (IsTopicPattern(topic)) {
    const auto pattern = TopicPattern::Compile(topic);
    if (!pattern.ok()) options.Fail("Topic", ErrorText(pattern.status()));
  }
  std::string filter = options.Optional("Filter");
  if (!filter.empty()) {
    const auto parsed = ParseExpression(filter, {}, {});
    if (!parsed.ok()) options.Fail("Filter", ErrorText(parsed.status()));
  }
  return std::make_unique<OnPublishMessage>(std::move(message_type), std::move(topic),
                                            std::move(filter));
}

}  // namespace fluxgate
