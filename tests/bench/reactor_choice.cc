// Boost.Asio or plain epoll? The same small relay on both: read what is there, cut it into frames,
// append each frame to every other connection's outbox, write every outbox once at the end of the
// batch. Only the event loop differs. ARCHITECTURE.md quotes the result; run_bench.py measures it
// with the relay's own load generator (`./bench --only reactor`).
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "CLI/CLI.hpp"
#include "tests/bench/fail.h"
#include "tests/bench/sockets.h"

namespace fluxgate::bench {
namespace {

constexpr size_t kReadBytes = 256 << 10;
constexpr size_t kOutboxBytesMax = 4 << 20;  // above it nothing is read from publishers

// One connection as the relay sees it; the loop adds its socket.
struct Link {
  std::string unread;  // the start of a frame
  std::string outbox;
  size_t written = 0;  // of the outbox
};

// What both loops share: the frames.
class Frames {
 public:
  // Cuts `bytes` from `from` into frames and copies each to the outbox of every other link.
  template <typename Links>
  void Relay(Link& from, std::string_view bytes, Links& links) {
    if (!from.unread.empty()) {
      joined_ = from.unread;
      joined_ += bytes;
      bytes = joined_;
      from.unread.clear();
    }
    while (bytes.size() >= 4) {
      const size_t taken = 4 + Length(bytes);
      if (bytes.size() < taken) break;
      for (auto& link : links) {
        if (link.get() != &from) link->outbox += bytes.substr(0, taken);
      }
      bytes.remove_prefix(taken);
    }
    from.unread = bytes;
  }

 private:
  static size_t Length(std::string_view bytes) {
    uint32_t length;
    std::memcpy(&length, bytes.data(), sizeof(length));
    return __builtin_bswap32(length);
  }

  std::string joined_;
};

// Drops what was written; true when nothing is left.
bool Advance(Link& link, size_t sent) {
  link.written += sent;
  if (link.written < link.outbox.size()) return false;
  link.outbox.clear();
  link.written = 0;
  return true;
}

// ---- plain epoll ------------------------------------------------------------------------------

class EpollRelay {
 public:
  explicit EpollRelay(const Endpoint& endpoint)
      : listener_(Listen(endpoint)), epoll_(epoll_create1(EPOLL_CLOEXEC)), buffer_(kReadBytes) {
    if (epoll_ < 0) FailErrno("epoll_create1");
    Control(EPOLL_CTL_ADD, listener_, EPOLLIN, nullptr);
  }

  [[noreturn]] void Run() {
    while (true) {
      epoll_event events[64];
      const int count = epoll_wait(epoll_, events, 64, -1);
      if (count < 0 && errno != EINTR) FailErrno("epoll_wait");
      for (int i = 0; i < count; ++i) OnEvent(events[i]);
      EndOfBatch();
    }
  }

 private:
  struct Connection : Link {
    int fd = -1;
    uint32_t watched = EPOLLIN;
    bool gone = false;
  };

  void Control(int operation, int fd, uint32_t events, Connection* connection) {
    epoll_event event{};
    event.events = events;
    event.data.ptr = connection;
    if (epoll_ctl(epoll_, operation, fd, &event) != 0) FailErrno("epoll_ctl");
  }

  void OnEvent(const epoll_event& event) {
    auto* connection = static_cast<Connection*>(event.data.ptr);
    if (connection == nullptr) {
      auto accepted = std::make_unique<Connection>();
      accepted->fd = Accept(listener_);
      Control(EPOLL_CTL_ADD, accepted->fd, EPOLLIN, accepted.get());
      connections_.push_back(std::move(accepted));
      return;
    }
    if ((event.events & EPOLLOUT) != 0) Write(*connection);
    if ((event.events & ~uint32_t{EPOLLOUT}) == 0) return;
    const ssize_t got = recv(connection->fd, buffer_.data(), buffer_.size(), MSG_DONTWAIT);
    if (got > 0) {
      frames_.Relay(*connection, {buffer_.data(), static_cast<size_t>(got)}, connections_);
    } else if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
      connection->gone = true;
    }
  }

  void EndOfBatch() {
    size_t fullest = 0;
    for (auto& connection : connections_) {
      if (!connection->outbox.empty() && (connection->watched & EPOLLOUT) == 0) Write(*connection);
      fullest = std::max(fullest, connection->outbox.size() - connection->written);
    }
    const bool reading = fullest <= kOutboxBytesMax;
    for (auto& connection : connections_) {
      const uint32_t wanted =
          (reading ? EPOLLIN : 0u) | (connection->outbox.empty() ? 0u : EPOLLOUT);
      if (wanted == connection->watched || connection->gone) continue;
      connection->watched = wanted;
      Control(EPOLL_CTL_MOD, connection->fd, wanted, connection.get());
    }
    std::erase_if(connections_, [](const auto& connection) {
      if (connection->gone) close(connection->fd);
      return connection->gone;
    });
  }

  void Write(Connection& connection) {
    const ssize_t sent =
        send(connection.fd, connection.outbox.data() + connection.written,
             connection.outbox.size() - connection.written, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent > 0) Advance(connection, static_cast<size_t>(sent));
    if (sent < 0 && errno != EAGAIN && errno != EINTR) connection.gone = true;
  }

  int listener_;
  int epoll_;
  std::vector<char> buffer_;
  std::vector<std::unique_ptr<Connection>> connections_;
  Frames frames_;
};

// ---- Boost.Asio -------------------------------------------------------------------------------

namespace asio = boost::asio;
using boost::system::error_code;

class AsioRelay {
 public:
  explicit AsioRelay(const Endpoint& endpoint)
      // One thread runs it: no locks inside.
      : context_(BOOST_ASIO_CONCURRENCY_HINT_UNSAFE),
        acceptor_(context_, asio::ip::tcp::v4(), Listen(endpoint)),
        buffer_(kReadBytes) {
    AcceptNext();
  }

  void Run() { context_.run(); }

 private:
  struct Connection : Link {
    explicit Connection(asio::ip::tcp::socket&& accepted) : socket(std::move(accepted)) {}
    asio::ip::tcp::socket socket;
    bool reading = false;  // an asynchronous wait is out
    bool writing = false;
    bool gone = false;
  };
  using ConnectionPtr = std::shared_ptr<Connection>;

  void AcceptNext() {
    acceptor_.async_accept([this](const error_code& error, asio::ip::tcp::socket socket) {
      if (error) Fail("accept: " + error.message());
      socket.set_option(asio::ip::tcp::no_delay(true));
      socket.non_blocking(true);
      connections_.push_back(std::make_shared<Connection>(std::move(socket)));
      Read(connections_.back());
      AcceptNext();
    });
  }

  // Waits for readiness and reads into the one shared buffer, as the epoll loop does; a buffer for
  // each connection (async_read_some) measured slower.
  void Read(const ConnectionPtr& connection) {
    connection->reading = true;
    connection->socket.async_wait(
        asio::ip::tcp::socket::wait_read, [this, connection](const error_code& error) {
          connection->reading = false;
          if (error) return Drop(connection);
          error_code failed;
          const size_t got = connection->socket.read_some(asio::buffer(buffer_), failed);
          if (failed && failed != asio::error::would_block) return Drop(connection);
          frames_.Relay(*connection, {buffer_.data(), got}, connections_);
          if (!flush_posted_) {
            flush_posted_ = true;
            // Behind the handlers that are ready now: the end of the batch.
            asio::post(context_, [this] { EndOfBatch(); });
          }
          if (!held_) Read(connection);
        });
  }

  void EndOfBatch() {
    flush_posted_ = false;
    size_t fullest = 0;
    for (const ConnectionPtr& connection : connections_) {
      if (!connection->outbox.empty() && !connection->writing) Write(connection);
      fullest = std::max(fullest, connection->outbox.size() - connection->written);
    }
    held_ = fullest > kOutboxBytesMax;
    if (held_) return;
    for (const ConnectionPtr& connection : connections_) {
      if (!connection->reading && !connection->gone) Read(connection);
    }
  }

  void Write(const ConnectionPtr& connection) {
    error_code failed;
    const size_t sent =
        connection->socket.write_some(asio::buffer(connection->outbox.data() + connection->written,
                                                   connection->outbox.size() - connection->written),
                                      failed);
    if (failed && failed != asio::error::would_block) {
      connection->gone = true;
      return;
    }
    if (Advance(*connection, sent)) return;
    connection->writing = true;
    connection->socket.async_wait(asio::ip::tcp::socket::wait_write,
                                  [this, connection](const error_code& error) {
                                    connection->writing = false;
                                    if (error) return Drop(connection);
                                    EndOfBatch();
                                  });
  }

  void Drop(const ConnectionPtr& connection) {
    connection->gone = true;
    error_code ignored;
    connection->socket.close(ignored);
    std::erase(connections_, connection);
  }

  asio::io_context context_;
  asio::ip::tcp::acceptor acceptor_;
  std::vector<char> buffer_;
  std::vector<ConnectionPtr> connections_;
  Frames frames_;
  bool flush_posted_ = false;
  bool held_ = false;  // an outbox is full: nobody is read
};

}  // namespace
}  // namespace fluxgate::bench

int main(int argc, char** argv) {
  namespace bench = fluxgate::bench;
  CLI::App app("A small frame relay on one of two event loops.");
  std::string loop;
  std::string listen;
  app.add_option("--loop", loop)->required()->check(CLI::IsMember({"epoll", "asio"}));
  app.add_option("--listen", listen, "tcp:ADDRESS:PORT")->required();
  CLI11_PARSE(app, argc, argv);
  const bench::Endpoint endpoint = bench::ParseEndpoint(listen);
  if (loop == "epoll") bench::EpollRelay(endpoint).Run();
  bench::AsioRelay(endpoint).Run();
}
