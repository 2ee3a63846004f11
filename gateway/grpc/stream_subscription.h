// One subscription of a stream as its client controls it: credit, pause, and what waits because of
// them. Reactor thread.
#ifndef FLUXGATE_GATEWAY_GRPC_STREAM_SUBSCRIPTION_H_
#define FLUXGATE_GATEWAY_GRPC_STREAM_SUBSCRIPTION_H_

#include <cstdint>
#include <deque>
#include <string>
#include <utility>

#include "fluxgate/v1/gateway.pb.h"

namespace fluxgate::grpc_api {

class StreamSubscription {
 public:
  // What a waiting message takes beside its own bytes.
  static constexpr uint64_t kWaitingOverheadBytes = 64;

  enum class Kind : uint8_t {
    kMessage,
    kRecord,  // of the snapshot
    kEvent,   // that counts as a message: a record has left
    kNotice,  // that costs no credit, but keeps its place
  };
  // In the form that EventEncoder::AddWritten takes, or AddWrittenEvent.
  struct Waiting {
    std::string written;
    uint64_t payload_bytes;
    Kind kind = Kind::kMessage;
    uint64_t cost() const { return written.size() + kWaitingOverheadBytes; }
  };

  // `buffer_max` is the most that the server lets it hold back, whatever `spec` asks for.
  StreamSubscription(uint32_t id, const v1::SubscriptionSpec& spec, uint64_t buffer_max);

  uint32_t id() const { return id_; }
  const std::string& engine_id() const { return engine_id_; }
  // What it was asked for with, but for its filter.
  const v1::SubscriptionSpec& spec() const { return spec_; }
  uint32_t batch_max() const { return batch_max_; }

  // Whether a message may be sent now; then it is paid for.
  bool Spend(uint64_t payload_bytes) {
    if (!limited_) return true;
    if (!waiting_.empty() || !MaySend()) return false;
    Pay(payload_bytes);
    return true;
  }

  // Whether a message of this cost may wait.
  bool HasRoom(uint64_t cost) const { return waiting_bytes_ + cost <= buffer_max_; }
  void Hold(Waiting message);
  // What waits and may be sent now comes out in order; it is paid for.
  bool HasReady() const {
    return !waiting_.empty() && (waiting_.front().kind == Kind::kNotice || MaySend());
  }
  bool HasWaiting() const { return !waiting_.empty(); }
  Waiting TakeReady();
  uint64_t waiting_bytes() const { return waiting_bytes_; }
  // Returns what was given up.
  uint64_t DropWaiting();

  void Grant(const v1::Credit& credit);
  void SetPaused(bool paused);

  int64_t heartbeat_ns = 0;  // 0: none
  int64_t last_sent_ns = 0;
  bool ending = false;
  bool room_wanted = false;  // by its snapshot, see Outbox::HasRoomFor

 private:
  bool MaySend() const {
    return !paused_ && (!messages_limited_ || messages_ > 0) && (!bytes_limited_ || bytes_ > 0);
  }
  void Pay(uint64_t payload_bytes);
  void Update() { limited_ = paused_ || messages_limited_ || bytes_limited_ || !waiting_.empty(); }

  const uint32_t id_;
  const std::string engine_id_;
  v1::SubscriptionSpec spec_;
  const uint32_t batch_max_;
  const uint64_t buffer_max_;

  bool limited_ = false;  // whether any of the following has to be looked at
  bool paused_ = false;
  bool messages_limited_ = false;
  bool bytes_limited_ = false;
  int64_t messages_ = 0;
  int64_t bytes_ = 0;  // below zero: overdrawn by the last message
  std::deque<Waiting> waiting_;
  uint64_t waiting_bytes_ = 0;
};

}  // namespace fluxgate::grpc_api

#endif  // FLUXGATE_GATEWAY_GRPC_STREAM_SUBSCRIPTION_H_
