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
  // Every subscription of this session that matched, in the order they were made. Never empty.
  std::span<Subscription* const> subscriptions;
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
};

class Outbox {
 public:
  virtual ~Outbox() = default;

  // False: the outbox is full and the message was not taken. The engine then drops the session's
  // remaining deliveries; the edge closes the session (slow client) after the current batch.
  virtual bool Deliver(const Delivery& delivery) = 0;
  virtual void Acknowledge(const Ack& ack) = 0;
};

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_ENGINE_OUTBOX_H_
