#include "client/amps/outbox.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>

namespace AMPS::internal {

Outbox::Outbox() : wake_fd_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {}

Outbox::~Outbox() { close(wake_fd_); }

void Outbox::set_bytes_max(size_t bytes) {
  const std::lock_guard lock(mutex_);
  bytes_max_ = bytes;
}

void Outbox::Open() {
  const std::lock_guard lock(mutex_);
  bytes_.clear();
  in_flight_ = 0;
  has_lost_ = has_lost_ || added_ > confirmed_;
  confirmed_ = added_;
  open_ = true;
  open_to_all_ = false;
  reader_sleeps_ = false;
}

void Outbox::OpenToAll() {
  const std::lock_guard lock(mutex_);
  open_to_all_ = open_;
}

uint64_t Outbox::added() {
  const std::lock_guard lock(mutex_);
  return added_;
}

bool Outbox::Confirm(uint64_t added) {
  const std::lock_guard lock(mutex_);
  confirmed_ = std::max(confirmed_, added);
  return std::exchange(has_lost_, false);
}

bool Outbox::AwaitRoom() {
  std::unique_lock lock(mutex_);
  room_.wait(lock, [this] { return !open_ || !is_full(); });
  return open_;
}

void Outbox::Close() {
  {
    const std::lock_guard lock(mutex_);
    open_ = open_to_all_ = false;
    bytes_.clear();
    in_flight_ = 0;
  }
  room_.notify_all();
}

bool Outbox::Take(std::string* bytes) {
  bytes->clear();
  bool had_waiting;
  {
    const std::lock_guard lock(mutex_);
    had_waiting = is_full();
    bytes_.swap(*bytes);
    in_flight_ = bytes->size();
    reader_sleeps_ = bytes->empty();
    had_waiting = had_waiting && !is_full();
  }
  if (had_waiting) room_.notify_all();
  return !bytes->empty();
}

void Outbox::Wake() {
  const uint64_t one = 1;
  (void)!write(wake_fd_, &one, sizeof one);
}

void Outbox::DrainWake() {
  uint64_t count = 0;
  (void)!read(wake_fd_, &count, sizeof count);
}

}  // namespace AMPS::internal
