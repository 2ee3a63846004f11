// What the handler thread does with what was received.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "amps/exceptions.h"
#include "client/amps/client_core.h"
#include "client/amps/message_fields.h"
#include "gateway/amps/amps_frame.h"
#include "gateway/amps/amps_record_frame.h"

namespace AMPS {
namespace {

using fluxgate::AckType;
using fluxgate::amps::DecodeError;
using fluxgate::amps::FrameResult;
using fluxgate::amps::FrameStatus;
using fluxgate::amps::RecordFrame;
using fluxgate::amps::ServerMessage;
using fluxgate::amps::ServerMessageType;
using internal::FieldsOf;
using internal::Route;
using internal::RoutePointer;

}  // namespace

// What the program's own functions throw ends here.
template <typename Function>
void Client::Core::Guarded(Function&& function) {
  try {
    function();
  } catch (const std::exception& thrown) {
    TellException(thrown);
  } catch (...) {
    TellException(AMPSException("a handler has thrown what is no std::exception"));
  }
}

// The I/O thread.
bool Client::Core::OnAck(const ServerMessage& ack, std::string_view frame) {
  bool taken = acks_.Deliver(ack, frame);
  Store* const store = settings_.publish_store.get();
  if (store != nullptr && ack.ack.has(AckType::kPersisted) && ack.has_sequence) {
    if (ack.sequence > last_sequence_) {
      const std::lock_guard lock(state_mutex_);
      if (connection_ != nullptr && connection_->on_its_thread()) {
        connection_->Fail(fmt::format("{} acknowledges publish {}, and {} was the last one",
                                      connection_->address(), ack.sequence, last_sequence_.load()));
      }
      return true;
    }
    if (!ack.ok()) {
      FailedWrite failed{ack.sequence, {}};
      Guarded([&] { (void)store->find(ack.sequence, &failed.frame); });
      Guarded([&] { store->discardUpTo(ack.sequence); });
      const std::lock_guard lock(failed_writes_mutex_);
      failed_writes_.push_back(std::move(failed));
      return false;
    }
    Guarded([&] { store->discardUpTo(ack.sequence); });
    taken = true;
  }
  if (!taken) return false;
  const RoutePointer route = ack.command_id.empty() ? nullptr : routes_.Find(ack.command_id);
  return route == nullptr || (route->acks & ack.ack.bits) == 0;
}

void Client::Core::HandleAll() {
  std::vector<internal::Batch> batches;
  while (received_.Take(&batches)) {
    for (internal::Batch& batch : batches) {
      if (batch.chunk == nullptr) {
        HandleLost(batch.connection);
        continue;
      }
      HandleBatch(batch);
      SetRunning(nullptr);
      batch.chunk.reset();
      if (received_.Handled(batch.size())) outbox_.Wake();
    }
  }
}

void Client::Core::HandleBatch(const internal::Batch& batch) {
  fluxgate::amps::FrameLimits limits;
  limits.body_bytes_max = settings_.message_bytes_max;
  if (decoder_ == nullptr || decoder_connection_ != batch.connection) {
    decoder_ = std::make_unique<fluxgate::amps::ServerMessageDecoder>(limits);
    decoder_connection_ = batch.connection;
  }
  std::string_view bytes = batch.bytes();
  while (true) {
    // A handler may have disconnected.
    if (batch.connection <= ended_connection_.load(std::memory_order_relaxed)) return;
    if (batch.connection == failed_connection_) return;
    const FrameResult result = fluxgate::amps::NextFrame(bytes, limits);
    if (result.status != FrameStatus::kFrame) return;
    bytes.remove_prefix(result.consumed);
    if (decoder_->Decode(result.frame) != DecodeError::kNone) [[unlikely]] {
      return FailHandled(" sends what is not of the protocol: " + decoder_->ErrorText());
    }
    Handle(decoder_->message());
  }
}

void Client::Core::Handle(const ServerMessage& message) {
  switch (message.type) {
    case ServerMessageType::kPublish:
      return HandleDelivery(message, Message::Publish);
    case ServerMessageType::kOof:
      return HandleDelivery(message, Message::OOF);
    case ServerMessageType::kSow:
      return HandleRecords(message);
    case ServerMessageType::kGroupBegin:
      return HandleGroup(message, Message::GroupBegin);
    case ServerMessageType::kGroupEnd:
      return HandleGroup(message, Message::GroupEnd);
    case ServerMessageType::kAck:
      return HandleAck(message);
    case ServerMessageType::kHeartbeat:
    case ServerMessageType::kUnknown:
      return;
  }
}

const std::vector<RoutePointer>& Client::Core::RoutesOf(std::string_view ids) {
  const uint64_t generation = routes_.generation();
  if (generation == routes_generation_ && ids == routes_ids_) [[likely]]
    return routes_found_;
  routes_generation_ = generation;
  routes_ids_ = ids;
  routes_found_.clear();
  while (!ids.empty()) {
    const size_t size = std::min(ids.find(','), ids.size());
    if (RoutePointer route = routes_.Find(ids.substr(0, size))) {
      routes_found_.push_back(std::move(route));
    }
    ids.remove_prefix(std::min(size + 1, ids.size()));
  }
  return routes_found_;
}

void Client::Core::HandleDelivery(const ServerMessage& message, Message::Command command) {
  Message::Fields fields = FieldsOf(message, command);
  const auto& routes = RoutesOf(!message.sub_ids.empty() ? message.sub_ids : message.sub_id);
  if (routes.empty()) [[unlikely]]
    return CallLastChance(fields);
  for (const RoutePointer& route : routes) {
    fields.subscription_id = route->sub_id;
    Call(*route, fields);
  }
}

void Client::Core::HandleRecords(const ServerMessage& message) {
  Message::Fields fields = FieldsOf(message, Message::SOW);
  const auto& routes = RoutesOf(message.query_id);
  RecordFrame records(message.body);
  RecordFrame::Record record;
  RecordFrame::Result result;
  while ((result = records.Next(&record)) == RecordFrame::Result::kRecord) {
    fields.sow_key = record.sow_key;
    fields.timestamp = record.timestamp;
    fields.correlation_id = record.correlation_id;
    fields.data = record.body;
    if (routes.empty()) CallLastChance(fields);
    for (const RoutePointer& route : routes) {
      fields.subscription_id = route->sub_id;
      Call(*route, fields);
    }
  }
  if (result != RecordFrame::Result::kBad) return;
  FailHandled(" sends records that are not of the protocol");
}

void Client::Core::FailHandled(const std::string& what) {
  failed_connection_ = decoder_connection_;
  const std::lock_guard lock(state_mutex_);
  if (connection_ == nullptr || connection_->number() != decoder_connection_) return;
  connection_->Fail(connection_->address() + what);
}

void Client::Core::HandleGroup(const ServerMessage& message, Message::Command command) {
  Message::Fields fields = FieldsOf(message, command);
  // A copy: over ones are removed.
  const std::vector<RoutePointer> routes = RoutesOf(message.query_id);
  if (routes.empty()) return CallLastChance(fields);
  for (const RoutePointer& route : routes) {
    fields.subscription_id = route->sub_id;
    Call(*route, fields);
    if (command == Message::GroupEnd) {
      route->records_left = false;
      FinishIfOver(route);
    }
  }
}

void Client::Core::HandleAck(const ServerMessage& message) {
  if (message.ack.has(AckType::kPersisted) && !message.ok() && message.has_sequence) {
    HandleFailedWrite(message);
    if (message.command_id.empty()) return;
  }
  const Message::Fields fields = FieldsOf(message, Message::Ack);
  RoutePointer route = routes_.Find(message.command_id);
  if (route == nullptr) route = routes_.Find(message.sub_id);
  if (route == nullptr) return CallLastChance(fields);
  if (message.ack.has(AckType::kPersisted) && !message.bookmark.empty() && route->keeps_bookmarks) {
    Guarded([&] { settings_.bookmark_store->persisted(route->sub_id, message.bookmark); });
  }
  const bool failed = message.ack.has(AckType::kProcessed) && !message.ok();
  if (failed || (route->acks & message.ack.bits) != 0) {
    Message::Fields own = fields;
    own.subscription_id = route->sub_id;
    Call(*route, own);
  }
  route->acks_left &= ~uint32_t{message.ack.bits};
  if (failed) {
    route->acks_left = 0;
    route->records_left = false;
  }
  FinishIfOver(route);
}

void Client::Core::FinishIfOver(const RoutePointer& route) {
  if (!route->is_over()) return;
  routes_.Remove(*route);
  if (route->queue != nullptr) route->queue->End();
}

void Client::Core::HandleFailedWrite(const ServerMessage& ack) {
  FailedWrite failed{ack.sequence, {}};
  FailedWriteHandler handler;
  {
    const std::lock_guard lock(failed_writes_mutex_);
    while (!failed_writes_.empty() && failed_writes_.front().sequence <= ack.sequence) {
      if (failed_writes_.front().sequence == ack.sequence) {
        failed = std::move(failed_writes_.front());
      }
      failed_writes_.pop_front();
    }
  }
  {
    const std::lock_guard lock(state_mutex_);
    handler = failed_write_handler_;
  }
  if (!handler) return;
  Message::Fields fields;
  fields.command = Message::Publish;
  fields.sequence = ack.sequence;
  fluxgate::amps::CommandDecoder decoder({.body_bytes_max = settings_.message_bytes_max});
  const FrameResult frame =
      fluxgate::amps::NextFrame(failed.frame, {.body_bytes_max = settings_.message_bytes_max});
  if (frame.status == FrameStatus::kFrame && decoder.Decode(frame.frame) == DecodeError::kNone) {
    fields.topic = decoder.message().topic;
    fields.data = decoder.message().body;
    fields.sow_key = decoder.message().sow_key;
    fields.correlation_id = decoder.message().correlation_id;
    fields.command_id = decoder.message().command_id;
  }
  const Message message(fields);
  Guarded([&] { handler(message, ack.reason); });
}

void Client::Core::SetRunning(const Route* route) {
  if (running_.load(std::memory_order_relaxed) == route) return;
  running_.store(route);
  running_.notify_all();
}

void Client::Core::Call(Route& route, const Message::Fields& fields) {
  // First this, then the look: AwaitNotRunning goes the other way round.
  SetRunning(&route);
  if (route.gone.load()) [[unlikely]]
    return CallLastChance(fields);
  BookmarkStore* const bookmarks =
      route.keeps_bookmarks && !fields.bookmark.empty() && fields.command != Message::Ack
          ? settings_.bookmark_store.get()
          : nullptr;
  if (bookmarks != nullptr && !LogBookmark(*bookmarks, route, fields.bookmark)) [[unlikely]]
    return;
  Guarded([&] {
    Message message(fields);
    route.handler(message);
  });
}

// Whether the message is to be handled.
bool Client::Core::LogBookmark(BookmarkStore& bookmarks, const Route& route,
                               std::string_view bookmark) {
  // What a failed connection still delivers would be handled, and logged, in front of the message
  // that the store did not take: that one would never come again.
  if (decoder_connection_ == failed_connection_) return false;
  bool is_new = false;
  bool has_thrown = true;
  Guarded([&] {
    is_new = !bookmarks.isDiscarded(route.sub_id, bookmark);
    if (is_new) bookmarks.log(route.sub_id, bookmark);
    has_thrown = false;
  });
  if (!has_thrown) return is_new;
  FailHandled(" was left: the bookmark store has thrown");
  return false;
}

void Client::Core::CallLastChance(const Message::Fields& fields) {
  SetRunning(nullptr);
  std::shared_ptr<const MessageHandler> handler;
  {
    const std::lock_guard lock(state_mutex_);
    handler = last_chance_;
  }
  if (handler == nullptr) return;
  Guarded([&] {
    Message message(fields);
    (*handler)(message);
  });
}

void Client::Core::HandleLost(uint64_t connection) {
  if (connection <= ended_connection_) return;
  DisconnectHandler handler;
  std::string reason;
  bool reconnects;
  {
    const std::lock_guard lock(state_mutex_);
    if (lost_logged_on_ && closing_ == 0) handler = disconnect_handler_;
    reconnects = reconnect_ != nullptr && coming_back_ && closing_ == 0;
    reason = lost_reason_;
  }
  const bool keeps = settings_.subscription_manager != nullptr && (handler || reconnects);
  const auto fail = [&](const std::vector<RoutePointer>& routes) {
    const auto error = std::make_exception_ptr(DisconnectedException(reason));
    for (const RoutePointer& route : routes) {
      if (route->queue != nullptr) route->queue->Fail(error);
    }
  };
  // Subscriptions may be put back, by the manager; what else there was is over.
  fail(routes_.RemoveIf([&](const Route& route) {
    return route.connection <= connection && (!keeps || route.sub_id.empty());
  }));
  if (handler) Guarded([&] { handler(client_); });
  bool is_back = false;
  if (reconnects) {
    Guarded([&] {
      reconnect_();
      is_back = true;
    });
  }
  if (!is_back) {
    const std::lock_guard lock(state_mutex_);
    if (connected_) return;
    coming_back_ = false;
    state_changed_.notify_all();
  }
  // Of those that were put back there is another one.
  fail(routes_.RemoveIf([&](const Route& route) {
    return route.connection <= connection && (!is_back || route.stands);
  }));
}

}  // namespace AMPS
