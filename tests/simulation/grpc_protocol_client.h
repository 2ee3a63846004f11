// The model test's client over gRPC: one SubscribeStream, read only when the test reads.
#ifndef FLUXGATE_TESTS_SIMULATION_GRPC_PROTOCOL_CLIENT_H_
#define FLUXGATE_TESTS_SIMULATION_GRPC_PROTOCOL_CLIENT_H_

#include <grpcpp/grpcpp.h>

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "fluxgate/v1/gateway.grpc.pb.h"
#include "tests/simulation/protocol_client.h"

namespace fluxgate::testing {

class GrpcProtocolClient final : public ProtocolClient {
 public:
  explicit GrpcProtocolClient(const std::string& address);
  ~GrpcProtocolClient() override;

  // The API has no `no_empties`.
  void Subscribe(const SubscriptionPlan& plan, int batch) override;
  void EndAll() override;
  std::optional<ReceivedEvent> Next(int wait_ms) override;

 private:
  // Addresses of these are the tags.
  struct Tags {
    char opened, written, read, finished;
  };

  void Write(const v1::SubscribeStreamRequest& request);
  // Handles one completion; false: none came in time.
  bool Pump(int wait_ms);
  void OnResponse();
  void OnEvent(const v1::StreamEvent& event);

  std::unique_ptr<v1::SubscriberService::Stub> stub_;
  grpc::CompletionQueue queue_;
  grpc::ClientContext context_;
  std::unique_ptr<
      grpc::ClientAsyncReaderWriter<v1::SubscribeStreamRequest, v1::SubscribeStreamResponse>>
      stream_;
  Tags tags_{};
  v1::SubscribeStreamResponse response_;
  bool busy_ = true;  // opening or writing
  bool reading_ = false;
  bool broken_ = false;
  struct Watched {
    std::string id;
    bool snapshot;
  };
  std::vector<Watched> watched_;  // by subscription_id - 1
  size_t running_ = 0;
  bool ending_ = false;
  std::deque<ReceivedEvent> events_;
};

}  // namespace fluxgate::testing

#endif  // FLUXGATE_TESTS_SIMULATION_GRPC_PROTOCOL_CLIENT_H_
