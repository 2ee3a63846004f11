#include "gateway/modules/transport_bridge.h"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace fluxgate {

TransportBridge::TransportBridge(uint64_t id, void* connection, BridgedModule& module,
                                 net::Reactor& reactor, int near_fd, net::Accepted far)
    : id_(id),
      connection_(connection),
      module_(module),
      reactor_(reactor),
      near_fd_(near_fd),
      far_(std::move(far)) {}

TransportBridge::~TransportBridge() {
  CloseFarEnd();
  if (near_fd_ >= 0) close(near_fd_);
}

void TransportBridge::Post(void (TransportBridge::*task)()) {
  reactor_.Post([self = shared_from_this(), task] { ((*self).*task)(); });
}

void TransportBridge::Start() { Post(&TransportBridge::Begin); }

void TransportBridge::CloseFarEnd() {
  if (!far_.has_value()) return;
  close(far_->fd);
  far_.reset();
}

void TransportBridge::Begin() {
  if (!far_.has_value()) return;
  net::Accepted far = *std::move(far_);
  far_.reset();
  UpdateInterest();
  module_.Serve(std::move(far));
}

bool TransportBridge::CallModule(const std::function<void()>& call) {
  const std::lock_guard lock(call_mutex_);
  if (module_is_done_) return false;
  call();
  return !module_is_done_;
}

size_t TransportBridge::Received(std::string_view bytes) {
  const std::lock_guard lock(fd_mutex_);
  size_t taken = 0;
  while (near_fd_ >= 0 && !is_closed_ && taken < bytes.size()) {
    const ssize_t sent =
        send(near_fd_, bytes.data() + taken, bytes.size() - taken, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent >= 0) {
      taken += static_cast<size_t>(sent);
    } else if (errno == EAGAIN) {
      if (!std::exchange(module_waits_, true)) Post(&TransportBridge::UpdateInterest);
      return taken;
    } else if (errno != EINTR) {
      break;
    }
  }
  return bytes.size();  // nobody is there any more who would read the rest
}

void TransportBridge::Writable() {
  if (!is_writable_posted_.exchange(true)) Post(&TransportBridge::OnWritable);
}

void TransportBridge::OnWritable() {
  is_writable_posted_ = false;
  if (!is_blocked_ || near_fd_ < 0) return;
  is_blocked_ = false;
  Pump();
}

void TransportBridge::ClosedByModule() {
  {
    const std::lock_guard lock(call_mutex_);
    if (std::exchange(module_is_done_, true)) return;
  }
  {
    const std::lock_guard lock(fd_mutex_);
    is_closed_ = true;
  }
  Post(&TransportBridge::Finish);
}

void TransportBridge::Finish() {
  if (near_fd_ < 0 || has_ended_) {
    CloseNearEnd();
    return module_.Forget(id_);
  }
  {
    const std::lock_guard lock(fd_mutex_);
    is_closed_ = true;
    module_waits_ = false;
  }
  is_finished_ = true;
  is_blocked_ = false;
  pending_.clear();
  // Not closed: on a socket pair that is an error on the other side, which loses what it has not
  // read yet.
  shutdown(near_fd_, SHUT_WR);
  UpdateInterest();
}

void TransportBridge::TellModule() {
  (void)CallModule([this] {
    module_is_done_ = true;
    module_.Close(connection_);
  });
}

void TransportBridge::Abandon() {
  TellModule();
  CloseNearEnd();
  CloseFarEnd();
}

void TransportBridge::CloseNearEnd() {
  if (near_fd_ < 0) return;
  reactor_.Unwatch(near_fd_, this);
  const std::lock_guard lock(fd_mutex_);
  close(std::exchange(near_fd_, -1));
}

void TransportBridge::UpdateInterest() {
  if (near_fd_ < 0 || far_.has_value()) return;
  bool wants_room = false;
  {
    const std::lock_guard lock(fd_mutex_);
    wants_room = module_waits_;
  }
  const bool reads = !is_blocked_ && !has_ended_;
  const uint32_t wanted = (reads ? uint32_t{EPOLLIN} : 0u) | (wants_room ? uint32_t{EPOLLOUT} : 0u);
  // Level-triggered; hanging up is told in any case, which is why it must not be waited out.
  if (wanted == interest_ && interest_ != 0) return;
  interest_ = wanted;
  if (reactor_.Watch(near_fd_, wanted, this).ok()) return;
  Abandon();
  module_.Forget(id_);
}

void TransportBridge::OnEvents(uint32_t events) {
  const std::shared_ptr<TransportBridge> self = shared_from_this();
  if ((events & EPOLLOUT) != 0) {
    bool waits = false;
    {
      const std::lock_guard lock(fd_mutex_);
      waits = std::exchange(module_waits_, false);
    }
    if (waits && !CallModule([this] { module_.Resume(connection_); })) return;
    UpdateInterest();
  }
  if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) == 0 || near_fd_ < 0) return;
  if (is_blocked_ && (events & (EPOLLHUP | EPOLLERR)) != 0) {
    // The gateway has given the connection up; what the module has not taken is lost.
    has_ended_ = true;
    pending_.clear();
    is_blocked_ = false;
  }
  Pump();
}

void TransportBridge::Pump() {
  const std::shared_ptr<TransportBridge> self = shared_from_this();
  char buffer[kReadBytes];
  for (int i = 0; i < kReadsPerBatch && !has_ended_; ++i) {
    if (!Forward()) break;
    const ssize_t got = recv(near_fd_, buffer, sizeof buffer, 0);
    if (got > 0) {
      pending_.assign(buffer, static_cast<size_t>(got));
    } else if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
      break;
    } else {
      has_ended_ = true;
    }
  }
  // What the last read has brought, for which no event comes any more.
  if (Forward() && has_ended_) {
    Abandon();
    // Only now: as long as the module is being told, it may not think that it knows already.
    return module_.Forget(id_);
  }
  UpdateInterest();
}

bool TransportBridge::Forward() {
  if (near_fd_ < 0 || is_blocked_) return false;
  if (is_finished_) pending_.clear();
  if (pending_.empty()) return true;
  std::optional<size_t> taken;
  if (!CallModule([&] { taken = module_.Send(connection_, pending_); })) return false;
  if (!taken.has_value()) {
    TellModule();
    Finish();
    return false;
  }
  pending_.erase(0, *taken);
  is_blocked_ = !pending_.empty();
  return !is_blocked_;
}

}  // namespace fluxgate
