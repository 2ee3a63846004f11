// Steps that publish, delete records and look one up, as a client would.
#include <fmt/format.h>

#include <utility>

#include "core/base/error.h"
#include "gateway/actions/action_services.h"
#include "gateway/actions/built_in_actions.h"
#include "gateway/actions/option_reader.h"

namespace fluxgate {
namespace {

// What all of them have: a session of a message type, a topic and a second text.
class MessageStep : public ActionStep {
 public:
  MessageStep(std::string message_type, std::string topic, std::string text)
      : message_type_(std::move(message_type)), topic_(std::move(topic)), text_(std::move(text)) {}

  absl::Status Prepare(ActionServices& services) override {
    auto session = services.SessionFor(message_type_);
    if (!session.ok()) return session.status();
    session_ = *session;
    return absl::OkStatus();
  }

  absl::Status Run(ActionContext&) override { return absl::OkStatus(); }

  void Start(ActionContext& context, Done done) override {
    const auto topic = context.Expand(topic_);
    if (!topic.ok()) return done(topic.status());
    const auto text = context.Expand(text_);
    if (!text.ok()) return done(text.status());
    StartWith(context, *topic, *text, std::move(done));
  }

 protected:
  virtual void StartWith(ActionContext& context, const std::string& topic, const std::string& text,
                         Done done) = 0;
  ActionSession& session() { return *session_; }

 private:
  const std::string message_type_;
  const std::string topic_;
  const std::string text_;
  ActionSession* session_ = nullptr;
};

class DoPublishMessage final : public MessageStep {
 public:
  DoPublishMessage(std::string message_type, std::string topic, std::string data, bool delta)
      : MessageStep(std::move(message_type), std::move(topic), std::move(data)), delta_(delta) {}

 protected:
  void StartWith(ActionContext& context, const std::string& topic, const std::string& data,
                 Done done) override {
    const uint64_t limit = context.services().engine().options().limits.body_bytes_max;
    if (data.size() > limit) {
      return done(MakeError(ErrorCode::kMessageTooLarge,
                            fmt::format("Data has {} bytes; at most {}", data.size(), limit)));
    }
    done(session().Publish(topic, data, delta_));
  }

 private:
  const bool delta_;
};

class DoDeleteSow final : public MessageStep {
 public:
  using MessageStep::MessageStep;

 protected:
  void StartWith(ActionContext& context, const std::string& topic, const std::string& filter,
                 Done done) override {
    const absl::Status status = session().Delete(topic, filter, [&context, done](uint64_t records) {
      done(context.Set("AMPS_RECORDS_DELETED", fmt::format("{}", records)));
    });
    if (!status.ok()) done(status);
  }
};

class DoQuerySow final : public MessageStep {
 public:
  DoQuerySow(std::string message_type, std::string topic, std::string filter, std::string order_by,
             std::string variable, std::string otherwise)
      : MessageStep(std::move(message_type), std::move(topic), std::move(filter)),
        order_by_(std::move(order_by)),
        variable_(std::move(variable)),
        otherwise_(std::move(otherwise)) {}

 protected:
  void StartWith(ActionContext& context, const std::string& topic, const std::string& filter,
                 Done done) override {
    const absl::Status status = session().QueryFirst(
        topic, filter, order_by_, [this, &context, done](const std::string* body) {
          done(context.Set(variable_, body == nullptr ? otherwise_ : *body));
        });
    if (!status.ok()) done(status);
  }

 private:
  const std::string order_by_;
  const std::string variable_;
  const std::string otherwise_;
};

}  // namespace

StepPtr MakeDoPublishMessage(OptionReader& options) {
  std::string message_type = options.MessageType();
  std::string topic = options.Required("Topic");
  std::string data = options.Optional("Data");
  return std::make_unique<DoPublishMessage>(std::move(message_type), std::move(topic),
                                            std::move(data), options.Flag("Delta"));
}

StepPtr MakeDoDeleteSow(OptionReader& options) {
  std::string message_type = options.MessageType();
  std::string topic = options.Required("Topic");
  return std::make_unique<DoDeleteSow>(std::move(message_type), std::move(topic),
                                       options.Required("Filter"));
}

StepPtr MakeDoQuerySow(OptionReader& options) {
  std::string message_type = options.MessageType();
  std::string topic = options.Required("Topic");
  std::string filter = options.Optional("Filter");
  std::string order_by = options.Optional("OrderBy");
  std::string variable = options.Optional("Variable", "AMPS_DATA");
  return std::make_unique<DoQuerySow>(std::move(message_type), std::move(topic), std::move(filter),
                                      std::move(order_by), std::move(variable),
                                      options.Optional("Default"));
}

}  // namespace fluxgate
