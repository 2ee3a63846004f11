#include "gateway/grpc/connection_watch.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "core/base/error.h"

namespace fluxgate::grpc_api {

class ConnectionWatch::Watched final : public net::EventHandler {
 public:
  Watched(ConnectionWatch& owner, int fd, net::Admission admission, size_t position)
      : position(position), owner_(owner), fd_(fd), admission_(std::move(admission)) {}
  ~Watched() override {
    owner_.reactor_.Unwatch(fd_, this);
    close(fd_);
  }

  // Only the end of the connection is watched for: gRPC shuts its descriptor down when it closes,
  // and the peer's end is the peer's.
  absl::Status Start() { return owner_.reactor_.Watch(fd_, EPOLLRDHUP, this); }
  void OnEvents(uint32_t) override { owner_.Remove(this); }

  size_t position;

 private:
  ConnectionWatch& owner_;
  const int fd_;
  net::Admission admission_;
};

ConnectionWatch::ConnectionWatch(net::Reactor& reactor) : reactor_(reactor) {}
ConnectionWatch::~ConnectionWatch() = default;

absl::Status ConnectionWatch::Add(int fd, net::Admission admission) {
  const int duplicate = fcntl(fd, F_DUPFD_CLOEXEC, 0);
  if (duplicate < 0) {
    return MakeError(ErrorCode::kQuotaExceeded,
                     fmt::format("cannot watch a connection: {}", std::strerror(errno)));
  }
  auto watched = std::make_unique<Watched>(*this, duplicate, std::move(admission), watched_.size());
  if (absl::Status status = watched->Start(); !status.ok()) return status;
  watched_.push_back(std::move(watched));
  return absl::OkStatus();
}

void ConnectionWatch::Remove(Watched* watched) {
  const size_t at = watched->position;
  const std::unique_ptr<Watched> gone = std::move(watched_[at]);
  if (at + 1 != watched_.size()) {
    watched_[at] = std::move(watched_.back());
    watched_[at]->position = at;
  }
  watched_.pop_back();
}

}  // namespace fluxgate::grpc_api
