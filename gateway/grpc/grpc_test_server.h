// For tests: an engine, a reactor on a thread of its own and a GrpcServer behind a listener on the
// loopback address, with clients that use the generated stubs.
#ifndef FLUXGATE_GATEWAY_GRPC_GRPC_TEST_SERVER_H_
#define FLUXGATE_GATEWAY_GRPC_GRPC_TEST_SERVER_H_

#include <grpcpp/grpcpp.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "core/message/json_message_type.h"
#include "fluxgate/v1/gateway.grpc.pb.h"
#include "gateway/grpc/grpc_server.h"
#include "gateway/net/admission.h"
#include "gateway/net/listener.h"
#include "gateway/net/reactor.h"
#include "gateway/net/tls_context.h"
#include "gateway/session/session_host.h"
#include "google/rpc/error_details.pb.h"

namespace fluxgate::grpc_api {

class GrpcTestServer {
 public:
  struct Options {
    GrpcOptions grpc;
    OutboxLimits outboxes;
    EngineLimits engine;
    SowDefinitions sow;
    std::optional<net::TlsOptions> tls;
  };

  explicit GrpcTestServer(const Options& options = {});
  ~GrpcTestServer();

  // A connection of its own.
  std::shared_ptr<grpc::Channel> NewChannel(grpc::ChannelArguments arguments = {});
  std::unique_ptr<v1::PublisherService::Stub> NewPublisher();
  std::unique_ptr<v1::SubscriberService::Stub> NewSubscriber();
  uint16_t port() const { return listener_->port(); }

  // Runs `task` on the reactor and waits for it.
  void OnReactor(std::function<void()> task);
  // Publishes as another edge would.
  void Publish(std::string_view topic, std::string_view body, std::string_view correlation_id = {});
  // Polls on the reactor until `condition` holds; false after some seconds.
  bool Eventually(const std::function<bool()>& condition);

  Engine& engine() { return engine_; }
  SessionHost& host() { return host_; }
  net::AdmissionGate& gate() { return gate_; }
  GrpcServer& server() { return *server_; }
  net::TlsContext& tls() { return *tls_; }
  // Starts a drain; the time until it was done, in seconds.
  double Drain(int64_t timeout_ns);

 private:
  class NullOutbox final : public Outbox {
   public:
    bool Deliver(const Delivery&) override { return true; }
    void Acknowledge(const Ack&) override {}
  };

  JsonMessageType json_;
  net::SystemClock clock_;
  net::Reactor reactor_;
  Engine engine_;
  net::AdmissionGate gate_;
  SessionHost host_;
  NullOutbox null_outbox_;
  Session* publisher_ = nullptr;
  std::unique_ptr<net::Listener> listener_;
  const TransportInfo transport_ = {"grpc", ""};
  std::unique_ptr<net::TlsContext> tls_;
  std::unique_ptr<GrpcServer> server_;
  std::thread thread_;
};

// A stored topic with the key field /id; its records may expire.
SowDefinitions Stored(const std::string& topic);

// What a client finds in the details of a status.
std::string ReasonOf(const grpc::Status& status);
google::rpc::BadRequest BadRequestOf(const grpc::Status& status);

}  // namespace fluxgate::grpc_api

#endif  // FLUXGATE_GATEWAY_GRPC_GRPC_TEST_SERVER_H_
