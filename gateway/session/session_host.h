// Where a connection, a protocol and the engine meet: the sessions of one reactor and what they
// share. Reactor thread only.
#ifndef FLUXGATE_GATEWAY_SESSION_SESSION_HOST_H_
#define FLUXGATE_GATEWAY_SESSION_SESSION_HOST_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/engine/engine.h"
#include "gateway/net/connection.h"
#include "gateway/net/listener.h"
#include "gateway/net/reactor.h"
#include "gateway/session/outbox_budget.h"

namespace fluxgate {

struct SessionLimits {
  uint64_t header_bytes_max = 128ull << 10;
  uint64_t body_bytes_max = 16ull << 20;
  int64_t logon_timeout_ns = 10'000'000'000;         // connected to logged on
  int64_t tls_handshake_timeout_ns = 5'000'000'000;  // connected to the handshake's end
  int64_t frame_timeout_ns = 30'000'000'000;         // first to last byte of a frame
  uint64_t store_backlog_bytes_max = 64ull << 20;    // for the disk, before publishers wait
  int64_t close_timeout_ns = 2'000'000'000;  // last words written to the peer closing its side
};

class TransportSecurity;

// A transport as its sessions see it.
struct TransportInfo {
  std::string name;
  std::string message_type;               // empty: the client names one at logon
  TransportSecurity* security = nullptr;  // null: nobody is asked who it is
};

// One connection that speaks one protocol. Made by a Protocol, owned by the SessionHost.
class ProtocolSession {
 public:
  virtual ~ProtocolSession() = default;
  // Some times a second: timeouts, heartbeats.
  virtual void OnSweep(int64_t now_ns) = 0;
  // The gateway is shutting down: say so if the protocol can, write what waits, close.
  virtual void Drain() = 0;

 private:
  friend class SessionHost;
  size_t position_ = 0;
};

class SessionHost {
 public:
  SessionHost(net::Reactor& reactor, Engine& engine, OutboxLimits outboxes, SessionLimits limits);
  ~SessionHost();

  net::Reactor& reactor() { return reactor_; }
  Engine& engine() { return engine_; }
  OutboxBudget& budget() { return budget_; }
  net::ConnectionResources& resources() { return resources_; }
  const SessionLimits& limits() const { return limits_; }

  void Adopt(std::unique_ptr<ProtocolSession> session);
  // Destroys it; never from inside one of its calls but as the last thing it does.
  void Remove(ProtocolSession* session);
  // Closes an engine session, the rest of its work in the background.
  void CloseEngineSession(Session* session);

  // Whether more waits for the disk than StoreBacklogMax: publishers wait.
  bool storage_behind() const {
    return engine_.storage_waiting_bytes() > limits_.store_backlog_bytes_max;
  }

  void Drain();
  size_t size() const { return sessions_.size(); }

 private:
  void Sweep();

  net::Reactor& reactor_;
  Engine& engine_;
  const SessionLimits limits_;
  OutboxBudget budget_;
  net::ConnectionResources resources_;
  std::vector<std::unique_ptr<ProtocolSession>> sessions_;
};

// A header framing that connections can speak. Stateless; one object serves all connections.
class Protocol {
 public:
  virtual ~Protocol() = default;
  virtual std::string_view name() const = 0;
  // Takes over the accepted connection.
  virtual void Accept(SessionHost& host, const TransportInfo& transport,
                      net::Accepted accepted) const = 0;
};

}  // namespace fluxgate

#endif  // FLUXGATE_GATEWAY_SESSION_SESSION_HOST_H_
