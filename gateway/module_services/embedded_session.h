// The engine's side of an embedded client: runs its commands in order and hands what comes back to
// its channel. Commands wait while a query is under way, while the answer to what somebody may see
// is not there, while the disk is behind, and while the handlers are. Reactor thread.
#ifndef FLUXGATE_GATEWAY_MODULE_SERVICES_EMBEDDED_SESSION_H_
#define FLUXGATE_GATEWAY_MODULE_SERVICES_EMBEDDED_SESSION_H_

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/strings.h"
#include "core/engine/engine.h"
#include "core/engine/outbox.h"
#include "gateway/module_services/client_channel.h"
#include "gateway/session/session_host.h"

namespace fluxgate {

class EmbeddedSession final : public Outbox, public std::enable_shared_from_this<EmbeddedSession> {
 public:
  // `host` outlives it.
  EmbeddedSession(SessionHost& host, std::shared_ptr<ClientChannel> channel,
                  std::string_view message_type);
  ~EmbeddedSession() override;

  // Never from inside the engine.
  void RunCommands();
  // There is room again in the channel.
  void OnRoom();
  // To be called now and then.
  void OnTimer();

  bool Deliver(const Delivery& delivery) override;
  void Acknowledge(const Ack& ack) override;
  bool BeginQuery(const QueryInfo& query) override;
  bool DeliverRecord(const QueryInfo& query, const Delivery& record) override;
  bool EndQuery(const QueryInfo& query, uint64_t records) override;
  void OnQueriesAnswered() override;
  bool HasRoom() const override;
  void CutOff(const absl::Status& why) override;
  void CutOffSubscription(Subscription& subscription, const absl::Status& why) override;
  void OnAccessKnown() override;

 private:
  // Runs RunCommands, or what else has to wait until the engine is through.
  void Schedule();
  bool MustWait();
  // False: to be tried again when it is known who may see it.
  bool Execute(const OwnedCommand& owned);
  void Forget(const Command& unsubscribe);
  MessageHandler HandlerOf(const Subscription& subscription) const;
  MessageHandler HandlerOf(const QueryInfo& query) const;
  void EndLater(const Subscription& subscription, std::string_view why);
  // Ends the query that is cut off, if it still runs: an ack "failure", then its end.
  void EndQueryNow();
  // Ends the subscriptions of EndLater.
  void EndSubscriptions();

  SessionHost& host_;
  const std::shared_ptr<ClientChannel> channel_;
  Session* const session_;
  StringMap<MessageHandler> handlers_;     // by subscription id
  std::optional<OwnedCommand> current_;    // taken and not done
  bool runs_ = false;                      // current_ has been accepted by the engine
  std::deque<MessageHandler> persisting_;  // commands whose ack "persisted" is still to come
  StringMap<std::string> ending_;          // subscriptions, with the reason
  std::string query_ends_;                 // why the query under way is cut off; empty: it is not
  bool scheduled_ = false;
  bool waits_for_access_ = false;
  bool waits_for_storage_ = false;
};

}  // namespace fluxgate

#endif  // FLUXGATE_GATEWAY_MODULE_SERVICES_EMBEDDED_SESSION_H_
