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
#include "gateway/amps/amps_decoder.h"
#include "gateway/amps/amps_frame.h"

namespace fluxgate::client {

class AmpsClient final : public Client {
 public:
  static absl::StatusOr<std::unique_ptr<Client>> Connect(const Uri& uri,
                                                         const ClientOptions& options);
  ~AmpsClient() override;
  AmpsClient(const AmpsClient&) = delete;
  AmpsClient& operator=(const AmpsClient&) = delete;

  absl::Status Publish(std::string_view topic, std::string_view body) override;
  absl::Status PublishChecked(std::string_view topic, std::string_view body) override;
  absl::Status Send() override;
  absl::Status Flush() override;
  absl::StatusOr<std::string> Subscribe(std::string_view topic, std::string_view filter,
                                        std::string_view options) override;
  absl::Status Unsubscribe(std::string_view subscription_id) override;
  absl::StatusOr<bool> Next(Message* message, milliseconds timeout) override;
  absl::StatusOr<std::chrono::nanoseconds> Ping() override;
  std::string_view server_version() const override { return server_version_; }
  void Close() override;

 private:
  using Clock = std::chrono::steady_clock;

  AmpsClient(int fd, const Uri& uri, const ClientOptions& options);

  absl::Status Logon(const Uri& uri);
  // Sends `command` with a fresh id and a request for the `processed` ack, and waits for that. The
  // ack is then in decoder_.
  absl::Status Execute(Command command, std::string_view what, Clock::time_point deadline);
  // Looks at the frames not looked at yet until it finds the ack; true when it did.
  absl::StatusOr<bool> FindAck(std::string_view command_id);
  absl::Status Fail(absl::Status status);  // remembers why the connection is unusable
  absl::Status ReceiveSome();              // what the socket has, without waiting
  // Until there is something to receive (and received) or, with `to_send`, room to send.
  absl::Status Wait(bool to_send, Clock::time_point deadline);
  amps::FrameLimits limits() const;

  int fd_;
  const std::string address_;
  const ClientOptions options_;
  absl::Status broken_;  // OK while the connection can be used
  std::string out_;      // frames not sent yet, from out_sent_ on
  size_t out_sent_ = 0;
  std::string publish_prefix_;  // of publish_topic_
  std::string publish_topic_;
  ReceiveBuffer in_;
  size_t scanned_ = 0;  // bytes of in_ that FindAck has looked at
  amps::ServerMessageDecoder decoder_;
  uint64_t last_id_ = 0;
  std::string server_version_;
};

}  // namespace fluxgate::client

#endif  // FLUXGATE_CLIENT_CPP_AMPS_CLIENT_H_
