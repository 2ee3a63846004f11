// What waits to be sent: many threads add frames, the I/O thread of the connection takes all of
// them at once. It is woken only where it sleeps, so that what comes while it sends leaves in one
// piece.
#ifndef FLUXGATE_CLIENT_AMPS_OUTBOX_H_
#define FLUXGATE_CLIENT_AMPS_OUTBOX_H_

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <utility>

namespace AMPS::internal {

class Outbox {
 public:
  static constexpr size_t kBytesMaxDefault = 1 << 20;

  Outbox();
  ~Outbox();
  Outbox(const Outbox&) = delete;
  Outbox& operator=(const Outbox&) = delete;

  void set_bytes_max(size_t bytes);

  // Calls `write(std::string&)`, which appends frames, once no more than bytes_max are waiting;
  // `waits(bool)` is called, under the lock, when a wait begins and ends. False: not open to all.
  template <typename Write, typename Waits>
  bool Add(Write&& write, Waits&& waits) {
    bool wake;
    {
      std::unique_lock lock(mutex_);
      if (open_to_all_ && is_full()) [[unlikely]] {
        waits(true);
        room_.wait(lock, [this] { return !open_to_all_ || !is_full(); });
        waits(false);
      }
      if (!open_to_all_) return false;
      write(bytes_);
      ++added_;
      wake = std::exchange(reader_sleeps_, false);
    }
    if (wake) Wake();
    return true;
  }
  // The same without waiting for room. `ahead`: also before it is open to all.
  template <typename Write>
  bool AddAtOnce(bool ahead, Write&& write) {
    bool wake;
    {
      const std::lock_guard lock(mutex_);
      if (!(ahead ? open_ : open_to_all_)) return false;
      write(bytes_);
      wake = std::exchange(reader_sleeps_, false);
    }
    if (wake) Wake();
    return true;
  }

  // How often Add has added something, and that all of it up to `added` has arrived. Confirm
  // returns, once, whether there was an Open between some Add and its Confirm: nobody knows what
  // became of that.
  uint64_t added();
  bool Confirm(uint64_t added);

  // Until no more than bytes_max are waiting. False: closed.
  bool AwaitRoom();

  // Open: empty, and to be filled, by those only who may go ahead; OpenToAll: what it says, unless
  // it is closed; Close: what waits is dropped, those who wait for room go on.
  void Open();
  void OpenToAll();
  void Close();
  // The I/O thread from here on.
  // Everything, in place of `*bytes`, whose bytes count as sent. False: there is nothing, and the
  // next Add wakes.
  bool Take(std::string* bytes);
  // Readable after a wake.
  int wake_fd() const { return wake_fd_; }
  void Wake();
  void DrainWake();

 private:
  bool is_full() const { return bytes_.size() + in_flight_ > bytes_max_; }

  const int wake_fd_;
  std::mutex mutex_;
  std::condition_variable room_;
  std::string bytes_;
  uint64_t added_ = 0;
  uint64_t confirmed_ = 0;
  bool has_lost_ = false;
  size_t in_flight_ = 0;  // taken, not sent yet
  size_t bytes_max_ = kBytesMaxDefault;
  bool open_ = false;
  bool open_to_all_ = false;
  bool reader_sleeps_ = false;
};

}  // namespace AMPS::internal

#endif  // FLUXGATE_CLIENT_AMPS_OUTBOX_H_
