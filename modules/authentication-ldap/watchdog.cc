#include "modules/authentication-ldap/watchdog.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

namespace fluxgate::modules {

Watchdog::Watchdog(int socket, std::chrono::milliseconds limit)
    : socket_(fcntl(socket, F_DUPFD_CLOEXEC, 0)),
      thread_(&Watchdog::Watch, this, std::chrono::steady_clock::now() + limit) {}

Watchdog::~Watchdog() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    done_ = true;
  }
  changed_.notify_one();
  thread_.join();
  if (socket_ >= 0) close(socket_);
}

void Watchdog::Watch(std::chrono::steady_clock::time_point deadline) {
  std::unique_lock<std::mutex> lock(mutex_);
  if (!changed_.wait_until(lock, deadline, [&] { return done_; })) shutdown(socket_, SHUT_RDWR);
}

}  // namespace fluxgate::modules
