// One client connection of a load generator: a socket, the wire spoken on it, and the start of a
// frame that has not wholly arrived. One thread at a time.
#ifndef FLUXGATE_TESTS_BENCH_CONNECTION_H_
#define FLUXGATE_TESTS_BENCH_CONNECTION_H_

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tests/bench/sockets.h"
#include "tests/bench/wire.h"

namespace fluxgate::bench {

// Receive memory, shared by all connections of a thread so that it stays in the cache.
class Scratch {
 public:
  Scratch() : bytes_(256 << 10) {}
  char* data() { return bytes_.data(); }
  size_t size() const { return bytes_.size(); }

 private:
  std::vector<char> bytes_;
};

struct Interest {
  uint64_t id;
  std::string topic;
  std::string filter;
};

class Connection {
 public:
  // Connected and logged on.
  Connection(const Endpoint& endpoint, std::string_view wire, std::string_view client_name,
             bool publisher = false);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  int fd() const { return fd_; }
  Wire& wire() { return *wire_; }

  // All of them accepted on return.
  void Subscribe(const std::vector<Interest>& interests);

  void Write(std::string_view bytes) { WriteAll(fd_, bytes); }

  // What has arrived, in `scratch`, behind the unfinished frame of last time; what of it is not
  // used must be given to Keep before the next call. Without `wait` only what is there already.
  std::string_view Receive(Scratch& scratch, bool wait);
  void Keep(std::string_view unused) { unfinished_ = unused; }

  // The next message, waiting for it; its body is copied to `body`. Any other frame is skipped, a
  // failure ends the process.
  void AwaitMessage(Scratch& scratch, std::string& body);

  // Writes the bytes and waits until they have brought so many answers; anything else that comes
  // is skipped, a failure ends the process.
  void Ask(std::string_view bytes, size_t answers);

  // Ends the process if the broker has complained (reads what is there, forgets it).
  void CheckNoComplaint(Scratch& scratch);

 private:
  void AwaitAnswers(size_t count);

  int fd_;
  std::unique_ptr<Wire> wire_;
  std::string unfinished_;
};

}  // namespace fluxgate::bench

#endif  // FLUXGATE_TESTS_BENCH_CONNECTION_H_
