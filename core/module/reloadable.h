// Something that is replaced while it is in use: the new one is made first, then it is switched to,
// and the old one goes when the last call that holds it has returned. Any thread.
#ifndef FLUXGATE_CORE_MODULE_RELOADABLE_H_
#define FLUXGATE_CORE_MODULE_RELOADABLE_H_

#include <memory>
#include <mutex>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace fluxgate {

template <class T>
class Reloadable {
 public:
  explicit Reloadable(std::shared_ptr<T> first) : current_(std::move(first)) {}

  // To be held for as long as it is used.
  std::shared_ptr<T> Get() const {
    const std::lock_guard lock(mutex_);
    return current_;
  }

  // `make` returns absl::StatusOr<std::shared_ptr<T>>. One reload after the other; calls go on
  // meanwhile. After an error the old one stays.
  template <class Make>
  absl::Status Reload(Make&& make) {
    const std::lock_guard reload_lock(reload_mutex_);
    absl::StatusOr<std::shared_ptr<T>> made = make();
    if (!made.ok()) return made.status();
    std::shared_ptr<T> old = *std::move(made);
    {
      const std::lock_guard lock(mutex_);
      old.swap(current_);
    }
    return absl::OkStatus();  // `old` goes outside of mutex_: its end may take long
  }

 private:
  std::mutex reload_mutex_;
  mutable std::mutex mutex_;
  std::shared_ptr<T> current_;
};

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_MODULE_RELOADABLE_H_
