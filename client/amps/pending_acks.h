// Who waits for which ack. The I/O thread delivers; any thread waits.
#ifndef FLUXGATE_CLIENT_AMPS_PENDING_ACKS_H_
#define FLUXGATE_CLIENT_AMPS_PENDING_ACKS_H_

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "gateway/amps/amps_decoder.h"

namespace AMPS::internal {

class PendingAcks {
 public:
  using Clock = std::chrono::steady_clock;

  enum class Outcome : uint8_t { kAcked, kLost, kTimedOut };

  // One command that is waited for: from before it is sent until the answer. Its frame holds the
  // ack that ended the wait: the wanted one, or a `processed` one that is no success.
  class Wait {
   public:
    Wait(PendingAcks& acks, std::string command_id, fluxgate::AckType wanted);
    ~Wait();
    Wait(const Wait&) = delete;
    Wait& operator=(const Wait&) = delete;

    // A deadline of Clock::time_point::max() is none.
    Outcome Await(Clock::time_point deadline);
    const std::string& frame() const { return frame_; }
    const std::string& lost_reason() const { return lost_reason_; }

   private:
    friend class PendingAcks;

    PendingAcks& acks_;
    const std::string command_id_;
    const fluxgate::AckType wanted_;
    std::condition_variable done_;
    bool is_acked_ = false;
    bool is_lost_ = false;
    std::string frame_;
    std::string lost_reason_;
  };

  // Whether it is of a command that is waited for.
  bool Deliver(const fluxgate::amps::ServerMessage& ack, std::string_view frame);
  void FailAll(const std::string& reason);

 private:
  std::mutex mutex_;
  std::unordered_map<std::string, Wait*> waits_;
};

}  // namespace AMPS::internal

#endif  // FLUXGATE_CLIENT_AMPS_PENDING_ACKS_H_
