#include "tests/support/test_gateway.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <charconv>
#include <filesystem>

#include "core/base/strings.h"

namespace fluxgate::testing {
namespace {

uint16_t PortOf(const std::string& address) {
  return static_cast<uint16_t>(std::stoi(address.substr(address.rfind(':') + 1)));
}

}  // namespace

void DefineStateTopics(config::Config& config) {
  SowTopicDefinition state;
  state.name = "state";
  state.pattern = "state/.+";
  state.message_type = "json";
  state.key_fields = {"/id"};
  SowTopicDefinition named;
  named.name = "named";
  named.message_type = "json";
  named.key_source = SowTopicDefinition::KeySource::kPublisher;
  named.expires = true;
  config.sow = {state, named};
}

TestGateway::TestGateway(const std::function<void(config::Config&)>& adjust) {
  // Not below TEST_TMPDIR: a unix socket's path has to be short.
  char directory[] = "/tmp/fluxgate-test-XXXXXX";
  directory_ = mkdtemp(directory);
  unix_path_ = directory_ + "/socket";

  config::Config config;
  config.message_memory_limit_bytes = 1ull << 30;
  config::Transport tcp;
  tcp.name = "tcp";
  tcp.protocol = "amps";
  tcp.message_type = "json";
  tcp.host = "127.0.0.1";
  config::Transport unix_socket = tcp;
  unix_socket.name = "unix";
  unix_socket.type = config::TransportType::kUnix;
  unix_socket.message_type = "";
  unix_socket.file_name = unix_path_;
  config::Transport grpc = tcp;
  grpc.name = "grpc";
  grpc.type = config::TransportType::kGrpc;
  grpc.protocol = "";
  config.transports = {grpc, tcp, unix_socket};
  if (adjust) adjust(config);

  gateway_ = std::make_unique<Gateway>(config);
  const absl::Status status = gateway_->Start();
  if (!status.ok()) {
    ADD_FAILURE() << status;
    return;
  }
  for (const Gateway::Bound& bound : gateway_->bound()) {
    if (bound.transport->type == config::TransportType::kUnix) continue;
    if (bound.transport->type == config::TransportType::kModule) continue;
    ports_[bound.transport->name] = PortOf(bound.address);
    if (bound.transport->type == config::TransportType::kTcp) tcp_port_ = PortOf(bound.address);
    if (bound.transport->type == config::TransportType::kGrpc) grpc_port_ = PortOf(bound.address);
  }
  thread_ = std::thread([this] { clean_ = gateway_->Run(); });
}

TestGateway::~TestGateway() {
  if (thread_.joinable()) {
    EXPECT_TRUE(Stop()) << "the gateway did not drain in time";
  }
  gateway_.reset();
  std::filesystem::remove_all(directory_);
}

bool TestGateway::Stop() {
  gateway_->RequestDrain();
  return Join();
}

bool TestGateway::Join() {
  thread_.join();
  return clean_;
}

std::string TestGateway::tcp_uri() const {
  return fmt::format("tcp://127.0.0.1:{}/amps/json", tcp_port_);
}

std::string TestGateway::unix_uri() const {
  return fmt::format("unix://localhost:0/amps/json?path={}", unix_path_);
}

std::string TestGateway::grpc_uri() const { return fmt::format("grpc://127.0.0.1:{}", grpc_port_); }

}  // namespace fluxgate::testing
