// A client of the gateway, the same over every protocol.
//
// A client is used by one thread at a time and starts none of its own for `amps` (gRPC's library
// has its threads). Errors are absl::Status: kUnavailable for a connection that cannot be made or
// is lost, kDeadlineExceeded for an answer that did not come in time, kInvalidArgument,
// kUnauthenticated and the like for what the gateway refused. Texts name the address.
#ifndef FLUXGATE_CLIENT_CPP_CLIENT_H_
#define FLUXGATE_CLIENT_CPP_CLIENT_H_

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/cpp/uri.h"

namespace fluxgate::client {

using std::chrono::milliseconds;

struct ClientOptions {
  std::string client_name;               // empty: made from the process id
  milliseconds connect_timeout{10'000};  // address to logged on
  milliseconds command_timeout{30'000};  // for each answer
  // Messages that arrive while the caller waits for something else are kept, up to this much; then
  // the call fails with kResourceExhausted.
  uint64_t unread_bytes_max = 1ull << 30;
};

// A delivered message. Views are good until the next call of any method of the client.
struct Message {
  std::string_view topic;
  std::string_view body;
  // The subscriptions of this client that matched, comma-separated.
  std::string_view subscription_ids;
};

class Client {
 public:
  virtual ~Client() = default;

  // Queues a message and sends the queue once it is worth a system call; see Send. The gateway
  // answers nothing: use PublishChecked where a refusal must be seen.
  virtual absl::Status Publish(std::string_view topic, std::string_view body) = 0;
  // Publishes and waits for the gateway's verdict on this one message.
  virtual absl::Status PublishChecked(std::string_view topic, std::string_view body) = 0;
  // Hands everything queued to the system; does not wait for the gateway.
  virtual absl::Status Send() = 0;
  // Sends, and waits until the gateway has processed everything published so far.
  virtual absl::Status Flush() = 0;

  // Waits until the subscription stands; the id names it in Message::subscription_ids. An empty
  // filter takes everything. `options` as in the protocol ("conflation=1s,...").
  virtual absl::StatusOr<std::string> Subscribe(std::string_view topic, std::string_view filter,
                                                std::string_view options = {}) = 0;
  virtual absl::Status Unsubscribe(std::string_view subscription_id) = 0;

  // The next message. False: none came within `timeout`, or a signal arrived meanwhile. What is
  // queued for sending is sent first.
  virtual absl::StatusOr<bool> Next(Message* message, milliseconds timeout) = 0;

  // Time to the gateway and back.
  virtual absl::StatusOr<std::chrono::nanoseconds> Ping() = 0;

  // What the gateway says it is; empty where the protocol does not say.
  virtual std::string_view server_version() const = 0;

  // Sends what is queued, as far as it can be without waiting, and ends the connection. Afterwards
  // every call fails. The destructor closes too.
  virtual void Close() = 0;
};

// A connected, logged-on client.
absl::StatusOr<std::unique_ptr<Client>> Connect(const Uri& uri, const ClientOptions& options = {});

}  // namespace fluxgate::client

#endif  // FLUXGATE_CLIENT_CPP_CLIENT_H_
