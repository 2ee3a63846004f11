#include "gateway/module_services/embedded_session.h"

#include <spdlog/spdlog.h>

#include <utility>
#include <vector>

#include "core/base/error.h"
#include "core/subscription/subscription.h"

namespace fluxgate {
namespace {

// Commands run in one go, before others have their turn.
constexpr int kCommandsPerGo = 256;

bool Subscribes(CommandType type) {
  return type == CommandType::kSubscribe || type == CommandType::kDeltaSubscribe ||
         type == CommandType::kSowAndSubscribe || type == CommandType::kSowAndDeltaSubscribe;
}

// Commands that have an ack "persisted", also when they fail.
bool BecomesPersistent(const Command& command) {
  if (!command.acks.has(AckType::kPersisted)) return false;
  return command.type == CommandType::kPublish || command.type == CommandType::kDeltaPublish ||
         command.type == CommandType::kSowDelete || command.type == CommandType::kFlush;
}

}  // namespace

EmbeddedSession::EmbeddedSession(SessionHost& host, std::shared_ptr<ClientChannel> channel,
                                 std::string_view message_type)
    : host_(host),
      channel_(std::move(channel)),
      session_(host.engine().OpenSession(*this, {"", channel_->name()})) {
  Command logon;
  logon.type = CommandType::kLogon;
  logon.client_name = channel_->name();
  logon.message_type = message_type;
  const absl::Status status = host_.engine().Execute(*session_, logon);
  if (!status.ok()) {
    spdlog::error("embedded client {}: {}", channel_->name(), ToStd(status.message()));
  }
}

EmbeddedSession::~EmbeddedSession() { host_.CloseEngineSession(session_); }

void EmbeddedSession::Schedule() {
  if (std::exchange(scheduled_, true)) return;
  host_.reactor().AtEndOfBatch([weak = weak_from_this()] {
    const std::shared_ptr<EmbeddedSession> session = weak.lock();
    if (session == nullptr) return;
    session->scheduled_ = false;
    session->RunCommands();
  });
}

bool EmbeddedSession::MustWait() {
  if (waits_for_access_ || session_->queries_unanswered != 0) return true;
  if (host_.storage_behind()) {
    waits_for_storage_ = true;
    return true;
  }
  return !channel_->HasRoomForCommands();
}

void EmbeddedSession::RunCommands() {
  EndQueryNow();
  EndSubscriptions();
  for (int i = 0; i < kCommandsPerGo; ++i) {
    if (runs_ && session_->queries_unanswered == 0) {
      runs_ = false;
      current_.reset();
      channel_->Done();
    }
    if (MustWait()) return;
    if (!current_.has_value()) current_ = channel_->Take();
    if (!current_.has_value()) return;
    if (!Execute(*current_)) {
      waits_for_access_ = true;
      return;
    }
    runs_ = true;
    EndSubscriptions();
  }
  // Others first.
  host_.reactor().Post([weak = weak_from_this()] {
    if (const auto session = weak.lock()) session->RunCommands();
  });
}

bool EmbeddedSession::Execute(const OwnedCommand& owned) {
  const Command& command = owned.command();
  const bool persists = BecomesPersistent(command);
  if (persists) persisting_.push_back(owned.handler());
  std::optional<MessageHandler> before;
  if (Subscribes(command.type)) {
    MessageHandler& handler = handlers_[std::string(command.sub_id)];
    before = std::exchange(handler, owned.handler());
  }
  const absl::Status status = host_.engine().Execute(*session_, command);
  if (status.ok()) {
    if (command.type == CommandType::kUnsubscribe) Forget(command);
    return true;
  }
  if (before.has_value()) {
    if (session_->subscriptions.contains(command.sub_id)) {
      handlers_[std::string(command.sub_id)] = *before;
    } else {
      handlers_.erase(command.sub_id);
    }
  }
  if (ErrorCodeOf(status) == ErrorCode::kPending) {
    if (persists) persisting_.pop_back();
    return false;
  }
  spdlog::warn("embedded client {}: {} refused: {}", channel_->name(),
               CommandTypeName(command.type), ToStd(status.message()));
  return true;
}

void EmbeddedSession::Forget(const Command& unsubscribe) {
  if (unsubscribe.sub_id == "all") return handlers_.clear();
  for (std::string_view rest = unsubscribe.sub_id; !rest.empty();) {
    const size_t comma = rest.find(',');
    handlers_.erase(rest.substr(0, comma));
    rest.remove_prefix(comma == std::string_view::npos ? rest.size() : comma + 1);
  }
}

void EmbeddedSession::OnRoom() {
  host_.reactor().StartBackgroundWork();
  RunCommands();
}

void EmbeddedSession::OnTimer() {
  if (!waits_for_storage_ || host_.storage_behind()) return;
  waits_for_storage_ = false;
  RunCommands();
}

void EmbeddedSession::OnQueriesAnswered() { Schedule(); }

void EmbeddedSession::OnAccessKnown() {
  waits_for_access_ = false;
  Schedule();
}

bool EmbeddedSession::HasRoom() const { return channel_->HasRoom(); }

MessageHandler EmbeddedSession::HandlerOf(const Subscription& subscription) const {
  if (!ending_.empty() && ending_.contains(subscription.id)) return {};
  const auto found = handlers_.find(subscription.id);
  return found == handlers_.end() ? MessageHandler() : found->second;
}

// Only one query is under way at a time.
MessageHandler EmbeddedSession::HandlerOf(const QueryInfo& query) const {
  if (query.subscription != nullptr) return HandlerOf(*query.subscription);
  return current_.has_value() ? current_->handler() : MessageHandler();
}

bool EmbeddedSession::Deliver(const Delivery& delivery) {
  struct Group {
    MessageHandler handler;
    std::string sub_ids;
  };
  std::vector<Group> groups;  // one, unless subscriptions have different handlers
  for (const Subscription* const subscription : delivery.subscriptions) {
    const MessageHandler handler = HandlerOf(*subscription);
    if (handler.function == nullptr) continue;
    Group* group = nullptr;
    for (Group& known : groups) {
      if (known.handler == handler) group = &known;
    }
    if (group == nullptr) group = &groups.emplace_back(Group{handler, ""});
    if (!group->sub_ids.empty()) group->sub_ids += ',';
    group->sub_ids += subscription->id;
  }
  for (const Group& group : groups) {
    if (channel_->Add(OwnedMessage::Of(delivery, group.sub_ids, group.handler))) continue;
    for (const Subscription* const subscription : delivery.subscriptions) {
      if (HandlerOf(*subscription) == group.handler) {
        EndLater(*subscription, "the handler has fallen behind");
      }
    }
  }
  return true;
}

void EmbeddedSession::EndLater(const Subscription& subscription, std::string_view why) {
  spdlog::warn("embedded client {}: subscription {} ends: {}", channel_->name(), subscription.id,
               why);
  ending_.emplace(subscription.id, std::string(why));
  Schedule();
}

void EmbeddedSession::EndSubscriptions() {
  // A subscription's end may deliver something that ends another.
  while (!ending_.empty()) {
    const StringMap<std::string> ending = std::exchange(ending_, {});
    for (const auto& [id, why] : ending) {
      Command unsubscribe;
      unsubscribe.type = CommandType::kUnsubscribe;
      unsubscribe.sub_id = id;
      const auto found = handlers_.find(id);
      const MessageHandler handler = found == handlers_.end() ? MessageHandler() : found->second;
      handlers_.erase(id);
      if (!host_.engine().Execute(*session_, unsubscribe).ok()) continue;
      Ack ack;
      ack.type = AckType::kCompleted;
      ack.error = ErrorCode::kSlowClient;
      ack.reason = why;
      ack.sub_id = id;
      ack.command = CommandType::kSubscribe;
      channel_->AddAlways(OwnedMessage::Of(ack, handler));
    }
  }
}

void EmbeddedSession::CutOff(const absl::Status& why) {
  if (!query_ends_.empty()) return;
  query_ends_ = ToStd(why.message());
  spdlog::warn("embedded client {}: a query ends: {}", channel_->name(), query_ends_);
  Schedule();
}

void EmbeddedSession::EndQueryNow() {
  const std::string why = std::exchange(query_ends_, {});
  if (why.empty() || !current_.has_value() || session_->queries_unanswered == 0) return;
  const Command& query = current_->command();
  Ack ack;
  ack.type = AckType::kCompleted;
  ack.error = ErrorCode::kSlowClient;
  ack.reason = why;
  ack.command_id = query.command_id;
  ack.command = query.type;
  channel_->AddAlways(OwnedMessage::Of(ack, current_->handler()));
  Command cancel;
  cancel.type = CommandType::kUnsubscribe;
  cancel.query_id = query.query_id.empty() ? query.command_id : query.query_id;
  (void)host_.engine().Execute(*session_, cancel);
}

void EmbeddedSession::CutOffSubscription(Subscription& subscription, const absl::Status& why) {
  EndLater(subscription, ToStd(why.message()));
}

void EmbeddedSession::Acknowledge(const Ack& ack) {
  MessageHandler handler;
  if (ack.type == AckType::kPersisted) {
    if (persisting_.empty()) return;
    handler = persisting_.front();
    persisting_.pop_front();
  } else if (current_.has_value()) {
    handler = current_->handler();
  }
  channel_->AddAlways(OwnedMessage::Of(ack, handler));
}

bool EmbeddedSession::BeginQuery(const QueryInfo& query) {
  channel_->AddAlways(
      OwnedMessage::OfGroup(amps_message_group_begin, query.query_id, HandlerOf(query)));
  return true;
}

bool EmbeddedSession::DeliverRecord(const QueryInfo& query, const Delivery& record) {
  const std::string_view sub_id =
      query.subscription == nullptr ? std::string_view() : query.subscription->id;
  channel_->AddAlways(OwnedMessage::OfRecord(record, query.query_id, sub_id, HandlerOf(query)));
  return true;
}

bool EmbeddedSession::EndQuery(const QueryInfo& query, uint64_t /*records*/) {
  channel_->AddAlways(
      OwnedMessage::OfGroup(amps_message_group_end, query.query_id, HandlerOf(query)));
  return true;
}

}  // namespace fluxgate
