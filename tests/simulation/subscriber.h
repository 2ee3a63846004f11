// What one subscription has to be sent, worked out from the changes of the records, and what it was
// sent. Every delivery is checked when it comes; CheckQuiet when nothing is under way.
#ifndef FLUXGATE_TESTS_SIMULATION_SUBSCRIBER_H_
#define FLUXGATE_TESTS_SIMULATION_SUBSCRIBER_H_

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/message/command.h"
#include "tests/simulation/reference.h"

namespace fluxgate::testing {

// The first thing that is wrong ends a schedule.
class Verdict {
 public:
  void Fail(std::string what) {
    if (what_.empty()) what_ = std::move(what);
  }
  bool failed() const { return !what_.empty(); }
  const std::string& what() const { return what_; }

 private:
  std::string what_;
};

// What a schedule did, so that a test can tell that it tested something.
struct Coverage {
  uint64_t full = 0;
  uint64_t deltas = 0;
  uint64_t left = 0;  // out of focus
  uint64_t conflated = 0;
  uint64_t page_moves = 0;
  uint64_t held = 0;  // changes while a snapshot was under way
  uint64_t snapshot_records = 0;
  uint64_t answers = 0;
  uint64_t replaced = 0;   // by one that goes on from what was there
  uint64_t restarted = 0;  // by one that does not
  uint64_t refused = 0;    // deliveries to clients that are slow
  uint64_t cut_off = 0;
  uint64_t quota = 0;  // publishes over a topic's limit
  uint64_t expired = 0;
  uint64_t deleted = 0;
};

// What a query has to be answered with.
class Answer {
 public:
  // `rows`: bodies as they have to come; `count` of them; in `order` unless that is empty.
  Answer(Verdict& verdict, std::string name, std::map<RowId, std::string> rows, size_t count,
         std::vector<RowId> order);

  void Begin();
  void Record(const RowId& id, std::string_view body);
  void End(uint64_t records);
  // From now on it may end early.
  void Cancel() { cancelled_ = true; }

  bool begun() const { return begun_; }
  bool ended() const { return ended_; }
  bool was_cancelled() const { return cancelled_; }
  const std::vector<RowId>& got() const { return got_; }
  const std::map<RowId, std::string>& rows() const { return rows_; }

  uint64_t matches = 0;
  uint64_t topic_records = 0;

 private:
  Verdict& verdict_;
  const std::string name_;
  const std::map<RowId, std::string> rows_;
  const size_t count_;
  const std::vector<RowId> order_;
  std::vector<RowId> got_;
  std::set<RowId> seen_;
  bool begun_ = false;
  bool ended_ = false;
  bool cancelled_ = false;
};

// What a subscription asks for.
struct SubscriptionPlan {
  std::string id;
  std::string topic;                  // a name; a pattern when `prefix` is there
  std::optional<std::string> prefix;  // of the topics that the pattern matches
  std::string filter;
  std::string select;
  std::string order;
  bool snapshot = false;
  bool delta = false;
  bool out_of_focus = false;
  bool no_empties = false;
  bool replace = false;
  int64_t conflation_ns = 0;
  bool page = false;
  size_t top = 0;
  size_t skip = 0;
  size_t cut = 0;  // of the snapshot alone; 0: none
};

struct StoreChange {
  RowId id;
  std::string key_field;  // empty: keys are not made of fields
  bool stored = true;     // false: a message, `after` alone
  std::optional<Row> before;
  std::optional<Row> after;
  OutOfFocusReason reason = OutOfFocusReason::kNone;
};

class Subscriber {
 public:
  Subscriber(SubscriptionPlan plan, BodyReader& bodies, Verdict& verdict, Coverage& coverage);

  const SubscriptionPlan& plan() const { return plan_; }
  bool Covers(std::string_view topic) const;
  Rows Matching(const Rows& rows) const;

  // The command with a query is accepted, with these records. `continues`: the one that is
  // replaced, when this one goes on from its state; null: none.
  std::shared_ptr<Answer> Start(const Rows& rows, const Subscriber* continues);

  // The one that it replaces has got its last delivery.
  void TakeOver(const Subscriber& replaced);

  void OnSnapshotRecord(const RowId& id, std::string_view body);
  void OnSnapshotEnd();
  // `rows`: after the change.
  void OnChange(const StoreChange& change, const Rows& rows);
  // `shared`: it names other subscriptions, too.
  void OnDelivery(const RowId& id, bool stored, std::string_view body, OutOfFocusReason leaves,
                  bool shared, int64_t now_ns);
  // It is about to be replaced: what waits for an interval to end comes now.
  void EndsNow() { ends_ = true; }
  // Everything is delivered.
  void CheckQuiet(const Rows& rows);

 private:
  enum class Kind : uint8_t { kLeave, kFull, kDelta, kMessage };
  struct Expected {
    uint64_t group;  // of one change
    Kind kind;
    RowId id;
    std::string body;
    std::string full;
    OutOfFocusReason reason = OutOfFocusReason::kNone;
    bool optional = false;
  };

  bool is_exact() const { return plan_.conflation_ns == 0; }
  void Fail(const std::string& what) const;
  std::string Describe(const Expected& expected) const;
  void Expect(Kind kind, const RowId& id, std::string body, std::string full,
              OutOfFocusReason reason = OutOfFocusReason::kNone, bool optional = false);
  void ExpectChanged(const StoreChange& change, bool had);
  void Resolve(const StoreChange& change);
  void ChangePage(const StoreChange& change, const Rows& rows);
  void MatchExpected(const RowId& id, bool stored, std::string_view body, OutOfFocusReason leaves,
                     bool shared);

  const SubscriptionPlan plan_;
  BodyReader& bodies_;
  Verdict& verdict_;
  Coverage& coverage_;

  std::shared_ptr<Answer> answer_;      // null: no snapshot
  bool is_live_ = true;                 // no snapshot is under way
  std::deque<StoreChange> unresolved_;  // until it is known what the snapshot had
  std::deque<Expected> expected_;
  uint64_t group_ = 0;
  bool is_lossy_;  // fields may have been taken away, of which deltas do not tell
  bool ends_ = false;
  bool continues_ = false;
  std::set<RowId> had_;                // by the one that it goes on from
  std::set<RowId> known_;              // what the subscriber has to have by now
  std::vector<RowId> window_;          // of a page
  std::map<RowId, std::string> view_;  // what it made of what it was sent
  std::map<RowId, int64_t> delivered_ns_;
};

}  // namespace fluxgate::testing

#endif  // FLUXGATE_TESTS_SIMULATION_SUBSCRIBER_H_
