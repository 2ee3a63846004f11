// What happens in the engine, as events of actions. Called from inside the engine, reactor thread.
#ifndef FLUXGATE_GATEWAY_ACTIONS_CLIENT_EVENTS_H_
#define FLUXGATE_GATEWAY_ACTIONS_CLIENT_EVENTS_H_

#include "core/engine/engine_observer.h"
#include "gateway/actions/action_services.h"

namespace fluxgate {

class ClientEvents final : public EngineObserver {
 public:
  explicit ClientEvents(ActionServices& services) : services_(services) {}

  // Some action waits for something that only the engine can tell.
  bool wanted() const;

  void OnConnect(const Session& session) override;
  void OnLogon(const Session& session) override;
  void OnDisconnect(const Session& session) override;
  void OnSubscribe(const Session& session, const Command& command) override;
  void OnUnsubscribe(const Session& session, const Command& command) override;
  void OnRecordRemoved(std::string_view message_type, std::string_view topic, const Record& record,
                       OutOfFocusReason reason) override;

 private:
  void Raise(ActionEvent event, const Session& session, const Command* command);

  ActionServices& services_;
};

}  // namespace fluxgate

#endif  // FLUXGATE_GATEWAY_ACTIONS_CLIENT_EVENTS_H_
