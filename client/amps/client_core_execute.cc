// How a client runs commands that are answered.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "amps/exceptions.h"
#include "client/amps/client_core.h"
#include "client/amps/message_fields.h"
#include "client/amps/refusals.h"
#include "gateway/amps/amps_encoder.h"

namespace AMPS {
namespace {

using fluxgate::AckType;
using fluxgate::CommandType;
using fluxgate::amps::DecodeError;
using internal::PendingAcks;
using internal::Route;
using internal::RoutePointer;

CommandType TypeOf(const Command& command) {
  for (const auto& [name, type] : fluxgate::amps::kCommandNames) {
    if (name == command.getCommand() && type != CommandType::kLogon) return type;
  }
  throw UnknownCommandException(fmt::format("unknown command '{}'", command.getCommand()));
}

bool IsPublish(CommandType type) {
  return type == CommandType::kPublish || type == CommandType::kDeltaPublish;
}

bool IsSubscription(CommandType type) {
  return type == CommandType::kSubscribe || type == CommandType::kDeltaSubscribe ||
         type == CommandType::kSowAndSubscribe || type == CommandType::kSowAndDeltaSubscribe;
}

bool IsQuery(CommandType type) {
  return type == CommandType::kSow || type == CommandType::kSowAndSubscribe ||
         type == CommandType::kSowAndDeltaSubscribe;
}

fluxgate::Command Translate(const Command& command, CommandType type) {
  fluxgate::Command out;
  out.type = type;
  out.topic = command.getTopic();
  out.filter = command.getFilter();
  out.options = command.getOptions();
  out.order_by = command.getOrderBy();
  out.bookmark = command.getBookmark();
  out.sow_key = command.getSowKey();
  out.sow_keys = command.getSowKeys();
  out.correlation_id = command.getCorrelationId();
  out.command_id = command.getCommandId();
  out.sub_id = command.getSubId();
  out.query_id = command.getQueryId();
  out.batch_size = command.getBatchSize();
  out.top_n = command.getTopN();
  out.expiration_s = command.getExpiration();
  out.acks.bits = static_cast<uint8_t>(command.getAckTypes());
  out.body = command.getData();
  return out;
}

bool HasOption(const std::string& options, std::string_view name) {
  for (size_t at = 0; at < options.size();) {
    const size_t comma = std::min(options.find(',', at), options.size());
    if (std::string_view(options).substr(at, comma - at) == name) return true;
    at = comma + 1;
  }
  return false;
}

}  // namespace

struct Client::Core::Request {
  Request(const Command& of, CommandType of_type) : command(of), type(of_type) {}

  Command command;  // with all its ids
  CommandType type;
  std::string what;  // "subscribe to 'orders'"
  std::string bookmark;
  Clock::time_point deadline;
  RoutePointer route;     // null: nobody is told anything
  RoutePointer replaced;  // that had the ids before
};

Client::Core::Request Client::Core::MakeRequest(const Command& command, Destination destination) {
  Request request(command, TypeOf(command));
  Command& own = request.command;
  request.what = command.getTopic().empty()
                     ? command.getCommand()
                     : fmt::format("{} to '{}'", command.getCommand(), command.getTopic());
  if (own.getCommandId().empty()) own.setCommandId(NextId());
  if (IsSubscription(request.type) && own.getSubId().empty()) own.setSubId(own.getCommandId());
  request.deadline = DeadlineAfter(Milliseconds(command.getTimeout()));
  request.bookmark = command.getBookmark();
  BookmarkStore* const bookmarks = settings_.bookmark_store.get();
  if (request.bookmark == Bookmarks::MOST_RECENT) {
    request.bookmark =
        bookmarks != nullptr ? bookmarks->getMostRecent(own.getSubId()) : Bookmarks::EPOCH;
  }
  if (!destination.handler) return request;
  auto route = std::make_shared<Route>();
  route->handler = std::move(destination.handler);
  route->queue = std::move(destination.queue);
  route->command_id = own.getCommandId();
  if (IsSubscription(request.type)) route->sub_id = own.getSubId();
  if (IsQuery(request.type)) {
    route->query_id = own.getQueryId().empty() ? own.getCommandId() : own.getQueryId();
  }
  route->acks = command.getAckTypes();
  route->keeps_bookmarks = bookmarks != nullptr && !request.bookmark.empty();
  request.route = std::move(route);
  return request;
}

void Client::Core::TakeRoute(Request& request) {
  if (request.route == nullptr) return;
  Route& route = *request.route;
  {
    const std::lock_guard lock(state_mutex_);
    route.connection = last_connection_;
  }
  route.acks_left = route.acks;
  route.records_left = IsQuery(request.type);
  route.gone = false;
  if (!route.sub_id.empty()) request.replaced = routes_.Find(route.sub_id);
  if (request.replaced != nullptr) {
    const bool stands = request.replaced->connection == route.connection;
    if (stands && !HasOption(request.command.getOptions(), "replace")) {
      throw SubscriptionAlreadyExistsException(
          fmt::format("{}: subscription id {} is in use", request.what, route.sub_id));
    }
    // One that is put back: its handler puts into that queue.
    if (!stands && route.queue == nullptr) route.queue = request.replaced->queue;
  }
  routes_.Add(request.route);
}

void Client::Core::GiveRouteBack(Request& request) {
  if (request.route == nullptr) return;
  routes_.Remove(*request.route);
  if (request.replaced != nullptr && !request.replaced->gone) routes_.Add(request.replaced);
  request.replaced = nullptr;
}

std::string Client::Core::Run(Request& request, AckType wanted) {
  fluxgate::Command wire = Translate(request.command, request.type);
  wire.bookmark = request.bookmark;
  wire.acks.add(AckType::kProcessed);
  wire.acks.add(wanted);
  while (true) {
    AwaitReady(request.deadline, request.what);
    const Reading reading(*this);
    PendingAcks::Wait wait(acks_, request.command.getCommandId(), wanted);
    TakeRoute(request);
    auto outcome = PendingAcks::Outcome::kLost;
    if (outbox_.AddAtOnce(goes_ahead(),
                          [&](std::string& out) { fluxgate::amps::AppendCommand(wire, &out); })) {
      outcome = wait.Await(request.deadline);
    }
    if (outcome == PendingAcks::Outcome::kAcked) {
      fluxgate::amps::ServerMessageDecoder decoder;
      if (decoder.Decode(wait.frame()) != DecodeError::kNone || !decoder.message().ok()) {
        GiveRouteBack(request);
        internal::ThrowRefused(request.what, decoder.message().reason);
      }
      if (request.replaced != nullptr) {
        request.replaced->gone = true;
        routes_.Remove(*request.replaced);
        const auto& queue = request.replaced->queue;
        if (queue != nullptr && (request.route == nullptr || queue != request.route->queue)) {
          queue->End();
        }
      }
      return wait.frame();
    }
    GiveRouteBack(request);
    if (outcome == PendingAcks::Outcome::kTimedOut) {
      if (request.route != nullptr) {
        // It may be taken later, and nobody would know.
        SendUnsubscribe(NextId(), request.route->sub_id, request.route->query_id, false);
      }
      throw TimedOutException(fmt::format("{}: no answer in time", request.what));
    }
    if (goes_ahead()) ThrowDisconnected(request.what, wait.lost_reason());
  }
}

std::string Client::Core::Execute(const Command& command, Destination destination) {
  const CommandType type = TypeOf(command);
  if (IsPublish(type)) return PublishByCommand(command, std::move(destination));
  Request request = MakeRequest(command, std::move(destination));
  if (type == CommandType::kUnsubscribe) {
    Unsubscribe(!command.getSubId().empty() ? command.getSubId() : command.getQueryId());
    return request.command.getCommandId();
  }
  (void)Run(request, AckType::kProcessed);
  if (IsSubscription(type) && settings_.subscription_manager != nullptr) {
    Command kept = request.command;
    // Ids of commands are used once; the subscription's stays.
    kept.setCommandId({});
    const bool has_route = request.route != nullptr;  // else it has no handler
    settings_.subscription_manager->subscribe(has_route ? request.route->handler : MessageHandler(),
                                              kept);
    if (has_route && waits_for_connection_ && !goes_ahead()) MakeStand(request);
    if (has_route) request.route->stands = true;
  }
  return IsSubscription(type) ? request.command.getSubId() : request.command.getCommandId();
}

// A loss between the gateway's answer and the manager's knowing of it: others were put back, and
// this one perhaps not.
void Client::Core::MakeStand(Request& request) {
  while (true) {
    const RoutePointer route = routes_.Find(request.command.getSubId());
    {
      const std::lock_guard lock(state_mutex_);
      // Without another connection yet it will be put back with the others.
      if (request.route->connection == last_connection_) return;
      if (ready_ && route != nullptr && route->connection == last_connection_) return;
    }
    AwaitReady(request.deadline, request.what);
    const RoutePointer again = routes_.Find(request.command.getSubId());
    if (again != nullptr && again != request.route) continue;
    routes_.Remove(*request.route);
    (void)Run(request, AckType::kProcessed);
  }
}

std::string Client::Core::PublishByCommand(const Command& command, Destination destination) {
  const std::string id =
      command.getCommandId().empty() && command.getAckTypes() == 0 ? "" : NextId();
  fluxgate::Command publish = Translate(command, TypeOf(command));
  if (publish.command_id.empty()) publish.command_id = id;
  RoutePointer route;
  if (destination.handler && command.getAckTypes() != 0) {
    route = std::make_shared<Route>();
    route->handler = std::move(destination.handler);
    route->queue = std::move(destination.queue);
    route->command_id = publish.command_id;
    route->acks = route->acks_left = command.getAckTypes();
    const std::lock_guard lock(state_mutex_);
    route->connection = last_connection_;
  }
  if (route != nullptr) {
    routes_.Add(route);
  } else if (destination.queue != nullptr) {
    destination.queue->End();
  }
  const std::string command_id(publish.command_id);
  try {
    (void)PublishFrame(publish);
  } catch (...) {
    if (route != nullptr) routes_.Remove(*route);
    throw;
  }
  return command_id;
}

MessageStream Client::Core::ExecuteStream(const Command& command) {
  const CommandType type = TypeOf(command);
  Command own = command;
  if (own.getCommandId().empty()) own.setCommandId(NextId());
  const std::string id = IsSubscription(type) && !own.getSubId().empty()      ? own.getSubId()
                         : !IsSubscription(type) && !own.getQueryId().empty() ? own.getQueryId()
                                                                              : own.getCommandId();
  MessageStream::Queue::Options options;
  const auto own_queue = std::make_shared<std::weak_ptr<MessageStream::Queue>>();
  options.on_close = [this, id, own_queue] { EndStream(id, own_queue->lock().get()); };
  options.carries_deltas =
      type == CommandType::kDeltaSubscribe || type == CommandType::kSowAndDeltaSubscribe;
  auto queue = std::make_shared<MessageStream::Queue>(stream_memory_, std::move(options));
  *own_queue = queue;
  const bool goes_on = IsSubscription(type) || IsQuery(type) || own.getAckTypes() != 0;
  MessageStream stream(queue);
  if (!goes_on) queue->End();
  try {
    (void)Execute(own, {[queue](Message& message) { (void)queue->Put(message); }, queue});
  } catch (...) {
    queue->End();
    throw;
  }
  return stream;
}

Message Client::Core::ExecuteForAck(const Command& command, Message::AckType type) {
  if (type == Message::None) throw UsageException("an ack of type none does not come");
  Request request = MakeRequest(command, {});
  const std::string frame = Run(request, static_cast<AckType>(type));
  fluxgate::amps::ServerMessageDecoder decoder;
  if (decoder.Decode(frame) != DecodeError::kNone) throw ProtocolException("not an ack");
  const Message borrowed(internal::FieldsOf(decoder.message(), Message::Ack));
  Message copy(borrowed);
  return copy;
}

std::string Client::Core::ExecuteUnawaited(const Command& command, const MessageHandler& handler) {
  Request request = MakeRequest(command, {handler, nullptr});
  AwaitReady(request.deadline, request.what);
  TakeRoute(request);
  fluxgate::Command wire = Translate(request.command, request.type);
  wire.acks.add(AckType::kProcessed);
  if (!outbox_.AddAtOnce(goes_ahead(),
                         [&](std::string& out) { fluxgate::amps::AppendCommand(wire, &out); })) {
    GiveRouteBack(request);
    ThrowDisconnected(request.what, {});
  }
  return request.command.getCommandId();
}

RoutePointer Client::Core::Forget(const std::string& id) {
  RoutePointer route = routes_.Find(id);
  // Without a handler there is no route.
  const std::string& sub_id = route != nullptr ? route->sub_id : id;
  if (route != nullptr) routes_.Remove(*route);
  if (settings_.subscription_manager != nullptr && !sub_id.empty()) {
    settings_.subscription_manager->unsubscribe(sub_id);
  }
  if (route == nullptr) return nullptr;
  if (route->queue != nullptr) route->queue->End();
  return route;
}

void Client::Core::EndStream(const std::string& id, const MessageStream::Queue* queue) {
  const RoutePointer route = routes_.Find(id);
  // Somebody else may have taken the id meanwhile.
  if (route == nullptr || route->queue.get() != queue) return;
  (void)Forget(id);
  const bool is_query = route->sub_id.empty();
  SendUnsubscribe(NextId(), is_query ? "" : route->sub_id, is_query ? route->query_id : "",
                  /*is_awaited=*/false);
}

void Client::Core::Unsubscribe(const std::string& sub_id) {
  if (sub_id == "all") return UnsubscribeAll();
  for (size_t at = 0; at <= sub_id.size();) {
    const size_t comma = std::min(sub_id.find(',', at), sub_id.size());
    const std::string id = sub_id.substr(at, comma - at);
    at = comma + 1;
    const RoutePointer route = Forget(id);
    const bool is_query = route != nullptr && route->sub_id.empty();
    RunUnsubscribe(is_query ? "" : id, is_query ? route->query_id : "", route != nullptr);
    if (route != nullptr) AwaitNotRunning(*route);
  }
}

void Client::Core::UnsubscribeAll() {
  const auto routes = routes_.RemoveIf([](const Route& route) { return !route.sub_id.empty(); });
  if (settings_.subscription_manager != nullptr) settings_.subscription_manager->clear();
  for (const RoutePointer& route : routes) {
    if (route->queue != nullptr) route->queue->End();
  }
  RunUnsubscribe("all", "", /*is_known=*/true);
  for (const RoutePointer& route : routes) AwaitNotRunning(*route);
}

bool Client::Core::SendUnsubscribe(const std::string& command_id, const std::string& sub_id,
                                   const std::string& query_id, bool is_awaited) {
  fluxgate::Command wire;
  wire.type = CommandType::kUnsubscribe;
  wire.command_id = command_id;
  wire.sub_id = sub_id;
  wire.query_id = query_id;
  if (is_awaited) wire.acks.add(AckType::kProcessed);
  return outbox_.AddAtOnce(goes_ahead(),
                           [&](std::string& out) { fluxgate::amps::AppendCommand(wire, &out); });
}

// One that this side knows is gone when the connection is.
void Client::Core::RunUnsubscribe(const std::string& sub_id, const std::string& query_id,
                                  bool is_known) {
  const std::string id = NextId();
  const Reading reading(*this);
  PendingAcks::Wait wait(acks_, id, AckType::kProcessed);
  auto outcome = PendingAcks::Outcome::kLost;
  if (SendUnsubscribe(id, sub_id, query_id, /*is_awaited=*/true)) {
    outcome = wait.Await(Clock::now() + kAnswerTimeMax);
  }
  if (outcome == PendingAcks::Outcome::kTimedOut) {
    throw TimedOutException("unsubscribe: no answer in time");
  }
  if (outcome == PendingAcks::Outcome::kLost) {
    if (!is_known) ThrowDisconnected("unsubscribe", wait.lost_reason());
    return;
  }
  fluxgate::amps::ServerMessageDecoder decoder;
  if (decoder.Decode(wait.frame()) == DecodeError::kNone && !decoder.message().ok()) {
    internal::ThrowRefused("unsubscribe", decoder.message().reason);
  }
}

void Client::Core::AwaitNotRunning(const Route& route) {
  if (on_handler_thread()) return;
  while (running_.load() == &route) running_.wait(&route);
}

}  // namespace AMPS
