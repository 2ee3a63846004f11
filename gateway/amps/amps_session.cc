#include "gateway/amps/amps_session.h"

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <spdlog/spdlog.h>

#include <cstring>
#include <memory>

#include "core/base/equal_text.h"
#include "gateway/amps/amps_encoder.h"
#include "gateway/amps/amps_frame.h"

namespace fluxgate::amps {
namespace {

// A subscription's delivery header, made once.
struct CachedPrefix final : SubscriptionEdge {
  std::string topic;  // a pattern's subscription gets messages of many topics
  std::string prefix;
};

// What clients of the protocol know the most common refusals by; the text after it is ours.
std::string_view ReasonWord(ErrorCode code) {
  switch (code) {
    case ErrorCode::kBadFilter:
      return "bad filter";
    case ErrorCode::kBadTopic:
    case ErrorCode::kTopicUnknown:
      return "invalid topic";
    case ErrorCode::kBadTopicPattern:
      return "bad regex";
    case ErrorCode::kNotEntitled:
      return "not entitled";
    case ErrorCode::kAuthentication:
      return "auth failure";
    case ErrorCode::kNameInUse:
      return "name in use";
    case ErrorCode::kSubscriptionExists:
      return "already exists";
    default:
      return "";
  }
}

SessionOrigin OriginOf(const TransportInfo& transport, const std::string& peer) {
  return {.remote_address = peer, .connection_name = fmt::format("{}-{}", transport.name, peer)};
}

}  // namespace

void AmpsProtocol::Accept(SessionHost& host, const TransportInfo& transport,
                          net::Accepted accepted) const {
  host.Adopt(std::make_unique<AmpsSession>(host, transport, std::move(accepted)));
}

AmpsSession::AmpsSession(SessionHost& host, const TransportInfo& transport, net::Accepted accepted)
    : host_(host),
      transport_(transport),
      peer_(std::move(accepted.peer)),
      admission_(std::move(accepted.admission)),
      frame_limits_{host.limits().header_bytes_max, host.limits().body_bytes_max},
      connected_ns_(host.reactor().now_ns()),
      connection_(host.resources(), accepted.fd, kBodyPaddingBytes, std::move(accepted.layer)),
      account_(host.budget(),
               [this] {
                 connection_.Abort("slow client");
                 account_.Credit(account_.bytes());
               }),
      decoder_(frame_limits_),
      session_(host.engine().OpenSession(*this, OriginOf(transport, peer_))) {
  spdlog::debug("{}: connected to {}", Who(), transport_.name);
  connection_.Start(this);
}

AmpsSession::~AmpsSession() {
  if (session_ != nullptr) host_.CloseEngineSession(session_);
}

std::string AmpsSession::Who() const {
  if (session_ == nullptr || session_->client_name.empty()) return peer_;
  return fmt::format("{} ({})", session_->client_name, peer_);
}

size_t AmpsSession::OnBytes(std::string_view bytes) {
  heartbeat_.OnReceived(host_.reactor().now_ns());
  size_t used = 0;
  while (!connection_.closing()) {
    const FrameResult result = NextFrame(bytes.substr(used), frame_limits_);
    used += result.consumed;
    if (result.status == FrameStatus::kNeedMore) break;
    if (result.status == FrameStatus::kError) {
      Refuse(fmt::format("frame of {} bytes; at most {} of header and {} of body", result.length,
                         frame_limits_.header_bytes_max, frame_limits_.body_bytes_max));
      break;
    }
    Execute(result.frame);
  }
  if ((is_waiting_ || !deferred_.empty()) && !connection_.reading_paused()) {
    connection_.PauseReading();
  }
  if (host_.budget().congested() && !connection_.closing() && !connection_.reading_paused()) {
    // Somebody downstream needs a moment: this client is not read until then.
    connection_.PauseReading();
    host_.budget().WhenRelieved([this, alive = std::weak_ptr<bool>(alive_)] {
      if (alive.expired() || is_waiting_ || !deferred_.empty() || draining_) return;
      connection_.ResumeReading();
    });
  }
  return used;
}

size_t AmpsSession::BytesWanted(std::string_view bytes) {
  return NextFrame(bytes, frame_limits_).wanted_bytes;
}

void AmpsSession::Execute(std::string_view frame) {
  if (decoder_.Decode(frame) != DecodeError::kNone) return Refuse(decoder_.ErrorText());
  const Command& command = decoder_.message();
  if (session_->queries_unanswered != 0 || !deferred_.empty() || is_waiting_) [[unlikely]] {
    if (MustWait(command)) return Defer(frame);
  }
  if (command.type == CommandType::kPublish && session_->logged_on()) [[likely]] {
    const absl::Status status = host_.engine().Execute(*session_, command);
    if (status.ok()) [[likely]]
      return;
    if (ErrorCodeOf(status) != ErrorCode::kPending) return LogRefused("publish", status);
    is_waiting_ = true;
    return Defer(frame);
  }
  if (NeedsLogOn(command)) return StartLogOn(frame);
  ExecuteControl(command);
  if (is_waiting_) Defer(frame);
}

void AmpsSession::ExecuteControl(const Command& decoded) {
  Command command = decoded;
  absl::Status status;
  if (command.type == CommandType::kLogon) {
    if (command.message_type.empty()) {
      command.message_type = transport_.message_type;
    } else if (!transport_.message_type.empty() &&
               command.message_type != transport_.message_type) {
      // An unknown name makes the engine refuse it, with the ack that the client asked for.
      status = MakeError(ErrorCode::kMessageType,
                         fmt::format("this transport is for message type {}, not {}",
                                     transport_.message_type, command.message_type));
    }
  } else if (command.type == CommandType::kHeartbeat && session_->logged_on()) {
    status = heartbeat_.Configure(command.options, host_.reactor().now_ns());
  }
  if (status.ok()) {
    if (command.type == CommandType::kLogon) command.password = {};
    status = host_.engine().Execute(*session_, command);
  } else {
    host_.engine().Reject(*session_, command, status);
  }
  if (ErrorCodeOf(status) == ErrorCode::kPending) {
    is_waiting_ = true;
    return;
  }
  if (status.ok()) {
    if (command.type == CommandType::kLogon) {
      spdlog::info("{}: logged on to {}", Who(), transport_.name);
    }
    return;
  }
  LogRefused(decoder_.name(), status);
  if (ErrorCodeOf(status) == ErrorCode::kNameInUse) {
    connection_.Close("name in use");
  } else if (!session_->logged_on()) {
    connection_.Close("auth");
  } else if (command.type == CommandType::kUnknown) {
    connection_.Close("unknown command");
  }
}

bool AmpsSession::NeedsLogOn(const Command& command) const {
  return command.type == CommandType::kLogon && transport_.security != nullptr &&
         transport_.security->asks() && !session_->user_is_known;
}

void AmpsSession::StartLogOn(std::string_view frame) {
  const Command& logon = decoder_.message();
  Credentials credentials;
  credentials.user_id = logon.user_id;
  credentials.password = logon.password;
  credentials.client_name = logon.client_name;
  credentials.connection_name = session_->origin.connection_name;
  credentials.remote_address = peer_;
  if (const net::PeerCertificate* certificate = connection_.peer_certificate();
      certificate != nullptr && certificate->verified) {
    credentials.certificate_subject = certificate->subject;
    credentials.certificate_common_name = certificate->common_name;
    credentials.certificate_pem = certificate->pem;
  }
  credentials.is_challenged = challenges_ != 0;
  credentials.challenge_state = challenge_state_;
  logon_frame_.assign(frame).append(kBodyPaddingBytes, '\0');
  is_waiting_ = true;
  transport_.security->LogOn(
      std::move(credentials), /*may_be_cached=*/false,
      [this, alive = std::weak_ptr<bool>(alive_)](const LogOnResult& result) {
        if (!alive.expired() && !connection_.closing()) FinishLogOn(result);
      });
}

void AmpsSession::FinishLogOn(const LogOnResult& result) {
  is_waiting_ = false;
  // It has been decoded before, and is the same.
  (void)decoder_.Decode(
      std::string_view(logon_frame_).substr(0, logon_frame_.size() - kBodyPaddingBytes));
  Command logon = decoder_.message();
  switch (result.outcome) {
    case LogOnResult::Outcome::kAccepted:
      session_->user_is_known = true;
      session_->authority = transport_.security->authority();
      logon.user_id = result.user_id;
      ExecuteControl(logon);
      break;
    case LogOnResult::Outcome::kChallenge:
      if (challenges_ < transport_.security->limits().challenges_max) {
        SendChallenge(logon, result);
        break;
      }
      [[fallthrough]];
    case LogOnResult::Outcome::kRefused: {
      const absl::Status refused =
          result.refused.ok() ? MakeError(ErrorCode::kAuthentication, "authentication failed")
                              : result.refused;
      host_.engine().Reject(*session_, logon, refused);
      connection_.Close(ErrorCodeOf(refused) == ErrorCode::kNotEntitled ? "entitlement" : "auth");
      break;
    }
  }
  OPENSSL_cleanse(logon_frame_.data(), logon_frame_.size());
  logon_frame_.clear();
  ScheduleDeferred();
}

void AmpsSession::SendChallenge(const Command& logon, const LogOnResult& result) {
  ++challenges_;
  challenge_state_ = result.challenge_state;
  ServerMessage message;
  message.type = ServerMessageType::kAck;
  message.ack.add(AckType::kProcessed);
  message.command_id = logon.command_id;
  message.status = kStatusRetry;
  message.user_id = result.user_id;
  message.password = result.challenge;
  SendMessage(message);
}

void AmpsSession::OnAccessKnown() {
  is_waiting_ = false;
  ScheduleDeferred();
}

void AmpsSession::Dismiss(const absl::Status& why) {
  spdlog::warn("{}: {}", Who(), ToStd(why.message()));
  connection_.Close(ErrorCodeOf(why) == ErrorCode::kNameInUse ? "name in use" : "entitlement");
}

void AmpsSession::LogRefused(std::string_view command, const absl::Status& status) const {
  spdlog::warn("{}: {} refused: {}", Who(), command, ToStd(status.message()));
}

// What cannot be understood cannot be answered: its command id may be part of the damage.
void AmpsSession::Refuse(std::string_view why) {
  spdlog::warn("{}: closing: {}", Who(), why);
  connection_.Close(why);
}

std::string_view AmpsSession::PrefixFor(const Delivery& delivery) {
  const std::string& single = SinglePrefix(*delivery.subscriptions.front(), delivery.topic);
  if (delivery.subscriptions.size() == 1 && delivery.is_plain()) return single;
  return ExtendPrefix(single, delivery);
}

std::string_view AmpsSession::ExtendPrefix(std::string_view single, const Delivery& delivery) {
  constexpr std::string_view kEnd = "\"}";  // of the subscription ids, of the header
  scratch_.assign(single, 0, single.size() - kEnd.size());
  for (const Subscription* subscription : delivery.subscriptions.subspan(1)) {
    scratch_ += ',';
    AppendEscaped(subscription->id, &scratch_);
  }
  if (!delivery.sow_key.empty()) {
    scratch_ += R"(","k":")";
    scratch_ += delivery.sow_key;
  }
  if (!delivery.correlation_id.empty()) {
    scratch_ += R"(","x":")";
    AppendEscaped(delivery.correlation_id, &scratch_);
  }
  if (delivery.timestamp_ns != 0) {
    scratch_ += R"(","ts":")";
    AppendTimestamp(delivery.timestamp_ns, &scratch_);
  }
  scratch_ += kEnd;
  return scratch_;
}

// The header of a delivery for one subscription alone.
const std::string& AmpsSession::SinglePrefix(Subscription& subscription, std::string_view topic) {
  const auto* cached = static_cast<const CachedPrefix*>(subscription.edge.get());
  const bool topic_may_vary = subscription.pattern != nullptr;
  if (cached == nullptr || (topic_may_vary && !EqualText(cached->topic, topic))) [[unlikely]] {
    return MakePrefix(subscription, topic);
  }
  return cached->prefix;
}

const std::string& AmpsSession::MakePrefix(Subscription& subscription, std::string_view topic) {
  auto made = std::make_unique<CachedPrefix>();
  made->prefix = DeliveryPrefix(topic, subscription.id);
  if (subscription.pattern != nullptr) made->topic = topic;
  const std::string& prefix = made->prefix;
  subscription.edge = std::move(made);
  return prefix;
}

bool AmpsSession::Deliver(const Delivery& delivery) {
  if (delivery.out_of_focus != OutOfFocusReason::kNone) return DeliverOutOfFocus(delivery);
  return Send(PrefixFor(delivery), delivery.body);
}

bool AmpsSession::Send(std::string_view prefix, std::string_view body) {
  const size_t size = prefix.size() + body.size();
  if (connection_.closing() || !account_.Charge(size)) return false;
  net::ChunkQueue& output = connection_.output();
  const auto length = static_cast<uint32_t>(size - kFramePrefixBytes);
  if (char* space = output.TryReserve(size)) [[likely]] {
    std::memcpy(space, prefix.data(), prefix.size());
    std::memcpy(space + prefix.size(), body.data(), body.size());
    StoreFrameLength(length, space);
    return true;
  }
  char length_bytes[kFramePrefixBytes];
  StoreFrameLength(length, length_bytes);
  output.Append({length_bytes, sizeof length_bytes});
  output.Append(prefix.substr(kFramePrefixBytes));
  output.Append(body);
  return true;
}

void AmpsSession::Acknowledge(const Ack& ack) {
  ServerMessage message;
  message.type = ServerMessageType::kAck;
  message.ack.add(ack.type);
  message.command_id = ack.command_id;
  message.sub_id = ack.sub_id;
  message.client_name = ack.client_name;
  message.user_id = ack.user_id;
  message.correlation_id = ack.correlation_id;
  message.version = ack.version;
  message.has_sequence = ack.has_sequence;
  message.sequence = ack.sequence;
  message.matches = ack.matches;
  message.topic_matches = ack.topic_matches;
  message.records_returned = ack.records_returned;
  message.records_deleted = ack.records_deleted;
  message.status = ack.error == ErrorCode::kNone ? kStatusSuccess : kStatusFailure;
  std::string reason(ReasonWord(ack.error));
  if (!reason.empty() && !ack.reason.empty()) reason += ": ";
  reason += ack.reason;
  message.reason = reason;
  SendMessage(message);
}

bool AmpsSession::SendMessage(const ServerMessage& message) {
  scratch_.clear();
  AppendServerMessage(message, &scratch_);
  if (connection_.closing() || !account_.Charge(scratch_.size())) return false;
  connection_.output().Append(scratch_);
  return true;
}

void AmpsSession::OnDrained(size_t pending_bytes) {
  const bool had_room = HasRoom();
  account_.Credit(account_.bytes() - pending_bytes);
  if (!had_room && HasRoom()) host_.reactor().StartBackgroundWork();
}

void AmpsSession::OnSweep(int64_t now_ns) {
  const SessionLimits& limits = host_.limits();
  if (connection_.closing()) {
    if (now_ns - connection_.closing_since_ns() > limits.close_timeout_ns) {
      connection_.Abort("connection closed");
    }
    return;
  }
  if (draining_) return CloseWhenDrained();
  if (connection_.handshaking() && now_ns - connected_ns_ > limits.tls_handshake_timeout_ns) {
    return Refuse("no TLS handshake in time");
  }
  if (!session_->logged_on() && now_ns - connected_ns_ > limits.logon_timeout_ns) {
    return Refuse("no logon in time");
  }
  const int64_t unfinished_since_ns = connection_.unfinished_since_ns();
  if (unfinished_since_ns != 0 && !connection_.reading_paused() &&
      now_ns - unfinished_since_ns > limits.frame_timeout_ns) {
    return Refuse("half a frame, then silence");
  }
  // What we do not read we cannot miss.
  if (connection_.reading_paused()) heartbeat_.OnReceived(now_ns);
  switch (heartbeat_.Check(now_ns)) {
    case Heartbeat::Due::kNothing:
      break;
    case Heartbeat::Due::kSend:
      scratch_.clear();
      AppendHeartbeat(&scratch_);
      if (account_.Charge(scratch_.size())) connection_.output().Append(scratch_);
      break;
    case Heartbeat::Due::kClientGone:
      Refuse("heartbeat");
      break;
  }
}

void AmpsSession::Drain() {
  draining_ = true;
  connection_.PauseReading();
  CloseWhenDrained();
}

void AmpsSession::CloseWhenDrained() {
  if (session_->awaits_storage() || session_->queries_unanswered != 0) return;
  if (is_waiting_ || !deferred_.empty()) return;
  connection_.Close("shutdown");
}

void AmpsSession::OnClosed(std::string_view reason) {
  spdlog::info("{}: disconnected: {}", Who(), reason);
  host_.Remove(this);  // this is gone
}

}  // namespace fluxgate::amps
