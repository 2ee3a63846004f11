// The engine: commands in, deliveries and acks out. Does no I/O, starts no thread, reads no clock
// of its own. One engine is one shard: every call comes from its reactor's thread.
#ifndef FLUXGATE_CORE_ENGINE_ENGINE_H_
#define FLUXGATE_CORE_ENGINE_ENGINE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "core/access/access.h"
#include "core/access/access_table.h"
#include "core/access/subscription_access.h"
#include "core/access/user_access.h"
#include "core/base/clock.h"
#include "core/base/strings.h"
#include "core/engine/change_delivery.h"
#include "core/engine/derived_topics.h"
#include "core/engine/engine_observer.h"
#include "core/engine/outbox.h"
#include "core/engine/query_runner.h"
#include "core/engine/session.h"
#include "core/engine/subscribe_options.h"
#include "core/engine/topic_storage.h"
#include "core/filter/function_registry.h"
#include "core/message/command.h"
#include "core/message/message_type.h"
#include "core/sow/sow_catalog.h"
#include "core/sow/sow_definition.h"
#include "core/subscription/subscription.h"
#include "core/subscription/subscription_table.h"

namespace fluxgate {

struct EngineLimits {
  uint32_t subscriptions_per_session_max = 10'000;
  uint32_t queries_per_session_max = 16;          // under way at once
  uint64_t query_held_bytes_max = 64ull << 20;    // of changes that wait behind one snapshot
  uint32_t batch_records_max = 10'000;            // that a client may ask for
  uint32_t page_records_max = 10'000;             // top_n + skip_n of a paginated subscription
  uint32_t aggregate_text_bytes_max = 64 * 1024;  // grouping and projection of one query
  uint32_t aggregations_max = 1000;  // different aggregated queries and subscriptions at once
  QuerySliceLimits query_slice;
  SelectLimits select_lists;
  uint64_t body_bytes_max = 16ull << 20;
  uint32_t fields_max = 4096;            // distinct fields in the filters of one message type
  uint32_t access_topics_max = 100'000;  // whose entitlements are remembered of one user
  uint32_t id_bytes_max = 256;           // client names, command, subscription and correlation ids
  TopicLimits topics;
  FilterLimits filters;
};

struct EngineOptions {
  std::string version;
  std::string instance_name;
  EngineLimits limits;
  std::shared_ptr<const FunctionRegistry> functions = nullptr;  // beside the builtin ones
  KeyGenerators key_generators = {};  // for stored topics with KeySource::kModule
};

// Counters since start.
struct EngineStats {
  uint64_t published = 0;
  uint64_t matched = 0;         // subscriptions that matched
  uint64_t delivered = 0;       // messages taken by outboxes: one per session and message
  uint64_t bodies_invalid = 0;  // bodies that a filter asked for and that could not be read
  uint64_t commands_failed = 0;
  uint64_t queries = 0;
};

class Engine {
 public:
  // `message_types` and `clock` outlive the engine.
  Engine(EngineOptions options, const std::vector<const MessageType*>& message_types,
         const Clock& clock);
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  // Makes the stored topics, in the order of their definition. Once, before any session; after an
  // error the engine is of no more use.
  absl::Status DefineTopics(const SowDefinitions& definitions);
  // Where topics with a file are kept; before DefineTopics. `at_end_of_batch` runs a task once the
  // current batch of work is over. `storage` outlives the engine.
  void UseStorage(Storage& storage, std::function<void(std::function<void()>)> at_end_of_batch);
  // What an operator should know of the topics that were read back.
  const std::vector<std::string>& recovery_notes() const { return recovery_notes_; }

  // Ticket with which the command that Execute has just run, or the delete that is being
  // acknowledged, becomes durable; 0: it is, as far as it gets.
  uint64_t last_ticket() const { return last_ticket_; }
  uint64_t durable_ticket() const { return storage_ == nullptr ? 0 : storage_->durable(); }
  absl::Status storage_status() const {
    return storage_ == nullptr ? absl::OkStatus() : storage_->status();
  }
  // Changes that are not written yet: publishers should wait while it is much.
  uint64_t storage_waiting_bytes() const {
    return storage_ == nullptr ? 0 : storage_->waiting_bytes();
  }
  // `session`'s outbox is told (OnStored) the next time durable_ticket() or storage_status()
  // changes.
  void WatchStored(Session& session);

  // A client has connected. `outbox` stays until CloseSession. The session is the engine's.
  Session* OpenSession(Outbox& outbox, SessionOrigin origin = {});
  // The client is gone: nothing reaches its outbox any more. Never from inside an Outbox call.
  void CloseSession(Session* session);

  // Runs one command to its end: its acks and deliveries have reached the outboxes on return. The
  // result repeats what the acks said, for edges that answer otherwise (gRPC); a failed command
  // leaves engine and session as they were. kPending: nothing has been done or acknowledged, for it
  // is not known yet what the user may do: the same command is to be run again after
  // Outbox::OnAccessKnown.
  absl::Status Execute(Session& session, const Command& command);

  // The answer to a question of Session::authority; answers to nobody are passed over. The error
  // says why the decision cannot be used; nothing is allowed then.
  absl::Status Decide(uint64_t asker, std::string_view topic, AccessKind kind,
                      const AccessDecision& decision);
  // Whether Execute would run that command now; if not, what it needs is being asked for.
  bool IsAccessKnown(Session& session, const Command& command);
  bool has_authorities() const { return !accesses_.empty(); }
  // Asks everything again that has been asked of this authority, and goes by the new answers, user
  // by user, when all of a user's are there: what may not be seen any more leaves (out of focus,
  // kEntitlement), queries under way end.
  void ResetAccess(const AccessAuthority& authority);
  // The same of one answer, which was not the last word. False: not now, try later.
  bool ResetAccess(uint64_t asker, std::string_view topic, AccessKind kind);

  // The users of sessions that have this authority, each once with each address.
  struct ConnectedUser {
    std::string user_id;
    std::string remote_address;
    auto operator<=>(const ConnectedUser&) const = default;
  };
  std::vector<ConnectedUser> UsersOf(const AccessAuthority& authority) const;
  // Ends such sessions (Outbox::Dismiss).
  void DismissUser(const AccessAuthority& authority, const ConnectedUser& user,
                   const absl::Status& why);

  // Acknowledges `command` as failed with `why`, for what the edge itself has to refuse.
  void Reject(Session& session, const Command& command, const absl::Status& why);

  // Work too long for one go (queries, a client with many subscriptions leaves), a slice of some
  // hundred microseconds of each kind that waits. True while there is more: call again after other
  // work.
  bool RunBackgroundSlice();
  // What is due by the clock (conflation, expiration); every 10 to 20 ms. True while there is more:
  // call RunBackgroundSlice.
  bool RunTimers();
  // `wake` is called when there is something for RunBackgroundSlice.
  void OnBackgroundWork(std::function<void()> wake) { wake_ = std::move(wake); }

  // Null: nobody. `observer` stays until it is replaced; also at the engine's end nothing is told.
  void Observe(EngineObserver* observer) { observer_ = observer; }

  EngineStats stats() const;
  const EngineOptions& options() const { return options_; }
  const Clock& clock() const { return clock_; }
  size_t session_count() const { return sessions_.size(); }
  size_t subscription_count() const;

 private:
  // One method a command; each in a file of its own, handle_<command>.cc.
  absl::Status HandleLogon(Session& session, const Command& command);
  absl::Status TakeName(Session& session, const Command& command);
  absl::Status HandlePublish(Session& session, const Command& command);
  absl::Status HandleSubscribe(Session& session, const Command& command);
  absl::Status HandleUnsubscribe(Session& session, const Command& command);
  absl::Status HandleSow(Session& session, const Command& command);
  absl::Status HandleSowDelete(Session& session, const Command& command);
  absl::Status Dispatch(Session& session, const Command& command);

  void TellObserver(const Session& session, const Command& command) const;
  void AcknowledgeResult(Session& session, const Command& command, const absl::Status& status);
  void Acknowledge(Session& session, const Command& command, AckType type,
                   const absl::Status& status);
  absl::Status CheckIds(const Command& command) const;
  absl::Status FindTopic(Session& session, std::string_view topic);
  absl::Status PublishStored(Session& session, const Command& command);

  // What a subscribe or query command asks for, checked and compiled.
  using Pattern = std::shared_ptr<const TopicPattern>;
  // Of a topic that may be subscribed to or queried; null: a literal one.
  absl::StatusOr<Pattern> CompileTopic(const Command& command,
                                       const SubscribeOptions& options) const;
  absl::StatusOr<std::unique_ptr<Subscription>> MakeSubscription(Session& session,
                                                                 const Command& command,
                                                                 const SubscribeOptions& options,
                                                                 Pattern pattern);
  absl::Status MakeFeed(Session& session, const Command& command, const SubscribeOptions& options,
                        Subscription& subscription);
  absl::StatusOr<std::shared_ptr<const Filter>> CompileFilter(Session& session,
                                                              std::string_view text,
                                                              bool deterministic);
  absl::StatusOr<std::shared_ptr<const OrderBy>> CompileOrderBy(Session& session,
                                                                std::string_view text);
  // The subscription's id is free, or it may be replaced.
  absl::Status CheckSubscriptionId(Session& session, const Command& command, bool replace);
  void Install(Session& session, std::unique_ptr<Subscription> subscription);
  absl::StatusOr<SowQuerySpec> MakeQuery(Session& session, const Command& command,
                                         const SubscribeOptions& options, Pattern pattern);
  std::vector<SowTopic*> StoredTopics(Session& session, std::string_view topic,
                                      const TopicPattern* pattern);
  // The view that the options of an aggregated query or subscription ask for, with the filter that
  // `subscription` has, which is the view's then.
  absl::StatusOr<std::shared_ptr<AggregatedTopic>> MakeAggregated(Session& session,
                                                                  const Command& command,
                                                                  const SubscribeOptions& options,
                                                                  Subscription& subscription);
  absl::Status QueryAlone(Session& session, const Command& command, const SubscribeOptions& options,
                          Pattern pattern);
  absl::Status QueryAndSubscribe(Session& session, const Command& command,
                                 const SubscribeOptions& options, Pattern pattern);
  void StartQuery(Session& session, const Command& command, std::unique_ptr<RunningQuery> query);
  void FinishQuery(const RunningQuery& query);

  absl::StatusOr<SowCatalog*> CatalogOf(std::string_view topic, std::string_view message_type);
  absl::Status Define(const SowTopicDefinition& definition);
  absl::Status Define(const ConflatedTopicDefinition& definition);
  absl::Status Define(const ViewDefinition& definition);

  // Takes the record out and tells who wants to know. False: it is not there any more.
  bool RemoveRecord(SubscriptionTable& table, SowTopic& topic, const Record& record,
                    OutOfFocusReason reason);
  bool ExpireSlice();
  // Entitlements, in entitlement.cc and entitlement_reset.cc.
  struct Waiting {
    Session* session;
    uint64_t until;  // so many answers
  };
  std::shared_ptr<UserAccess> OpenAccess(Session& session);
  void CloseAccess(Session& session);
  // What the command needs and is being asked for; null: nothing.
  UserAccess* UnknownAccess(Session& session, const Command& command);
  void ForEachKnownTopic(Session& session, const TopicPattern& pattern,
                         absl::FunctionRef<void(std::string_view)> visit);
  void StopWaiting(Session& session);
  void SwitchAccess(UserAccess& access);
  void ApplyAccess(Subscription& subscription, const std::vector<std::string>& topics,
                   const std::shared_ptr<const TopicVisibility>& before);
  // Of those topics that may be read at all.
  static std::shared_ptr<const TopicVisibility> VisibilityOf(
      const UserAccess& access, const std::vector<std::string>& topics);
  // Whoever waited when `answered` questions of that user had been asked.
  void WakeWaiting(uint64_t number, uint64_t answered);
  // What the user may not see is kept from a subscription, from what it gets, from a query (that of
  // a literal topic as part of its filter) and from a delete. kNotEntitled.
  absl::Status GuardSubscription(Session& session, const Command& command, bool deterministic,
                                 Subscription& subscription);
  absl::Status GuardFeed(Session& session, Subscription& subscription, RecordFeed& feed);
  absl::Status GuardQuery(Session& session, const Subscription& subscription, SowQuerySpec& spec);
  absl::Status GuardDelete(Session& session, const Command& command, SowQuerySpec& spec);
  std::shared_ptr<const TopicVisibility> VisibleTo(Session& session,
                                                   const Subscription& subscription);

  void Watch(Session& session);
  void OnStored();
  void SendPersisted(Session& session);

  // Ends subscriptions: from now on nothing is delivered for them; what is left of them goes at
  // once or, when they are many, in background slices.
  void Retire(StringMap<std::unique_ptr<Subscription>> subscriptions);
  bool RetireSlice();

  const EngineOptions options_;
  const Clock& clock_;
  EngineStats stats_;
  // Before the sessions: their filters give fields back to the tables.
  StringMap<std::unique_ptr<SubscriptionTable>> tables_;  // by message type
  uint64_t sequence_ = 0;                                 // of the last change of a record
  StringMap<std::unique_ptr<SowCatalog>> catalogs_;       // by message type
  ChangeDelivery delivery_;
  DerivedTopics derived_;
  QueryRunner queries_;
  std::vector<std::unique_ptr<Session>> sessions_;
  std::vector<std::unique_ptr<Session>> leaving_;  // no outbox, subscriptions still to remove
  uint64_t subscriptions_made_ = 0;
  AccessTable accesses_;  // empty: no session has an authority
  absl::flat_hash_map<uint64_t, std::vector<Waiting>> waiting_for_access_;  // by number
  StringMap<Session*> names_;  // of sessions whose user is known

  std::unique_ptr<TopicStorage> storage_;  // null: nothing is kept on disk
  std::vector<std::string> recovery_notes_;
  uint64_t last_ticket_ = 0;
  std::vector<Session*> waiting_for_storage_;  // each once
  bool acknowledged_ = false;                  // the command's handler has answered, or will
  std::function<void()> wake_;
  EngineObserver* observer_ = nullptr;

  // Scratch of one publish.
  std::vector<Subscription*> matched_;
  SowScratch sow_scratch_;
};

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_ENGINE_ENGINE_H_
