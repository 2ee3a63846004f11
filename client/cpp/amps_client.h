// Client over the native `amps` protocol, on tcp or a unix socket. Starts no thread: the caller's
// thread sends and receives inside the calls. While it waits for room to send it goes on receiving,
// so that client and gateway never wait for each other.
#ifndef FLUXGATE_CLIENT_CPP_AMPS_CLIENT_H_
#define FLUXGATE_CLIENT_CPP_AMPS_CLIENT_H_

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "client/cpp/client.h"
#include "client/cpp/receive_buffer.h"
#include "client/cpp/tls_stream.h"
#include "gateway/amps/amps_decoder.h"
#include "gateway/amps/amps_frame.h"
#include "gateway/amps/amps_record_frame.h"

namespace fluxgate::client {

class AmpsClient final : public Client {
 public:
  static absl::StatusOr<std::unique_ptr<Client>> Connect(const Uri& uri,
                                                         const ClientOptions& options);
  ~AmpsClient() override;
  AmpsClient(const AmpsClient&) = delete;
  AmpsClient& operator=(const AmpsClient&) = delete;

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
  std::string_view server_version() const override { return server_version_; }
  void Close() override;

 private:
  using Clock = std::chrono::steady_clock;

  // Of the ids of subscriptions, which are the query ids of their snapshots. Those of queries begin
  // otherwise: what is left of the answer to one that was given up is nobody's.
  static constexpr std::string_view kSubscriptionPrefix = "sub";

  // Receives and sends as recv and send do, by TLS where there is one.
  ssize_t ReceiveBytes(char* to, size_t size);
  ssize_t SendBytes(const char* bytes, size_t size);

  AmpsClient(int fd, const Uri& uri, const ClientOptions& options);

  absl::Status Logon(const Uri& uri);
  // Sends `command` with a fresh id and a request for the `processed` ack, and waits for that. The
  // ack is then in decoder_.
  absl::Status Execute(Command command, std::string_view what, Clock::time_point deadline);
  // Waits for one more ack of a command. It is then in decoder_.
  absl::Status AwaitAck(std::string_view command_id, AckType type, std::string_view what,
                        Clock::time_point deadline);
  // Looks at the frames not looked at yet until it finds the ack; true when it did.
  absl::StatusOr<bool> FindAck(std::string_view command_id, AckType type);
  // Whether a whole frame stands at the front of `bytes`; it is then in decoder_. *consumed is what
  // has been dealt with, in both cases.
  absl::StatusOr<bool> ReadFrame(std::string_view bytes, size_t* consumed);
  // What decoder_ holds, if it is for the caller of Next.
  absl::StatusOr<bool> TakeMessage(Message* message);
  absl::StatusOr<bool> TakeRecord(Message* message);  // of records_
  // Hands on the records of a query that have arrived, while *wanted, and keeps what is for Next;
  // true once the answer has ended.
  absl::StatusOr<bool> ReadAnswer(std::string_view query_id, bool* wanted,
                                  absl::FunctionRef<bool(const Message&)> take);
  void Keep(std::string_view frames);  // for Next, behind what is kept
  absl::Status BadFrame(std::string_view why);
  absl::Status Fail(absl::Status status);  // remembers why the connection is unusable
  absl::Status ReceiveSome();              // what the socket has, without waiting
  // Until there is something to receive (and received) or, with `to_send`, room to send.
  absl::Status Wait(bool to_send, Clock::time_point deadline);
  amps::FrameLimits limits() const;

  int fd_;
  std::unique_ptr<TlsStream> tls_;  // null: plain
  const std::string address_;
  const ClientOptions options_;
  absl::Status broken_;  // OK while the connection can be used
  std::string out_;      // frames not sent yet, from out_sent_ on
  size_t out_sent_ = 0;
  std::string publish_prefix_;  // of publish_topic_
  std::string publish_topic_;
  ReceiveBuffer in_;
  size_t scanned_ = 0;  // bytes of in_ that FindAck has looked at
  ReceiveBuffer
      kept_;  // whole frames that came before what is in in_, kept while a query was answered
  // A frame of a snapshot that Next is in the middle of.
  struct {
    std::string topic;
    std::string subscription_id;
    std::string bytes;
    amps::RecordFrame rest;  // of `bytes`
  } records_;
  amps::ServerMessageDecoder decoder_;
  uint64_t last_id_ = 0;
  std::string server_version_;
};

}  // namespace fluxgate::client

#endif  // FLUXGATE_CLIENT_CPP_AMPS_CLIENT_H_
