// A view: records made of groups of other topics' records, kept up to date by what changes. A
// changed record is taken out of its group as it was and put in as it is; then every group that was
// touched is written once. So an update costs what the groups it touches cost, whatever the
// topics hold. One thread. Source: public User Guide, "Views and Aggregation".
//
// With joins the unit of work is a record of the leftmost topic with all rows it makes: a change of
// a joined record redoes the leftmost records that asked for the value it had or has.
#ifndef FLUXGATE_CORE_SOW_VIEW_H_
#define FLUXGATE_CORE_SOW_VIEW_H_

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/container/inlined_vector.h"
#include "core/filter/evaluation_context.h"
#include "core/sow/derived_topic.h"
#include "core/sow/record_store.h"
#include "core/sow/sow_topic.h"
#include "core/sow/view_join.h"
#include "core/sow/view_plan.h"

namespace fluxgate {

class View final : public DerivedTopic {
 public:
  // Rows that one record of the leftmost topic makes with those joined to it; of more, those count
  // whose joined records have the lowest keys.
  static constexpr size_t kRowsPerRecordMax = 1000;
  // Records looked at and rows taken out and put in, in one slice (but for the last record's rows).
  static constexpr size_t kStepsPerSlice = 128;

  // What the sources hold is taken over in slices: of the leftmost one the state of now. `output`,
  // of ViewPlan::OutputDefinition(), and the sources outlive the view.
  View(std::unique_ptr<ViewPlan> plan, SowTopic& output);
  ~View() override;

  bool RunSlice(DerivedOutput& output) override;
  bool HasWork() const override;
  // Without what aggregates keep by themselves (Aggregate::Removal).
  uint64_t bytes() const override;

  // Whether what the sources held at the beginning has been taken over, and no more than that has
  // been while it was not.
  bool is_filled() const { return fill_ == nullptr; }
  // How many changes of the leftmost topic have been noted, and how many of them are in the groups.
  uint64_t noted() const { return noted_; }
  uint64_t done() const { return noted_ - dirty_.size(); }

  // Leftmost records of which rows are left out now (kRowsPerRecordMax).
  uint64_t records_cut() const { return records_cut_; }
  // Groups that have no record because their fields cannot be written.
  uint64_t groups_unwritable() const { return groups_unwritable_; }

 private:
  class Observer final : public SowObserver {
   public:
    Observer(View& view, size_t source) : view_(view), source_(source) {}
    void OnChange(const RecordChange& change) override { view_.Note(source_, change); }

   private:
    View& view_;
    const size_t source_;
  };

  struct Group {
    std::vector<AggregateExpression::Group> aggregates;  // by field
    uint64_t rows = 0;
    bool is_dirty = false;
    bool is_unwritable = false;
    absl::InlinedVector<RecordRef, 1> last;  // the row that was put in last, by source
  };
  // What a record of the leftmost topic has put into groups.
  struct Member {
    absl::InlinedVector<RecordRef, 1> rows;                             // by source, row after row
    std::unique_ptr<std::vector<std::pair<uint32_t, uint64_t>>> wants;  // source, value
    bool is_cut = false;
  };
  // Leftmost records that asked for a value, still to be noted as changed.
  struct Sweep {
    size_t source;
    uint64_t value;
    uint64_t next_key = 0;
  };

  void Note(size_t source, const RecordChange& change);
  void NoteLeft(uint64_t key);
  size_t source_count() { return plan_->sources().size(); }

  // The joined record of that key, as it is now.
  void UpdateJoined(size_t source, uint64_t key);
  // One record of the leftmost topic, as it is now to count. Returns the rows touched.
  size_t Replace(uint64_t key, RecordRef record);
  size_t TakeOut(uint64_t key);
  // Rows of what has been chosen of the sources before `source`.
  void Join(size_t source, uint64_t key, Member& member);
  void PutIn(Member& member);
  Group& GroupOf(uint64_t key);
  void Touch(uint64_t key, Group& group);
  void Write(uint64_t key, Group& group, DerivedOutput& output);
  bool WriteBody(Group& group);

  const std::unique_ptr<ViewPlan> plan_;
  SowTopic& output_;
  std::vector<std::unique_ptr<Observer>> observers_;
  std::vector<ViewJoin> joins_;  // by source; the first is empty

  // What is to be done. Of the leftmost topic, the state at the beginning comes first.
  std::unique_ptr<RecordScan> fill_;
  std::vector<std::pair<uint32_t, uint32_t>> fill_joined_;  // by source: next slot, end
  std::deque<uint64_t> dirty_;
  absl::flat_hash_set<uint64_t> dirty_keys_;
  uint64_t noted_ = 0;
  std::deque<std::pair<size_t, uint64_t>> dirty_joined_;
  absl::flat_hash_set<std::pair<size_t, uint64_t>> dirty_joined_keys_;
  std::deque<Sweep> sweeps_;

  absl::flat_hash_map<uint64_t, Member> members_;  // by key of the leftmost topic
  absl::flat_hash_map<uint64_t, std::unique_ptr<Group>> groups_;
  std::vector<uint64_t> dirty_groups_;
  uint64_t records_cut_ = 0;
  uint64_t joined_records_ = 0;  // in members
  uint64_t groups_unwritable_ = 0;

  // Scratch.
  std::vector<Value> values_;
  std::vector<RecordRef> row_;  // by source
  EvaluationContext evaluation_;
  Document document_;
  std::string body_;
};

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_SOW_VIEW_H_
