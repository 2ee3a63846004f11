// What stands between a transport's clients and the engine: who they are, and what they may do. One
// for each transport that asks. Reactor thread, but where said; whatever may wait runs on workers.
#ifndef FLUXGATE_GATEWAY_SECURITY_TRANSPORT_SECURITY_H_
#define FLUXGATE_GATEWAY_SECURITY_TRANSPORT_SECURITY_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <tuple>

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/access/access.h"
#include "core/engine/engine.h"
#include "core/module/reloadable.h"
#include "gateway/net/reactor.h"
#include "gateway/security/authentication.h"
#include "gateway/security/entitlement.h"
#include "gateway/security/logon_cache.h"
#include "gateway/workers/worker_pool.h"

namespace fluxgate {

struct SecurityLimits {
  size_t credential_bytes_max = 64 * 1024;  // password, token, answer to a challenge
  size_t user_bytes_max = 256;
  uint32_t challenges_max = 3;              // of one logon
  int64_t logon_cache_ns = 10'000'000'000;  // how long gRPC credentials are good without asking
  size_t logon_cache_entries_max = 10'000;
  // Answers about entitlements that are to be asked for again; others are kept until a reset.
  size_t asked_again_max = 100'000;
};

struct LogOnResult {
  enum class Outcome : uint8_t { kAccepted, kChallenge, kRefused };

  Outcome outcome = Outcome::kRefused;
  std::string user_id;          // kAccepted, kChallenge
  std::string challenge;        // kChallenge: for the client
  std::string challenge_state;  // kChallenge: for the next try
  absl::Status refused;         // kRefused: kAuthentication or kNotEntitled, for the client
  int64_t expires_at_s = 0;     // kAccepted: seconds since 1970; 0: never
};

class TransportSecurity final : public AccessAuthority {
 public:
  using MakeAuthentication = std::function<absl::StatusOr<std::shared_ptr<Authentication>>()>;
  using MakeEntitlement = std::function<absl::StatusOr<std::shared_ptr<Entitlement>>()>;

  // Makes what the two functions make, which may be null: nobody is asked. They are called again
  // for resets, on a worker thread. The others outlive it, and `workers` has stopped before it
  // goes.
  static absl::StatusOr<std::unique_ptr<TransportSecurity>> Make(
      std::string transport_name, MakeAuthentication make_authentication,
      MakeEntitlement make_entitlement, net::Reactor& reactor, Engine& engine, WorkerPool& workers,
      const SecurityLimits& limits);

  // Whether clients have to go through LogOn.
  bool asks() const { return has_authentication_ || has_entitlement_; }
  // For Session::authority; null: users may do everything.
  AccessAuthority* authority() { return has_entitlement_ ? this : nullptr; }
  const SecurityLimits& limits() const { return limits_; }

  // Who is it, and may it come in? `done` runs on the reactor, later. With `may_be_cached` an
  // answer of a moment ago will do. Refusals are logged here.
  using Done = std::function<void(LogOnResult)>;
  void LogOn(Credentials credentials, bool may_be_cached, Done done);

  // AccessAuthority
  void Ask(AccessQuestion question) override;

  // Is this allowed at all? For what is no topic: administration. `done` runs on the reactor.
  void CheckResource(EntitlementRequest request, std::function<void(EntitlementResult)> done);

  // New contexts; users that are connected go by the new answers when those are there, and leave if
  // they may not be logged on any more. After an error everything stays. `done` runs on the
  // reactor.
  using ResetDone = std::function<void(const absl::Status&)>;
  void ResetAuthentication(ResetDone done);
  void ResetEntitlement(ResetDone done);

  // While disabled everybody is who they say, and may do everything.
  void EnableAuthentication(bool enabled);
  void EnableEntitlement(bool enabled);

 private:
  // What workers see. Outlives this.
  struct Shared {
    Shared(std::shared_ptr<Authentication> a, std::shared_ptr<Entitlement> e)
        : authentication(std::move(a)), entitlement(std::move(e)) {}

    std::string transport_name;
    Reloadable<Authentication> authentication;
    Reloadable<Entitlement> entitlement;

    std::mutex mutex;
    std::deque<AccessQuestion> questions;  // guarded by mutex
    size_t askers = 0;                     // guarded by mutex: tasks that take questions
    bool authentication_enabled = true;    // guarded by mutex
    bool entitlement_enabled = true;       // guarded by mutex
  };

  TransportSecurity(std::shared_ptr<Shared> shared, MakeAuthentication make_authentication,
                    MakeEntitlement make_entitlement, net::Reactor& reactor, Engine& engine,
                    WorkerPool& workers, const SecurityLimits& limits);

  static LogOnResult Decide(Shared& shared, const Credentials& credentials);
  static EntitlementResult Check(Shared& shared, const EntitlementRequest& request);
  void StartAsking();
  void AskSome();  // a worker thread
  void AskAgainLater(const AccessQuestion& question, uint32_t seconds);
  void ForgetAskedAgain();
  void AskAgainDue();
  absl::Status CheckSizes(const Credentials& credentials) const;
  void RecheckLogons();
  void ForgetLogons();

  const std::shared_ptr<Shared> shared_;
  const MakeAuthentication make_authentication_;
  const MakeEntitlement make_entitlement_;
  net::Reactor& reactor_;
  Engine& engine_;
  WorkerPool& workers_;
  const SecurityLimits limits_;
  const bool has_authentication_;
  const bool has_entitlement_;
  LogonCache cache_;
  // Answers that were not the last word, by the reactor time when they are asked for again.
  using Again = std::tuple<uint64_t, std::string, AccessKind>;
  std::multimap<int64_t, Again> asked_again_;
  absl::flat_hash_set<Again> asked_again_once_;
  bool asks_again_ = false;  // the timer runs
  uint64_t generation_ = 0;  // of the rules that logons are decided by
};

}  // namespace fluxgate

#endif  // FLUXGATE_GATEWAY_SECURITY_TRANSPORT_SECURITY_H_
