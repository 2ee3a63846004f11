// PublishStream: pipelined publishing with coalesced acks.
#ifndef FLUXGATE_GATEWAY_GRPC_PUBLISH_STREAM_H_
#define FLUXGATE_GATEWAY_GRPC_PUBLISH_STREAM_H_

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string_view>

#include "fluxgate/v1/gateway.pb.h"
#include "gateway/grpc/publish_command.h"
#include "gateway/grpc/publish_decoder.h"
#include "gateway/grpc/stream.h"

namespace fluxgate::grpc_api {

class PublishStream : public Stream {
 public:
  PublishStream(std::shared_ptr<StreamHub> hub, grpc::CallbackServerContext& context);

  void SayGoAway(int64_t grace_ns) override;
  void EndForDrain() override;
  bool Deliver(const Delivery&) override { return true; }  // it has no subscriptions
  void OnStored() override;

 private:
  void OnOpen() override {}
  bool OnRequest(std::string_view request) override;
  void OnHalfClose() override;
  void OnEndOfBatch() override;
  void FinishEncoding() override;

  void OpenFrom(std::string_view first_request);
  bool PublishAll();
  void Answer(uint64_t flush_id);
  void Publish(const PublishMessage& message);
  void RunCommand();
  void Refuse(uint64_t sequence, const absl::Status& status);
  void Send(const v1::PublishStreamResponse& response);
  // The last sequence that has its ack level, with all before it.
  uint64_t reached() const {
    return unstored_.empty() ? sequences_.last() : unstored_.front().first_sequence - 1;
  }
  // Ends the stream when it was to end and everything has been answered.
  void EndIfDone();

  v1::AckLevel ack_level_ = v1::ACK_LEVEL_UNSPECIFIED;
  SequenceCounter sequences_;
  uint64_t acked_sequence_ = 0;
  bool first_request_ = true;
  bool ending_for_drain_ = false;
  bool half_closed_ = false;
  // Messages that are not durable yet, where that is what their ack says.
  struct Unstored {
    uint64_t ticket;
    uint64_t first_sequence;
  };
  std::deque<Unstored> unstored_;
  struct WaitingFlush {
    uint64_t flush_id;
    uint64_t sequence;  // of the last message before it
  };
  std::deque<WaitingFlush> waiting_flushes_;
  // The request being processed.
  std::optional<PublishStreamReader> reader_;
  Command command_ = NewPublishCommand();
  bool command_waits_ = false;  // it has not run yet
};

}  // namespace fluxgate::grpc_api

#endif  // FLUXGATE_GATEWAY_GRPC_PUBLISH_STREAM_H_
