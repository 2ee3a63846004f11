// Who wants to know what clients and records do, beside the sessions themselves: one observer an
// engine, none by default, and then it costs a comparison. Reactor thread; called from inside the
// engine, which must not be called from there.
#ifndef FLUXGATE_CORE_ENGINE_ENGINE_OBSERVER_H_
#define FLUXGATE_CORE_ENGINE_ENGINE_OBSERVER_H_

#include <string_view>

#include "core/message/command.h"

namespace fluxgate {

class Record;
class Session;

class EngineObserver {
 public:
  virtual ~EngineObserver() = default;

  virtual void OnConnect(const Session& session) = 0;  // has no name yet
  virtual void OnLogon(const Session& session) = 0;
  virtual void OnDisconnect(const Session& session) = 0;  // whether it has logged on or not
  // A command has made, or replaced, a subscription.
  virtual void OnSubscribe(const Session& session, const Command& command) = 0;
  virtual void OnUnsubscribe(const Session& session, const Command& command) = 0;
  // A record has expired or was deleted; it lives until the return.
  virtual void OnRecordRemoved(std::string_view message_type, std::string_view topic,
                               const Record& record, OutOfFocusReason reason) = 0;
};

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_ENGINE_ENGINE_OBSERVER_H_
