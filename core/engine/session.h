// One client as the engine sees it: its name, its message type, its subscriptions and the outbox it
// is reached by. Owned by the engine; reactor thread only.
#ifndef FLUXGATE_CORE_ENGINE_SESSION_H_
#define FLUXGATE_CORE_ENGINE_SESSION_H_

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/access/user_access.h"
#include "core/access/write_guard.h"
#include "core/base/strings.h"
#include "core/engine/outbox.h"
#include "core/filter/expression_scope.h"
#include "core/subscription/subscription.h"
#include "core/subscription/subscription_table.h"

namespace fluxgate {

class SowCatalog;

// Where a client came from, in words that only people and filters read.
struct SessionOrigin {
  std::string remote_address;
  std::string connection_name;
};

class Session {
 public:
  Session() = default;  // nobody: holds subscriptions on their way out
  Session(Outbox& outbox, SessionOrigin session_origin)
      : origin(std::move(session_origin)), outbox_(&outbox) {}

  // Null once the client is gone; what is left then is work for RunBackgroundSlice.
  Outbox* outbox() { return outbox_; }
  bool logged_on() const { return table != nullptr; }

  // Acks of what is on its way to the disk are still to come.
  bool awaits_storage() const { return !persisted_acks_.empty(); }
  // What expressions know of the client; text is the session's.
  ClientFacts facts() const {
    return {client_name, user_id, origin.remote_address, client_version, origin.connection_name};
  }

  const SessionOrigin origin{};
  std::string client_name;
  std::string client_version;
  std::string user_id;
  SubscriptionTable* table = nullptr;  // of the session's message type; null until logon
  SowCatalog* catalog = nullptr;       // the same
  StringMap<std::unique_ptr<Subscription>> subscriptions;  // by id
  // Who says what the user may do; set before logon, outlives the session. Null: everything.
  AccessAuthority* authority = nullptr;
  // Whether user_id has been found out by authentication, not only said; set before logon.
  bool user_is_known = false;
  std::shared_ptr<UserAccess> access;  // null until logon, or without authority
  uint32_t queries_unanswered = 0;     // queries and deletes whose end has not been sent

 private:
  friend class ChangeDelivery;
  friend class Engine;

  // The topic published to last, so that a run of publishes looks it up once; good while the
  // table's version stands.
  std::string last_topic_;
  TopicState* last_topic_state_ = nullptr;
  uint64_t last_topic_version_ = 0;

  // Acks that wait until the disk has what they are for.
  struct PersistedAck {
    uint64_t ticket;
    CommandType command;
    std::string command_id;
    bool has_sequence;
    uint64_t sequence;
    absl::Status refused;  // not OK: the command was, and waits for its turn only
  };
  std::deque<PersistedAck> persisted_acks_;
  uint64_t last_stored_ticket_ = 0;  // of the session's last change of a topic with a file
  bool watches_storage_ = false;     // in the engine's list
  bool wants_on_stored_ = false;

  WriteGuard* write_guard_ = nullptr;  // of the topic published to last; null: all of it
  uint64_t waits_for_ = 0;             // number of the UserAccess that lacks an answer

  Outbox* outbox_ = nullptr;
  std::vector<Subscription*> matched_;  // scratch of one publish
  size_t position_ = 0;                 // in the engine's list of sessions
};

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_ENGINE_SESSION_H_
