#include "gateway/net/plain_layer.h"

#include <sys/socket.h>

#include <cerrno>
#include <cstring>

namespace fluxgate::net {

SocketLayer::Result PlainLayer::Fail() {
  if (errno == EAGAIN || errno == EINTR) return {Outcome::kWantsRead, 0};
  error_ = std::strerror(errno);
  return {Outcome::kFailed, 0};
}

SocketLayer::Result PlainLayer::Read(char* to, size_t size) {
  const ssize_t got = recv(fd_, to, size, 0);
  if (got > 0) return {Outcome::kDone, static_cast<size_t>(got)};
  return got == 0 ? Result{Outcome::kEnded, 0} : Fail();
}

SocketLayer::Result PlainLayer::Write(std::span<const iovec> pieces) {
  msghdr message{};
  message.msg_iov = const_cast<iovec*>(pieces.data());
  message.msg_iovlen = pieces.size();
  const ssize_t sent = sendmsg(fd_, &message, MSG_NOSIGNAL);
  if (sent >= 0) return {Outcome::kDone, static_cast<size_t>(sent)};
  const Result failed = Fail();
  return failed.outcome == Outcome::kWantsRead ? Result{Outcome::kWantsWrite, 0} : failed;
}

}  // namespace fluxgate::net
