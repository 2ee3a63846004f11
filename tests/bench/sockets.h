// Blocking sockets for load generators and peers: tcp with TCP_NODELAY, and unix. Every error ends
// the process (fail.h).
#ifndef FLUXGATE_TESTS_BENCH_SOCKETS_H_
#define FLUXGATE_TESTS_BENCH_SOCKETS_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace fluxgate::bench {

struct Endpoint {
  std::string path;  // unix socket; empty: tcp
  std::string host;
  uint16_t port = 0;
};

// "tcp:127.0.0.1:9007" or "unix:/tmp/x.sock".
Endpoint ParseEndpoint(std::string_view text);

int Connect(const Endpoint& endpoint);
int Listen(const Endpoint& endpoint);
// Accepts one connection from a listening socket.
int Accept(int listener);

// All of it, however often the kernel takes only a part.
void WriteAll(int fd, std::string_view bytes);
// At least one byte; the end of the stream is an error.
size_t ReadSome(int fd, char* buffer, size_t size);
// What there is without waiting; 0: nothing.
size_t ReadReady(int fd, char* buffer, size_t size);

// Soft limit of descriptors up to the hard one.
void RaiseDescriptorLimit();

}  // namespace fluxgate::bench

#endif  // FLUXGATE_TESTS_BENCH_SOCKETS_H_
