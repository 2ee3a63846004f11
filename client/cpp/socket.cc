#include "client/cpp/socket.h"

#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <system_error>
#include <vector>

namespace fluxgate::client {
namespace {

using Clock = std::chrono::steady_clock;

using Kind = SocketProblem::Kind;

SocketProblem Unavailable(const std::string& text) { return {Kind::kUnavailable, text}; }
SocketProblem Good() { return {}; }

class OwnedFd {
 public:
  explicit OwnedFd(int fd) : fd_(fd) {}
  OwnedFd(const OwnedFd&) = delete;
  OwnedFd& operator=(const OwnedFd&) = delete;
  ~OwnedFd() {
    if (fd_ >= 0) close(fd_);
  }
  int get() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }

 private:
  int fd_;
};

struct FreeAddresses {
  void operator()(addrinfo* list) const { freeaddrinfo(list); }
};
using Addresses = std::unique_ptr<addrinfo, FreeAddresses>;

SocketProblem Resolve(const std::string& host, uint16_t port, Addresses* addresses) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  const int error = getaddrinfo(host.c_str(), fmt::format("{}", port).c_str(), &hints, &list);
  if (error != 0) {
    return Unavailable(
        fmt::format("cannot find host '{}': {}; check its name", host, gai_strerror(error)));
  }
  addresses->reset(list);
  return Good();
}

void SetOption(int fd, int level, int name, int value) {
  // A size the system does not like is not worth a failed connection.
  (void)setsockopt(fd, level, name, &value, sizeof(value));
}

void Configure(int fd, int family, const Uri& uri) {
  const SocketOptions& options = uri.socket;
  if (options.tcp_sndbuf)
    SetOption(fd, SOL_SOCKET, SO_SNDBUF, static_cast<int>(*options.tcp_sndbuf));
  if (options.tcp_rcvbuf)
    SetOption(fd, SOL_SOCKET, SO_RCVBUF, static_cast<int>(*options.tcp_rcvbuf));
  if (options.tcp_linger) {
    const linger value{1, static_cast<int>(*options.tcp_linger)};
    (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &value, sizeof(value));
  }
  if (family == AF_UNIX) return;
  SetOption(fd, IPPROTO_TCP, TCP_NODELAY, options.tcp_nodelay ? 1 : 0);
  SetOption(fd, SOL_SOCKET, SO_KEEPALIVE, options.tcp_keepalive ? 1 : 0);
}

const addrinfo* FirstOfFamily(const addrinfo* list, int family) {
  while (list != nullptr && list->ai_family != family) list = list->ai_next;
  return list;
}

SocketProblem CannotBind(const Uri& uri, const std::string& reason) {
  return {Kind::kBadOption, fmt::format("cannot bind to '{}': {}", uri.socket.bind, reason)};
}

struct Patience {
  Clock::time_point deadline;
  int interrupt_fd;
};

// 0, or the errno of the failure; ETIMEDOUT at the deadline, ECANCELED when interrupted.
int ConnectBy(int fd, const sockaddr* address, socklen_t size, const Patience& patience) {
  if (connect(fd, address, size) == 0) return 0;
  if (errno != EINPROGRESS && errno != EINTR) return errno;
  while (true) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(patience.deadline - Clock::now())
            .count();
    if (left <= 0) return ETIMEDOUT;
    pollfd events[] = {{fd, POLLOUT, 0}, {patience.interrupt_fd, POLLIN, 0}};
    const int ready = poll(events, 2, static_cast<int>(std::min<int64_t>(left, 1 << 30)));
    if (ready < 0 && errno != EINTR) return errno;
    if (ready > 0 && events[1].revents != 0) return ECANCELED;
    if (ready > 0) break;
  }
  int error = 0;
  socklen_t error_size = sizeof(error);
  if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &error_size) != 0) return errno;
  return error;
}

SocketProblem CannotConnect(const Uri& uri, int error) {
  const std::string reason =
      fmt::format("cannot connect to {}: {}", uri.Address(), SystemErrorText(error));
  if (error == ECANCELED) return {Kind::kCancelled, reason};
  if (error == ETIMEDOUT) {
    return {Kind::kTimedOut, fmt::format("{}; check host and port, and firewalls between", reason)};
  }
  if (uri.scheme == Scheme::kUnix) {
    return Unavailable(
        fmt::format("{}; is the gateway running, and is this its socket file?", reason));
  }
  return Unavailable(fmt::format("{}; is the gateway running, and is this its port?", reason));
}

SocketProblem ConnectUnix(const Uri& uri, const Patience& patience, int* connected) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (uri.path.size() >= sizeof(address.sun_path)) {
    return {Kind::kBadOption, fmt::format("the path of a unix socket has at most {} bytes: {}",
                                          sizeof(address.sun_path) - 1, uri.path)};
  }
  std::memcpy(address.sun_path, uri.path.data(), uri.path.size());
  OwnedFd fd(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (fd.get() < 0) return CannotConnect(uri, errno);
  Configure(fd.get(), AF_UNIX, uri);
  const int error =
      ConnectBy(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address), patience);
  if (error != 0) return CannotConnect(uri, error);
  *connected = fd.release();
  return Good();
}

SocketProblem ConnectTcp(const Uri& uri, const Patience& patience, int* connected) {
  Addresses addresses;
  if (SocketProblem problem = Resolve(uri.host, uri.port, &addresses); !problem.ok()) {
    return problem;
  }
  std::vector<const addrinfo*> order;
  for (const addrinfo* a = addresses.get(); a != nullptr; a = a->ai_next) order.push_back(a);
  if (uri.socket.ip_protocol_prefer != IpPreference::kAny) {
    const int preferred = uri.socket.ip_protocol_prefer == IpPreference::kIpv6 ? AF_INET6 : AF_INET;
    std::stable_partition(order.begin(), order.end(),
                          [&](const addrinfo* a) { return a->ai_family == preferred; });
  }
  Addresses own;
  if (!uri.socket.bind.empty()) {
    if (SocketProblem problem = Resolve(uri.socket.bind, 0, &own); !problem.ok()) return problem;
    std::erase_if(order, [&](const addrinfo* a) {
      return FirstOfFamily(own.get(), a->ai_family) == nullptr;
    });
    if (order.empty()) {
      return CannotBind(uri, fmt::format("host '{}' has no address of its family", uri.host));
    }
  }
  int error = EADDRNOTAVAIL;
  for (const addrinfo* address : order) {
    OwnedFd fd(socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (fd.get() < 0) {
      error = errno;
      continue;
    }
    Configure(fd.get(), address->ai_family, uri);
    const addrinfo* const local = FirstOfFamily(own.get(), address->ai_family);
    if (local != nullptr && bind(fd.get(), local->ai_addr, local->ai_addrlen) != 0) {
      return CannotBind(uri, SystemErrorText(errno));
    }
    error = ConnectBy(fd.get(), address->ai_addr, address->ai_addrlen, patience);
    if (error == 0) {
      *connected = fd.release();
      return Good();
    }
    if (error == ECANCELED) break;
  }
  return CannotConnect(uri, error);
}

}  // namespace

std::string SystemErrorText(int error) {
  std::string text = std::generic_category().message(error);
  if (!text.empty() && text[0] >= 'A' && text[0] <= 'Z') text[0] = static_cast<char>(text[0] + 32);
  return text;
}

SocketProblem ConnectSocket(const Uri& uri, std::chrono::milliseconds timeout, int interrupt_fd,
                            int* fd) {
  const Patience patience{Clock::now() + timeout, interrupt_fd};
  return uri.scheme == Scheme::kUnix ? ConnectUnix(uri, patience, fd)
                                     : ConnectTcp(uri, patience, fd);
}

}  // namespace fluxgate::client
