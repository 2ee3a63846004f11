// A gateway that says what a test tells it to, to one connection after the other.
#ifndef FLUXGATE_CLIENT_AMPS_MANY_CONNECTIONS_H_
#define FLUXGATE_CLIENT_AMPS_MANY_CONNECTIONS_H_

#include <arpa/inet.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <string>
#include <thread>
#include <utility>

#include "client/cpp/fake_gateway.h"

namespace AMPS {

class ManyConnections {
 public:
  // `number`: 1 for the first one. The connection ends when it returns.
  using Script = std::function<void(fluxgate::client::FakeConnection& connection, int number)>;

  explicit ManyConnections(Script script) {
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    EXPECT_EQ(bind(listener_, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(listen(listener_, 16), 0);
    EXPECT_EQ(getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size), 0);
    uri_ = fmt::format("tcp://127.0.0.1:{}/amps/json", ntohs(address.sin_port));
    thread_ = std::thread([this, script = std::move(script)] {
      while (true) {
        const int fd = accept(listener_, nullptr, nullptr);
        if (fd < 0) return;
        fluxgate::client::FakeConnection connection(fd);
        script(connection, ++accepted_);
        close(fd);
      }
    });
  }
  // Waits for the script to end.
  ~ManyConnections() {
    shutdown(listener_, SHUT_RDWR);
    thread_.join();
    close(listener_);
  }

  const std::string& uri() const { return uri_; }
  int accepted() const { return accepted_; }

 private:
  int listener_ = -1;
  std::string uri_;
  std::atomic<int> accepted_ = 0;
  std::thread thread_;
};

}  // namespace AMPS

#endif  // FLUXGATE_CLIENT_AMPS_MANY_CONNECTIONS_H_
