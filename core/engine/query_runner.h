// Queries, deletes by filter and snapshots that are under way, each going on in slices between
// other work. Owned by the engine; reactor thread.
#ifndef FLUXGATE_CORE_ENGINE_QUERY_RUNNER_H_
#define FLUXGATE_CORE_ENGINE_QUERY_RUNNER_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "core/engine/change_delivery.h"
#include "core/engine/session.h"
#include "core/message/command.h"
#include "core/sow/sow_query.h"

namespace fluxgate {

// One of them.
struct RunningQuery {
  std::shared_ptr<AggregatedTopic> aggregated;  // what is queried; null: stored topics
  Session* session = nullptr;
  Subscription* subscription = nullptr;  // whose snapshot it is
  CommandType command = CommandType::kSow;
  AckSet acks;  // still to be sent: completed, stats, persisted
  std::string command_id;
  std::string query_id;
  std::string sub_id;
  uint32_t batch_size = 0;
  // Makes `query` once there is something to look through; false: not yet. Empty: it is made.
  std::function<bool(RunningQuery&)> prepare;
  DeliveryForm form;                  // of a query without subscription
  std::unique_ptr<SowQuery> query;    // null: nothing (left) to look through
  std::unique_ptr<SowQuery> leaving;  // records that a replaced subscription had and this has not
  OutOfFocusReason leaving_reason = OutOfFocusReason::kMatch;
  bool deletes = false;
  bool is_persistent = false;  // what it deletes is on disk
  bool answered = false;       // the end has been sent
  uint64_t matches = 0;
  uint64_t topic_records = 0;
  uint64_t returned = 0;
  uint64_t deleted = 0;

  QueryInfo info() const { return {query_id, subscription, batch_size}; }
};

// What one slice does at most.
struct QuerySliceLimits {
  // A few hundred microseconds with usual records and filters.
  size_t records = 1024;
  size_t bytes = 512 * 1024;
  size_t deletes = 128;  // a delete tells everybody who has the record
  size_t held = 256;     // changes that waited behind a snapshot
};

class QueryRunner {
 public:
  // Removes a record, if it is still that version, and tells who wants to know.
  using Delete = std::function<bool(Session& session, SowTopic& topic, const Record& record)>;
  // The query has been answered: sends the acks that are due.
  using Answered = std::function<void(const RunningQuery& query)>;

  QueryRunner(ChangeDelivery& delivery, const QuerySliceLimits& slice, Delete delete_record,
              Answered answered);
  ~QueryRunner();

  // Begins the answer and does a first slice of it.
  void Start(std::unique_ptr<RunningQuery> query);

  // One that is answered already: only `leaving` and what is held is left.
  void Continue(std::unique_ptr<RunningQuery> query) { queries_.push_back(std::move(query)); }

  // A slice of the next one that can go on. False: none can.
  bool RunSlice();

  // The client wants no more of it: its answer ends here. False: there is no such query.
  bool Cancel(Session& session, std::string_view query_id);
  // The subscription's snapshot ends here.
  void CancelSnapshot(Subscription& subscription);
  // The client's queries that are no snapshots and that `which` speaks of end here, as failed.
  void EndWhere(Session& session, absl::FunctionRef<bool(const RunningQuery&)> which);
  // The client is gone.
  void Drop(Session& session);

  // Cuts off whoever lets a query keep more than `bytes_max` of what has been replaced meanwhile: a
  // client that does not read its answer.
  void CutOffHolders(uint64_t bytes_max);

  size_t CountOf(const Session& session) const;
  size_t size() const { return queries_.size(); }

 private:
  enum class Progress : uint8_t { kMore, kBlocked, kDone, kFailed };

  Progress Step(RunningQuery& query);
  Progress StepRecords(RunningQuery& query);
  Progress StepLeaving(RunningQuery& query);
  void LeaveReplacedPage(Subscription& subscription, RecordFeed& feed);
  void End(RunningQuery& query);
  void Discard(size_t at);

  ChangeDelivery& delivery_;
  const QuerySliceLimits slice_;
  const Delete delete_record_;
  const Answered answered_;
  std::vector<std::unique_ptr<RunningQuery>> queries_;
  size_t next_ = 0;
};

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_ENGINE_QUERY_RUNNER_H_
