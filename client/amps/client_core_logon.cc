// How a client logs on.
#include <fmt/format.h>

#include "amps/exceptions.h"
#include "client/amps/client_core.h"
#include "client/amps/refusals.h"
#include "gateway/amps/amps_encoder.h"

namespace AMPS {
namespace {

using fluxgate::amps::DecodeError;
using fluxgate::amps::ServerMessage;
using internal::PendingAcks;

constexpr std::string_view kVersion = "fluxgate-amps 1";

}  // namespace

// Ids that programs choose are found in the same table: these begin as no program's do.
std::string Client::Core::NextId() { return fmt::format("~{}", ++last_id_); }

std::string Client::Core::Logon(Milliseconds timeout, Authenticator& authenticator,
                                std::string_view options) {
  const Clock::time_point deadline = DeadlineAfter(timeout);
  fluxgate::client::Uri uri;
  {
    const std::lock_guard lock(state_mutex_);
    if (!connected_) ThrowDisconnected("logon", lost_reason_);
    uri = uri_;
  }
  std::string all_options(options);
  if (uri.pretty) all_options += all_options.empty() ? "pretty=true" : ",pretty=true";
  std::string user = uri.user;
  std::string password = authenticator.authenticate(user, uri.password);
  for (int challenges = 0;; ++challenges) {
    const std::string id = NextId();
    fluxgate::Command logon;
    logon.type = fluxgate::CommandType::kLogon;
    logon.acks.add(fluxgate::AckType::kProcessed);
    logon.command_id = id;
    logon.client_name = name_;
    logon.user_id = user;
    logon.password = password;
    logon.message_type = uri.message_type;
    logon.options = all_options;
    logon.version = kVersion;
    const Reading reading(*this);
    PendingAcks::Wait wait(acks_, id, fluxgate::AckType::kProcessed);
    auto outcome = PendingAcks::Outcome::kLost;
    if (outbox_.AddAtOnce(/*ahead=*/true,
                          [&](std::string& out) { fluxgate::amps::AppendCommand(logon, &out); })) {
      outcome = wait.Await(deadline);
    }
    if (outcome == PendingAcks::Outcome::kTimedOut) {
      throw TimedOutException(fmt::format("logon: no answer from {} in time", uri.Address()));
    }
    if (outcome == PendingAcks::Outcome::kLost) {
      ThrowDisconnected("logon", wait.lost_reason());
    }
    fluxgate::amps::ServerMessageDecoder decoder;
    if (decoder.Decode(wait.frame()) != DecodeError::kNone) {
      throw ProtocolException("logon: the answer is not of the protocol");
    }
    const ServerMessage& ack = decoder.message();
    if (ack.ok()) {
      FinishLogon(ack);
      authenticator.completed(user, password, std::string(ack.reason));
      return id;
    }
    if (ack.status != fluxgate::amps::kStatusRetry) internal::ThrowLogonRefused(ack.reason);
    if (challenges == kChallengesMax) {
      throw AuthenticationException(
          fmt::format("logon: the gateway has asked for more than {} answers", kChallengesMax));
    }
    if (!ack.user_id.empty()) user = ack.user_id;
    password = authenticator.retry(user, std::string(ack.password));
  }
}

void Client::Core::FinishLogon(const ServerMessage& ack) {
  ReplayStore(ack.has_sequence, ack.sequence);
  {
    const std::lock_guard lock(state_mutex_);
    // Nobody else would be told.
    if (!connected_) ThrowDisconnected("logon", lost_reason_);
    server_version_ = ack.version;
    logged_on_ = true;
  }
  // Behind what was kept, however long that took: the gateway answers for it from here on.
  StartHeartbeat(/*was_running=*/false);
}

void Client::Core::ReplayStore(bool has_sequence, uint64_t sequence) {
  constexpr uint64_t kSequenceMax = 1ull << 63;
  Store* const store = settings_.publish_store.get();
  if (store == nullptr) return outbox_.OpenToAll();
  if (sequence > kSequenceMax) {
    throw ProtocolException(fmt::format("logon: sequence {} cannot be", sequence));
  }
  // Nothing new is published until what is kept has been sent: the order is the sequence.
  const std::lock_guard lock(publish_mutex_);
  if (has_sequence && sequence != 0) {
    store->discardUpTo(sequence);
    last_sequence_ = std::max(last_sequence_.load(), sequence);
  }
  knows_sequence_ = true;
  std::string frame;
  const uint64_t first = store->getLowestUnpersisted();
  // One by one, not by replay(): while that runs the store takes no acks, and the connection that
  // is to make room could not go on.
  for (uint64_t at = first; first != 0 && at <= store->getLastSequence(); ++at) {
    if (!store->find(at, &frame)) continue;
    if (!outbox_.AwaitRoom()) return;
    if (!outbox_.AddAtOnce(/*ahead=*/true, [&](std::string& out) { out += frame; })) return;
  }
  outbox_.OpenToAll();
}

void Client::Core::SetHeartbeat(unsigned interval_s, unsigned timeout_s) {
  bool logged_on;
  bool was_running;
  {
    const std::lock_guard lock(state_mutex_);
    was_running = heartbeat_s_ != 0;
    heartbeat_s_ = interval_s;
    heartbeat_timeout_s_ = timeout_s != 0 ? timeout_s : 2 * interval_s;
    logged_on = logged_on_;
  }
  if (logged_on) StartHeartbeat(was_running);
}

void Client::Core::StartHeartbeat(bool was_running) {
  const std::lock_guard lock(state_mutex_);
  if (!connected_ || connection_ == nullptr) return;
  if (heartbeat_s_ != 0 || was_running) {
    const std::string options =
        heartbeat_s_ != 0 ? fmt::format("start,{}", heartbeat_s_) : std::string("stop");
    outbox_.AddAtOnce(/*ahead=*/true, [&](std::string& out) {
      fluxgate::Command start;
      start.type = fluxgate::CommandType::kHeartbeat;
      start.options = options;
      fluxgate::amps::AppendCommand(start, &out);
    });
  }
  connection_->SetHeartbeat(std::chrono::seconds(heartbeat_s_),
                            std::chrono::seconds(heartbeat_timeout_s_));
}

}  // namespace AMPS
