// Where the engine's results leave: one outbox per session, implemented by the edge that owns the
// client. Called on the reactor thread only; an outbox copies what it keeps.
#ifndef FLUXGATE_CORE_ENGINE_OUTBOX_H_
#define FLUXGATE_CORE_ENGINE_OUTBOX_H_

#include <cstdint>
#include <span>
#include <string_view>

#include "core/base/error.h"
#include "core/message/command.h"

namespace fluxgate {

class Subscription;

// A message on its way to one session.
struct Delivery {
  std::string_view topic;
  std::string_view body;
  std::string_view correlation_id;
  // Every subscription of this session that it is for, in the order they were made. Never empty,
  // but for records of a query without subscription.
  std::span<Subscription* const> subscriptions;
  std::string_view sow_key = {};  // of stored topics, unless it is not wanted
  int64_t timestamp_ns = 0;       // since 1970 UTC, where it is asked for; 0: not
  // Other than kNone: the record has left. The body is the one it has now for kMatch, else the
  // last one it had.
  OutOfFocusReason out_of_focus = OutOfFocusReason::kNone;

  // No more than topic, body and subscriptions.
  bool is_plain() const {
    return correlation_id.empty() && sow_key.empty() && timestamp_ns == 0 &&
           out_of_focus == OutOfFocusReason::kNone;
  }
};

// A query as its answers name it.
struct QueryInfo {
  std::string_view query_id;             // the client's; the command's id when it gave none
  Subscription* subscription = nullptr;  // whose snapshot it is; null: a query alone
  uint32_t batch_size = 0;               // records in one batch; 0: the client does not care
};

// The staged answer to a command.
struct Ack {
  AckType type;
  ErrorCode error = ErrorCode::kNone;  // kNone: success
  std::string_view reason;             // for people; may be empty
  std::string_view command_id;
  std::string_view sub_id;
  std::string_view client_name;     // logon only
  std::string_view user_id;         // logon only
  std::string_view correlation_id;  // logon only
  std::string_view version;         // logon only: the gateway's
  bool has_sequence = false;
  uint64_t sequence = 0;
  CommandType command = CommandType::kUnknown;
  // type kStats: of queries and deletes.
  uint64_t matches = 0;           // records that the command selected
  uint64_t topic_matches = 0;     // records that the topics have
  uint64_t records_returned = 0;  // queries
  uint64_t records_deleted = 0;   // deletes
};

class Outbox {
 public:
  virtual ~Outbox() = default;

  // False: the outbox is full and the message was not taken. The engine then drops the session's
  // remaining deliveries; the edge closes the session (slow client) after the current batch.
  virtual bool Deliver(const Delivery& delivery) = 0;
  virtual void Acknowledge(const Ack& ack) = 0;

  // The answer to a query: begin, records, end; other deliveries may come in between, but none for
  // the query's own subscription. `record` names no subscription. A query that is cancelled ends
  // like one that is through. False as from Deliver; the query is then dropped without an end.
  virtual bool BeginQuery(const QueryInfo& /*query*/) { return true; }
  virtual bool DeliverRecord(const QueryInfo& /*query*/, const Delivery& /*record*/) {
    return true;
  }
  virtual bool EndQuery(const QueryInfo& /*query*/, uint64_t /*records*/) { return true; }
  // No query or delete of the session is unanswered any more (Session::queries_unanswered).
  virtual void OnQueriesAnswered() {}
  // Whether records of queries may be handed over now; when that has changed to true the edge asks
  // for RunBackgroundSlice again.
  virtual bool HasRoom() const { return true; }

  // The same for what one subscription gets of its snapshot, of what was held behind that, or of
  // what is conflated for it.
  virtual bool HasRoomFor(const Subscription& /*subscription*/) const { return HasRoom(); }

  // What waits for this client is over a limit: the edge ends its session (slow client) after the
  // current batch.
  virtual void CutOff(const absl::Status& /*why*/) {}
  // The same, where ending that one subscription is enough.
  virtual void CutOffSubscription(Subscription& /*subscription*/, const absl::Status& why) {
    CutOff(why);
  }

  // The command that Execute refused as kPending can be tried again; like Dismiss not from inside
  // this call.
  virtual void OnAccessKnown() {}
  // The session has to end: its user is not let in any more, or its name has another connection.
  virtual void Dismiss(const absl::Status& why) { CutOff(why); }

  // Commands up to Engine::durable_ticket() are durable now, or will never be (then
  // Engine::storage_status() says why). Only called for those who asked (Engine::WatchStored).
  virtual void OnStored() {}
};

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_ENGINE_OUTBOX_H_
