#include "tests/bench/sockets.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>

#include "tests/bench/fail.h"

namespace fluxgate::bench {
namespace {

struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

Address ToAddress(const Endpoint& endpoint) {
  Address address;
  if (!endpoint.path.empty()) {
    auto* to = reinterpret_cast<sockaddr_un*>(&address.storage);
    to->sun_family = AF_UNIX;
    if (endpoint.path.size() >= sizeof(to->sun_path)) Fail("unix socket path is too long");
    std::memcpy(to->sun_path, endpoint.path.c_str(), endpoint.path.size() + 1);
    address.size = sizeof(*to);
    return address;
  }
  auto* to = reinterpret_cast<sockaddr_in*>(&address.storage);
  to->sin_family = AF_INET;
  to->sin_port = htons(endpoint.port);
  if (inet_pton(AF_INET, endpoint.host.c_str(), &to->sin_addr) != 1) {
    Fail("not an IPv4 address: " + endpoint.host);
  }
  address.size = sizeof(*to);
  return address;
}

int NewSocket(const Endpoint& endpoint) {
  const int fd = socket(endpoint.path.empty() ? AF_INET : AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) FailErrno("socket");
  return fd;
}

void NoDelay(int fd) {
  const int on = 1;
  // A unix socket refuses this, and needs it not.
  (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

}  // namespace

Endpoint ParseEndpoint(std::string_view text) {
  Endpoint endpoint;
  if (text.starts_with("unix:")) {
    endpoint.path = text.substr(5);
    if (endpoint.path.empty()) Fail("unix endpoint without a path");
    return endpoint;
  }
  const size_t colon = text.rfind(':');
  if (!text.starts_with("tcp:") || colon < 4) {
    Fail("endpoint must be tcp:ADDRESS:PORT or unix:PATH: " + std::string(text));
  }
  endpoint.host = text.substr(4, colon - 4);
  const char* end = text.data() + text.size();
  const auto [last, error] = std::from_chars(text.data() + colon + 1, end, endpoint.port);
  if (error != std::errc() || last != end) Fail("bad port: " + std::string(text));
  return endpoint;
}

int Connect(const Endpoint& endpoint) {
  const Address address = ToAddress(endpoint);
  const int fd = NewSocket(endpoint);
  if (connect(fd, address.get(), address.size) != 0) FailErrno("connect");
  if (endpoint.path.empty()) NoDelay(fd);
  return fd;
}

int Listen(const Endpoint& endpoint) {
  const Address address = ToAddress(endpoint);
  const int fd = NewSocket(endpoint);
  const int on = 1;
  (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  if (bind(fd, address.get(), address.size) != 0) FailErrno("bind");
  if (listen(fd, 4096) != 0) FailErrno("listen");
  return fd;
}

int Accept(int listener) {
  const int fd = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
  if (fd < 0) FailErrno("accept");
  NoDelay(fd);
  return fd;
}

void WriteAll(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0) {
      if (errno == EINTR) continue;
      FailErrno("send");
    }
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
}

size_t ReadSome(int fd, char* buffer, size_t size) {
  while (true) {
    const ssize_t got = recv(fd, buffer, size, 0);
    if (got > 0) return static_cast<size_t>(got);
    if (got == 0) Fail("the broker closed a connection");
    if (errno != EINTR) FailErrno("recv");
  }
}

size_t ReadReady(int fd, char* buffer, size_t size) {
  while (true) {
    const ssize_t got = recv(fd, buffer, size, MSG_DONTWAIT);
    if (got > 0) return static_cast<size_t>(got);
    if (got == 0) Fail("the broker closed a connection");
    if (errno == EAGAIN || errno == EWOULDBLOCK) return 0;
    if (errno != EINTR) FailErrno("recv");
  }
}

void RaiseDescriptorLimit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) FailErrno("getrlimit");
  limit.rlim_cur = limit.rlim_max;
  if (setrlimit(RLIMIT_NOFILE, &limit) != 0) FailErrno("setrlimit");
}

}  // namespace fluxgate::bench
