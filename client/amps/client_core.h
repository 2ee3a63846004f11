// What a Client is made of. Internal.
//
// Threads: those of the program; the I/O thread of the connection (connection.h); the handler
// thread, which is started by the first connect and ends with the client. It calls message
// handlers, failed write handlers and disconnect handlers, one after the other in the order of what
// was received. The exception listener is called by the thread that has found what it is told: also
// the I/O thread (a transport filter, a publish store) and, while an HAClient connects, one of the
// program.
//
// What an HAClient builds on:
//   SetWaitsForConnection  commands and publishes without a store wait for SetReady instead of
//                          throwing DisconnectedException; those whose connection is lost run again
//   Connect(uri, timeout)  as Client::connect, with a time; 0: for ever
//   SetReconnect           what is run on the handler thread after a loss, when all that came
//                          before was handled and the disconnect handler has returned: makes
//                          another connection, or throws
//   BeginEstablishing      commands of this thread do not wait: it makes the connection
//   DropConnection         ends one that will not do
//   SetReady               logged on, subscriptions back: let the others go on
//   GiveUp                 there will be none: let the others fail; Disconnect does so too
//   Sleep, is_closing      waiting that a Disconnect since BeginEstablishing ends, and whether
//                          there was one
// Logon discards what the gateway has of the publish store, and sends the rest again.
#ifndef FLUXGATE_CLIENT_AMPS_CLIENT_CORE_H_
#define FLUXGATE_CLIENT_AMPS_CLIENT_CORE_H_

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "amps/bookmark_store.h"
#include "amps/client.h"
#include "amps/publish_store.h"
#include "amps/subscription_manager.h"
#include "client/amps/connection.h"
#include "client/amps/message_queue.h"
#include "client/amps/outbox.h"
#include "client/amps/pending_acks.h"
#include "client/amps/received.h"
#include "client/amps/routes.h"
#include "client/cpp/uri.h"
#include "core/message/command.h"

namespace AMPS {

class Client::Core final : private internal::ConnectionUser {
 public:
  using Clock = std::chrono::steady_clock;
  using Milliseconds = std::chrono::milliseconds;

  static constexpr Milliseconds kConnectTimeoutDefault{60'000};
  // Of a command that has no time of its own and that nobody should have to wait for.
  static constexpr Milliseconds kAnswerTimeMax{30'000};
  // 30 years: no clock overflows.
  static constexpr Milliseconds kForEver = std::chrono::hours(30 * 365 * 24);
  static constexpr size_t kMessageBytesMaxDefault = 16 << 20;
  // Answers of an authenticator to challenges, in one logon.
  static constexpr int kChallengesMax = 10;

  // What the program has set; before connect, unless it says otherwise.
  struct Settings {
    std::shared_ptr<Store> publish_store;
    std::shared_ptr<BookmarkStore> bookmark_store;
    std::shared_ptr<SubscriptionManager> subscription_manager;
    TransportFilterFunction filter;
    size_t message_bytes_max = kMessageBytesMaxDefault;
  };

  Core(Client& client, std::string name);
  ~Core();  // Disconnect; not from inside a handler

  const std::string& name() const { return name_; }
  std::string uri_text() const;
  std::string server_version() const;
  Settings& settings() { return settings_; }
  void SetPublishStore(std::shared_ptr<Store> store);
  const Settings& settings() const { return settings_; }
  void SetUnreadBytesMax(size_t bytes);
  void SetUnsentBytesMax(size_t bytes) { outbox_.set_bytes_max(bytes); }
  // At any time.
  void SetDisconnectHandler(DisconnectHandler handler);
  void SetLastChanceHandler(const MessageHandler& handler);
  void SetFailedWriteHandler(FailedWriteHandler handler);
  void SetExceptionListener(ExceptionListener listener);
  void SetHeartbeat(unsigned interval_s, unsigned timeout_s);

  bool is_connected() const;
  void Connect(const std::string& uri, Milliseconds timeout = kConnectTimeoutDefault);
  std::string Logon(Milliseconds timeout, Authenticator& authenticator, std::string_view options);
  void Disconnect();
  int socket_fd() const;  // of the connection, for tests; -1: none

  uint64_t Publish(bool is_delta, std::string_view topic, std::string_view data,
                   int64_t expiration_s);
  void PublishFlush(Milliseconds timeout, Message::AckType ack_type);

  // Where the messages and acks of a command go.
  struct Destination {
    MessageHandler handler;
    std::shared_ptr<MessageStream::Queue> queue;  // that the handler puts into
  };
  // Runs a command: returns its id when the gateway has taken it.
  std::string Execute(const Command& command, Destination destination);
  MessageStream ExecuteStream(const Command& command);
  // Runs it and waits for its ack of that type.
  Message ExecuteForAck(const Command& command, Message::AckType type);
  // Runs it without waiting; what becomes of it is told to the handler.
  std::string ExecuteUnawaited(const Command& command, const MessageHandler& handler);
  void Unsubscribe(const std::string& sub_id);

  // ---- For an HAClient ----
  void SetWaitsForConnection(bool waits) { waits_for_connection_ = waits; }
  void SetReconnect(std::function<void()> reconnect) { reconnect_ = std::move(reconnect); }
  void BeginEstablishing();
  void DropConnection();
  void SetReady();
  void GiveUp();
  bool is_ready() const;
  bool is_coming_back() const;
  std::string lost_reason() const;
  // False: Disconnect was called.
  bool Sleep(Milliseconds time);
  bool is_closing() const;
  void TellException(const std::exception& exception);

 private:
  struct FailedWrite {
    uint64_t sequence;
    std::string frame;  // empty: it was not in the store
  };
  // While it lives the I/O thread reads on, whatever waits for handlers: acks may stand behind it.
  class Reading {
   public:
    explicit Reading(Core& core) : core_(core) { core_.LiftReading(true); }
    ~Reading() { core_.LiftReading(false); }
    Reading(const Reading&) = delete;
    Reading& operator=(const Reading&) = delete;

   private:
    Core& core_;
  };

  // internal::ConnectionUser
  bool OnAck(const fluxgate::amps::ServerMessage& ack, std::string_view frame) override;
  void OnLost(uint64_t connection, const std::string& reason) override;
  void OnFilterThrew(const std::exception& exception) override { TellException(exception); }

  void LiftReading(bool lift);
  // While a handler waits nothing else makes room: the gateway may wait for us to read.
  void LiftReadingForHandler(bool lift);
  bool on_handler_thread() const { return std::this_thread::get_id() == handler_thread_id_; }
  // state_mutex_ held: what this thread is doing is to end.
  bool is_to_end() const;
  // Whether commands of this thread go ahead of those that wait for the connection.
  bool goes_ahead() const;
  std::string NextId();
  static Clock::time_point DeadlineAfter(Milliseconds timeout);
  // Until commands of this thread can be sent: DisconnectedException, TimedOutException.
  void AwaitReady(Clock::time_point deadline, std::string_view what);
  [[noreturn]] void ThrowDisconnected(std::string_view what, const std::string& reason);

  // Logon.
  void FinishLogon(const fluxgate::amps::ServerMessage& ack);
  void ReplayStore(bool has_sequence, uint64_t sequence);
  void StartHeartbeat(bool was_running);

  // Publishing.
  uint64_t PublishStored(fluxgate::Command& publish);
  template <typename Append>
  void AddPublish(const Append& append);
  uint64_t PublishFrame(fluxgate::Command& publish);
  std::string PublishByCommand(const Command& command, Destination destination);
  void CheckSize(std::string_view data) const;

  // Commands.
  struct Request;
  Request MakeRequest(const Command& command, Destination destination);
  // Sends it and returns the frame of the ack that says that it is done.
  std::string Run(Request& request, fluxgate::AckType wanted);
  void MakeStand(Request& request);
  void TakeRoute(Request& request);
  void GiveRouteBack(Request& request);
  void EndStream(const std::string& id, const MessageStream::Queue* queue);
  void UnsubscribeAll();
  internal::RoutePointer Forget(const std::string& id);
  void RunUnsubscribe(const std::string& sub_id, const std::string& query_id, bool is_known);
  bool SendUnsubscribe(const std::string& command_id, const std::string& sub_id,
                       const std::string& query_id, bool is_awaited);
  void AwaitNotRunning(const internal::Route& route);

  // The handler thread.
  void HandleAll();
  void HandleBatch(const internal::Batch& batch);
  void HandleLost(uint64_t connection);
  void Handle(const fluxgate::amps::ServerMessage& message);
  void HandleDelivery(const fluxgate::amps::ServerMessage& message, Message::Command command);
  void HandleRecords(const fluxgate::amps::ServerMessage& message);
  void HandleGroup(const fluxgate::amps::ServerMessage& message, Message::Command command);
  void HandleAck(const fluxgate::amps::ServerMessage& message);
  void HandleFailedWrite(const fluxgate::amps::ServerMessage& ack);
  void FinishIfOver(const internal::RoutePointer& route);
  const std::vector<internal::RoutePointer>& RoutesOf(std::string_view ids);
  // The connection of what is being handled: nothing more of it is.
  void FailHandled(const std::string& what);
  void Call(internal::Route& route, const Message::Fields& fields);
  bool LogBookmark(BookmarkStore& bookmarks, const internal::Route& route,
                   std::string_view bookmark);
  void CallLastChance(const Message::Fields& fields);
  template <typename Function>
  void Guarded(Function&& function);
  void SetRunning(const internal::Route* route);

  Client& client_;
  const std::string name_;
  Settings settings_;
  std::string uri_text_;
  std::string server_version_;
  bool waits_for_connection_ = false;
  std::atomic<uint64_t> last_id_{0};

  internal::Outbox outbox_;
  internal::ReceivedQueue received_;
  internal::ChunkPool chunks_;
  internal::PendingAcks acks_;
  internal::Routes routes_;
  const std::shared_ptr<internal::StreamMemory> stream_memory_;

  // Held while a connection is made or ended; before state_mutex_.
  std::mutex connect_mutex_;
  mutable std::mutex state_mutex_;
  std::condition_variable state_changed_;
  fluxgate::client::Uri uri_;
  std::unique_ptr<internal::Connection> connection_;
  uint64_t last_connection_ = 0;
  bool connected_ = false;
  bool logged_on_ = false;
  bool ready_ = false;
  bool coming_back_ = false;      // waits_for_connection_: there is, or will be, one
  int closing_ = 0;               // calls of Disconnect, now
  uint64_t closings_ = 0;         // ever
  uint64_t closings_before_ = 0;  // BeginEstablishing
  bool lost_logged_on_ = false;
  std::string lost_reason_;
  std::thread::id establishing_;
  int interrupt_fd_ = -1;
  unsigned heartbeat_s_ = 0;
  unsigned heartbeat_timeout_s_ = 0;
  DisconnectHandler disconnect_handler_;
  std::function<void()> reconnect_;
  std::shared_ptr<const MessageHandler> last_chance_;
  FailedWriteHandler failed_write_handler_;
  ExceptionListener exception_listener_;

  // Of publishing: under the outbox's lock without a store, else under publish_mutex_.
  std::string publish_topic_;
  std::string publish_prefix_;
  std::mutex publish_mutex_;
  std::atomic<uint64_t> last_sequence_{0};  // the I/O thread reads it
  bool knows_sequence_ = false;             // the gateway has said what it has
  std::string publish_frame_;
  std::mutex failed_writes_mutex_;
  std::deque<FailedWrite> failed_writes_;

  // Messages of connections up to this one are for nobody any more.
  std::atomic<uint64_t> ended_connection_{0};
  std::atomic<const internal::Route*> running_{nullptr};

  // The handler thread's.
  std::unique_ptr<fluxgate::amps::ServerMessageDecoder> decoder_;
  uint64_t decoder_connection_ = 0;
  uint64_t failed_connection_ = 0;
  uint64_t routes_generation_ = 0;
  std::string routes_ids_;
  std::vector<internal::RoutePointer> routes_found_;

  std::atomic<std::thread::id> handler_thread_id_{};
  std::thread handler_thread_;
};

}  // namespace AMPS

#endif  // FLUXGATE_CLIENT_AMPS_CLIENT_CORE_H_
