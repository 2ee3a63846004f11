#include "gateway/security/transport_security.h"

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <limits>
#include <utility>
#include <vector>

#include "core/base/error.h"
#include "core/base/quoted.h"
#include "core/base/strings.h"
#include "core/base/utf8.h"

namespace fluxgate {
namespace {

// Questions that one task takes before others get their turn, and answers that come together.
constexpr size_t kQuestionsPerTask = 64;
// Tasks of one transport that ask at the same time.
constexpr size_t kAskersMax = 4;
constexpr std::chrono::milliseconds kAnswersHeldMax(2);
constexpr size_t kReasonBytesMax = 512;  // in the log
constexpr int64_t kNsPerS = 1'000'000'000;
constexpr uint32_t kAskAgainSMax = 3600;
constexpr int64_t kAskAgainCheckNs = kNsPerS / 2;

void Wipe(std::string& secret) {
  OPENSSL_cleanse(secret.data(), secret.size());
  secret.clear();
}

int64_t NsUntil(int64_t time_s, int64_t wall_ns) {
  if (time_s < 0) return 0;
  constexpr int64_t kForever = std::numeric_limits<int64_t>::max();
  return time_s == 0 || time_s > kForever / kNsPerS ? kForever : time_s * kNsPerS - wall_ns;
}

// All that a client is told: why is nobody's business but the log's.
absl::Status AuthenticationFailed() {
  return MakeError(ErrorCode::kAuthentication, "authentication failed");
}

}  // namespace

absl::StatusOr<std::unique_ptr<TransportSecurity>> TransportSecurity::Make(
    std::string transport_name, MakeAuthentication make_authentication,
    MakeEntitlement make_entitlement, net::Reactor& reactor, Engine& engine, WorkerPool& workers,
    const SecurityLimits& limits) {
  auto authentication = make_authentication();
  if (!authentication.ok()) return authentication.status();
  auto entitlement = make_entitlement();
  if (!entitlement.ok()) return entitlement.status();
  auto shared = std::make_shared<Shared>(*std::move(authentication), *std::move(entitlement));
  shared->transport_name = std::move(transport_name);
  return std::unique_ptr<TransportSecurity>(
      new TransportSecurity(std::move(shared), std::move(make_authentication),
                            std::move(make_entitlement), reactor, engine, workers, limits));
}

TransportSecurity::TransportSecurity(std::shared_ptr<Shared> shared,
                                     MakeAuthentication make_authentication,
                                     MakeEntitlement make_entitlement, net::Reactor& reactor,
                                     Engine& engine, WorkerPool& workers,
                                     const SecurityLimits& limits)
    : shared_(std::move(shared)),
      make_authentication_(std::move(make_authentication)),
      make_entitlement_(std::move(make_entitlement)),
      reactor_(reactor),
      engine_(engine),
      workers_(workers),
      limits_(limits),
      has_authentication_(shared_->authentication.Get() != nullptr),
      has_entitlement_(shared_->entitlement.Get() != nullptr),
      cache_(limits.logon_cache_ns, limits.logon_cache_entries_max) {}

EntitlementResult TransportSecurity::Check(Shared& shared, const EntitlementRequest& request) {
  {
    const std::lock_guard lock(shared.mutex);
    if (!shared.entitlement_enabled) return {.decision = {.is_allowed = true}, .reason = {}};
  }
  const std::shared_ptr<Entitlement> entitlement = shared.entitlement.Get();
  if (entitlement == nullptr) return {.decision = {.is_allowed = true}, .reason = {}};
  return entitlement->Check(request);
}

LogOnResult TransportSecurity::Decide(Shared& shared, const Credentials& credentials) {
  std::shared_ptr<Authentication> authentication = shared.authentication.Get();
  {
    const std::lock_guard lock(shared.mutex);
    if (!shared.authentication_enabled) authentication = nullptr;
  }
  LogOnResult result;
  result.user_id = credentials.user_id;
  if (authentication != nullptr) {
    AuthenticationResult found = authentication->Authenticate(credentials);
    switch (found.outcome) {
      case AuthenticationResult::Outcome::kRefused:
        spdlog::warn("{}: {}: logon as user {} refused: {}", shared.transport_name,
                     credentials.remote_address, Quoted(credentials.user_id),
                     OneLine(found.reason, kReasonBytesMax));
        result.refused = AuthenticationFailed();
        return result;
      case AuthenticationResult::Outcome::kChallenge:
        result.outcome = LogOnResult::Outcome::kChallenge;
        result.user_id = std::move(found.user_id);
        result.challenge = std::move(found.challenge);
        result.challenge_state = std::move(found.challenge_state);
        return result;
      case AuthenticationResult::Outcome::kAccepted:
        result.user_id = std::move(found.user_id);
        result.expires_at_s = found.expires_at_s;
        break;
    }
  }
  EntitlementRequest request;
  request.user_id = result.user_id;
  request.type = EntitlementRequest::Resource::kLogon;
  request.resource = request.transport_name = shared.transport_name;
  request.remote_address = credentials.remote_address;
  const EntitlementResult entitled = Check(shared, request);
  if (!entitled.decision.is_allowed) {
    spdlog::warn("{}: {}: user {} may not log on: {}", shared.transport_name,
                 credentials.remote_address, Quoted(result.user_id),
                 OneLine(entitled.reason, kReasonBytesMax));
    result.refused = MakeError(ErrorCode::kNotEntitled, "this user may not log on here");
    return result;
  }
  result.outcome = LogOnResult::Outcome::kAccepted;
  return result;
}

absl::Status TransportSecurity::CheckSizes(const Credentials& credentials) const {
  if (credentials.password.size() > limits_.credential_bytes_max) {
    return MakeError(
        ErrorCode::kAuthentication,
        fmt::format("a password or token has at most {} bytes", limits_.credential_bytes_max));
  }
  if (credentials.user_id.size() > limits_.user_bytes_max) {
    return MakeError(ErrorCode::kAuthentication,
                     fmt::format("a user name has at most {} bytes", limits_.user_bytes_max));
  }
  // A zero byte would end the text that a module sees.
  for (const std::string* text : {&credentials.user_id, &credentials.client_name}) {
    if (HasControlCharacter(*text)) {
      return MakeError(ErrorCode::kAuthentication, "a name has a control character");
    }
  }
  if (credentials.password.find('\0') != std::string::npos) {
    return MakeError(ErrorCode::kAuthentication, "a password has a zero byte");
  }
  return absl::OkStatus();
}

void TransportSecurity::ForgetLogons() {
  ++generation_;
  cache_.Clear();
}

void TransportSecurity::LogOn(Credentials credentials, bool may_be_cached, Done done) {
  LogOnResult refused;
  refused.refused = CheckSizes(credentials);
  std::string key;
  if (refused.refused.ok() && may_be_cached) {
    key = cache_.KeyOf(credentials);
    if (auto known = cache_.Find(key, reactor_.now_ns())) {
      LogOnResult result;
      result.outcome = LogOnResult::Outcome::kAccepted;
      result.user_id = std::move(known->user_id);
      result.expires_at_s = known->expires_at_s;
      Wipe(credentials.password);
      return reactor_.Post([done = std::move(done), result = std::move(result)] { done(result); });
    }
  }
  credentials.transport_name = shared_->transport_name;
  if (refused.refused.ok()) {
    // Shared, for a task has to be copyable.
    auto asked = std::make_shared<Credentials>(std::move(credentials));
    auto then = std::make_shared<Done>(std::move(done));
    const bool taken =
        workers_.Submit([this, shared = shared_, asked, then, key, generation = generation_] {
          LogOnResult result = Decide(*shared, *asked);
          reactor_.Post([this, asked, then, key, generation, result = std::move(result)] {
            if (generation != generation_ && result.outcome == LogOnResult::Outcome::kAccepted) {
              // By rules that do not count any more.
              return LogOn(std::move(*asked), !key.empty(), std::move(*then));
            }
            Wipe(asked->password);
            Wipe(asked->challenge_state);
            if (!key.empty() && result.outcome == LogOnResult::Outcome::kAccepted) {
              cache_.Add(key, {result.user_id, result.expires_at_s}, reactor_.now_ns(),
                         NsUntil(result.expires_at_s, engine_.clock().WallNs()));
            }
            (*then)(result);
          });
        });
    if (taken) return;
    done = std::move(*then);
    credentials = std::move(*asked);
    refused.refused = MakeError(ErrorCode::kQuotaExceeded, "too many logons are waiting");
  }
  Wipe(credentials.password);
  spdlog::warn("{}: {}: logon refused: {}", shared_->transport_name, credentials.remote_address,
               ToStd(refused.refused.message()));
  reactor_.Post([done = std::move(done), refused = std::move(refused)] { done(refused); });
}

void TransportSecurity::Ask(AccessQuestion question) {
  {
    const std::lock_guard lock(shared_->mutex);
    shared_->questions.push_back(std::move(question));
    if (shared_->askers == kAskersMax) return;
    ++shared_->askers;
  }
  StartAsking();
}

void TransportSecurity::StartAsking() {
  // Few at a time, so they need no place in the queue.
  workers_.SubmitAlways([this] { AskSome(); });
}

void TransportSecurity::AskSome() {
  struct Answer {
    AccessQuestion question;
    EntitlementResult result;
  };
  std::vector<Answer> answers;
  bool more = true;
  // Answers that are there do not wait for those that take long.
  const auto end = std::chrono::steady_clock::now() + kAnswersHeldMax;
  while (answers.size() < kQuestionsPerTask && std::chrono::steady_clock::now() < end) {
    AccessQuestion question;
    {
      const std::lock_guard lock(shared_->mutex);
      if (shared_->questions.empty()) {
        more = false;
        --shared_->askers;
        break;
      }
      question = std::move(shared_->questions.front());
      shared_->questions.pop_front();
    }
    EntitlementRequest request;
    request.user_id = question.user;
    request.resource = question.topic;
    request.access = question.kind;
    request.message_type = question.message_type;
    request.transport_name = shared_->transport_name;
    EntitlementResult result = Check(*shared_, request);
    answers.push_back({std::move(question), std::move(result)});
  }
  if (more) StartAsking();
  if (answers.empty()) return;
  reactor_.Post([this, answers = std::move(answers)] {
    for (const Answer& answer : answers) {
      const AccessQuestion& question = answer.question;
      const std::string_view kind = question.kind == AccessKind::kRead ? "read" : "write";
      if (!answer.result.decision.is_allowed) {
        spdlog::info("{}: user {} may not {} topic {}: {}", shared_->transport_name,
                     Quoted(question.user), kind, Quoted(question.topic),
                     OneLine(answer.result.reason, kReasonBytesMax));
      }
      const absl::Status status =
          engine_.Decide(question.asker, question.topic, question.kind, answer.result.decision);
      if (!status.ok()) {
        spdlog::error("{}: the entitlement of user {} to {} topic {} cannot be used: {}",
                      shared_->transport_name, Quoted(question.user), kind, Quoted(question.topic),
                      ToStd(status.message()));
      }
      if (answer.result.ask_again_s != 0) AskAgainLater(question, answer.result.ask_again_s);
    }
  });
}

void TransportSecurity::AskAgainLater(const AccessQuestion& question, uint32_t seconds) {
  if (asked_again_.size() >= limits_.asked_again_max) return;
  Again again(question.asker, question.topic, question.kind);
  if (!asked_again_once_.insert(again).second) return;
  asked_again_.emplace(reactor_.now_ns() + std::min(seconds, kAskAgainSMax) * kNsPerS,
                       std::move(again));
  if (std::exchange(asks_again_, true)) return;
  reactor_.Every(kAskAgainCheckNs, [this] { AskAgainDue(); });
}

// All that is due is asked for before anything is answered: the users' answers are switched once.
void TransportSecurity::AskAgainDue() {
  const auto due = asked_again_.upper_bound(reactor_.now_ns());
  for (auto it = asked_again_.begin(); it != due;) {
    const auto& [asker, topic, kind] = it->second;
    if (engine_.ResetAccess(asker, topic, kind)) {
      asked_again_once_.erase(it->second);
      it = asked_again_.erase(it);
    } else {
      ++it;
    }
  }
}

void TransportSecurity::ForgetAskedAgain() {
  asked_again_.clear();
  asked_again_once_.clear();
}

void TransportSecurity::CheckResource(EntitlementRequest request,
                                      std::function<void(EntitlementResult)> done) {
  request.transport_name = shared_->transport_name;
  workers_.SubmitAlways(
      [this, shared = shared_, request = std::move(request), done = std::move(done)] {
        EntitlementResult result = Check(*shared, request);
        reactor_.Post([done, result = std::move(result)] { done(result); });
      });
}

void TransportSecurity::ResetAuthentication(ResetDone done) {
  workers_.SubmitAlways([this, shared = shared_, done = std::move(done)] {
    const absl::Status status = shared->authentication.Reload(make_authentication_);
    reactor_.Post([this, status, done] {
      if (status.ok()) ForgetLogons();
      done(status);
    });
  });
}

void TransportSecurity::ResetEntitlement(ResetDone done) {
  workers_.SubmitAlways([this, shared = shared_, done = std::move(done)] {
    const absl::Status status = shared->entitlement.Reload(make_entitlement_);
    reactor_.Post([this, status, done] {
      if (status.ok()) {
        ForgetLogons();
        ForgetAskedAgain();
        engine_.ResetAccess(*this);
        RecheckLogons();
      }
      done(status);
    });
  });
}

void TransportSecurity::RecheckLogons() {
  for (Engine::ConnectedUser& user : engine_.UsersOf(*this)) {
    EntitlementRequest request;
    request.user_id = user.user_id;
    request.remote_address = user.remote_address;
    request.type = EntitlementRequest::Resource::kLogon;
    request.resource = shared_->transport_name;
    CheckResource(std::move(request), [this, user](const EntitlementResult& result) {
      if (result.decision.is_allowed) return;
      spdlog::warn("{}: user {} may not be logged on any more: {}", shared_->transport_name,
                   Quoted(user.user_id), OneLine(result.reason, kReasonBytesMax));
      engine_.DismissUser(
          *this, user,
          MakeError(ErrorCode::kNotEntitled, "this user may not be logged on here any more"));
    });
  }
}

void TransportSecurity::EnableAuthentication(bool enabled) {
  const std::lock_guard lock(shared_->mutex);
  shared_->authentication_enabled = enabled;
  ForgetLogons();
}

void TransportSecurity::EnableEntitlement(bool enabled) {
  {
    const std::lock_guard lock(shared_->mutex);
    if (shared_->entitlement_enabled == enabled) return;
    shared_->entitlement_enabled = enabled;
  }
  ForgetLogons();
  engine_.ResetAccess(*this);
  RecheckLogons();
}

}  // namespace fluxgate
