#include "gateway/grpc/grpc_server.h"

#include <fcntl.h>
#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/health_check_service_interface.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <spdlog/spdlog.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <utility>

#include "core/base/error.h"
#include "core/base/thread_activity.h"
#include "gateway/grpc/connection_watch.h"
#include "gateway/grpc/publisher_service.h"
#include "gateway/grpc/stream_hub.h"
#include "gateway/grpc/subscriber_service.h"
#include "gateway/grpc/tls_credentials.h"
#include "grpc/health/v1/health.pb.h"

namespace fluxgate {
namespace {

using Acceptor = grpc::experimental::ExternalConnectionAcceptor;

// For calls that are not ours, such as watches of the health service: they end last.
constexpr std::chrono::milliseconds kForeignCallsGrace(200);

int Milliseconds(int64_t ns) {
  return static_cast<int>(std::min<int64_t>(ns / 1'000'000, INT32_MAX));
}

void SetArguments(grpc::ServerBuilder& builder, const GrpcOptions& options) {
  builder.SetMaxReceiveMessageSize(static_cast<int>(options.request_bytes_max));
  builder.SetMaxSendMessageSize(-1);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS,
                             static_cast<int>(options.streams_per_connection_max));
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS,
                             Milliseconds(options.keepalive_interval_ns));
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS,
                             Milliseconds(options.keepalive_timeout_ns));
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
                             Milliseconds(options.client_ping_interval_min_ns));
  // A small compressed request can expand to anything.
  builder.SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_DEFLATE, false);
  builder.SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_GZIP, false);
}

}  // namespace

class GrpcServer::Parts {
 public:
  Parts(SessionHost& host, const TransportInfo& transport, const GrpcOptions& options)
      : reactor(host.reactor()),
        hub(std::make_shared<grpc_api::StreamHub>(host, transport, options)),
        publisher_service(hub),
        subscriber_service(hub),
        connections(host.reactor()) {}

  void DrainIsOver() {
    std::lock_guard lock(mutex);
    drained = true;
    drain_changed.notify_all();
  }

  net::Reactor& reactor;
  const std::shared_ptr<grpc_api::StreamHub> hub;
  grpc_api::PublisherService publisher_service;
  grpc_api::SubscriberService subscriber_service;
  grpc_api::ConnectionWatch connections;
  std::shared_ptr<grpc::ServerCredentials> credentials = grpc::InsecureServerCredentials();
  std::unique_ptr<Acceptor> acceptor;
  std::unique_ptr<grpc::Server> server;
  bool draining = false;

  std::mutex mutex;
  std::condition_variable drain_changed;
  bool drained = false;  // guarded by mutex
};

GrpcServer::GrpcServer(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

absl::StatusOr<std::unique_ptr<GrpcServer>> GrpcServer::Start(SessionHost& host,
                                                              const TransportInfo& transport,
                                                              const GrpcOptions& options,
                                                              const net::TlsContext* tls) {
  // Linked in by name, so that reflection can describe the health service.
  grpc::health::v1::HealthCheckRequest::descriptor();
  grpc::EnableDefaultHealthCheckService(true);
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();

  auto parts = std::make_unique<Parts>(host, transport, options);
  grpc::ServerBuilder builder;
  SetArguments(builder, options);
  builder.RegisterService(&parts->publisher_service);
  builder.RegisterService(&parts->subscriber_service);
  if (tls != nullptr) {
    builder.AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS,
                               Milliseconds(options.tls_handshake_timeout_ns));
    parts->credentials = grpc_api::NewTlsCredentials(*tls);
  }
  parts->acceptor = builder.experimental().AddExternalConnectionAcceptor(
      grpc::ServerBuilder::experimental_type::ExternalConnectionType::FROM_FD, parts->credentials);
  parts->server = builder.BuildAndStart();
  if (parts->server == nullptr || parts->acceptor == nullptr) {
    return MakeError(ErrorCode::kInternal, "the gRPC library's server does not start");
  }
  grpc::HealthCheckServiceInterface* health = parts->server->GetHealthCheckService();
  health->SetServingStatus("fluxgate.v1.PublisherService", true);
  health->SetServingStatus("fluxgate.v1.SubscriberService", true);
  return std::unique_ptr<GrpcServer>(new GrpcServer(std::move(parts)));
}

GrpcServer::~GrpcServer() {
  if (drain_thread_.joinable()) {
    // Nothing moves any more when the reactor has stopped: what is left is cut off now.
    parts_->DrainIsOver();
    drain_thread_.join();
  }
  parts_->server->Shutdown(std::chrono::system_clock::now());
  parts_->hub->ShutDown();
}

void GrpcServer::HandOver(net::Accepted accepted) {
  // gRPC leaves the descriptor open when it refuses a connection, so it is never asked to.
  if (parts_->draining) {
    close(accepted.fd);
    return;
  }
  absl::Status watched = parts_->connections.Add(accepted.fd, std::move(accepted.admission));
  if (!watched.ok()) {
    spdlog::warn("gRPC connection from {} refused: {}", accepted.peer, ErrorText(watched));
    close(accepted.fd);
    return;
  }
  fcntl(accepted.fd, F_SETFL, fcntl(accepted.fd, F_GETFL) | O_NONBLOCK);
  const int on = 1;
  setsockopt(accepted.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);  // not on unix sockets
  Acceptor::NewConnectionParameters parameters;
  parameters.fd = accepted.fd;
  parts_->acceptor->HandleNewConnection(&parameters);
}

void GrpcServer::Drain(int64_t timeout_ns, std::function<void()> done) {
  if (parts_->draining) return;
  parts_->draining = true;
  parts_->server->GetHealthCheckService()->SetServingStatus(false);

  const auto now = std::chrono::system_clock::now();
  const auto deadline = now + std::chrono::nanoseconds(timeout_ns);
  Parts& parts = *parts_;
  parts.hub->Drain(std::min(parts.hub->options().drain_grace_ns, timeout_ns / 2),
                   [&parts] { parts.DrainIsOver(); });
  // Shutdown waits for calls, and calls for the reactor.
  drain_thread_ = std::thread([&parts, deadline, done = std::move(done)] {
    const RegisteredThread registered("grpc-drain");
    // It waits and does nothing else; both waits have their own end.
    ThreadActivity::Idle();
    {
      std::unique_lock lock(parts.mutex);
      parts.drain_changed.wait_until(lock, deadline - kForeignCallsGrace,
                                     [&] { return parts.drained; });
    }
    parts.server->Shutdown(
        std::min(deadline, std::chrono::system_clock::now() + kForeignCallsGrace));
    parts.reactor.Post(done);
  });
}

size_t GrpcServer::connection_count() const { return parts_->connections.size(); }
size_t GrpcServer::stream_count() const { return parts_->hub->stream_count(); }

}  // namespace fluxgate
