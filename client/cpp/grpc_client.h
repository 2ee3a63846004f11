// Client over gRPC: everything published rides on one PublishStream, every subscription on one
// SubscribeStream, both opened when first needed; queries and deletes are calls of their own. Works
// off a completion queue inside the caller's calls, so that one thread uses it like any other
// client.
#ifndef FLUXGATE_CLIENT_CPP_GRPC_CLIENT_H_
#define FLUXGATE_CLIENT_CPP_GRPC_CLIENT_H_

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "client/cpp/client.h"
#include "fluxgate/v1/gateway.grpc.pb.h"

namespace fluxgate::client {

class GrpcClient final : public Client {
 public:
  static absl::StatusOr<std::unique_ptr<Client>> Connect(const Uri& uri,
                                                         const ClientOptions& options);
  ~GrpcClient() override;
  GrpcClient(const GrpcClient&) = delete;
  GrpcClient& operator=(const GrpcClient&) = delete;

  using Client::Subscribe;
  absl::Status Publish(std::string_view topic, std::string_view body,
                       const PublishOptions& options) override;
  absl::Status PublishChecked(std::string_view topic, std::string_view body,
                              const PublishOptions& options) override;
  absl::Status Send() override;
  absl::Status Flush() override;
  absl::StatusOr<std::string> Subscribe(const SubscribeRequest& request) override;
  absl::Status Unsubscribe(std::string_view subscription_id) override;
  absl::Status Query(const QueryRequest& request,
                     absl::FunctionRef<bool(const Message&)> take) override;
  absl::StatusOr<uint64_t> Delete(std::string_view topic, const DeleteSelector& selector) override;
  absl::StatusOr<bool> Next(Message* message, milliseconds timeout) override;
  absl::StatusOr<std::chrono::nanoseconds> Ping() override;
  std::string_view server_version() const override { return {}; }
  void Close() override;

 private:
  using Clock = std::chrono::system_clock;  // what gRPC's deadlines are told in
  using Deadline = Clock::time_point;
  using SubscribeResponse = v1::SubscribeStreamResponse;

  static constexpr size_t kFreeResponsesMax = 4;

  // What a completion is about; its address is the tag.
  enum class Event : uint8_t { kOpened, kWritten, kRead, kFinished };
  struct Tag {
    bool publishing;
    Event event;
  };

  // One bidirectional stream: at most one write and one read are in flight.
  template <typename Request, typename Response>
  struct Stream {
    explicit Stream(bool publishing)
        : opened{publishing, Event::kOpened},
          written{publishing, Event::kWritten},
          read{publishing, Event::kRead},
          finished{publishing, Event::kFinished} {}

    Tag opened, written, read, finished;
    grpc::ClientContext context;
    std::unique_ptr<grpc::ClientAsyncReaderWriter<Request, Response>> call;
    bool open = false;
    bool busy = true;  // opening or writing
    bool reading = false;
    bool finishing = false;
    Request next;  // filled while `in_flight` is being written
    Request in_flight;
    bool has_next = false;
    std::unique_ptr<Response> response;
    grpc::Status status;
  };
  using PublishStream = Stream<v1::PublishStreamRequest, v1::PublishStreamResponse>;
  using SubscribeStream = Stream<v1::SubscribeStreamRequest, SubscribeResponse>;

  GrpcClient(const Uri& uri, const ClientOptions& options, std::string authorization,
             const std::shared_ptr<grpc::ChannelCredentials>& credentials);

  void Prepare(grpc::ClientContext& context);
  void OpenPublish();
  void OpenSubscribe();
  template <typename S>
  void WriteNext(S& stream);
  template <typename S>
  void ReadNext(S& stream);
  template <typename S>
  void Handle(S& stream, Event event, bool ok);
  void OnResponse(PublishStream& stream);
  void OnResponse(SubscribeStream& stream);
  void OnControlEvents(const SubscribeResponse& response);

  // Handles one completion; false when none came before the deadline.
  bool Pump(Deadline deadline);
  absl::Status SendBy(Deadline deadline);
  absl::Status SubmitCommand(Deadline deadline);
  Deadline CommandDeadline() const { return Clock::now() + options_.command_timeout; }
  void Fail(absl::Status status);  // remembers why nothing works any more
  absl::Status ErrorOf(std::string_view what, const grpc::Status& status) const;
  absl::Status RefusalOf(std::string_view what, const grpc::Status& status) const;  // of a call
  bool TakeMessage(Message* message);
  // The next one of unread_.front()'s event at event_at_, of which message_at_ have been taken.
  bool TakeFromEvent(const v1::StreamEvent& event, Message* message);

  const std::string address_;
  const std::string message_type_;
  const std::string authorization_;
  const ClientOptions options_;
  absl::Status broken_;
  bool closed_ = false;

  std::unique_ptr<v1::PublisherService::Stub> publisher_;
  std::unique_ptr<v1::SubscriberService::Stub> subscriber_;
  grpc::CompletionQueue queue_;

  std::unique_ptr<PublishStream> publish_;
  size_t next_bytes_ = 0;  // of payload in publish_->next
  uint64_t last_flush_ = 0;
  uint64_t flushed_ = 0;
  uint64_t refused_count_ = 0;
  absl::Status first_refusal_;  // since the last Flush

  std::unique_ptr<SubscribeStream> subscribe_;
  uint32_t last_subscription_ = 0;
  uint32_t waiting_for_ = 0;  // subscription whose start or end somebody waits for
  bool answered_ = false;
  absl::Status answer_;
  std::deque<std::unique_ptr<SubscribeResponse>> unread_;
  uint64_t unread_bytes_ = 0;
  std::vector<std::unique_ptr<SubscribeResponse>> free_;
  int event_at_ = 0;    // in unread_.front()
  int message_at_ = 0;  // in that event
  std::string ids_;     // of that event
};

}  // namespace fluxgate::client

#endif  // FLUXGATE_CLIENT_CPP_GRPC_CLIENT_H_
