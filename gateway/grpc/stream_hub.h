// What the calls of one reactor share: the engine, the list of streams, timers. Reactor thread
// only, except where said.
#ifndef FLUXGATE_GATEWAY_GRPC_STREAM_HUB_H_
#define FLUXGATE_GATEWAY_GRPC_STREAM_HUB_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "core/base/strings.h"
#include "core/engine/engine.h"
#include "gateway/grpc/grpc_options.h"
#include "gateway/grpc/padded_buffer.h"
#include "gateway/net/reactor.h"
#include "gateway/security/transport_security.h"
#include "gateway/session/session_host.h"

namespace fluxgate::grpc_api {

class Stream;
class UnaryCall;

// On whose behalf a call runs.
struct Principal {
  std::string user_id;
  bool is_known = false;                 // found out, not only said
  AccessAuthority* authority = nullptr;  // null: may do everything
  std::string remote_address;
  int64_t expires_at_s = 0;  // seconds since 1970; 0: never
};

class StreamHub final : public Outbox {
 public:
  static constexpr int64_t kTickNs = 20'000'000;

  // `host` and `transport` outlive the hub.
  StreamHub(SessionHost& host, const TransportInfo& transport, const GrpcOptions& options);
  ~StreamHub() override;

  // Any thread.
  const GrpcOptions& options() const { return options_; }
  const TransportInfo& transport() const { return transport_; }
  net::Reactor& reactor() { return reactor_; }
  PaddedBufferPool& buffers() { return buffers_; }

  Engine& engine() { return host_.engine(); }
  OutboxBudget& budget() { return host_.budget(); }

  // Who makes a call where nobody is asked; nullopt: LogOn finds out.
  std::optional<Principal> PrincipalUnasked(const Credentials& credentials) const;
  // `done` runs later, not after ShutDown. kAuthentication, kNotEntitled: refused. kQuotaExceeded:
  // there was no answer within logon_timeout_ns, or too many wait for one.
  using LogOnDone = std::function<void(absl::StatusOr<Principal>)>;
  void LogOn(Credentials credentials, LogOnDone done);

  // A session that has logged on as `name`; empty: a name is made up. The session stays open until
  // CloseSession.
  absl::StatusOr<Session*> OpenSession(Outbox& outbox, std::string_view name,
                                       const Principal& principal);
  void CloseSession(Session* session) { host_.CloseEngineSession(session); }
  // For calls that are over at once: one session for all of a user.
  absl::StatusOr<Session*> CallSession(const Principal& principal);
  // UnaryCall::Retry will be called when something has become known of what users may do.
  void WaitForAccess(std::shared_ptr<UnaryCall> call);

  void Attach(std::shared_ptr<Stream> stream);
  void Detach(Stream& stream);
  // Calls whose answer comes later.
  void AddWaiting(std::shared_ptr<UnaryCall> call);
  void RemoveWaiting(UnaryCall& call);
  // Detaches every stream and call and takes no new ones: on the reactor thread, or when Run has
  // returned and gRPC knows no calls any more. The host may go after it.
  void ShutDown();
  bool shut_down() const { return *alive_ == nullptr; }

  // Stream::EndOfBatch will be called when the current batch ends.
  void AtEndOfBatch(Stream& stream);
  // Stream::Tick will be called every kTickNs until it returns false.
  void StartTicking(Stream& stream);
  // Stream::ResumeReading will be called when publishers need not wait any more.
  void WaitForRelief(Stream& stream);

  // Runs `stored` when changes up to this ticket of the engine's are durable, or with the reason
  // why they will not be; from inside when that is known. Not after ShutDown.
  void WhenStored(uint64_t ticket, std::function<void(const absl::Status&)> stored);

  // Whether publishers have to wait for the disk.
  bool storage_behind() const { return host_.storage_behind(); }

  bool draining() const { return draining_; }
  // Says GoAway to every stream, and ends them and the calls that wait when `grace_ns` have passed.
  // `drained` runs once none is left.
  void Drain(int64_t grace_ns, std::function<void()> drained);

  size_t stream_count() const { return streams_.size(); }
  size_t waiting_count() const { return waiting_.size(); }

  // Outbox of the session that watches the disk, which has no subscriptions.
  bool Deliver(const Delivery&) override { return true; }
  void Acknowledge(const Ack&) override {}
  void OnStored() override;

 private:
  // The outbox of a user's CallSession.
  class CallClient final : public Outbox {
   public:
    explicit CallClient(StreamHub& hub) : hub_(hub) {}
    bool Deliver(const Delivery&) override { return true; }
    void Acknowledge(const Ack&) override {}
    void OnAccessKnown() override { hub_.RetryWaiting(); }
    // The next call finds out what the user may do now.
    void Dismiss(const absl::Status&) override { dismissed = true; }

    Session* session = nullptr;
    bool dismissed = false;

   private:
    StreamHub& hub_;
  };
  void RetryWaiting();
  absl::StatusOr<Session*> WatchSession();

  struct WaitsForStorage {
    uint64_t ticket;
    std::function<void(const absl::Status&)> stored;
  };

  struct PendingLogOn {
    int64_t until_ns;
    LogOnDone done;
  };
  void FinishLogOn(uint64_t number, absl::StatusOr<Principal> principal);

  void Tick();
  void EndExpired();
  void RunEndOfBatch();
  void CheckDrained();

  SessionHost& host_;
  net::Reactor& reactor_;
  const TransportInfo& transport_;
  const GrpcOptions options_;
  PaddedBufferPool buffers_;
  std::vector<std::shared_ptr<Stream>> streams_;
  std::vector<std::shared_ptr<UnaryCall>> waiting_;
  // Streams in these lists are attached: Detach takes them out.
  std::vector<Stream*> dirty_;
  std::vector<Stream*> ticking_;
  std::vector<Stream*> waiting_for_relief_;
  std::shared_ptr<StreamHub*> alive_;  // for tasks that may outlive the hub
  Session* watch_session_ = nullptr;
  StringMap<std::unique_ptr<CallClient>> call_clients_;  // by user
  std::vector<std::shared_ptr<UnaryCall>> waiting_for_access_;
  bool retry_scheduled_ = false;
  std::vector<WaitsForStorage> waits_for_storage_;
  std::map<uint64_t, PendingLogOn> log_ons_;  // by number, and so by time
  uint64_t log_ons_begun_ = 0;
  size_t next_expiry_ = 0;  // in streams_
  uint64_t clients_named_ = 0;
  bool draining_ = false;
  bool ended_for_drain_ = false;
  int64_t drain_end_ns_ = 0;
  int64_t drain_grace_ns_ = 0;
  std::function<void()> drained_;
};

}  // namespace fluxgate::grpc_api

#endif  // FLUXGATE_GATEWAY_GRPC_STREAM_HUB_H_
