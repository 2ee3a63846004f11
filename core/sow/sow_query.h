// One query over stored topics: all records as they were when it was made, filtered, ordered and
// cut, in slices. One thread.
//
// Records come from an index when one narrows them down to few; otherwise from a scan.
#ifndef FLUXGATE_CORE_SOW_SOW_QUERY_H_
#define FLUXGATE_CORE_SOW_SOW_QUERY_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "core/base/strings.h"
#include "core/filter/filter.h"
#include "core/sow/order_by.h"
#include "core/sow/sow_topic.h"

namespace fluxgate {

// What of stored topics somebody may see: those that are named, each with a filter (null: all of
// it).
using TopicVisibility = StringMap<std::shared_ptr<const Filter>>;

struct SowQuerySpec {
  std::string topic;                                  // literal name, or the pattern's text
  std::shared_ptr<const TopicPattern> topic_pattern;  // null: literal
  std::shared_ptr<const Filter> filter;               // null: every record
  std::shared_ptr<const Filter> left_out;             // records that match this one are not wanted
  bool leave_out = false;                   // whether `left_out` counts (null: it matches all)
  std::shared_ptr<const OrderBy> order_by;  // null: any order
  uint32_t top_n = 0;                       // 0: all
  uint32_t skip_n = 0;
  bool counts = false;  // matches() has to count what top_n and skip_n leave out
  bool by_keys = false;
  std::vector<std::string> keys;                   // with by_keys: only these, each once
  std::optional<int64_t> as_of_ns;                 // the state at that time; of topics with history
  bool hides_records = false;                      // topic_records() is what it matches
  std::shared_ptr<const TopicVisibility> visible;  // null: everything
  std::shared_ptr<const TopicVisibility> left_visible;  // within left_out; null: everything
};

class SowQuery {
 public:
  // Records that an index may come up with, and that are then held at once.
  static constexpr size_t kCandidatesMax = 8192;
  // Keys in one query.
  static constexpr size_t kKeysMax = 10'000;

  struct Result {
    SowTopic* topic;
    RecordRef record;
  };
  // Takes a result in any case; false: it has no room for another one now.
  using Take = absl::FunctionRef<bool(const Result&)>;
  enum class Progress : uint8_t { kMore, kFull, kDone };

  // The state is that of now. `topics` are of one message type and outlive the query.
  SowQuery(SowQuerySpec spec, std::vector<SowTopic*> topics);
  ~SowQuery();
  SowQuery(const SowQuery&) = delete;
  SowQuery& operator=(const SowQuery&) = delete;

  // Goes on for some hundred microseconds, `bytes` of records looked at, at most `records` of them.
  Progress Run(size_t records, size_t bytes, Take take);

  // Before top_n and skip_n; without SowQuerySpec::counts it may end with them.
  uint64_t matches() const { return matches_; }
  // Of all topics when it began.
  uint64_t topic_records() const { return spec_.hides_records ? matches_ : topic_records_; }
  uint64_t returned() const { return returned_; }
  // Whether it is about that topic.
  bool Meets(std::string_view topic) const {
    return spec_.topic_pattern == nullptr ? spec_.topic == topic
                                          : spec_.topic_pattern->Matches(topic);
  }
  // What it keeps of records that have been replaced since it began, roughly.
  uint64_t held_bytes() const;
  // Whether results were left out by top_n or skip_n.
  bool is_cut() const { return is_cut_; }

 private:
  struct Part {
    SowTopic* topic;
    std::unique_ptr<RecordScan> scan;  // null: candidates only
    std::vector<RecordRef> candidates;
    size_t next_candidate = 0;
    uint64_t history_next = 0;
    uint64_t history_end = 0;
    bool scans_for_keys = false;  // of a group, where each topic has keys of its own
    std::vector<std::optional<bool>> topic_matches;  // by Record::topic; of groups
    // By Record::topic, with SowQuerySpec::visible: null: not looked up yet.
    std::vector<const std::shared_ptr<const Filter>*> visible;
    std::vector<const std::shared_ptr<const Filter>*> left_visible;
  };
  struct Sorted {
    SortKey key;
    Result result;
  };

  void AddPart(SowTopic& topic);
  bool GatherByKeys(Part& part);
  bool GatherByIndex(Part& part);
  bool GatherInOrder(Part& part);
  RecordRef NextRecord(Part& part, const Record*& seen);
  bool IsOfTopic(Part& part, const Record& record);
  bool HasKey(const Part& part, const Record& record) const;
  bool Wanted(Part& part, const Record& record);
  // How the topic of the record may be seen; null: not at all.
  static const std::shared_ptr<const Filter>* VisibilityOf(
      const Part& part, const Record& record, const TopicVisibility& visibility,
      std::vector<const std::shared_ptr<const Filter>*>& known);
  bool reads_wanted() const {
    return spec_.filter != nullptr || spec_.leave_out || spec_.visible != nullptr;
  }
  void Collect(const Part& part, RecordRef record);
  Progress Emit(size_t records, const Clock& clock, int64_t end_ns, Take take);
  Progress DropRuns(size_t records);
  bool ComesLater(uint32_t a, uint32_t b) const;
  void SortRun();

  const SowQuerySpec spec_;
  const MessageType& type_;
  FieldTable& fields_;
  FieldReader reader_;
  std::vector<Value> values_;
  SowKeyBuffer key_;
  std::optional<EvaluationContext> evaluation_;  // with an order: making one takes a microsecond
  StringSet scanned_keys_;                       // of parts that are scanned for keys

  std::vector<Part> parts_;
  size_t part_ = 0;
  uint64_t matches_ = 0;
  uint64_t topic_records_ = 0;
  uint64_t returned_ = 0;
  uint64_t skipped_ = 0;
  bool is_cut_ = false;

  // With an order: the first ones of what matches as a heap, or everything in sorted runs, which
  // are merged. In a run the first stands last, and goes when it is taken: neither growing nor
  // ending is much work at once.
  std::vector<Sorted> sorted_;             // the heap, or the run that is being gathered
  std::vector<std::vector<Sorted>> runs_;  // none is empty while it is in merge_
  std::vector<uint32_t> merge_;            // heap of runs by their first
  bool merging_ = false;
};

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_SOW_SOW_QUERY_H_
