#include "amps/client.h"

#include <utility>

#include "client/amps/client_core.h"

namespace AMPS {
namespace {

std::chrono::milliseconds Milliseconds(long milliseconds) {
  return std::chrono::milliseconds(milliseconds);
}

Command SubscribeCommand(const char* name, const std::string& topic, const std::string& filter,
                         const std::string& options, long timeout) {
  Command command(name);
  command.setTopic(topic).setFilter(filter).setOptions(options).setTimeout(timeout);
  return command;
}

Command QueryCommand(const char* name, const std::string& topic, const std::string& filter,
                     const std::string& order_by, uint32_t batch_size, uint32_t top_n,
                     const std::string& options, long timeout) {
  Command command = SubscribeCommand(name, topic, filter, options, timeout);
  command.setOrderBy(order_by).setBatchSize(batch_size).setTopN(top_n);
  return command;
}

Command DeleteCommand(const std::string& topic, long timeout) {
  Command command("sow_delete");
  command.setTopic(topic).setTimeout(timeout);
  return command;
}

}  // namespace

Client::Client(std::string name) : core_(std::make_unique<Core>(*this, std::move(name))) {}

Client::~Client() = default;

const std::string& Client::getName() const { return core_->name(); }
std::string Client::getURI() const { return core_->uri_text(); }
bool Client::isConnected() const { return core_->is_connected(); }
std::string Client::getServerVersion() const { return core_->server_version(); }

void Client::connect(const std::string& uri) { core_->Connect(uri); }

std::string Client::logon(long timeout, Authenticator& authenticator, std::string_view options) {
  return core_->Logon(Milliseconds(timeout), authenticator, options);
}

std::string Client::logon(std::string_view options, long timeout) {
  return logon(timeout, defaultAuthenticator(), options);
}

Authenticator& Client::defaultAuthenticator() {
  static DefaultAuthenticator authenticator;
  return authenticator;
}

void Client::disconnect() { core_->Disconnect(); }

uint64_t Client::publish(std::string_view topic, std::string_view data, int64_t expiration_s) {
  return core_->Publish(/*is_delta=*/false, topic, data, expiration_s);
}

uint64_t Client::deltaPublish(std::string_view topic, std::string_view data, int64_t expiration_s) {
  return core_->Publish(/*is_delta=*/true, topic, data, expiration_s);
}

void Client::publishFlush(long timeout, Message::AckType ack_type) {
  core_->PublishFlush(Milliseconds(timeout), ack_type);
}

size_t Client::getUnpersistedCount() const {
  const auto& store = getPublishStore();
  return store != nullptr ? store->unpersistedCount() : 0;
}

std::string Client::subscribe(const MessageHandler& handler, const std::string& topic, long timeout,
                              const std::string& filter, const std::string& options,
                              const std::string& sub_id) {
  Command command = SubscribeCommand("subscribe", topic, filter, options, timeout);
  command.setSubId(sub_id);
  return core_->Execute(command, {handler, nullptr});
}

MessageStream Client::subscribe(const std::string& topic, const std::string& filter, long timeout,
                                const std::string& options) {
  return core_->ExecuteStream(SubscribeCommand("subscribe", topic, filter, options, timeout));
}

std::string Client::deltaSubscribe(const MessageHandler& handler, const std::string& topic,
                                   long timeout, const std::string& filter,
                                   const std::string& options, const std::string& sub_id) {
  Command command = SubscribeCommand("delta_subscribe", topic, filter, options, timeout);
  command.setSubId(sub_id);
  return core_->Execute(command, {handler, nullptr});
}

MessageStream Client::deltaSubscribe(const std::string& topic, const std::string& filter,
                                     long timeout, const std::string& options) {
  return core_->ExecuteStream(SubscribeCommand("delta_subscribe", topic, filter, options, timeout));
}

std::string Client::bookmarkSubscribe(const MessageHandler& handler, const std::string& topic,
                                      long timeout, const std::string& sub_id,
                                      const std::string& bookmark, const std::string& filter,
                                      const std::string& options) {
  Command command = SubscribeCommand("subscribe", topic, filter, options, timeout);
  command.setSubId(sub_id).setBookmark(bookmark);
  return core_->Execute(command, {handler, nullptr});
}

void Client::unsubscribe(const std::string& sub_id) { core_->Unsubscribe(sub_id); }
void Client::unsubscribe() { core_->Unsubscribe("all"); }

std::string Client::sow(const MessageHandler& handler, const std::string& topic,
                        const std::string& filter, const std::string& order_by, uint32_t batch_size,
                        uint32_t top_n, long timeout, const std::string& options) {
  return core_->Execute(
      QueryCommand("sow", topic, filter, order_by, batch_size, top_n, options, timeout),
      {handler, nullptr});
}

MessageStream Client::sow(const std::string& topic, const std::string& filter,
                          const std::string& order_by, uint32_t batch_size, uint32_t top_n,
                          long timeout, const std::string& options) {
  return core_->ExecuteStream(
      QueryCommand("sow", topic, filter, order_by, batch_size, top_n, options, timeout));
}

std::string Client::sowAndSubscribe(const MessageHandler& handler, const std::string& topic,
                                    const std::string& filter, const std::string& order_by,
                                    uint32_t batch_size, uint32_t top_n, long timeout,
                                    const std::string& options) {
  return core_->Execute(QueryCommand("sow_and_subscribe", topic, filter, order_by, batch_size,
                                     top_n, options, timeout),
                        {handler, nullptr});
}

MessageStream Client::sowAndSubscribe(const std::string& topic, const std::string& filter,
                                      const std::string& order_by, uint32_t batch_size,
                                      uint32_t top_n, long timeout, const std::string& options) {
  return core_->ExecuteStream(QueryCommand("sow_and_subscribe", topic, filter, order_by, batch_size,
                                           top_n, options, timeout));
}

std::string Client::sowAndDeltaSubscribe(const MessageHandler& handler, const std::string& topic,
                                         const std::string& filter, const std::string& order_by,
                                         uint32_t batch_size, uint32_t top_n, long timeout,
                                         const std::string& options) {
  return core_->Execute(QueryCommand("sow_and_delta_subscribe", topic, filter, order_by, batch_size,
                                     top_n, options, timeout),
                        {handler, nullptr});
}

MessageStream Client::sowAndDeltaSubscribe(const std::string& topic, const std::string& filter,
                                           const std::string& order_by, uint32_t batch_size,
                                           uint32_t top_n, long timeout,
                                           const std::string& options) {
  return core_->ExecuteStream(QueryCommand("sow_and_delta_subscribe", topic, filter, order_by,
                                           batch_size, top_n, options, timeout));
}

Message Client::sowDelete(const std::string& topic, const std::string& filter, long timeout) {
  return core_->ExecuteForAck(DeleteCommand(topic, timeout).setFilter(filter), Message::Stats);
}

Message Client::sowDeleteByKeys(const std::string& topic, const std::string& keys, long timeout) {
  return core_->ExecuteForAck(DeleteCommand(topic, timeout).setSowKeys(keys), Message::Stats);
}

Message Client::sowDeleteByData(const std::string& topic, const std::string& data, long timeout) {
  return core_->ExecuteForAck(DeleteCommand(topic, timeout).setData(data), Message::Stats);
}

std::string Client::sowDelete(const MessageHandler& handler, const std::string& topic,
                              const std::string& filter, long timeout) {
  Command command = DeleteCommand(topic, timeout);
  command.setFilter(filter).addAckType(Message::Stats);
  return core_->ExecuteUnawaited(command, handler);
}

MessageStream Client::execute(Command command) { return core_->ExecuteStream(command); }

std::string Client::executeAsync(Command command, const MessageHandler& handler) {
  return core_->Execute(command, {handler, nullptr});
}

void Client::setHeartbeat(unsigned interval, unsigned timeout) {
  core_->SetHeartbeat(interval, timeout);
}

void Client::setDisconnectHandler(DisconnectHandler handler) {
  core_->SetDisconnectHandler(std::move(handler));
}

void Client::setLastChanceMessageHandler(const MessageHandler& handler) {
  core_->SetLastChanceHandler(handler);
}

void Client::setFailedWriteHandler(FailedWriteHandler handler) {
  core_->SetFailedWriteHandler(std::move(handler));
}

void Client::setExceptionListener(ExceptionListener listener) {
  core_->SetExceptionListener(std::move(listener));
}

void Client::setTransportFilterFunction(TransportFilterFunction filter) {
  core_->settings().filter = std::move(filter);
}

void Client::setPublishStore(std::shared_ptr<Store> store) {
  core_->SetPublishStore(std::move(store));
}

void Client::setBookmarkStore(std::shared_ptr<BookmarkStore> store) {
  core_->settings().bookmark_store = std::move(store);
}

void Client::setSubscriptionManager(std::shared_ptr<SubscriptionManager> manager) {
  core_->settings().subscription_manager = std::move(manager);
}

const std::shared_ptr<Store>& Client::getPublishStore() const {
  return core_->settings().publish_store;
}

const std::shared_ptr<BookmarkStore>& Client::getBookmarkStore() const {
  return core_->settings().bookmark_store;
}

const std::shared_ptr<SubscriptionManager>& Client::getSubscriptionManager() const {
  return core_->settings().subscription_manager;
}

void Client::setUnreadBytesMax(size_t bytes) { core_->SetUnreadBytesMax(bytes); }
void Client::setUnsentBytesMax(size_t bytes) { core_->SetUnsentBytesMax(bytes); }
void Client::setMessageBytesMax(size_t bytes) { core_->settings().message_bytes_max = bytes; }

}  // namespace AMPS
