// A command to the gateway, set up by name. Client::execute and executeAsync run it; the same one
// can run again.
//
//   Command command("sow_and_subscribe");
//   command.setTopic("orders").setFilter("/price > 100").setBatchSize(100);
#ifndef AMPS_CPP_COMMAND_H_
#define AMPS_CPP_COMMAND_H_

#include <cstdint>
#include <string>

#include "amps/message.h"

namespace AMPS {

class Command {
 public:
  // publish, delta_publish, subscribe, delta_subscribe, sow, sow_and_subscribe,
  // sow_and_delta_subscribe, sow_delete, unsubscribe, flush, heartbeat. Others are refused with an
  // UnknownCommandException when they are run.
  explicit Command(std::string command) : command_(std::move(command)) {}

  Command& setTopic(std::string topic) { return set(topic_, std::move(topic)); }
  Command& setFilter(std::string filter) { return set(filter_, std::move(filter)); }
  Command& setData(std::string data) { return set(data_, std::move(data)); }
  Command& setOptions(std::string options) { return set(options_, std::move(options)); }
  Command& setOrderBy(std::string order_by) { return set(order_by_, std::move(order_by)); }
  Command& setBookmark(std::string bookmark) { return set(bookmark_, std::move(bookmark)); }
  Command& setSowKey(std::string key) { return set(sow_key_, std::move(key)); }
  Command& setSowKeys(std::string keys) { return set(sow_keys_, std::move(keys)); }  // csv
  Command& setCorrelationId(std::string id) { return set(correlation_id_, std::move(id)); }
  // Chosen by the client where they are not set; its own begin with '~', a program's should not.
  Command& setCommandId(std::string id) { return set(command_id_, std::move(id)); }
  Command& setSubId(std::string id) { return set(sub_id_, std::move(id)); }
  Command& setQueryId(std::string id) { return set(query_id_, std::move(id)); }
  Command& setBatchSize(uint32_t records) { return set(batch_size_, records); }
  Command& setTopN(uint32_t records) { return set(top_n_, records); }
  Command& setExpiration(int64_t seconds) { return set(expiration_s_, seconds); }
  // Acks to hand to the handler, besides those that the client needs itself: AckType bits, or their
  // names between commas. InvalidOptions: a name that is none.
  Command& addAckType(uint32_t types) { return set(ack_types_, ack_types_ | types); }
  Command& addAckType(const std::string& names);
  // How long execute waits for the gateway to take it; 0: for ever.
  Command& setTimeout(long milliseconds) { return set(timeout_ms_, milliseconds); }

  const std::string& getCommand() const { return command_; }
  const std::string& getTopic() const { return topic_; }
  const std::string& getFilter() const { return filter_; }
  const std::string& getData() const { return data_; }
  const std::string& getOptions() const { return options_; }
  const std::string& getOrderBy() const { return order_by_; }
  const std::string& getBookmark() const { return bookmark_; }
  const std::string& getSowKey() const { return sow_key_; }
  const std::string& getSowKeys() const { return sow_keys_; }
  const std::string& getCorrelationId() const { return correlation_id_; }
  const std::string& getCommandId() const { return command_id_; }
  const std::string& getSubId() const { return sub_id_; }
  const std::string& getQueryId() const { return query_id_; }
  uint32_t getBatchSize() const { return batch_size_; }
  uint32_t getTopN() const { return top_n_; }
  int64_t getExpiration() const { return expiration_s_; }  // below 0: not set
  uint32_t getAckTypes() const { return ack_types_; }
  long getTimeout() const { return timeout_ms_; }

 private:
  template <typename T>
  Command& set(T& field, T value) {
    field = std::move(value);
    return *this;
  }

  std::string command_;
  std::string topic_;
  std::string filter_;
  std::string data_;
  std::string options_;
  std::string order_by_;
  std::string bookmark_;
  std::string sow_key_;
  std::string sow_keys_;
  std::string correlation_id_;
  std::string command_id_;
  std::string sub_id_;
  std::string query_id_;
  uint32_t batch_size_ = 0;
  uint32_t top_n_ = 0;
  int64_t expiration_s_ = -1;
  uint32_t ack_types_ = 0;
  long timeout_ms_ = 0;
};

}  // namespace AMPS

#endif  // AMPS_CPP_COMMAND_H_
