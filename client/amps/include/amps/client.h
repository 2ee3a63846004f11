// A client of the gateway over the `amps` protocol.
//
//   AMPS::Client client("examplePublisher");
//   client.connect("tcp://localhost:9007/amps/json");
//   client.logon();
//   client.publish("messages", R"({"hi":"Hello, world!"})");
//   client.publishFlush();
//
// Threads. All methods from any thread, also from inside handlers, unless they say otherwise. A
// connected client has two threads of its own: one moves bytes, the other calls the handlers, one
// after the other in the order of arrival. A slow handler holds up later handlers, and in the end
// (when what waits for them reaches setUnreadBytesMax) what the gateway may send; never acks that
// somebody waits for, as long as they arrive.
//
// Methods throw AMPSExceptions (amps/exceptions.h) and leave the client as it was. Times are in
// milliseconds; 0: for ever.
#ifndef AMPS_CPP_CLIENT_H_
#define AMPS_CPP_CLIENT_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "amps/authenticator.h"
#include "amps/command.h"
#include "amps/exceptions.h"
#include "amps/message.h"
#include "amps/message_handler.h"
#include "amps/message_stream.h"

namespace AMPS {

class BookmarkStore;
class Client;
class Store;
class SubscriptionManager;

// The connection is gone, and not by disconnect(). On the client's own thread; may connect again.
using DisconnectHandler = std::function<void(Client& client)>;
// A publish that the gateway refused, told by a persisted ack with `reason`. `message` is what was
// published, where a publish store has kept it; else it has a sequence and no topic.
using FailedWriteHandler = std::function<void(const Message& message, std::string_view reason)>;
// What handlers (or reconnecting, or a transport filter, or a store) have thrown. On the thread
// that it was thrown on: that of the handlers, the one that moves bytes, or, for an attempt of
// connectAndLogon, the program's.
using ExceptionListener = std::function<void(const std::exception& exception)>;
// Sees, and may change, all bytes of the connection, without TLS: `incoming` those received, else
// those to be sent. One call after the other, on the thread that moves bytes: it may not call the
// client. One that throws ends the connection.
using TransportFilterFunction = std::function<void(std::string& bytes, bool incoming)>;

class Client {
 public:
  // Names in subscriptions' bookmarks, for the `bookmark` of a command.
  struct Bookmarks {
    static constexpr const char* EPOCH = "0";             // from the first message that is kept
    static constexpr const char* NOW = "0|1|";            // from now on
    static constexpr const char* MOST_RECENT = "recent";  // after what the bookmark store has seen
  };

  // `name` tells clients apart in the gateway; for a client with a publish store it must be the
  // same in every run, and no other client's.
  explicit Client(std::string name = {});
  virtual ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  const std::string& getName() const;
  std::string getURI() const;  // of the last connect, without the password
  bool isConnected() const;

  // tcp://, tcps:// or unix:// [user[:password]@]host:port/amps[/message type][?option=value&...];
  // docs/clients/cpp.md lists the options. InvalidURIException and
  // InvalidTransportOptionsException name the part that is wrong, ConnectionRefusedException the
  // address that did not answer.
  virtual void connect(const std::string& uri);
  // Returns the command id. AuthenticationException, NameInUseException.
  std::string logon(long timeout = 0, Authenticator& authenticator = defaultAuthenticator(),
                    std::string_view options = {});
  std::string logon(std::string_view options, long timeout = 0);
  static Authenticator& defaultAuthenticator();
  // Sends what waits, as far as that can be done at once, and ends the connection; the disconnect
  // handler is not called. Waits for a handler that is running, unless it is called from inside.
  virtual void disconnect();
  void close() { disconnect(); }

  // Takes a message to be sent and returns; the client's thread sends it soon. Waits while more
  // than setUnsentBytesMax are waiting. With a publish store: stored first; its sequence is
  // returned, else 0. CommandException: the gateway could not read it (a topic that is not UTF-8, a
  // header of more than 128 KB, a message of more than setMessageBytesMax).
  uint64_t publish(std::string_view topic, std::string_view data, int64_t expiration_s = -1);
  uint64_t deltaPublish(std::string_view topic, std::string_view data, int64_t expiration_s = -1);
  // Returns when the gateway has processed all that was published before and, with a publish store,
  // has stored it too. TimedOutException. DisconnectedException: also of an HAClient without a
  // publish store that is connected again, when publishes may have gone with the connection before;
  // once.
  void publishFlush(long timeout = 0, Message::AckType ack_type = Message::Processed);
  size_t getUnpersistedCount() const;  // of the publish store; 0 without one

  // With a handler: return the id of the subscription (or query) once the gateway has taken it.
  // Without: a stream.
  std::string subscribe(const MessageHandler& handler, const std::string& topic, long timeout = 0,
                        const std::string& filter = {}, const std::string& options = {},
                        const std::string& sub_id = {});
  MessageStream subscribe(const std::string& topic, const std::string& filter = {},
                          long timeout = 0, const std::string& options = {});
  std::string deltaSubscribe(const MessageHandler& handler, const std::string& topic,
                             long timeout = 0, const std::string& filter = {},
                             const std::string& options = {}, const std::string& sub_id = {});
  MessageStream deltaSubscribe(const std::string& topic, const std::string& filter = {},
                               long timeout = 0, const std::string& options = {});
  std::string bookmarkSubscribe(const MessageHandler& handler, const std::string& topic,
                                long timeout, const std::string& sub_id,
                                const std::string& bookmark, const std::string& filter = {},
                                const std::string& options = {});
  // The sub_id, or "all" of them. Their handlers are not called any more once it returns (unless it
  // is called from inside one).
  void unsubscribe(const std::string& sub_id);
  void unsubscribe();

  static constexpr uint32_t kBatchSizeDefault = 10;
  std::string sow(const MessageHandler& handler, const std::string& topic,
                  const std::string& filter = {}, const std::string& order_by = {},
                  uint32_t batch_size = kBatchSizeDefault, uint32_t top_n = 0, long timeout = 0,
                  const std::string& options = {});
  MessageStream sow(const std::string& topic, const std::string& filter = {},
                    const std::string& order_by = {}, uint32_t batch_size = kBatchSizeDefault,
                    uint32_t top_n = 0, long timeout = 0, const std::string& options = {});
  std::string sowAndSubscribe(const MessageHandler& handler, const std::string& topic,
                              const std::string& filter = {}, const std::string& order_by = {},
                              uint32_t batch_size = kBatchSizeDefault, uint32_t top_n = 0,
                              long timeout = 0, const std::string& options = {});
  MessageStream sowAndSubscribe(const std::string& topic, const std::string& filter = {},
                                const std::string& order_by = {},
                                uint32_t batch_size = kBatchSizeDefault, uint32_t top_n = 0,
                                long timeout = 0, const std::string& options = {});
  std::string sowAndDeltaSubscribe(const MessageHandler& handler, const std::string& topic,
                                   const std::string& filter = {}, const std::string& order_by = {},
                                   uint32_t batch_size = kBatchSizeDefault, uint32_t top_n = 0,
                                   long timeout = 0, const std::string& options = {});
  MessageStream sowAndDeltaSubscribe(const std::string& topic, const std::string& filter = {},
                                     const std::string& order_by = {},
                                     uint32_t batch_size = kBatchSizeDefault, uint32_t top_n = 0,
                                     long timeout = 0, const std::string& options = {});
  // Of records; the stats ack, which says how many. The handler forms return at once and hand it to
  // the handler.
  Message sowDelete(const std::string& topic, const std::string& filter, long timeout = 0);
  Message sowDeleteByKeys(const std::string& topic, const std::string& keys, long timeout = 0);
  Message sowDeleteByData(const std::string& topic, const std::string& data, long timeout = 0);
  std::string sowDelete(const MessageHandler& handler, const std::string& topic,
                        const std::string& filter, long timeout = 0);

  // Any command. execute: its messages and acks as a stream; executeAsync: to `handler`; returns
  // the command id once the gateway has taken it.
  MessageStream execute(Command command);
  std::string executeAsync(Command command, const MessageHandler& handler);

  // The gateway is asked for a heartbeat every `interval` seconds; when none has come for `timeout`
  // seconds (0: twice the interval), the connection counts as lost.
  void setHeartbeat(unsigned interval, unsigned timeout = 0);

  void setDisconnectHandler(DisconnectHandler handler);
  // Of messages that are for no handler (any more).
  void setLastChanceMessageHandler(const MessageHandler& handler);
  void setFailedWriteHandler(FailedWriteHandler handler);
  void setExceptionListener(ExceptionListener listener);
  // Before connect, or from inside a disconnect handler.
  void setTransportFilterFunction(TransportFilterFunction filter);

  // Before connect. Without one nothing is kept.
  void setPublishStore(std::shared_ptr<Store> store);
  void setBookmarkStore(std::shared_ptr<BookmarkStore> store);
  void setSubscriptionManager(std::shared_ptr<SubscriptionManager> manager);
  const std::shared_ptr<Store>& getPublishStore() const;
  const std::shared_ptr<BookmarkStore>& getBookmarkStore() const;
  const std::shared_ptr<SubscriptionManager>& getSubscriptionManager() const;

  // Limits, before connect: of what waits for handlers and streams (64 MB), of what waits to be
  // sent (1 MB), of one message (16 MB; a longer one ends the connection). That of one message has
  // to be the gateway's MessageSizeMax: a longer publish would end every connection, and from a
  // publish store come back with the next one.
  void setUnreadBytesMax(size_t bytes);
  void setUnsentBytesMax(size_t bytes);
  void setMessageBytesMax(size_t bytes);

  std::string getServerVersion() const;  // of the last logon

  class Core;

 protected:
  Core& core() const { return *core_; }

 private:
  std::unique_ptr<Core> core_;
};

}  // namespace AMPS

#endif  // AMPS_CPP_CLIENT_H_
