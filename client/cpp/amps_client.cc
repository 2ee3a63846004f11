#include "client/cpp/amps_client.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <utility>

#include "client/cpp/socket.h"
#include "core/base/error.h"
#include "core/base/strings.h"
#include "gateway/amps/amps_encoder.h"

namespace fluxgate::client {
namespace {

// Worth a system call.
constexpr size_t kSendBatchBytes = 64 << 10;
constexpr size_t kReceiveBytes = 512 << 10;
// More than any gateway is configured for: its limits decide, these guard this process.
constexpr uint64_t kHeaderBytesMax = 16ull << 20;
constexpr uint64_t kBodyBytesMax = 1ull << 30;

// More than any gateway asks for, which has a limit of its own.
constexpr uint32_t kLogonAttemptsMax = 16;

constexpr std::string_view kVersion = "fluxgate-cpp 0.1.0";

std::string DefaultClientName() {
  static std::atomic<int> number{0};
  return fmt::format("fluxgate-cpp-{}-{}", getpid(), ++number);
}

Command PublishCommand(std::string_view topic, std::string_view body,
                       const PublishOptions& options) {
  Command publish;
  publish.type = options.delta ? CommandType::kDeltaPublish : CommandType::kPublish;
  publish.topic = topic;
  publish.body = body;
  publish.sow_key = options.sow_key;
  publish.expiration_s = options.expiration_s;
  return publish;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Client>> AmpsClient::Connect(const Uri& uri,
                                                            const ClientOptions& options) {
  auto fd = ConnectSocket(uri, options.connect_timeout);
  if (!fd.ok()) return fd.status();
  std::unique_ptr<AmpsClient> client(new AmpsClient(*fd, uri, options));
  if (uri.tls) {
    auto tls = TlsStream::Connect(*fd, uri, options.connect_timeout);
    if (!tls.ok()) return tls.status();
    client->tls_ = *std::move(tls);
  }
  if (absl::Status status = client->Logon(uri); !status.ok()) return status;
  return client;
}

AmpsClient::AmpsClient(int fd, const Uri& uri, const ClientOptions& options)
    : fd_(fd),
      address_(uri.Address()),
      options_(options),
      decoder_({.header_bytes_max = kHeaderBytesMax, .body_bytes_max = kBodyBytesMax}) {}

AmpsClient::~AmpsClient() { Close(); }

amps::FrameLimits AmpsClient::limits() const {
  return {.header_bytes_max = kHeaderBytesMax, .body_bytes_max = kBodyBytesMax};
}

absl::Status AmpsClient::Logon(const Uri& uri) {
  const std::string name =
      options_.client_name.empty() ? DefaultClientName() : options_.client_name;
  const auto source =
      options_.credentials != nullptr ? options_.credentials : CredentialsOfUri(uri);
  const Clock::time_point deadline = Clock::now() + options_.connect_timeout;
  LogonAttempt attempt{.address = address_, .user = uri.user};
  while (true) {
    const auto credentials = source->Credentials(attempt);
    if (!credentials.ok()) return credentials.status();
    Command logon;
    logon.type = CommandType::kLogon;
    logon.client_name = name;
    logon.user_id = credentials->user;
    logon.password = credentials->password;
    logon.message_type = uri.message_type;
    logon.version = kVersion;
    const absl::Status status = Execute(logon, "logon", deadline);
    // Only of an answer decoder_ has the ack.
    if (!status.ok() && !absl::IsInvalidArgument(status)) return status;
    const amps::ServerMessage& ack = decoder_.message();
    if (ack.status != amps::kStatusRetry) {
      if (status.ok()) server_version_ = ack.version;
      source->Completed(status.ok(), ack.reason);
      return status;
    }
    if (attempt.attempt == kLogonAttemptsMax) {
      return MakeError(ErrorCode::kAuthentication,
                       fmt::format("{} has sent {} challenges and does not come to an end",
                                   address_, kLogonAttemptsMax));
    }
    if (!ack.user_id.empty()) attempt.user = ack.user_id;
    attempt.challenge = ack.password;
    ++attempt.attempt;
  }
}

absl::Status AmpsClient::Publish(std::string_view topic, std::string_view body,
                                 const PublishOptions& options) {
  if (!broken_.ok()) [[unlikely]]
    return broken_;
  if (body.size() > kBodyBytesMax) {
    return absl::InvalidArgumentError(
        fmt::format("a message of {} bytes is over the limit of {}", body.size(), kBodyBytesMax));
  }
  if (options.empty()) [[likely]] {
    if (topic != publish_topic_ || publish_prefix_.empty()) {
      publish_topic_ = topic;
      publish_prefix_ = amps::PublishPrefix(topic);
    }
    amps::AppendWithPrefix(publish_prefix_, body, &out_);
  } else {
    amps::AppendCommand(PublishCommand(topic, body, options), &out_);
  }
  return out_.size() < kSendBatchBytes ? absl::OkStatus() : Send();
}

absl::Status AmpsClient::PublishChecked(std::string_view topic, std::string_view body,
                                        const PublishOptions& options) {
  return Execute(PublishCommand(topic, body, options), fmt::format("publish to '{}'", topic),
                 Clock::now() + options_.command_timeout);
}

absl::Status AmpsClient::Send() {
  if (!broken_.ok()) return broken_;
  while (out_sent_ < out_.size()) {
    const ssize_t sent = SendBytes(out_.data() + out_sent_, out_.size() - out_sent_);
    if (sent >= 0) {
      out_sent_ += static_cast<size_t>(sent);
    } else if (errno == EAGAIN) {
      // Receiving meanwhile: a gateway that waits for us to take its messages takes none of ours.
      absl::Status status = Wait(/*to_send=*/true, Clock::now() + options_.command_timeout);
      if (!status.ok()) return status;
    } else if (errno != EINTR) {
      const std::string text =
          fmt::format("connection to {} lost: {}", address_, SystemErrorText(errno));
      return Fail(absl::UnavailableError(text));
    }
  }
  out_.clear();
  out_sent_ = 0;
  return absl::OkStatus();
}

absl::Status AmpsClient::Flush() {
  Command flush;
  flush.type = CommandType::kFlush;
  return Execute(flush, "flush", Clock::now() + options_.command_timeout);
}

absl::Status AmpsClient::Unsubscribe(std::string_view subscription_id) {
  Command unsubscribe;
  unsubscribe.type = CommandType::kUnsubscribe;
  unsubscribe.sub_id = subscription_id;
  return Execute(unsubscribe, fmt::format("unsubscribe of '{}'", subscription_id),
                 Clock::now() + options_.command_timeout);
}

absl::StatusOr<std::chrono::nanoseconds> AmpsClient::Ping() {
  // What is queued before does not belong to the time.
  if (absl::Status status = Send(); !status.ok()) return status;
  const Clock::time_point start = Clock::now();
  if (absl::Status status = Flush(); !status.ok()) return status;
  return Clock::now() - start;
}

void AmpsClient::Close() {
  if (fd_ < 0) return;
  if (broken_.ok() && out_sent_ < out_.size()) {
    (void)SendBytes(out_.data() + out_sent_, out_.size() - out_sent_);
  }
  if (tls_ != nullptr && broken_.ok()) tls_->Shutdown();
  close(std::exchange(fd_, -1));
  if (broken_.ok()) {
    broken_ = absl::FailedPreconditionError(fmt::format("the client of {} is closed", address_));
  }
}

absl::Status AmpsClient::Execute(Command command, std::string_view what,
                                 Clock::time_point deadline) {
  if (!broken_.ok()) return broken_;
  const std::string id = fmt::format("{}", ++last_id_);
  command.command_id = id;
  command.acks.add(AckType::kProcessed);
  amps::AppendCommand(command, &out_);
  if (absl::Status status = Send(); !status.ok()) return status;
  return AwaitAck(id, AckType::kProcessed, what, deadline);
}

absl::Status AmpsClient::AwaitAck(std::string_view command_id, AckType type, std::string_view what,
                                  Clock::time_point deadline) {
  while (true) {
    auto found = FindAck(command_id, type);
    if (!found.ok()) return found.status();
    if (*found) break;
    if (!broken_.ok()) return broken_;
    absl::Status status = Wait(/*to_send=*/false, deadline);
    if (absl::IsDeadlineExceeded(status)) {
      return absl::DeadlineExceededError(
          fmt::format("{} was not answered by {} in time", what, address_));
    }
    if (absl::IsResourceExhausted(status)) return status;
  }
  const amps::ServerMessage& ack = decoder_.message();
  if (ack.ok()) return absl::OkStatus();
  return absl::InvalidArgumentError(
      fmt::format("{} refused by {}: {}", what, address_, ack.reason));
}

absl::StatusOr<bool> AmpsClient::FindAck(std::string_view command_id, AckType type) {
  while (true) {
    size_t consumed = 0;
    const auto read = ReadFrame(in_.bytes().substr(scanned_), &consumed);
    scanned_ += consumed;
    if (!read.ok() || !*read) return read;
    const amps::ServerMessage& message = decoder_.message();
    if (message.type == amps::ServerMessageType::kAck && message.command_id == command_id &&
        message.ack.has(type)) {
      return true;
    }
  }
}

absl::Status AmpsClient::Fail(absl::Status status) {
  if (broken_.ok()) broken_ = std::move(status);
  return broken_;
}

ssize_t AmpsClient::ReceiveBytes(char* to, size_t size) {
  return tls_ != nullptr ? tls_->Receive(to, size) : recv(fd_, to, size, MSG_DONTWAIT);
}

ssize_t AmpsClient::SendBytes(const char* bytes, size_t size) {
  return tls_ != nullptr ? tls_->Send(bytes, size)
                         : send(fd_, bytes, size, MSG_NOSIGNAL | MSG_DONTWAIT);
}

absl::Status AmpsClient::ReceiveSome() {
  if (!broken_.ok()) return broken_;
  if (const uint64_t unread = in_.size() + kept_.size(); unread > options_.unread_bytes_max) {
    return absl::ResourceExhaustedError(
        fmt::format("{} bytes from {} wait to be read; call Next more often", unread, address_));
  }
  char* const room = in_.Reserve(kReceiveBytes);
  const ssize_t received = ReceiveBytes(room, in_.room());
  if (received > 0) {
    in_.Commit(static_cast<size_t>(received));
    return absl::OkStatus();
  }
  if (received < 0 && (errno == EAGAIN || errno == EINTR)) return absl::OkStatus();
  return Fail(absl::UnavailableError(
      received == 0 ? fmt::format("{} closed the connection", address_)
                    : fmt::format("connection to {} lost: {}", address_, SystemErrorText(errno))));
}

absl::Status AmpsClient::Wait(bool to_send, Clock::time_point deadline) {
  while (true) {
    const auto left = std::chrono::ceil<milliseconds>(deadline - Clock::now()).count();
    if (left <= 0) {
      return absl::DeadlineExceededError(
          fmt::format("{} takes no more messages; is it stopped or overloaded?", address_));
    }
    if (tls_ != nullptr && tls_->holds_input()) return ReceiveSome();
    pollfd event{fd_, POLLIN, 0};
    if (to_send) event.events |= POLLOUT;
    const int ready = poll(&event, 1, static_cast<int>(std::min<int64_t>(left, 1 << 30)));
    if (ready < 0 && errno != EINTR) {
      return Fail(absl::UnavailableError(
          fmt::format("connection to {} lost: {}", address_, SystemErrorText(errno))));
    }
    if (ready > 0) return (event.revents & ~POLLOUT) != 0 ? ReceiveSome() : absl::OkStatus();
  }
}

}  // namespace fluxgate::client
