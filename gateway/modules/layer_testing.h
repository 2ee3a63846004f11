// For tests: a layer of a module on a socket whose other end the test holds.
#ifndef FLUXGATE_GATEWAY_MODULES_LAYER_TESTING_H_
#define FLUXGATE_GATEWAY_MODULES_LAYER_TESTING_H_

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/net/plain_layer.h"
#include "gateway/net/socket_layer.h"

namespace fluxgate {

using LayerOutcome = net::SocketLayer::Outcome;

class SocketPair {
 public:
  SocketPair() { EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds_), 0); }
  ~SocketPair() {
    close(fds_[0]);
    ClosePeer();
  }
  SocketPair(const SocketPair&) = delete;
  SocketPair& operator=(const SocketPair&) = delete;

  std::unique_ptr<net::SocketLayer> NewLayer() {
    return std::make_unique<net::PlainLayer>(fds_[0]);
  }

  // The peer's side.
  void Send(std::string_view bytes) {
    EXPECT_EQ(send(fds_[1], bytes.data(), bytes.size(), 0), static_cast<ssize_t>(bytes.size()));
  }
  std::string Receive() {
    std::string all;
    char piece[4096];
    for (ssize_t got; (got = recv(fds_[1], piece, sizeof piece, 0)) > 0;) {
      all.append(piece, static_cast<size_t>(got));
    }
    return all;
  }
  void ClosePeer() {
    if (fds_[1] >= 0) close(fds_[1]);
    fds_[1] = -1;
  }

 private:
  int fds_[2] = {-1, -1};
};

// As a connection reads what there is: until there is nothing more.
struct ReadResult {
  std::string bytes;
  LayerOutcome outcome = LayerOutcome::kDone;  // that ended it
};

inline ReadResult ReadAll(net::SocketLayer& layer, size_t piece_bytes = 1000) {
  ReadResult result;
  std::vector<char> piece(piece_bytes);
  while (true) {
    const net::SocketLayer::Result read = layer.Read(piece.data(), piece.size());
    result.bytes.append(piece.data(), read.bytes);
    if (read.outcome == LayerOutcome::kDone) continue;
    result.outcome = read.outcome;
    if (read.outcome == LayerOutcome::kWantsRead && layer.holds_input()) continue;
    return result;
  }
}

inline net::SocketLayer::Result WriteTo(net::SocketLayer& layer, std::string_view bytes) {
  const iovec piece{const_cast<char*>(bytes.data()), bytes.size()};
  return layer.Write({&piece, bytes.empty() ? size_t{0} : size_t{1}});
}

}  // namespace fluxgate

#endif  // FLUXGATE_GATEWAY_MODULES_LAYER_TESTING_H_
