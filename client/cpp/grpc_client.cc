#include "client/cpp/grpc_client.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <utility>

#include "absl/strings/escaping.h"
#include "client/cpp/grpc_status.h"
#include "core/base/error.h"
#include "core/base/strings.h"

namespace fluxgate::client {
namespace {

// One request, at least: worth a write of its own.
constexpr size_t kBatchBytes = 64 << 10;
constexpr int kBatchMessages = 1024;

std::string Authorization(const UserPassword& credentials) {
  if (credentials.user.empty()) return {};
  return "Basic " + absl::Base64Escape(credentials.user + ":" + credentials.password);
}

absl::Status ReadFile(std::string_view option, const std::string& file, std::string* text) {
  if (file.empty()) return absl::OkStatus();
  std::ifstream in(file, std::ios::binary);
  text->assign(std::istreambuf_iterator<char>(in), {});
  if (in && !text->empty()) return absl::OkStatus();
  return MakeError(ErrorCode::kBadOption, fmt::format("{} {} cannot be read", option, file));
}

absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> CredentialsFor(const Uri& uri) {
  if (!uri.tls) return grpc::InsecureChannelCredentials();
  grpc::SslCredentialsOptions options;
  const TlsUriOptions& files = uri.tls_options;
  absl::Status status = ReadFile("ca_file", files.ca_file, &options.pem_root_certs);
  if (status.ok()) status = ReadFile("certificate", files.certificate, &options.pem_cert_chain);
  if (status.ok()) status = ReadFile("private_key", files.private_key, &options.pem_private_key);
  if (!status.ok()) return status;
  return grpc::SslCredentials(options);
}

}  // namespace

absl::StatusOr<std::unique_ptr<Client>> GrpcClient::Connect(const Uri& uri,
                                                            const ClientOptions& options) {
  auto channel_credentials = CredentialsFor(uri);
  if (!channel_credentials.ok()) return channel_credentials.status();
  const auto source = options.credentials != nullptr ? options.credentials : CredentialsOfUri(uri);
  const auto credentials = source->Credentials({.address = uri.Address(), .user = uri.user});
  if (!credentials.ok()) return credentials.status();
  std::unique_ptr<GrpcClient> client(
      new GrpcClient(uri, options, Authorization(*credentials), *channel_credentials));
  // The first call connects; one that publishes nothing does no harm.
  const auto ping = client->Ping();
  if (absl::IsUnavailable(ping.status())) {
    return absl::UnavailableError(
        fmt::format("cannot connect to {}: {}; is the gateway running, and is this its grpc port?",
                    client->address_, ErrorText(ping.status())));
  }
  const bool is_refused =
      absl::IsUnauthenticated(ping.status()) || absl::IsPermissionDenied(ping.status());
  if (ping.ok() || is_refused) source->Completed(ping.ok(), ToStd(ping.status().message()));
  if (!ping.ok()) return ping.status();
  return client;
}

GrpcClient::GrpcClient(const Uri& uri, const ClientOptions& options, std::string authorization,
                       const std::shared_ptr<grpc::ChannelCredentials>& credentials)
    : address_(uri.Address()),
      message_type_(uri.message_type),
      authorization_(std::move(authorization)),
      options_(options) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(-1);
  // A connection of its own, without the back-off that another client's failure left behind.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  auto channel = grpc::CreateCustomChannel(address_, credentials, arguments);
  publisher_ = v1::PublisherService::NewStub(channel);
  subscriber_ = v1::SubscriberService::NewStub(channel);
}

GrpcClient::~GrpcClient() { Close(); }

void GrpcClient::Prepare(grpc::ClientContext& context) {
  if (!authorization_.empty()) context.AddMetadata("authorization", authorization_);
}

absl::Status GrpcClient::ErrorOf(std::string_view what, const grpc::Status& status) const {
  if (status.ok()) {
    return absl::UnavailableError(fmt::format("{} ended the {}", address_, what));
  }
  return absl::Status(
      static_cast<absl::StatusCode>(status.error_code()),
      ToAbsl(fmt::format("{} with {}: {}", what, address_, status.error_message())));
}

void GrpcClient::Fail(absl::Status status) {
  if (broken_.ok()) broken_ = std::move(status);
}

absl::StatusOr<std::chrono::nanoseconds> GrpcClient::Ping() {
  if (!broken_.ok()) return broken_;
  grpc::ClientContext context;
  Prepare(context);
  context.set_deadline(Clock::now() + options_.connect_timeout);
  v1::PublishResponse response;
  const auto start = std::chrono::steady_clock::now();
  const grpc::Status status = publisher_->Publish(&context, v1::PublishRequest(), &response);
  if (!status.ok()) {
    return absl::Status(static_cast<absl::StatusCode>(status.error_code()),
                        ToAbsl(status.error_message()));
  }
  return std::chrono::steady_clock::now() - start;
}

// ---- streams ----------------------------------------------------------------

void GrpcClient::OpenPublish() {
  publish_ = std::make_unique<PublishStream>(true);
  Prepare(publish_->context);
  publish_->next.mutable_open()->set_ack_level(v1::ACK_LEVEL_PROCESSED);
  publish_->call = publisher_->AsyncPublishStream(&publish_->context, &queue_, &publish_->opened);
}

void GrpcClient::OpenSubscribe() {
  subscribe_ = std::make_unique<SubscribeStream>(false);
  Prepare(subscribe_->context);
  subscribe_->call =
      subscriber_->AsyncSubscribeStream(&subscribe_->context, &queue_, &subscribe_->opened);
}

template <typename S>
void GrpcClient::WriteNext(S& stream) {
  if (stream.busy || stream.finishing || !stream.has_next) return;
  std::swap(stream.next, stream.in_flight);
  stream.next.Clear();
  stream.has_next = false;
  stream.busy = true;
  if constexpr (std::is_same_v<S, PublishStream>) next_bytes_ = 0;
  stream.call->Write(stream.in_flight, &stream.written);
}

template <typename S>
void GrpcClient::ReadNext(S& stream) {
  if (stream.reading || stream.finishing || !stream.open) return;
  if (stream.response == nullptr) {
    if constexpr (std::is_same_v<S, SubscribeStream>) {
      // The rest waits with the gateway until the caller has read some.
      if (unread_bytes_ > options_.unread_bytes_max) return;
      if (!free_.empty()) {
        stream.response = std::move(free_.back());
        free_.pop_back();
      }
    }
    if (stream.response == nullptr) {
      stream.response = std::make_unique<std::decay_t<decltype(*stream.response)>>();
    }
  }
  stream.reading = true;
  stream.call->Read(stream.response.get(), &stream.read);
}

template <typename S>
void GrpcClient::Handle(S& stream, Event event, bool ok) {
  switch (event) {
    case Event::kOpened:
    case Event::kWritten:
      stream.busy = false;
      if (event == Event::kOpened && ok) {
        stream.open = true;
        ReadNext(stream);
      }
      if (ok) WriteNext(stream);
      break;
    case Event::kRead:
      stream.reading = false;
      if (ok) {
        OnResponse(stream);
        ReadNext(stream);
      }
      break;
    case Event::kFinished:
      Fail(ErrorOf(std::is_same_v<S, PublishStream> ? "publish stream" : "subscribe stream",
                   stream.status));
      return;
  }
  if (!ok && !stream.finishing) {
    stream.finishing = true;
    stream.call->Finish(&stream.status, &stream.finished);
  }
}

// For grpc_client_subscribe.cc.
template void GrpcClient::WriteNext(PublishStream& stream);
template void GrpcClient::WriteNext(SubscribeStream& stream);
template void GrpcClient::ReadNext(SubscribeStream& stream);

bool GrpcClient::Pump(Deadline deadline) {
  void* tag = nullptr;
  bool ok = false;
  if (queue_.AsyncNext(&tag, &ok, deadline) != grpc::CompletionQueue::GOT_EVENT) return false;
  const Tag& what = *static_cast<const Tag*>(tag);
  if (what.publishing) {
    Handle(*publish_, what.event, ok);
  } else {
    Handle(*subscribe_, what.event, ok);
  }
  return true;
}

// ---- publishing -------------------------------------------------------------

absl::Status GrpcClient::Publish(std::string_view topic, std::string_view body,
                                 const PublishOptions& options) {
  if (!broken_.ok()) [[unlikely]]
    return broken_;
  if (publish_ == nullptr) OpenPublish();
  v1::Message* message = publish_->next.add_messages();
  message->set_topic(topic.data(), topic.size());
  message->set_payload(body.data(), body.size());
  if (!message_type_.empty()) message->set_message_type(message_type_);
  if (!options.sow_key.empty()) message->set_key(options.sow_key.data(), options.sow_key.size());
  if (options.delta) message->set_delta(true);
  if (options.expiration_s >= 0) message->mutable_ttl()->set_seconds(options.expiration_s);
  publish_->has_next = true;
  next_bytes_ += topic.size() + body.size();
  if (next_bytes_ < kBatchBytes && publish_->next.messages_size() < kBatchMessages) {
    return absl::OkStatus();
  }
  // Until this batch is on its way; the one before has left then.
  const Deadline deadline = CommandDeadline();
  while (true) {
    WriteNext(*publish_);
    if (!broken_.ok()) return broken_;
    if (!publish_->has_next) return absl::OkStatus();
    if (!Pump(deadline)) {
      return absl::DeadlineExceededError(
          fmt::format("{} takes no more messages; is it stopped or overloaded?", address_));
    }
  }
}

absl::Status GrpcClient::PublishChecked(std::string_view topic, std::string_view body,
                                        const PublishOptions& options) {
  if (absl::Status status = Publish(topic, body, options); !status.ok()) return status;
  return Flush();
}

absl::Status GrpcClient::Send() { return SendBy(CommandDeadline()); }

absl::Status GrpcClient::SendBy(Deadline deadline) {
  if (!broken_.ok()) return broken_;
  if (publish_ == nullptr) return absl::OkStatus();
  while (true) {
    WriteNext(*publish_);
    if (!broken_.ok()) return broken_;
    if (!publish_->has_next && !publish_->busy) return absl::OkStatus();
    if (!Pump(deadline)) {
      return absl::DeadlineExceededError(
          fmt::format("{} takes no more messages; is it stopped or overloaded?", address_));
    }
  }
}

absl::Status GrpcClient::Flush() {
  if (!broken_.ok()) return broken_;
  if (publish_ == nullptr) return absl::OkStatus();
  const Deadline deadline = CommandDeadline();
  publish_->next.mutable_flush()->set_flush_id(++last_flush_);
  publish_->has_next = true;
  while (flushed_ < last_flush_) {
    WriteNext(*publish_);
    if (!broken_.ok()) return broken_;
    if (!Pump(deadline)) {
      return absl::DeadlineExceededError(
          fmt::format("flush was not answered by {} in time", address_));
    }
  }
  if (first_refusal_.ok()) return absl::OkStatus();
  absl::Status refusal = std::exchange(first_refusal_, absl::OkStatus());
  const uint64_t count = std::exchange(refused_count_, 0);
  if (count == 1) return refusal;
  return absl::Status(refusal.code(), ToAbsl(fmt::format("{} messages refused; the first: {}",
                                                         count, ErrorText(refusal))));
}

void GrpcClient::OnResponse(PublishStream& stream) {
  const v1::PublishStreamResponse& response = *stream.response;
  for (const v1::PublishFailure& failure : response.ack().failures()) {
    if (refused_count_++ == 0) {
      first_refusal_ =
          absl::Status(static_cast<absl::StatusCode>(failure.error().code()),
                       ToAbsl(fmt::format("message {} refused by {}: {}", failure.sequence(),
                                          address_, ErrorText(ToStatus(failure.error())))));
    }
  }
  for (const v1::PublishFlushed& flushed : response.flushed()) {
    flushed_ = std::max(flushed_, flushed.flush_id());
  }
}

void GrpcClient::Close() {
  if (std::exchange(closed_, true)) return;
  if (broken_.ok() && publish_ != nullptr && publish_->has_next) {
    (void)SendBy(Clock::now() + std::chrono::milliseconds(100));
  }
  if (publish_ != nullptr) publish_->context.TryCancel();
  if (subscribe_ != nullptr) subscribe_->context.TryCancel();
  queue_.Shutdown();
  void* tag = nullptr;
  bool ok = false;
  while (queue_.Next(&tag, &ok)) {
  }
  Fail(absl::FailedPreconditionError(fmt::format("the client of {} is closed", address_)));
}

}  // namespace fluxgate::client
