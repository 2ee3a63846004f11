// What triggers and steps may use of the gateway. Reactor thread, but where it is said otherwise.
#ifndef FLUXGATE_GATEWAY_ACTIONS_ACTION_SERVICES_H_
#define FLUXGATE_GATEWAY_ACTIONS_ACTION_SERVICES_H_

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/engine/engine.h"
#include "gateway/actions/action_context.h"
#include "gateway/actions/action_session.h"
#include "gateway/net/reactor.h"

namespace fluxgate {

// Authentication and entitlement as actions switch them; this one does nothing.
class SecurityControl {
 public:
  enum class What : uint8_t { kAuthentication, kEntitlement };
  enum class Change : uint8_t { kEnable, kDisable, kReset };

  virtual ~SecurityControl() = default;
  // Of one transport; empty: of all of them.
  virtual absl::Status Apply(What /*what*/, Change /*change*/, std::string_view /*transport*/) {
    return absl::OkStatus();
  }
};

// What the gateway does for actions. Null functions are an error of whoever uses them.
struct GatewayControl {
  std::function<absl::Status(std::string_view transport, bool enabled)> set_transport;
  std::function<void()> shut_down;
  std::function<absl::Status()> rotate_logs;  // any thread
  SecurityControl* security = nullptr;        // never null once actions start
};

// Something that triggers wait for.
enum class ActionEvent : uint8_t {
  kStartup,
  kShutdown,
  kSignal,
  kConnectClient,
  kDisconnectClient,
  kLogonClient,
  kSubscribe,
  kUnsubscribe,
  kSowExpireMessage,
  kSowDeleteMessage,
  kExecuteEvent,
};
inline constexpr size_t kActionEventCount = static_cast<size_t>(ActionEvent::kExecuteEvent) + 1;

class ActionServices {
 public:
  using Listener = std::function<void(const ActionVariables&)>;

  ActionServices(net::Reactor& reactor, Engine& engine,
                 const std::vector<const MessageType*>& message_types,
                 std::vector<std::string> directories, GatewayControl control)
      : reactor_(reactor),
        engine_(engine),
        message_types_(message_types),
        directories_(std::move(directories)),
        control_(std::move(control)) {}
  ~ActionServices();

  net::Reactor& reactor() { return reactor_; }
  Engine& engine() { return engine_; }
  const Clock& clock() const { return engine_.clock(); }
  GatewayControl& control() { return control_; }
  // Any thread; constant.
  const std::vector<std::string>& directories() const { return directories_; }
  // The gateway is shutting down: nothing new is begun by itself.
  bool draining() const { return draining_; }
  void Drain() { draining_ = true; }
  // Any thread: the gateway is going away, long work should end.
  bool stopping() const { return stopping_.load(std::memory_order_relaxed); }
  void Stop() { stopping_.store(true, std::memory_order_relaxed); }

  // Any thread. Null: there is none.
  const MessageType* FindMessageType(std::string_view name) const;
  // The engine's client that actions are, for that message type; made when first asked for.
  absl::StatusOr<ActionSession*> SessionFor(std::string_view message_type);

  void Listen(ActionEvent event, Listener listener);
  bool HasListeners(ActionEvent event) const { return !listeners_[Index(event)].empty(); }
  void Raise(ActionEvent event, const ActionVariables& variables);

  // The counter's new value.
  int64_t Count(std::string_view counter, int64_t by);

 private:
  static size_t Index(ActionEvent event) { return static_cast<size_t>(event); }

  net::Reactor& reactor_;
  Engine& engine_;
  const std::vector<const MessageType*> message_types_;
  const std::vector<std::string> directories_;
  GatewayControl control_;
  bool draining_ = false;
  std::atomic<bool> stopping_ = false;
  std::map<std::string, std::unique_ptr<ActionSession>, std::less<>> sessions_;
  std::vector<Listener> listeners_[kActionEventCount];
  std::map<std::string, int64_t, std::less<>> counters_;
};

}  // namespace fluxgate

#endif  // FLUXGATE_GATEWAY_ACTIONS_ACTION_SERVICES_H_
