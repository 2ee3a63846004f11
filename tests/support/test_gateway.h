// A whole gateway inside the test's process, on free loopback ports and a unix socket of its own.
#ifndef FLUXGATE_TESTS_SUPPORT_TEST_GATEWAY_H_
#define FLUXGATE_TESTS_SUPPORT_TEST_GATEWAY_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>

#include "gateway/config/config.h"
#include "gateway/server/gateway.h"

namespace fluxgate::testing {

// Topics state/... with the key field /id, as the built-in configuration has them, and `named`,
// whose publishers give the key and whose records may expire. For TestGateway.
void DefineStateTopics(config::Config& config);

class TestGateway {
 public:
  // Serves on return. `adjust` may change limits before the start.
  explicit TestGateway(const std::function<void(config::Config&)>& adjust = {});
  // Drains; checks that it ended in time.
  ~TestGateway();

  uint16_t tcp_port() const { return tcp_port_; }
  uint16_t grpc_port() const { return grpc_port_; }
  // Of a transport that `adjust` has added.
  uint16_t port(const std::string& transport) const { return ports_.at(transport); }
  const std::string& unix_path() const { return unix_path_; }
  std::string tcp_uri() const;
  std::string unix_uri() const;
  std::string grpc_uri() const;

  // Drains now; true when everything was done in time.
  bool Stop();
  // The same for a gateway that has been told by somebody else.
  bool Join();

 private:
  std::string directory_;
  std::string unix_path_;
  uint16_t tcp_port_ = 0;
  uint16_t grpc_port_ = 0;
  std::map<std::string, uint16_t> ports_;  // by name of the transport
  std::unique_ptr<Gateway> gateway_;
  std::thread thread_;
  bool clean_ = false;
};

}  // namespace fluxgate::testing

#endif  // FLUXGATE_TESTS_SUPPORT_TEST_GATEWAY_H_
