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
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/cpp/credential_source.h"
#include "client/cpp/uri.h"

namespace fluxgate::client {

using std::chrono::milliseconds;

struct ClientOptions {
  std::string client_name;                        // empty: made from the process id
  std::shared_ptr<CredentialSource> credentials;  // null: those of the URI
  milliseconds connect_timeout{10'000};           // address to logged on
  milliseconds command_timeout{30'000};           // for each answer
  // Messages that arrive while the caller waits for something else are kept, up to this much; then
  // the call fails with kResourceExhausted.
  uint64_t unread_bytes_max = 1ull << 30;
};

enum class MessageKind : uint8_t {
  kMessage,
  kRecord,         // a stored record: of a query, or of the snapshot of a subscription
  kEndOfSnapshot,  // the snapshot is complete, what follows is newer; no topic, no body
  kOutOfFocus,     // a record has left what the subscription selects
};

// What was delivered. Views are good until the next call of any method of the client.
struct Message {
  MessageKind kind = MessageKind::kMessage;
  std::string_view topic;
  std::string_view body;
  // The subscriptions of this client that matched, comma-separated; empty for a query.
  std::string_view subscription_ids;
  // Of the record; empty where the topic is not stored.
  std::string_view sow_key;
  // kOutOfFocus: "match" (it matches no more; `body` is the new one), "deleted", "expired",
  // "entitlement"; `body` is then the last one, where there is one.
  std::string_view reason;
};

// What a publish is, on a stored topic, more than topic and body.
struct PublishOptions {
  std::string_view sow_key;  // where publishers give it
  bool delta = false;        // merge into the record
  // The record's life; 0: for ever, -1: as the topic says.
  int64_t expiration_s = -1;

  bool empty() const { return sow_key.empty() && !delta && expiration_s < 0; }
};

struct SubscribeRequest {
  std::string topic;    // or a regular expression over topics
  std::string filter;   // empty: everything
  std::string options;  // as in the protocol ("conflation=1s,..."); `amps` only
  // Records first, then changes, with no gap and no overlap. The records are followed by a
  // kEndOfSnapshot.
  bool with_snapshot = false;
  bool delta = false;         // fields that changed, and the key
  bool out_of_focus = false;  // tell what leaves
  // Of the snapshot: its order ("/price DESC, /id"), and at most how many records of it (0: all).
  std::string order_by;
  uint32_t top_n = 0;
  std::vector<std::string> fields;  // "/a/b"; none: all
};

struct QueryRequest {
  static constexpr uint32_t kBatchSizeDefault = 100;

  std::string topic;   // or a regular expression over topics
  std::string filter;  // empty: everything
  std::string order_by;
  uint32_t top_n = 0;   // 0: all
  uint32_t skip_n = 0;  // records to leave out first; over gRPC it needs order_by
  uint32_t batch_size = kBatchSizeDefault;  // records in one frame or response
  std::vector<std::string> fields;          // "/a/b"; none: all
  std::vector<std::string> keys;            // records with these SOW keys only; `amps` only
  std::string as_of;  // a time such as 20261122T093000Z, where the topic has history; empty: now
};

// Exactly one of the two.
struct DeleteSelector {
  std::string filter;
  std::vector<std::string> keys;
};

class Client {
 public:
  virtual ~Client() = default;

  // Queues a message and sends the queue once it is worth a system call; see Send. The gateway
  // answers nothing: use PublishChecked where a refusal must be seen.
  virtual absl::Status Publish(std::string_view topic, std::string_view body,
                               const PublishOptions& options = {}) = 0;
  // Publishes and waits for the gateway's verdict on this one message.
  virtual absl::Status PublishChecked(std::string_view topic, std::string_view body,
                                      const PublishOptions& options = {}) = 0;
  // Hands everything queued to the system; does not wait for the gateway.
  virtual absl::Status Send() = 0;
  // Sends, and waits until the gateway has processed everything published so far.
  virtual absl::Status Flush() = 0;

  // Waits until the subscription stands; the id names it in Message::subscription_ids. kBadOption
  // for what only goes with a snapshot and has none.
  virtual absl::StatusOr<std::string> Subscribe(const SubscribeRequest& request) = 0;
  absl::StatusOr<std::string> Subscribe(std::string_view topic, std::string_view filter,
                                        std::string_view options = {}) {
    SubscribeRequest request;
    request.topic = topic;
    request.filter = filter;
    request.options = options;
    return Subscribe(request);
  }
  virtual absl::Status Unsubscribe(std::string_view subscription_id) = 0;

  // Hands the records of a stored topic to `take`, all of one state; returns when they all came.
  // `take` may return false: no more of them. It must not call the client, and the views it gets
  // are good during the call. Messages of subscriptions that come meanwhile wait for Next. What
  // this client has published counts once it is flushed.
  virtual absl::Status Query(const QueryRequest& request,
                             absl::FunctionRef<bool(const Message&)> take) = 0;

  // Deletes records of a stored topic; how many. Waits until it is done.
  virtual absl::StatusOr<uint64_t> Delete(std::string_view topic,
                                          const DeleteSelector& selector) = 0;

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

// Whether a request makes sense by itself: kBadOption otherwise.
absl::Status CheckRequest(const SubscribeRequest& request);
absl::Status CheckSelector(const DeleteSelector& selector);

// A connected, logged-on client.
absl::StatusOr<std::unique_ptr<Client>> Connect(const Uri& uri, const ClientOptions& options = {});

}  // namespace fluxgate::client

#endif  // FLUXGATE_CLIENT_CPP_CLIENT_H_
