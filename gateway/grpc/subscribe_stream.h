// SubscribeStream: many subscriptions, with credit, pause and filter replacement.
#ifndef FLUXGATE_GATEWAY_GRPC_SUBSCRIBE_STREAM_H_
#define FLUXGATE_GATEWAY_GRPC_SUBSCRIBE_STREAM_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "gateway/grpc/subscriber.h"
#include "gateway/grpc/wire_reader.h"

namespace fluxgate::grpc_api {

class SubscribeStream : public Subscriber {
 public:
  SubscribeStream(std::shared_ptr<StreamHub> hub, grpc::CallbackServerContext& context);

 private:
  void OnOpen() override;
  bool OnRequest(std::string_view request) override;
  void OnHalfClose() override;
  void OnEndOfBatch() override;

  // False: not yet, it waits for what the user may do.
  bool Run(const v1::StreamCommand& command);
  bool TryToRun(const v1::StreamCommand& command);
  // One method a command, in subscribe_stream_commands.cc; of Add false means the same.
  bool Add(const v1::AddSubscription& add);
  absl::Status Replace(const v1::ReplaceFilter& replace);
  absl::Status Remove(const v1::RemoveSubscription& remove);
  absl::Status Credit(const v1::GrantCredit& grant);
  absl::Status Pause(const v1::PauseSubscription& pause);
  absl::StatusOr<StreamSubscription*> Lookup(uint32_t id);
  void SendFailed(uint32_t id, std::string_view command, const absl::Status& error);

  std::optional<WireReader> commands_;  // of the request being processed
  v1::StreamCommand command_;           // scratch
  bool command_waits_ = false;          // it has not run yet
  bool half_closed_ = false;
};

}  // namespace fluxgate::grpc_api

#endif  // FLUXGATE_GATEWAY_GRPC_SUBSCRIBE_STREAM_H_
