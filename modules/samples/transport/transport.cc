// Sample of a transport: unix sockets of type SOCK_SEQPACKET, whose packets are put together to a
// stream of bytes. A thread of its own accepts and reads; the server's thread writes.
//
//   <Module><Name>packets</Name><Library>transport.so</Library></Module>
//   ...
//   <Transport><Name>packets</Name><Type>packets</Type>
//     <Options><Path>/tmp/fluxgate-packets.sock</Path></Options></Transport>
//
// A path that begins with @ is a name without a file ("abstract"). A packet has at most 64 KiB.
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "amps_transport_module.h"

namespace {

constexpr size_t kPacketBytes = 64 * 1024;
constexpr int kBacklog = 128;
// How long nobody is accepted when there is no descriptor left: poll would tell again at once.
constexpr int kAcceptPauseMs = 100;

amps_module_logger log_line;

// Made and destroyed by the transport's thread, which is the one that says that it is gone.
struct Client {
  int fd = -1;
  amps_server_connection* server = nullptr;  // the transport's thread alone
  // Guarded by Transport::mutex.
  bool wants_room = false;  // the server has bytes for it
  bool may_offer = false;   // the server has room again
  bool closed_by_server = false;
  // The transport's thread: what the server has not taken yet.
  std::string offered;
};

class Transport {
 public:
  Transport(std::string path, amps_transport_server* server)
      : path_(std::move(path)), server_(server), wake_fd_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {}

  // The server has let go of all clients.
  ~Transport() {
    if (thread_.joinable()) {
      {
        const std::lock_guard lock(mutex_);
        is_ending_ = true;
      }
      Wake();
      thread_.join();
    }
    Stop();
    close(wake_fd_);
  }

  bool Start() {
    sockaddr_un name{};
    name.sun_family = AF_UNIX;
    if (path_.empty() || path_.size() >= sizeof name.sun_path) return false;
    std::memcpy(name.sun_path, path_.data(), path_.size());
    socklen_t size = sizeof name;
    if (path_[0] == '@') {
      name.sun_path[0] = '\0';
      size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path_.size());
    } else {
      struct stat file;
      if (lstat(path_.c_str(), &file) == 0) {
        if (!S_ISSOCK(file.st_mode)) return false;
        unlink(path_.c_str());
      }
    }
    const int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) return false;
    if (bind(fd, reinterpret_cast<const sockaddr*>(&name), size) != 0 ||
        listen(fd, kBacklog) != 0) {
      close(fd);
      return false;
    }
    {
      const std::lock_guard lock(mutex_);
      listen_fd_ = fd;
    }
    if (!thread_.joinable()) thread_ = std::thread([this] { Run(); });
    Wake();
    return true;
  }

  void Stop() {
    const std::lock_guard lock(mutex_);
    if (listen_fd_ < 0) return;
    close(listen_fd_);
    listen_fd_ = -1;
    if (path_[0] != '@') unlink(path_.c_str());
    Wake();
  }

  // The server's thread. As much as the socket takes, packet by packet.
  size_t Send(Client* client, const char* bytes, size_t length) {
    size_t taken = 0;
    while (taken < length) {
      const size_t size = std::min(length - taken, kPacketBytes);
      const ssize_t sent = send(client->fd, bytes + taken, size, MSG_DONTWAIT | MSG_NOSIGNAL);
      if (sent < 0 && errno == EINTR) continue;
      if (sent < 0 && errno != EAGAIN) return length;  // it is going; the thread will say so
      if (sent < 0) {
        const std::lock_guard lock(mutex_);
        client->wants_room = true;
        Wake();
        break;
      }
      taken += static_cast<size_t>(sent);
    }
    return taken;
  }

  void CloseByServer(Client* client) {
    const std::lock_guard lock(mutex_);
    client->closed_by_server = true;
    Wake();
  }

  void Resume(Client* client) {
    const std::lock_guard lock(mutex_);
    client->may_offer = true;
    Wake();
  }

  const char* path() const { return path_.c_str(); }

 private:
  void Wake() {
    const uint64_t one = 1;
    (void)!write(wake_fd_, &one, sizeof one);
  }

  void Run() {
    std::vector<pollfd> polled;
    bool can_accept = true;
    while (true) {
      polled.assign(1, {wake_fd_, POLLIN, 0});
      int listen_fd = -1;
      {
        const std::lock_guard lock(mutex_);
        if (is_ending_) break;
        if (can_accept) listen_fd = listen_fd_;
        for (const auto& client : clients_) {
          const bool reads = client->offered.empty();
          const bool writes = client->wants_room;
          // Hanging up is told whatever is asked for, and again and again: not asked at all then.
          polled.push_back({reads || writes ? client->fd : -1,
                            static_cast<short>((reads ? POLLIN : 0) | (writes ? POLLOUT : 0)), 0});
        }
      }
      if (listen_fd >= 0) polled.push_back({listen_fd, POLLIN, 0});
      const int wait_ms = can_accept ? -1 : kAcceptPauseMs;
      can_accept = true;
      if (poll(polled.data(), polled.size(), wait_ms) < 0) continue;
      if ((polled[0].revents & POLLIN) != 0) {
        uint64_t count = 0;
        (void)!read(wake_fd_, &count, sizeof count);
      }
      // Backwards: who is gone makes place for the last one.
      for (size_t i = clients_.size(); i-- > 0;) Handle(i, polled[i + 1].revents);
      if (listen_fd >= 0 && (polled.back().revents & POLLIN) != 0) can_accept = Accept(listen_fd);
    }
    for (const auto& client : clients_) close(client->fd);
    clients_.clear();
  }

  // False: not now.
  bool Accept(int listen_fd) {
    int fd = -1;
    {
      const std::lock_guard lock(mutex_);
      // Stopped meanwhile, and the number may be somebody else's.
      if (listen_fd != listen_fd_) return true;
      fd = accept4(listen_fd, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    }
    if (fd < 0) {
      return errno != EMFILE && errno != ENFILE && errno != ENOBUFS && errno != ENOMEM;
    }
    auto client = std::make_unique<Client>();
    client->fd = fd;
    client->server = server_->connected(server_, client.get(), "unix");
    if (client->server == nullptr) {
      close(fd);
      return true;
    }
    clients_.push_back(std::move(client));
    return true;
  }

  void Handle(size_t at, short events) {
    Client& client = *clients_[at];
    bool has_room = false;
    bool may_offer = false;
    bool is_closed = false;
    {
      const std::lock_guard lock(mutex_);
      is_closed = client.closed_by_server;
      may_offer = std::exchange(client.may_offer, false);
      if ((events & POLLOUT) != 0) has_room = std::exchange(client.wants_room, false);
    }
    // No lock is held from here on: the server may be in one of our functions, and wait for it.
    if (is_closed) return Remove(at);
    if (has_room) server_->writable(server_, client.server);
    if (may_offer && !client.offered.empty()) Offer(client);
    if (client.offered.empty() && (events & (POLLIN | POLLHUP | POLLERR)) != 0) {
      if (!ReadPacket(client)) {
        server_->closed(server_, client.server, "connection closed");
        Remove(at);
      }
    }
  }

  void Remove(size_t at) {
    close(clients_[at]->fd);
    clients_[at] = std::move(clients_.back());
    clients_.pop_back();
  }

  bool ReadPacket(Client& client) {
    client.offered.resize(kPacketBytes);
    iovec space{client.offered.data(), client.offered.size()};
    msghdr packet{};
    packet.msg_iov = &space;
    packet.msg_iovlen = 1;
    const ssize_t got = recvmsg(client.fd, &packet, MSG_DONTWAIT);
    client.offered.resize(got > 0 ? static_cast<size_t>(got) : 0);
    if (got < 0) return errno == EAGAIN || errno == EINTR;
    if (got == 0 || (packet.msg_flags & MSG_TRUNC) != 0) return false;
    Offer(client);
    return true;
  }

  void Offer(Client& client) {
    const size_t taken =
        server_->received(server_, client.server, client.offered.data(), client.offered.size());
    client.offered.erase(0, taken);
  }

  const std::string path_;
  amps_transport_server* const server_;
  const int wake_fd_;
  std::thread thread_;
  std::vector<std::unique_ptr<Client>> clients_;  // its own

  std::mutex mutex_;
  // Guarded by mutex_.
  int listen_fd_ = -1;
  bool is_ending_ = false;
};

}  // namespace

AMPS_EXPORT int amps_module_init(amps_module_options /*options*/, amps_module_logger logger,
                                 amps_module_allocator /*allocator*/) {
  log_line = logger;
  return AMPS_SUCCESS;
}

AMPS_EXPORT void amps_module_terminate() {}

AMPS_EXPORT amps_transport_context amps_transport_create_context(amps_module_options options,
                                                                 amps_transport_server* server) {
  std::string path;
  for (; options->key != nullptr; ++options) {
    if (std::strcmp(options->key, "Path") == 0) path = options->value;
  }
  if (path.empty()) {
    log_line(amps_module_log_level_error, "the option Path is missing");
    return nullptr;
  }
  return new Transport(path, server);
}

AMPS_EXPORT void amps_transport_destroy_context(amps_transport_context context) {
  delete static_cast<Transport*>(context);
}

AMPS_EXPORT int amps_transport_start(amps_transport_context context, const char** address) {
  auto& transport = *static_cast<Transport*>(context);
  *address = transport.path();
  if (transport.Start()) return AMPS_SUCCESS;
  const std::string line = std::string("cannot listen on ") + transport.path();
  log_line(amps_module_log_level_error, line.c_str());
  return AMPS_FAILURE;
}

AMPS_EXPORT void amps_transport_stop(amps_transport_context context) {
  static_cast<Transport*>(context)->Stop();
}

AMPS_EXPORT size_t amps_transport_send(amps_transport_context context,
                                       amps_transport_connection connection, const char* bytes,
                                       size_t length) {
  return static_cast<Transport*>(context)->Send(static_cast<Client*>(connection), bytes, length);
}

AMPS_EXPORT void amps_transport_close(amps_transport_context context,
                                      amps_transport_connection connection) {
  static_cast<Transport*>(context)->CloseByServer(static_cast<Client*>(connection));
}

AMPS_EXPORT void amps_transport_resume(amps_transport_context context,
                                       amps_transport_connection connection) {
  static_cast<Transport*>(context)->Resume(static_cast<Client*>(connection));
}
