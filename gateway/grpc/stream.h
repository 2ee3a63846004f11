// A streaming call: what all of them share, whatever they carry. It lives on two sides. gRPC's
// callback threads bring requests (contiguous, into an inbox) and take responses (out of a queue of
// encoded pieces, one write in flight); the reactor thread does everything else.
//
// Alive while gRPC knows it (until OnDone) and while the hub lists it (until Detach).
#ifndef FLUXGATE_GATEWAY_GRPC_STREAM_H_
#define FLUXGATE_GATEWAY_GRPC_STREAM_H_

#include <grpc/grpc.h>
#include <grpcpp/server_context.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/status.h>

#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "core/engine/outbox.h"
#include "core/engine/session.h"
#include "gateway/grpc/encode_buffer.h"
#include "gateway/grpc/padded_buffer.h"
#include "gateway/grpc/stream_hub.h"

namespace fluxgate::grpc_api {

class Stream : public Outbox, public std::enable_shared_from_this<Stream> {
 public:
  struct Traits {
    uint64_t request_bytes_max;
    // Whether requests wait while publishers are held back, or while responses pile up.
    bool held_back;
    // Whether each piece of out_ is a response of its own: it is not sent together with others.
    bool response_each_piece = false;
  };

  Stream(std::shared_ptr<StreamHub> hub, grpc::CallbackServerContext& context, Traits traits);
  ~Stream() override;
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  // Callback thread, once, before gRPC gets to know the stream. With a request: that is the only
  // one.
  void Begin();
  void Begin(const grpc::ByteBuffer& only_request);

  // ---- reactor thread, called by the hub ----
  void EndOfBatch();
  bool Tick(int64_t now_ns);
  void ResumeReading();
  // The last call: gives back the session and the outbox.
  void Close();
  virtual void SayGoAway(int64_t grace_ns) = 0;
  virtual void EndForDrain() = 0;
  // Whom it belongs to was known until some time, in seconds since 1970.
  void EndIfExpired(int64_t now_s);

  void Acknowledge(const Ack&) override {}
  // What waits for credit does not count here.
  bool HasRoom() const override;
  void OnAccessKnown() override;
  // As a slow client; also inside Outbox calls.
  void CutOff(const absl::Status& why) override;

 protected:
  // ---- callback threads, called by the adapter ----
  void ReadDone(bool ok);
  void WriteDone(bool ok);
  void Cancelled();
  void Done();

  // ---- what gRPC's reactor classes offer, implemented by the adapter ----
  virtual void GrpcStartRead(grpc::ByteBuffer* request) = 0;
  virtual void GrpcStartWrite(const grpc::ByteBuffer* response) = 0;
  virtual void GrpcFinish(const grpc::Status& status) = 0;

  // ---- reactor thread, implemented by the kind of stream ----
  // The stream is attached; the first call.
  virtual void OnOpen() = 0;
  // The next request, or the same one again after false: there is more to do in it, but other work
  // comes first.
  virtual bool OnRequest(std::string_view request) = 0;
  // No more requests: the client has half-closed.
  virtual void OnHalfClose() = 0;
  // Before out_ is handed over: it must hold whole messages afterwards. May be inside an Outbox
  // call.
  virtual void FinishEncoding() = 0;
  // The batch ends; the engine may be called.
  virtual void OnEndOfBatch() {}
  // True: call again at the next tick.
  virtual bool OnTick(int64_t /*now_ns*/) { return false; }
  // Lets go of what waits for this client beside out_.
  virtual void DropWaiting() {}

  // ---- reactor thread, for the kind of stream ----
  StreamHub& hub() { return *hub_; }
  Session* session() { return session_; }
  absl::Status OpenSession(std::string_view name);
  // The engine has answered kPending: OnRequest returns false now, and is called again, with the
  // same request, when the command may be run.
  void WaitForAccess() { is_waiting_ = true; }
  // EndOfBatch will be called.
  void MarkDirty() {
    if (dirty_) return;
    dirty_ = true;
    hub_->AtEndOfBatch(*this);
  }
  // out_ has something new. False: over a limit; the client has been cut off.
  bool Written();
  // Charges and gives back what waits outside out_. False: as above.
  bool ChargeWaiting(uint64_t bytes);
  void CreditWaiting(uint64_t bytes);
  // Ends the stream after everything written so far. The first status counts.
  void End(const grpc::Status& status);
  void End(const absl::Status& status, std::optional<std::string_view> field = std::nullopt);
  bool ended() const { return ended_; }
  // No further requests are taken; those that have arrived are processed.
  void StopReading();
  bool HasRequests();
  // Takes `units` from what this stream may do before other work comes first (one publish is one
  // unit). False: nothing is left; OnRequest should return.
  bool TakeSlice(int units) { return (slice_left_ -= units) > 0; }

  EncodeBuffer out_;

 private:
  friend class StreamHub;

  void OpenOnReactor();
  void OpenAs(const absl::StatusOr<Principal>& principal);
  // Nothing is waited for any more.
  void GoOn();
  void ProcessInbox();
  void HandOver();
  void CollectReleased();
  void Release(uint64_t bytes);
  void CloseSession();
  bool Take(const grpc::ByteBuffer& request);
  bool ChargeWritten();
  void RequestEnd(const grpc::Status& status, bool drop);
  void CancelCall();

  // With mutex_ held. Advance starts whatever is due and may leave `lock` unlocked.
  void Advance(std::unique_lock<std::mutex>& lock);
  bool WantsRead() const;
  void TakeBatch();
  void DropPending();
  void ScheduleInbox();

  const std::shared_ptr<StreamHub> hub_;
  const Traits traits_;
  const uint64_t query_backlog_max_;
  std::shared_ptr<Stream> self_;  // until OnDone

  // ---- reactor thread ----
  size_t position_ = 0;  // in the hub's list
  bool dirty_ = false;
  bool ticking_ = false;
  bool ended_ = false;
  bool closed_ = true;  // not attached, or not any more
  bool half_closed_ = false;
  bool call_cancelled_ = false;
  bool is_waiting_ = false;  // for who the client is, or what it may do
  bool stalled_ = false;     // ProcessInbox has stopped for that
  Credentials credentials_;  // until it is known whose they are
  Principal principal_;
  int64_t ended_at_ns_ = 0;
  int slice_left_ = 0;
  Session* session_ = nullptr;
  std::unique_ptr<OutboxAccount> account_;
  size_t charged_in_out_ = 0;
  uint64_t waiting_bytes_ = 0;
  mutable bool room_wanted_ = false;     // by a query
  std::optional<PaddedBuffer> request_;  // the one being processed
  std::vector<EncodedPiece> cut_;

  // ---- callback thread that reads; there is one read at a time ----
  grpc::ByteBuffer read_buffer_;
  // ---- whoever has set write_in_flight_ ----
  grpc::ByteBuffer write_buffer_;

  std::mutex mutex_;
  // ---- guarded by mutex_ ----
  grpc_call* call_;  // null after OnDone
  std::deque<EncodedPiece> pending_;
  uint64_t pending_bytes_ = 0;
  uint64_t in_flight_bytes_ = 0;
  uint64_t released_bytes_ = 0;  // written or dropped, not credited yet
  bool write_in_flight_ = false;
  bool broken_ = false;  // nothing can be written any more
  std::deque<PaddedBuffer> inbox_;
  uint64_t inbox_bytes_ = 0;  // with the one being processed
  uint32_t inbox_requests_ = 0;
  bool inbox_scheduled_ = false;
  bool read_in_flight_ = false;
  bool read_closed_ = false;
  bool reading_held_ = false;  // publishers are held back
  bool reading_stopped_ = false;
  bool release_posted_ = false;
  int starting_ = 0;  // operations being started: no Finish meanwhile
  std::optional<grpc::Status> end_status_;
  bool finished_ = false;
};

}  // namespace fluxgate::grpc_api

#endif  // FLUXGATE_GATEWAY_GRPC_STREAM_H_
