// The upper limit: a relay that copies every chunk it receives to every other connection and never
// looks at it. One thread, epoll. Sense needs one publishing connection at a time.
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "CLI/CLI.hpp"
#include "tests/bench/fail.h"
#include "tests/bench/sockets.h"

namespace fluxgate::bench {
namespace {

constexpr size_t kChunkBytes = 256 << 10;

class Relay {
 public:
  explicit Relay(const std::vector<std::string>& endpoints) : chunk_(kChunkBytes) {
    epoll_ = epoll_create1(EPOLL_CLOEXEC);
    if (epoll_ < 0) FailErrno("epoll_create1");
    for (const std::string& text : endpoints) {
      listeners_.push_back(Listen(ParseEndpoint(text)));
      Watch(listeners_.back());
    }
  }

  [[noreturn]] void Run() {
    while (true) {
      epoll_event events[64];
      const int count = epoll_wait(epoll_, events, 64, -1);
      if (count < 0 && errno != EINTR) FailErrno("epoll_wait");
      for (int i = 0; i < count; ++i) {
        const int fd = events[i].data.fd;
        if (std::find(listeners_.begin(), listeners_.end(), fd) != listeners_.end()) {
          connections_.push_back(Accept(fd));
          Watch(connections_.back());
        } else {
          Forward(fd);
        }
      }
    }
  }

 private:
  void Watch(int fd) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = fd;
    if (epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) != 0) FailErrno("epoll_ctl");
  }

  void Forward(int from) {
    const ssize_t got = recv(from, chunk_.data(), chunk_.size(), MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (got <= 0) {
      Drop(from);
      return;
    }
    for (size_t i = 0; i < connections_.size();) {
      const int to = connections_[i];
      // A peer that left between two chunks is dropped and its place taken by the next.
      if (to == from || Send(to, static_cast<size_t>(got))) {
        ++i;
      } else {
        Drop(to);
      }
    }
  }

  // Waits for a slow reader: back-pressure is all the flow control there is.
  bool Send(int to, size_t size) {
    std::string_view rest(chunk_.data(), size);
    while (!rest.empty()) {
      const ssize_t sent = send(to, rest.data(), rest.size(), MSG_NOSIGNAL);
      if (sent < 0 && errno == EINTR) continue;
      if (sent < 0) return false;
      rest.remove_prefix(static_cast<size_t>(sent));
    }
    return true;
  }

  void Drop(int fd) {
    close(fd);
    std::erase(connections_, fd);
  }

  int epoll_;
  std::vector<int> listeners_;
  std::vector<int> connections_;
  std::vector<char> chunk_;
};

}  // namespace
}  // namespace fluxgate::bench

int main(int argc, char** argv) {
  CLI::App app("Copies every chunk received on a connection to every other connection.");
  std::vector<std::string> endpoints;
  app.add_option("--listen", endpoints, "tcp:ADDRESS:PORT or unix:PATH; repeatable")->required();
  CLI11_PARSE(app, argc, argv);
  fluxgate::bench::Relay(endpoints).Run();
}
