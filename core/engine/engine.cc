#include "core/engine/engine.h"

#include <fmt/format.h>

namespace fluxgate {
namespace {

// Subscriptions removed in one go: some microseconds each at most.
constexpr size_t kRemovalsPerSlice = 64;

constexpr AckSet Acks(std::initializer_list<AckType> types) {
  AckSet set;
  for (AckType type : types) set.add(type);
  return set;
}

// Which acks a command can be answered with, beside those it asks for. Source: Command Reference,
// the reply table of each command.
constexpr AckSet AcksOf(CommandType type) {
  switch (type) {
    case CommandType::kPublish:
    case CommandType::kDeltaPublish:
    case CommandType::kFlush:
      return Acks(
          {AckType::kReceived, AckType::kProcessed, AckType::kPersisted, AckType::kCompleted});
    case CommandType::kSubscribe:
    case CommandType::kDeltaSubscribe:
      return Acks({AckType::kReceived, AckType::kProcessed, AckType::kCompleted});
    case CommandType::kSow:
    case CommandType::kSowAndSubscribe:
    case CommandType::kSowAndDeltaSubscribe:
      return Acks({AckType::kReceived, AckType::kProcessed, AckType::kCompleted, AckType::kStats});
    case CommandType::kSowDelete:
      return Acks({AckType::kReceived, AckType::kProcessed, AckType::kPersisted,
                   AckType::kCompleted, AckType::kStats});
    case CommandType::kLogon:
    case CommandType::kHeartbeat:
    case CommandType::kStartTimer:
    case CommandType::kStopTimer:
      return Acks({AckType::kProcessed});
    default:
      return Acks({AckType::kReceived, AckType::kProcessed});
  }
}

bool NamesSubscription(CommandType type) {
  return type == CommandType::kSubscribe || type == CommandType::kDeltaSubscribe ||
         type == CommandType::kSowAndSubscribe || type == CommandType::kSowAndDeltaSubscribe ||
         type == CommandType::kUnsubscribe;
}

// Apart from what runs for every message, which is to stay small.
[[gnu::cold, gnu::noinline]] absl::Status NotLoggedOn() {
  return MakeError(ErrorCode::kAuthentication, "logon must be the first command");
}

[[gnu::cold, gnu::noinline]] absl::Status Pending() {
  return MakeError(ErrorCode::kPending, "what the user may do is being asked for");
}

[[gnu::cold, gnu::noinline]] absl::Status NoSuchCommand(CommandType type) {
  if (type == CommandType::kUnknown) return MakeError(ErrorCode::kBadCommand, "unknown command");
  return MakeError(ErrorCode::kNotBuilt, fmt::format("{} is not built yet", CommandTypeName(type)));
}

AccessLimits AccessLimitsOf(const EngineOptions& options) {
  AccessLimits limits;
  limits.topics_max = options.limits.access_topics_max;
  limits.filters = options.limits.filters;
  limits.select_lists = options.limits.select_lists;
  limits.functions = options.functions.get();
  return limits;
}

}  // namespace

Engine::Engine(EngineOptions options, const std::vector<const MessageType*>& message_types,
               const Clock& clock)
    : options_(std::move(options)),
      clock_(clock),
      delivery_(clock, options_.limits.query_held_bytes_max),
      derived_(delivery_, tables_, catalogs_, sequence_,
               [this] {
                 if (wake_) wake_();
               }),
      queries_(
          delivery_, options_.limits.query_slice,
          [this](Session& session, SowTopic& topic, const Record& record) {
            return RemoveRecord(*session.table, topic, record, OutOfFocusReason::kDeleted);
          },
          [this](const RunningQuery& query) { FinishQuery(query); }),
      accesses_(AccessLimitsOf(options_), options_.instance_name) {
  for (const MessageType* type : message_types) {
    SubscriptionTable& table =
        *tables_
             .emplace(std::string(type->name()),
                      std::make_unique<SubscriptionTable>(*type, options_.limits.topics,
                                                          options_.limits.fields_max, clock_))
             .first->second;
    catalogs_.emplace(std::string(type->name()),
                      std::make_unique<SowCatalog>(
                          *type, table.fields(), clock_, options_.limits.filters,
                          options_.instance_name, sequence_, options_.limits.body_bytes_max,
                          options_.functions.get(), options_.key_generators));
  }
}

Engine::~Engine() {
  for (auto& session : sessions_) leaving_.push_back(std::move(session));
  sessions_.clear();
  while (RetireSlice()) {
  }
}

Session* Engine::OpenSession(Outbox& outbox, SessionOrigin origin) {
  auto session = std::make_unique<Session>(outbox, std::move(origin));
  session->position_ = sessions_.size();
  sessions_.push_back(std::move(session));
  if (observer_ != nullptr) observer_->OnConnect(*sessions_.back());
  return sessions_.back().get();
}

void Engine::CloseSession(Session* session) {
  if (observer_ != nullptr) observer_->OnDisconnect(*session);
  if (session->watches_storage_) std::erase(waiting_for_storage_, session);
  queries_.Drop(*session);
  delivery_.ForgetSession(*session);
  CloseAccess(*session);
  const auto named = names_.find(session->client_name);
  if (named != names_.end() && named->second == session) names_.erase(named);
  session->outbox_ = nullptr;
  const size_t at = session->position_;
  leaving_.push_back(std::move(sessions_[at]));
  if (at + 1 != sessions_.size()) {
    sessions_[at] = std::move(sessions_.back());
    sessions_[at]->position_ = at;
  }
  sessions_.pop_back();
  if (leaving_.back()->subscriptions.size() <= kRemovalsPerSlice) RetireSlice();
}

bool Engine::RunBackgroundSlice() {
  bool more = derived_.RunSlice();  // first: queries may wait for what it does
  more |= queries_.RunSlice();
  if (storage_ != nullptr) more |= storage_->RunSlice();
  more |= delivery_.RunTimers();
  more |= RetireSlice();
  more |= ExpireSlice();
  for (const auto& [name, catalog] : catalogs_) {
    for (const auto& topic : catalog->topics()) more |= topic->RunSlice();
  }
  return more;
}

bool Engine::RetireSlice() {
  size_t removals = 0;
  while (!leaving_.empty()) {
    auto& subscriptions = leaving_.back()->subscriptions;
    while (!subscriptions.empty()) {
      if (removals++ == kRemovalsPerSlice) return true;
      Subscription& subscription = *subscriptions.begin()->second;
      leaving_.back()->table->Remove(subscription);
      subscriptions.erase(subscriptions.begin());
    }
    leaving_.pop_back();
  }
  return false;
}

EngineStats Engine::stats() const {
  EngineStats stats = stats_;
  stats.matched = delivery_.stats().matched;
  stats.delivered = delivery_.stats().delivered;
  return stats;
}

size_t Engine::subscription_count() const {
  size_t count = 0;
  for (const auto& [name, table] : tables_) count += table->size();
  return count;
}

absl::Status Engine::Execute(Session& session, const Command& command) {
  if (!accesses_.empty() && !IsAccessKnown(session, command)) [[unlikely]] {
    return Pending();
  }
  if (command.acks.has(AckType::kReceived) && AcksOf(command.type).has(AckType::kReceived)) {
    Acknowledge(session, command, AckType::kReceived, absl::OkStatus());
  }
  acknowledged_ = false;
  last_ticket_ = 0;
  absl::Status status = Dispatch(session, command);
  if (!status.ok()) ++stats_.commands_failed;
  if (observer_ != nullptr && status.ok()) TellObserver(session, command);
  if (!command.acks.empty() && !acknowledged_) AcknowledgeResult(session, command, status);
  return status;
}

void Engine::TellObserver(const Session& session, const Command& command) const {
  switch (command.type) {
    case CommandType::kLogon:
      return observer_->OnLogon(session);
    case CommandType::kSubscribe:
    case CommandType::kDeltaSubscribe:
    case CommandType::kSowAndSubscribe:
    case CommandType::kSowAndDeltaSubscribe:
      return observer_->OnSubscribe(session, command);
    case CommandType::kUnsubscribe:
      return observer_->OnUnsubscribe(session, command);
    default:
      return;
  }
}

void Engine::Reject(Session& session, const Command& command, const absl::Status& why) {
  ++stats_.commands_failed;
  AcknowledgeResult(session, command, why);
}

void Engine::AcknowledgeResult(Session& session, const Command& command,
                               const absl::Status& status) {
  const AckSet possible = AcksOf(command.type);
  const auto wants = [&](AckType type) { return command.acks.has(type) && possible.has(type); };
  if (wants(AckType::kProcessed)) Acknowledge(session, command, AckType::kProcessed, status);
  if (wants(AckType::kPersisted)) {
    // Behind those that wait already: a client's acks come in the order of its commands.
    if (last_ticket_ != 0 || !session.persisted_acks_.empty()) {
      session.persisted_acks_.push_back({last_ticket_, command.type,
                                         std::string(command.command_id), command.has_sequence,
                                         command.sequence, status});
      SendPersisted(session);
    } else {
      Acknowledge(session, command, AckType::kPersisted, status);
    }
  }
  if (wants(AckType::kCompleted) && status.ok()) {
    Acknowledge(session, command, AckType::kCompleted, status);
  }
}

absl::Status Engine::Dispatch(Session& session, const Command& command) {
  if (!session.logged_on() && command.type != CommandType::kLogon) {
    return NotLoggedOn();
  }
  switch (command.type) {
    case CommandType::kPublish:
    case CommandType::kDeltaPublish:
      return HandlePublish(session, command);
    case CommandType::kLogon:
      return HandleLogon(session, command);
    case CommandType::kSubscribe:
    case CommandType::kDeltaSubscribe:
      return HandleSubscribe(session, command);
    case CommandType::kSow:
    case CommandType::kSowAndSubscribe:
    case CommandType::kSowAndDeltaSubscribe:
      return HandleSow(session, command);
    case CommandType::kSowDelete:
      return HandleSowDelete(session, command);
    case CommandType::kUnsubscribe:
      return HandleUnsubscribe(session, command);
    case CommandType::kFlush:  // every earlier command has run to its end
      last_ticket_ = session.last_stored_ticket_;
      return CheckIds(command);
    case CommandType::kHeartbeat:  // the edge keeps the timer
    case CommandType::kStartTimer:
    case CommandType::kStopTimer:
      return CheckIds(command);
    case CommandType::kUnknown:
      break;
  }
  return NoSuchCommand(command.type);
}

absl::Status Engine::CheckIds(const Command& command) const {
  const size_t bytes_max = options_.limits.id_bytes_max;
  for (const std::string_view id : {command.command_id, command.client_name, command.user_id,
                                    command.query_id, command.correlation_id}) {
    if (id.size() > bytes_max) {
      return MakeError(
          ErrorCode::kBadCommand,
          fmt::format("an id or name is {} bytes long; at most {}", id.size(), bytes_max));
    }
  }
  return absl::OkStatus();
}

void Engine::Acknowledge(Session& session, const Command& command, AckType type,
                         const absl::Status& status) {
  Ack ack;
  ack.type = type;
  ack.command = command.type;
  ack.command_id = command.command_id.substr(0, options_.limits.id_bytes_max);
  ack.error = ErrorCodeOf(status);
  ack.reason = ToStd(status.message());
  if (command.type == CommandType::kLogon) {
    ack.client_name = session.client_name;
    ack.user_id = session.user_id;
    ack.correlation_id = command.correlation_id;
    ack.version = options_.version;
    ack.has_sequence = true;
    if (status.ok() && !session.user_is_known) ack.reason = "authentication disabled";
  } else if (NamesSubscription(command.type)) {
    ack.sub_id = command.sub_id.empty() ? ack.command_id : command.sub_id;
  } else if (command.has_sequence) {
    ack.has_sequence = true;
    ack.sequence = command.sequence;
  }
  session.outbox()->Acknowledge(ack);
}

void Engine::Retire(StringMap<std::unique_ptr<Subscription>> subscriptions) {
  if (subscriptions.empty()) return;
  auto nobody = std::make_unique<Session>();
  nobody->table = subscriptions.begin()->second->session->table;
  for (auto& [id, subscription] : subscriptions) {
    if (subscription->feed != nullptr) {
      if (RecordFeed::Of(*subscription).holds) queries_.CancelSnapshot(*subscription);
      delivery_.Forget(*subscription);
    }
    subscription->session = nobody.get();
  }
  nobody->subscriptions = std::move(subscriptions);
  const bool at_once = nobody->subscriptions.size() <= kRemovalsPerSlice;
  leaving_.push_back(std::move(nobody));
  if (at_once) RetireSlice();
}

}  // namespace fluxgate
