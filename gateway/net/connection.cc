#include "gateway/net/connection.h"

#include <fmt/format.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace fluxgate::net {
namespace {

constexpr int kPiecesPerWrite = 64;
// First size of a buffer for an unfinished frame; it grows with the bytes that arrive, never with
// the length that a peer announces.
constexpr size_t kPartialBytesMin = 1024;
// Of what a layer holds, in one go.
constexpr int kHeldReadsPerTurn = 8;

}  // namespace

ReadBuffer::ReadBuffer(size_t padding) : data_(new char[kBytes + padding]()) {}

Connection::Connection(ConnectionResources& shared, int fd, size_t padding,
                       std::unique_ptr<SocketLayer> layer)
    : shared_(shared),
      padding_(padding),
      fd_(fd),
      layer_(std::move(layer)),
      output_(shared.chunk_pool),
      handshaking_(layer_ != nullptr && layer_->needs_handshake()) {}

Connection::~Connection() {
  if (fd_ < 0) return;
  shared_.reactor.Unwatch(fd_, this);
  close(fd_);
}

void Connection::Start(ConnectionUser* user) {
  user_ = user;
  UpdateInterest();
}

void Connection::UpdateInterest() {
  const bool reads = !paused_ || closing_ || handshaking_;
  const bool in = (reads && !read_wants_write_) || write_wants_read_;
  const bool out = (want_write_ && !write_wants_read_) || (reads && read_wants_write_);
  const uint32_t wanted =
      (in ? uint32_t{EPOLLIN} : 0u) | (out ? uint32_t{EPOLLOUT} : 0u) | EPOLLRDHUP;
  if (wanted == interest_ || fd_ < 0) return;
  interest_ = wanted;
  if (absl::Status status = shared_.reactor.Watch(fd_, wanted, this); !status.ok()) {
    Abort(std::string_view(status.message().data(), status.message().size()));
  }
}

void Connection::OnEvents(uint32_t events) {
  if (layer_ != nullptr) [[unlikely]] {
    if (handshaking_ && !closing_) return ContinueHandshake();
    const bool readable = (events & EPOLLIN) != 0;
    if (read_wants_write_ && (events & EPOLLOUT) != 0) events |= EPOLLIN;
    if (write_wants_read_ && readable) events |= EPOLLOUT;
  }
  if ((events & EPOLLOUT) != 0) Flush();
  if ((events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) == 0 || fd_ < 0) return;
  if (closing_) {
    Discard();
  } else if (!paused_) {
    ReadOnce();
    if (layer_ != nullptr) ReadHeld();
  } else if ((events & (EPOLLHUP | EPOLLERR)) != 0) {
    Abort("connection closed");
  } else {
    // The peer has ended its side while it is held back: what it sent is read on resuming. The
    // event is level-triggered and would come again until then.
    interest_ = want_write_ ? uint32_t{EPOLLOUT} : 0u;
    (void)shared_.reactor.Watch(fd_, interest_, this);
  }
}

void Connection::ContinueHandshake() {
  const SocketLayer::Outcome outcome = layer_->Handshake();
  read_wants_write_ = outcome == SocketLayer::Outcome::kWantsWrite;
  if (outcome == SocketLayer::Outcome::kEnded || outcome == SocketLayer::Outcome::kFailed) {
    return Close(layer_->error());  // not Abort: the peer is to read why
  }
  handshaking_ = outcome != SocketLayer::Outcome::kDone;
  UpdateInterest();
  if (handshaking_ || closing_) return;
  if (!output_.empty()) ScheduleFlush();
  user_->OnHandshakeDone();
  ReadHeld();
}

ssize_t Connection::Receive(char* to, size_t size) {
  if (layer_ != nullptr) [[unlikely]] {
    return ReceiveFromLayer(to, size);
  }
  return read(fd_, to, size);
}

ssize_t Connection::ReceiveFromLayer(char* to, size_t size) {
  const SocketLayer::Result result = layer_->Read(to, size);
  if (!layer_->holds_part()) {
    layer_part_since_ns_ = 0;
  } else if (layer_part_since_ns_ == 0 || result.bytes > 0) {
    layer_part_since_ns_ = shared_.reactor.now_ns();
  }
  const bool wants_write = result.outcome == SocketLayer::Outcome::kWantsWrite;
  if (wants_write != read_wants_write_) {
    read_wants_write_ = wants_write;
    UpdateInterest();
  }
  if (layer_->holds_output()) ScheduleFlush();
  switch (result.outcome) {
    case SocketLayer::Outcome::kDone:
      return static_cast<ssize_t>(result.bytes);
    case SocketLayer::Outcome::kEnded:
      return 0;
    case SocketLayer::Outcome::kRefused:
      Close(layer_->error());  // not Abort: the peer is to read what it has been told
      [[fallthrough]];
    case SocketLayer::Outcome::kWantsRead:
    case SocketLayer::Outcome::kWantsWrite:
      errno = EAGAIN;
      return -1;
    case SocketLayer::Outcome::kFailed:
      break;
  }
  errno = EPROTO;
  return -1;
}

ssize_t Connection::SendToLayer(const iovec* pieces, size_t count) {
  const SocketLayer::Result result = layer_->Write({pieces, count});
  const bool wants_read = result.outcome == SocketLayer::Outcome::kWantsRead;
  if (wants_read != write_wants_read_) {
    write_wants_read_ = wants_read;
    UpdateInterest();
  }
  switch (result.outcome) {
    case SocketLayer::Outcome::kDone:
      return static_cast<ssize_t>(result.bytes);
    case SocketLayer::Outcome::kWantsRead:
    case SocketLayer::Outcome::kWantsWrite:
      errno = EAGAIN;
      return -1;
    case SocketLayer::Outcome::kEnded:
    case SocketLayer::Outcome::kRefused:
    case SocketLayer::Outcome::kFailed:
      break;
  }
  errno = EPROTO;
  return -1;
}

std::string_view Connection::ErrorText(int error) const {
  if (layer_ != nullptr && error == EPROTO) return layer_->error();
  return std::strerror(error);
}

void Connection::ReadHeld() {
  for (int i = 0; i < kHeldReadsPerTurn; ++i) {
    if (!layer_->holds_input() || paused_ || closing_) return;
    ReadOnce();
  }
  if (held_posted_ == nullptr) held_posted_ = std::make_shared<bool>(false);
  if (std::exchange(*held_posted_, true)) return;
  shared_.reactor.Post([this, posted = std::weak_ptr<bool>(held_posted_)] {
    const std::shared_ptr<bool> held = posted.lock();
    if (held == nullptr) return;
    *held = false;
    ReadHeld();
  });
}

void Connection::Discard() {
  const ssize_t got = read(fd_, shared_.read_buffer.data(), ReadBuffer::kBytes);
  if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) Abort(close_reason_);
}

void Connection::ReadOnce() {
  if (partial_wanted_ > ReadBuffer::kBytes) return ReadPartial();
  char* buffer = shared_.read_buffer.data();
  const size_t kept = partial_size_;
  const ssize_t got = Receive(buffer + kept, ReadBuffer::kBytes - kept);
  if (got > 0) {
    if (kept > 0) std::memcpy(buffer, partial_.get(), kept);
    Consume(buffer, kept + static_cast<size_t>(got));
  } else if (got == 0) {
    Abort(kept > 0 ? "connection closed in the middle of a frame" : "connection closed");
  } else if (errno != EAGAIN && errno != EINTR) {
    Abort(ErrorText(errno));
  }
}

// `begin` is the read buffer, or the partial buffer when it has become complete.
void Connection::Consume(char* begin, size_t size) {
  size_t used = 0;
  while (used < size && !closing_ && !paused_) {
    const size_t done = user_->OnBytes({begin + used, size - used});
    used += done;
    if (done == 0) break;
  }
  if (closing_) {
    partial_size_ = 0;
    return;
  }
  KeepPartial({begin + used, size - used});
}

void Connection::KeepPartial(std::string_view rest) {
  if (rest.empty()) {
    partial_size_ = 0;
    partial_wanted_ = 0;
    partial_.reset();
    partial_capacity_ = 0;
    return;
  }
  if (partial_size_ == 0 || rest.size() < partial_size_) {
    partial_since_ns_ = shared_.reactor.now_ns();  // another frame than the one before
  }
  if (rest.size() > partial_capacity_) {
    partial_capacity_ = std::max(kPartialBytesMin, rest.size() + rest.size() / 2);
    auto grown = std::make_unique<char[]>(partial_capacity_ + padding_);
    std::memcpy(grown.get(), rest.data(), rest.size());
    partial_ = std::move(grown);
  } else {
    std::memmove(partial_.get(), rest.data(), rest.size());
  }
  partial_size_ = rest.size();
  partial_wanted_ = paused_ ? 0 : user_->BytesWanted({partial_.get(), partial_size_});
}

// A frame larger than the read buffer is gathered in the connection's own.
void Connection::ReadPartial() {
  if (partial_size_ == partial_capacity_) {
    const size_t grown_size = std::min(partial_wanted_, partial_capacity_ * 2);
    auto grown = std::make_unique<char[]>(grown_size + padding_);
    std::memcpy(grown.get(), partial_.get(), partial_size_);
    partial_ = std::move(grown);
    partial_capacity_ = grown_size;
  }
  const size_t room = std::min(partial_capacity_, partial_wanted_) - partial_size_;
  const ssize_t got = Receive(partial_.get() + partial_size_, room);
  if (got > 0) {
    partial_size_ += static_cast<size_t>(got);
    if (partial_size_ == partial_wanted_) {
      const size_t size = std::exchange(partial_size_, 0);
      partial_wanted_ = 0;
      const std::unique_ptr<char[]> complete = std::move(partial_);
      partial_capacity_ = 0;
      Consume(complete.get(), size);
    }
  } else if (got == 0) {
    Abort("connection closed in the middle of a frame");
  } else if (errno != EAGAIN && errno != EINTR) {
    Abort(ErrorText(errno));
  }
}

void Connection::PauseReading() {
  paused_ = true;
  UpdateInterest();
}

void Connection::ResumeReading() {
  if (!paused_ || closing_) return;
  paused_ = false;
  // The time in which nothing was read is not the peer's.
  if (layer_part_since_ns_ != 0) layer_part_since_ns_ = shared_.reactor.now_ns();
  interest_ = 0;
  UpdateInterest();
  if (layer_ != nullptr) {
    // Not now: somebody else's input may be in the read buffer.
    shared_.reactor.AtEndOfBatch([this] { ReadHeld(); });
  }
  if (partial_size_ == 0) return;
  // What had been read before the pause: complete frames among it would otherwise wait for more.
  const size_t size = std::exchange(partial_size_, 0);
  const std::unique_ptr<char[]> kept = std::move(partial_);
  partial_capacity_ = 0;
  Consume(kept.get(), size);
}

void Connection::ScheduleFlush() {
  if (flush_scheduled_ || fd_ < 0) return;
  flush_scheduled_ = true;
  shared_.reactor.AtEndOfBatch([this] {
    flush_scheduled_ = false;
    if (!want_write_) Flush();
  });
}

void Connection::Flush() {
  if (handshaking_) [[unlikely]] {
    if (!closing_) return;
    output_.Clear();
  }
  const size_t before = output_.size();
  while (HoldsOutput() && fd_ >= 0) {
    iovec pieces[kPiecesPerWrite];
    msghdr message{};
    message.msg_iov = pieces;
    message.msg_iovlen = static_cast<size_t>(output_.Peek(pieces, kPiecesPerWrite));
    const ssize_t sent = layer_ == nullptr ? sendmsg(fd_, &message, MSG_NOSIGNAL)
                                           : SendToLayer(pieces, message.msg_iovlen);
    if (sent < 0) {
      if (errno == EINTR) continue;
      if (errno != EAGAIN) return Abort(ErrorText(errno));
      break;
    }
    output_.Consume(static_cast<size_t>(sent));
  }
  want_write_ = HoldsOutput();
  if (want_write_ || (interest_ & EPOLLOUT) != 0) UpdateInterest();
  if (output_.size() != before && !closing_) user_->OnDrained(output_.size());
  if (closing_ && !want_write_ && !ended_ && fd_ >= 0) EndOurSide();
}

void Connection::EndOurSide() {
  if (layer_ != nullptr && layer_->Shutdown() == SocketLayer::Outcome::kWantsWrite) {
    want_write_ = true;
    return UpdateInterest();
  }
  ended_ = true;
  shutdown(fd_, SHUT_WR);
}

void Connection::Close(std::string_view reason) {
  if (closing_) return;
  closing_ = true;
  read_wants_write_ = false;  // input is not looked at any more
  closing_since_ns_ = shared_.reactor.now_ns();
  close_reason_ = reason;
  UpdateInterest();
  ScheduleFlush();
}

void Connection::Abort(std::string_view reason) {
  if (!closing_) close_reason_ = reason;
  closing_ = true;
  if (output_.empty() && layer_ != nullptr && !ended_ && fd_ >= 0) {
    (void)layer_->Shutdown();  // as far as the socket takes it
  }
  if (!output_.empty() && fd_ >= 0) {
    // What the system still holds for a peer that does not read goes too.
    const linger at_once{1, 0};
    setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  }
  output_.Clear();
  Finish();
}

// OnClosed may destroy this connection: never from inside its own calls.
void Connection::Finish() {
  if (finish_scheduled_) return;
  finish_scheduled_ = true;
  if (fd_ >= 0) {
    shared_.reactor.Unwatch(fd_, this);
    close(std::exchange(fd_, -1));
  }
  shared_.reactor.AtEndOfBatch([this] { user_->OnClosed(close_reason_); });
}

}  // namespace fluxgate::net
