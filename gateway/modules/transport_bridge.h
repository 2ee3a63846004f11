// One connection of a module's transport: the module on one side, on the other a socket pair whose
// far end the gateway serves as it serves any socket.
//
// The module's calls come from any thread, also from inside calls of the gateway; calls to the
// module come from the reactor's thread. Once the module has said that the connection is gone, or
// has been told so, it hears nothing more of it. What had been taken of the module is still read by
// the gateway, however long that pauses: the bridge stays until the gateway ends its side.
#ifndef FLUXGATE_GATEWAY_MODULES_TRANSPORT_BRIDGE_H_
#define FLUXGATE_GATEWAY_MODULES_TRANSPORT_BRIDGE_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/net/listener.h"
#include "gateway/net/reactor.h"

namespace fluxgate {

// The module as a bridge calls it. Reactor thread.
class BridgedModule {
 public:
  virtual ~BridgedModule() = default;
  // How many of the bytes it took, at most their size. Nothing: a fault, which has been logged; the
  // connection is given up.
  virtual std::optional<size_t> Send(void* connection, std::string_view bytes) = 0;
  virtual void Resume(void* connection) = 0;
  virtual void Close(void* connection) = 0;
  // The bridge has come to its end.
  virtual void Forget(uint64_t id) = 0;
  // What becomes of the far end; closes it when nobody is accepted any more.
  virtual void Serve(net::Accepted accepted) = 0;
};

class TransportBridge final : public net::EventHandler,
                              public std::enable_shared_from_this<TransportBridge> {
 public:
  // Read from the gateway's side at a time, and kept for a module that does not take it.
  static constexpr size_t kReadBytes = 64 * 1024;
  // Read in one go, before others have their turn.
  static constexpr int kReadsPerBatch = 8;

  // `near_fd` (non-blocking) becomes the bridge's, `far` goes to Serve. `module` and `reactor`
  // outlive all but the last reference, and Abandon comes before they go.
  TransportBridge(uint64_t id, void* connection, BridgedModule& module, net::Reactor& reactor,
                  int near_fd, net::Accepted far);
  ~TransportBridge() override;

  uint64_t id() const { return id_; }

  // Any thread: Serve, and what comes with it, on the reactor's.
  void Start();

  // The module's calls. Any thread.
  size_t Received(std::string_view bytes);
  void Writable();
  void ClosedByModule();

  // Tells the module that the connection is gone, at once. Reactor thread, or after Run.
  void Abandon();

  void OnEvents(uint32_t events) override;

 private:
  // Runs `call` unless the module is done with the connection. Whether it still is not.
  bool CallModule(const std::function<void()>& call);
  void Post(void (TransportBridge::*task)());
  // Reactor thread.
  void Begin();
  void Pump();
  bool Forward();  // false: wait
  void OnWritable();
  void UpdateInterest();
  void TellModule();
  // The module is done: no more comes from it, and what comes for it is dropped.
  void Finish();
  void CloseNearEnd();
  void CloseFarEnd();

  const uint64_t id_;
  void* const connection_;  // the module's
  BridgedModule& module_;
  net::Reactor& reactor_;

  // Held while the module is called, so that it may forget a connection of which it has said that
  // it is gone. Recursive: it may say so from inside.
  std::recursive_mutex call_mutex_;
  bool module_is_done_ = false;  // guarded by call_mutex_

  std::mutex fd_mutex_;        // never held while the module is called
  int near_fd_;                // guarded by fd_mutex_ but on the reactor's thread
  bool is_closed_ = false;     // guarded by fd_mutex_: by the module
  bool module_waits_ = false;  // guarded by fd_mutex_: for Resume
  std::atomic<bool> is_writable_posted_ = false;

  // Reactor thread.
  std::optional<net::Accepted> far_;  // until Begin
  std::string pending_;               // for the module
  uint32_t interest_ = 0;
  bool is_blocked_ = false;   // until Writable
  bool has_ended_ = false;    // the gateway's side
  bool is_finished_ = false;  // the module's
};

}  // namespace fluxgate

#endif  // FLUXGATE_GATEWAY_MODULES_TRANSPORT_BRIDGE_H_
