// The engine's client that actions are: publishes, subscribes, queries and deletes without a
// connection. One for each message type. Reactor thread.
#ifndef FLUXGATE_GATEWAY_ACTIONS_ACTION_SESSION_H_
#define FLUXGATE_GATEWAY_ACTIONS_ACTION_SESSION_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "core/engine/engine.h"
#include "core/engine/outbox.h"
#include "gateway/net/reactor.h"

namespace fluxgate {

inline constexpr std::string_view kActionClientName = "fluxgate-actions";

class ActionSession final : public Outbox {
 public:
  ActionSession(net::Reactor& reactor, Engine& engine);
  ~ActionSession() override;

  absl::Status LogOn(std::string_view message_type);

  absl::Status Publish(std::string_view topic, std::string_view body, bool delta);
  // `on_message` is called from inside the engine: it must not call the engine.
  using OnMessage = std::function<void(const Delivery&)>;
  absl::Status Subscribe(std::string_view topic, std::string_view filter, OnMessage on_message);
  // `done` with the number of records, once they are gone. Not called after an error.
  using Deleted = std::function<void(uint64_t records)>;
  absl::Status Delete(std::string_view topic, std::string_view filter, Deleted done);
  // The first record that the query has, by its order; null: none. In a later batch. Not called
  // after an error.
  using Found = std::function<void(const std::string* body)>;
  absl::Status QueryFirst(std::string_view topic, std::string_view filter,
                          std::string_view order_by, Found found);

  // Publishes that waited are tried again.
  void OnAccessKnown() override;

  bool Deliver(const Delivery& delivery) override;
  void Acknowledge(const Ack& ack) override;
  bool DeliverRecord(const QueryInfo& query, const Delivery& record) override;
  bool EndQuery(const QueryInfo& query, uint64_t records) override;

 private:
  struct Query {
    Found found;
    bool has_record = false;
    std::string body;
  };

  // A publish that waits until it is known who may see it.
  struct Waiting {
    std::string topic;
    std::string body;
    bool delta;
  };
  absl::Status TryToPublish(std::string_view topic, std::string_view body, bool delta);
  void PublishWaiting();

  net::Reactor& reactor_;
  Engine& engine_;
  std::deque<Waiting> waiting_;
  const std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  Session* const session_;
  uint64_t ids_ = 0;
  std::string body_;                                // of the publish, with padding
  std::map<std::string, OnMessage> subscriptions_;  // by id
  std::map<std::string, Deleted> deletes_;          // by command id
  std::map<std::string, Query> queries_;            // by query id
};

}  // namespace fluxgate

#endif  // FLUXGATE_GATEWAY_ACTIONS_ACTION_SESSION_H_
