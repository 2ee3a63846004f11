// A transport of a loaded module (amps_transport_module.h): one context of it, and a bridge for
// each of its connections. Reactor thread, or before it runs; what the module calls from any.
#ifndef FLUXGATE_GATEWAY_MODULES_LOADED_TRANSPORT_H_
#define FLUXGATE_GATEWAY_MODULES_LOADED_TRANSPORT_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "absl/status/statusor.h"
#include "amps_transport_module.h"
#include "core/module/module_context.h"
#include "gateway/modules/transport_bridge.h"
#include "gateway/net/admission.h"
#include "gateway/net/listener.h"
#include "gateway/net/reactor.h"

namespace fluxgate {

class LoadedTransport final : public BridgedModule {
 public:
  // Of the addresses that a module gives, in logs and in what other modules see.
  static constexpr size_t kAddressBytesMax = 256;

  // `name` is the transport's; `on_accept` gets its connections. `reactor` and `gate` outlive this.
  // kBadOption: the module lacks an entry point, or its context cannot be made.
  static absl::StatusOr<std::unique_ptr<LoadedTransport>> Create(
      std::string name, std::shared_ptr<Module> module, const ModuleOptions& options,
      net::Reactor& reactor, net::AdmissionGate& gate, net::Listener::OnAccept on_accept);
  // The reactor must not run any more. Tells the module that all its connections are gone.
  ~LoadedTransport() override;

  // Clients are accepted from now on. kBadOption: the module cannot.
  absl::Status Start();
  // No more are. Once more, or before Start, is nothing.
  void Stop();
  bool is_started() const { return is_accepting_; }
  // Where, for people; from Start on.
  const std::string& address() const { return address_; }

  // BridgedModule
  std::optional<size_t> Send(void* connection, std::string_view bytes) override;
  void Resume(void* connection) override;
  void Close(void* connection) override;
  void Forget(uint64_t id) override;
  void Serve(net::Accepted accepted) override;

 private:
  struct Server : amps_transport_server {
    LoadedTransport* transport = nullptr;
  };
  struct EntryPoints {
    decltype(amps_transport_start)* start;
    decltype(amps_transport_stop)* stop;
    decltype(amps_transport_send)* send;
    decltype(amps_transport_close)* close;
    decltype(amps_transport_resume)* resume;  // null: the module has none
  };

  LoadedTransport(std::string name, std::shared_ptr<Module> module, net::Reactor& reactor,
                  net::AdmissionGate& gate, net::Listener::OnAccept on_accept);

  // What the module calls.
  static amps_server_connection* Connected(amps_transport_server* server,
                                           amps_transport_connection connection,
                                           const char* remote_address);
  static size_t Received(amps_transport_server* server, amps_server_connection* connection,
                         const char* bytes, size_t length);
  static void Writable(amps_transport_server* server, amps_server_connection* connection);
  static void Closed(amps_transport_server* server, amps_server_connection* connection,
                     const char* reason);

  // Whether it did before.
  bool Accept(bool accepts);
  amps_server_connection* Connect(amps_transport_connection connection, std::string peer);
  // Null: there is none of that name any more, or there never was, which is reported.
  std::shared_ptr<TransportBridge> Find(const char* function, amps_server_connection* connection);

  const std::string name_;
  const std::shared_ptr<const Module> module_;
  net::Reactor& reactor_;
  net::AdmissionGate& gate_;
  const net::Listener::OnAccept on_accept_;
  Server server_;
  EntryPoints entry_points_ = {};
  std::string address_;
  std::atomic<bool> is_accepting_ = false;  // set and cleared under mutex_

  std::mutex mutex_;
  // Guarded by mutex_. The module knows connections by these numbers, so that one that it uses
  // once more is not an address of something else.
  uint64_t last_id_ = 0;
  std::unordered_map<uint64_t, std::shared_ptr<TransportBridge>> bridges_;

  // Last, so destroyed first: until then the module's threads call, and use the rest.
  std::shared_ptr<ModuleContext> context_;
};

}  // namespace fluxgate

#endif  // FLUXGATE_GATEWAY_MODULES_LOADED_TRANSPORT_H_
