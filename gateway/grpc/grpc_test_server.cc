#include "gateway/grpc/grpc_test_server.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <future>
#include <utility>

#include "core/base/error.h"
#include "google/rpc/status.pb.h"

namespace fluxgate::grpc_api {
namespace {

constexpr auto kPatience = std::chrono::seconds(20);

EngineOptions WithLimits(const EngineLimits& limits) {
  EngineOptions options;
  options.version = "test";
  options.limits = limits;
  return options;
}

}  // namespace

GrpcTestServer::GrpcTestServer(const Options& options)
    : json_(MessageLimits{}),
      engine_(WithLimits(options.engine), {&json_}, clock_),
      gate_({}),
      host_(reactor_, engine_, options.outboxes, SessionLimits{}) {
  if (options.tls.has_value()) {
    auto tls = net::TlsContext::Create(*options.tls);
    if (!tls.ok()) std::abort();
    tls_ = *std::move(tls);
  }
  auto server = GrpcServer::Start(host_, transport_, options.grpc, tls_.get());
  if (!server.ok()) std::abort();
  server_ = *std::move(server);
  net::ListenAddress address;
  address.host = "127.0.0.1";
  auto listener = net::Listener::Listen(reactor_, gate_, address, [this](net::Accepted accepted) {
    server_->HandOver(std::move(accepted));
  });
  if (!listener.ok()) std::abort();
  listener_ = *std::move(listener);

  if (!engine_.DefineTopics(options.sow).ok()) std::abort();
  publisher_ = engine_.OpenSession(null_outbox_);
  Command logon;
  logon.type = CommandType::kLogon;
  logon.client_name = "test";
  logon.message_type = "json";
  if (!engine_.Execute(*publisher_, logon).ok()) std::abort();
  thread_ = std::thread([this] { reactor_.Run(); });
}

GrpcTestServer::~GrpcTestServer() {
  OnReactor([this] { listener_->Close(); });
  reactor_.Stop();
  thread_.join();
  server_.reset();
}

std::shared_ptr<grpc::Channel> GrpcTestServer::NewChannel(grpc::ChannelArguments arguments) {
  static std::atomic<int> number{0};
  // Arguments that differ keep channels from sharing a connection.
  arguments.SetInt("fluxgate.test.channel", ++number);
  return grpc::CreateCustomChannel("127.0.0.1:" + std::to_string(listener_->port()),
                                   grpc::InsecureChannelCredentials(), arguments);
}

std::unique_ptr<v1::PublisherService::Stub> GrpcTestServer::NewPublisher() {
  return v1::PublisherService::NewStub(NewChannel());
}

std::unique_ptr<v1::SubscriberService::Stub> GrpcTestServer::NewSubscriber() {
  return v1::SubscriberService::NewStub(NewChannel());
}

void GrpcTestServer::OnReactor(std::function<void()> task) {
  std::promise<void> done;
  reactor_.Post([&] {
    task();
    done.set_value();
  });
  done.get_future().wait();
}

void GrpcTestServer::Publish(std::string_view topic, std::string_view body,
                             std::string_view correlation_id) {
  OnReactor([&] {
    std::string padded(body);
    padded.resize(body.size() + kBodyPaddingBytes);
    Command command;
    command.type = CommandType::kPublish;
    command.topic = topic;
    command.body = std::string_view(padded).substr(0, body.size());
    command.correlation_id = correlation_id;
    const absl::Status status = engine_.Execute(*publisher_, command);
    EXPECT_TRUE(status.ok()) << ErrorText(status);
  });
}

bool GrpcTestServer::Eventually(const std::function<bool()>& condition) {
  const auto end = std::chrono::steady_clock::now() + kPatience;
  while (std::chrono::steady_clock::now() < end) {
    bool holds = false;
    OnReactor([&] { holds = condition(); });
    if (holds) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return false;
}

double GrpcTestServer::Drain(int64_t timeout_ns) {
  std::promise<void> done;
  const auto begin = std::chrono::steady_clock::now();
  OnReactor([&] { server_->Drain(timeout_ns, [&] { done.set_value(); }); });
  done.get_future().wait();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

namespace {

template <typename Detail>
Detail DetailOf(const grpc::Status& status) {
  google::rpc::Status details;
  EXPECT_TRUE(details.ParseFromString(status.error_details()));
  Detail detail;
  for (const auto& any : details.details()) {
    if (any.UnpackTo(&detail)) break;
  }
  return detail;
}

}  // namespace

SowDefinitions Stored(const std::string& topic) {
  SowTopicDefinition definition;
  definition.name = topic;
  definition.message_type = "json";
  definition.key_fields = {"/id"};
  definition.expires = true;
  return {definition};
}

std::string ReasonOf(const grpc::Status& status) {
  return DetailOf<google::rpc::ErrorInfo>(status).reason();
}

google::rpc::BadRequest BadRequestOf(const grpc::Status& status) {
  return DetailOf<google::rpc::BadRequest>(status);
}

}  // namespace fluxgate::grpc_api
