// The commands of SubscribeStream.
#include <fmt/format.h>

#include "core/base/error.h"
#include "gateway/grpc/status_mapping.h"
#include "gateway/grpc/subscribe_stream.h"

namespace fluxgate::grpc_api {

bool SubscribeStream::Run(const v1::StreamCommand& command) {
  command_waits_ = !TryToRun(command);
  if (command_waits_) WaitForAccess();
  return !command_waits_;
}

bool SubscribeStream::TryToRun(const v1::StreamCommand& command) {
  using Case = v1::StreamCommand;
  const auto report = [&](uint32_t id, std::string_view name, const absl::Status& status) {
    if (ErrorCodeOf(status) == ErrorCode::kPending) return false;
    if (!status.ok()) SendFailed(id, name, status);
    return true;
  };
  const auto not_built = [](std::string_view name) {
    return MakeError(ErrorCode::kNotBuilt,
                     fmt::format("{} on a subscription stream is not built yet", name));
  };
  switch (command.command_case()) {
    case Case::kAdd:
      return Add(command.add());
    case Case::kReplaceFilter:
      return report(command.replace_filter().subscription_id(), "replace_filter",
                    Replace(command.replace_filter()));
    case Case::kRemove:
      return report(command.remove().subscription_id(), "remove", Remove(command.remove()));
    case Case::kCredit:
      return report(command.credit().subscription_id(), "credit", Credit(command.credit()));
    case Case::kPause:
      return report(command.pause().subscription_id(), "pause", Pause(command.pause()));
    case Case::kAck:
      return report(command.ack().subscription_id(), "ack", not_built("ack"));
    case Case::kCommit:
      return report(command.commit().subscription_id(), "commit", not_built("commit"));
    case Case::COMMAND_NOT_SET:
      return report(0, "", MakeError(ErrorCode::kBadCommand, "the command is not known"));
  }
  return true;
}

bool SubscribeStream::Add(const v1::AddSubscription& add) {
  const uint32_t id = add.subscription_id();
  if (id == 0) {
    SendFailed(0, "add", MakeError(ErrorCode::kBadCommand, "subscription_id 0 is not allowed"));
    return true;
  }
  if (Find(id) != nullptr) {
    SendFailed(id, "add",
               MakeError(ErrorCode::kSubscriptionExists,
                         fmt::format("subscription {} exists already", id)));
    return true;
  }
  const absl::Status status =
      AddSubscription(id, add.spec(), add.has_initial_credit() ? &add.initial_credit() : nullptr);
  if (status.ok()) return true;
  if (ErrorCodeOf(status) == ErrorCode::kPending) return false;
  v1::SubscriptionEvent event;
  ToProtoError(status, *event.mutable_ended()->mutable_error());
  SendEvent(id, event);
  return true;
}

absl::StatusOr<StreamSubscription*> SubscribeStream::Lookup(uint32_t id) {
  if (StreamSubscription* subscription = Find(id)) return subscription;
  return MakeError(ErrorCode::kSubscriptionUnknown, fmt::format("there is no subscription {}", id));
}

absl::Status SubscribeStream::Replace(const v1::ReplaceFilter& replace) {
  const auto subscription = Lookup(replace.subscription_id());
  if (!subscription.ok()) return subscription.status();
  return ReplaceFilter(**subscription, replace.filter());
}

absl::Status SubscribeStream::Remove(const v1::RemoveSubscription& remove) {
  const auto subscription = Lookup(remove.subscription_id());
  if (!subscription.ok()) return subscription.status();
  EndSubscription(**subscription, absl::OkStatus());
  return absl::OkStatus();
}

absl::Status SubscribeStream::Credit(const v1::GrantCredit& grant) {
  const auto subscription = Lookup(grant.subscription_id());
  if (!subscription.ok()) return subscription.status();
  (*subscription)->Grant(grant.credit());
  SendReady(**subscription);
  return absl::OkStatus();
}

absl::Status SubscribeStream::Pause(const v1::PauseSubscription& pause) {
  const auto subscription = Lookup(pause.subscription_id());
  if (!subscription.ok()) return subscription.status();
  (*subscription)->SetPaused(pause.paused());
  SendReady(**subscription);
  return absl::OkStatus();
}

void SubscribeStream::SendFailed(uint32_t id, std::string_view command, const absl::Status& error) {
  if (ended()) return;
  v1::StreamEvent event;
  if (id != 0) event.add_subscription_ids(id);
  event.mutable_command_failed()->set_command(std::string(command));
  ToProtoError(error, *event.mutable_command_failed()->mutable_error());
  encoder().AddStreamEvent(event);
  Written();
}

}  // namespace fluxgate::grpc_api
