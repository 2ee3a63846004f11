// A copy of a stored topic whose records change once per interval at most. The interval of a key
// begins with its first change that waits; at its end the record becomes what the source's is then,
// and one that came and went meanwhile never was. One thread; intervals are of the monotonic clock.
// Source: public User Guide, "Conflated Topics".
#ifndef FLUXGATE_CORE_SOW_CONFLATED_TOPIC_H_
#define FLUXGATE_CORE_SOW_CONFLATED_TOPIC_H_

#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "core/filter/filter.h"
#include "core/message/field_reader.h"
#include "core/sow/derived_topic.h"
#include "core/sow/sow_definition.h"
#include "core/sow/sow_topic.h"

namespace fluxgate {

class ConflatedTopic final : public DerivedTopic, public SowObserver {
 public:
  static constexpr int64_t kIntervalMinNs = 100'000'000;
  static constexpr int64_t kIntervalMaxNs = 86'400'000'000'000;
  // Records copied in one slice.
  static constexpr size_t kRecordsPerSlice = 128;

  // How the topic that holds the records is declared: with the keys of the source. kMessageType:
  // not that of the source; kBadOption for an interval beyond the limits; kNotBuilt for a source
  // that is a group of topics.
  static absl::StatusOr<SowTopicDefinition> OutputDefinition(
      const ConflatedTopicDefinition& definition, const SowTopic& source);
  // What `source` holds already is taken over without waiting. kBadFilter. Both topics outlive it.
  static absl::StatusOr<std::unique_ptr<ConflatedTopic>> Create(
      const ConflatedTopicDefinition& definition, SowTopic& source, SowTopic& output);
  ~ConflatedTopic() override;

  bool RunSlice(DerivedOutput& output) override;
  bool HasWork() const override;
  uint64_t bytes() const override;
  void OnChange(const RecordChange& change) override;

 private:
  struct Due {
    int64_t at_ns;
    uint64_t key;
  };

  ConflatedTopic(int64_t interval_ns, SowTopic& source, SowTopic& output);
  bool Matches(const Record& record);
  void Copy(uint64_t key, OutOfFocusReason reason, DerivedOutput& output);

  const int64_t interval_ns_;
  SowTopic& source_;
  SowTopic& output_;
  FieldTable fields_;
  std::shared_ptr<const Filter> filter_;  // null: every record
  FieldReader reader_;
  SowKeyBuffer key_;
  std::vector<Value> values_;

  // Taking over what was there: slots of the source still to be looked at.
  uint32_t next_slot_ = 0;
  uint32_t slot_end_;
  // Keys that wait, with why their record has gone, if it has.
  absl::flat_hash_map<uint64_t, OutOfFocusReason> waiting_;
  std::deque<Due> due_;  // by time: all intervals are equal
};

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_SOW_CONFLATED_TOPIC_H_
