#include "gateway/net/listener.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <spdlog/spdlog.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "core/base/error.h"

namespace fluxgate::net {
namespace {

constexpr int kBacklog = 1024;
// Connections accepted before other work gets its turn.
constexpr int kAcceptsPerBatch = 64;

absl::Status SystemError(std::string_view what) {
  return MakeError(ErrorCode::kInternal, fmt::format("{}: {}", what, std::strerror(errno)));
}

struct PeerName {
  std::string address;
  std::string text;
};

PeerName NameOf(const sockaddr_storage& peer) {
  char text[INET6_ADDRSTRLEN] = "";
  if (peer.ss_family == AF_INET) {
    const auto& in = reinterpret_cast<const sockaddr_in&>(peer);
    inet_ntop(AF_INET, &in.sin_addr, text, sizeof text);
    return {text, fmt::format("{}:{}", text, ntohs(in.sin_port))};
  }
  if (peer.ss_family == AF_INET6) {
    const auto& in = reinterpret_cast<const sockaddr_in6&>(peer);
    inet_ntop(AF_INET6, &in.sin6_addr, text, sizeof text);
    return {text, fmt::format("[{}]:{}", text, ntohs(in.sin6_port))};
  }
  return {"unix", "unix"};
}

// Whether somebody answers on the unix socket.
bool IsServed(const sockaddr_un& address) {
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const bool served = connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  close(fd);
  return served;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Listener>> Listener::Listen(Reactor& reactor, AdmissionGate& gate,
                                                           const ListenAddress& address,
                                                           OnAccept on_accept) {
  std::unique_ptr<Listener> listener(new Listener(reactor, gate, std::move(on_accept)));
  absl::Status status =
      address.unix_path.empty() ? listener->OpenTcp(address) : listener->OpenUnix(address);
  if (!status.ok()) return status;
  listener->spare_fd_ = open("/dev/null", O_RDONLY | O_CLOEXEC);
  status = reactor.Watch(listener->fd_, EPOLLIN, listener.get());
  if (!status.ok()) return status;
  return listener;
}

Listener::~Listener() {
  Close();
  if (spare_fd_ >= 0) close(spare_fd_);
}

void Listener::Close() {
  if (fd_ < 0) return;
  reactor_.Unwatch(fd_, this);
  close(fd_);
  fd_ = -1;
  if (!unix_path_.empty()) unlink(unix_path_.c_str());
}

absl::Status Listener::OpenTcp(const ListenAddress& address) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const std::string where = fmt::format("{}:{}", address.host, address.port);
  const int failed = getaddrinfo(address.host.empty() ? nullptr : address.host.c_str(),
                                 std::to_string(address.port).c_str(), &hints, &found);
  if (failed != 0) {
    return MakeError(ErrorCode::kInternal,
                     fmt::format("cannot resolve {}: {}", where, gai_strerror(failed)));
  }
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> guard(found, freeaddrinfo);
  fd_ = socket(found->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd_ < 0) return SystemError("cannot open a socket");
  const int on = 1;
  setsockopt(fd_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(fd_, found->ai_addr, found->ai_addrlen) != 0 || listen(fd_, kBacklog) != 0) {
    return SystemError(fmt::format("cannot listen on {}", where));
  }
  sockaddr_storage bound{};
  socklen_t size = sizeof bound;
  getsockname(fd_, reinterpret_cast<sockaddr*>(&bound), &size);
  port_ = ntohs(bound.ss_family == AF_INET6 ? reinterpret_cast<sockaddr_in6&>(bound).sin6_port
                                            : reinterpret_cast<sockaddr_in&>(bound).sin_port);
  bound_address_ = NameOf(bound).text;
  return absl::OkStatus();
}

absl::Status Listener::OpenUnix(const ListenAddress& address) {
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  const std::string& path = address.unix_path;
  if (path.size() >= sizeof name.sun_path) {
    return MakeError(
        ErrorCode::kInternal,
        fmt::format("unix socket path {} is longer than {} bytes", path, sizeof name.sun_path - 1));
  }
  std::memcpy(name.sun_path, path.c_str(), path.size() + 1);
  struct stat file;
  if (lstat(path.c_str(), &file) == 0) {
    if (!S_ISSOCK(file.st_mode)) {
      return MakeError(ErrorCode::kInternal, fmt::format("{} exists and is no socket", path));
    }
    if (IsServed(name)) {
      return MakeError(ErrorCode::kInternal,
                       fmt::format("cannot listen on {}: another process serves it", path));
    }
    unlink(path.c_str());
  }
  fd_ = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd_ < 0) return SystemError("cannot open a socket");
  // The mode is set before anybody can connect: a file that is not listened on refuses.
  if (bind(fd_, reinterpret_cast<const sockaddr*>(&name), sizeof name) != 0) {
    return SystemError(fmt::format("cannot listen on {}", path));
  }
  unix_path_ = path;
  if (chmod(path.c_str(), address.unix_mode) != 0 || listen(fd_, kBacklog) != 0) {
    return SystemError(fmt::format("cannot listen on {}", path));
  }
  bound_address_ = path;
  return absl::OkStatus();
}

void Listener::OnEvents(uint32_t) {
  for (int i = 0; i < kAcceptsPerBatch && fd_ >= 0; ++i) {
    sockaddr_storage peer{};
    socklen_t size = sizeof peer;
    const int fd =
        accept4(fd_, reinterpret_cast<sockaddr*>(&peer), &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) {
      if (errno == EMFILE || errno == ENFILE) RefuseOne();
      if (errno == ECONNABORTED || errno == EINTR) continue;
      return;
    }
    const PeerName name = NameOf(peer);
    std::optional<Admission> admission = gate_.Admit(name.address);
    if (!admission.has_value()) {
      spdlog::warn("{}: connection from {} refused: too many connections", bound_address_,
                   name.text);
      close(fd);
      continue;
    }
    if (peer.ss_family != AF_UNIX) {
      const int on = 1;
      setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    }
    on_accept_({fd, name.text, *std::move(admission)});
  }
}

// Out of descriptors: without this the connection would stay in the backlog, its event would come
// again at once and for ever, and its peer would wait.
void Listener::RefuseOne() {
  spdlog::error("{}: out of file descriptors, connection refused", bound_address_);
  if (spare_fd_ >= 0) close(spare_fd_);
  const int fd = accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC);
  if (fd >= 0) close(fd);
  spare_fd_ = open("/dev/null", O_RDONLY | O_CLOEXEC);
  errno = EMFILE;
}

}  // namespace fluxgate::net
