// The subscriptions that stand: what is put back after a reconnect.
#ifndef AMPS_CPP_SUBSCRIPTION_MANAGER_H_
#define AMPS_CPP_SUBSCRIPTION_MANAGER_H_

#include <memory>
#include <string>

#include "amps/command.h"
#include "amps/message_handler.h"

namespace AMPS {

class Client;

// Any thread.
class SubscriptionManager {
 public:
  virtual ~SubscriptionManager() = default;
  // The gateway has taken `command`, whose sub_id is set.
  virtual void subscribe(const MessageHandler& handler, const Command& command) = 0;
  virtual void unsubscribe(const std::string& sub_id) = 0;
  virtual void clear() = 0;
  // Subscribes again to all of them, in the order in which they were made; one with a bookmark goes
  // on after what the client's bookmark store has. Throws what the client throws; a
  // CommandException (the gateway has refused one, which is over then) after all have been tried.
  virtual void resubscribe(Client& client) = 0;
};

class MemorySubscriptionManager final : public SubscriptionManager {
 public:
  MemorySubscriptionManager();
  ~MemorySubscriptionManager() override;
  void subscribe(const MessageHandler& handler, const Command& command) override;
  void unsubscribe(const std::string& sub_id) override;
  void clear() override;
  void resubscribe(Client& client) override;

 private:
  class State;
  const std::unique_ptr<State> state_;
};

}  // namespace AMPS

#endif  // AMPS_CPP_SUBSCRIPTION_MANAGER_H_
