// The bytes of a connection, plain or through TLS. One thread at a time.
#ifndef FLUXGATE_CLIENT_AMPS_BYTE_STREAM_H_
#define FLUXGATE_CLIENT_AMPS_BYTE_STREAM_H_

#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

#include <cstddef>

namespace AMPS::internal {

class ByteStream {
 public:
  virtual ~ByteStream() = default;
  // As recv and send without waiting: EAGAIN also where TLS itself has to wait.
  virtual ssize_t Receive(char* to, size_t size) = 0;
  virtual ssize_t Send(const char* bytes, size_t size) = 0;
  // Whether Receive may give something of which the socket does not tell.
  virtual bool holds_input() const { return false; }
  // Says farewell, as far as the socket takes it.
  virtual void Shutdown() {}
};

class PlainStream final : public ByteStream {
 public:
  explicit PlainStream(int fd) : fd_(fd) {}
  ssize_t Receive(char* to, size_t size) override { return recv(fd_, to, size, MSG_DONTWAIT); }
  ssize_t Send(const char* bytes, size_t size) override {
    return send(fd_, bytes, size, MSG_DONTWAIT | MSG_NOSIGNAL);
  }

 private:
  const int fd_;
};

}  // namespace AMPS::internal

#endif  // FLUXGATE_CLIENT_AMPS_BYTE_STREAM_H_
