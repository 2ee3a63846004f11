// One stored topic, or one group of them (Pattern): takes messages, keeps the last one per key.
// Knows nothing of subscriptions; what a message changed goes back to the caller. One thread.
//
// What happens to a message, in order: preprocessing, key, enrichment, merging of a delta, store
// with indexes, history and log. Source: public User Guide, "State of the World".
#ifndef FLUXGATE_CORE_SOW_SOW_TOPIC_H_
#define FLUXGATE_CORE_SOW_SOW_TOPIC_H_

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/btree_set.h"
#include "absl/status/statusor.h"
#include "core/base/clock.h"
#include "core/base/strings.h"
#include "core/filter/field_construction.h"
#include "core/filter/filter.h"
#include "core/message/field_reader.h"
#include "core/message/message_type.h"
#include "core/sow/field_index.h"
#include "core/sow/key_generator.h"
#include "core/sow/publish_guard.h"
#include "core/sow/record_change.h"
#include "core/sow/record_history.h"
#include "core/sow/record_memory.h"
#include "core/sow/record_store.h"
#include "core/sow/sow_definition.h"
#include "core/sow/sow_key.h"
#include "core/topic/topic_pattern.h"

namespace fluxgate {

// What the stored topics of one message type share. Outlives them.
struct SowContext {
  const MessageType& type;
  FieldTable& fields;
  const Clock& clock;
  FilterLimits limits;
  std::string instance_name;
  uint64_t& sequence;                           // of the last change, over all topics
  uint64_t body_bytes_max = UINT64_MAX;         // of a record
  const FunctionRegistry* functions = nullptr;  // beside the builtin ones
  KeyGenerators key_generators = {};            // of KeySource::kModule
};

// A message for a stored topic.
struct SowPublish {
  std::string_view topic = {};
  std::string_view body = {};  // with kBodyPaddingBytes behind it
  std::string_view correlation_id = {};
  std::string_view key_text = {};  // empty: not given
  int64_t expiration_s = -1;       // -1: not given
  bool is_delta = false;
  PublishGuard* guard = nullptr;  // null: everything may be published
};

// Room for one message at a time.
struct SowScratch {
  std::vector<Value> values;      // of the message, then of the record it made
  std::vector<Value> previous;    // of the record as it was, where it was read
  std::vector<Value> key_fields;  // of a KeyGenerator
  bool body_valid = false;        // of values
  std::vector<Value> indexed;     // the same two, as an index reads them
  std::vector<Value> indexed_previous;
  std::string body;  // as preprocessing, enrichment and merging made it
  std::string made;
  std::string key;
  SowKeyBuffer current_key;
  SowKeyBuffer previous_key;
  EvaluationContext evaluation;
};

// Told of every change of a topic, after it has been made. May not change that topic.
class SowObserver {
 public:
  virtual ~SowObserver() = default;
  virtual void OnChange(const RecordChange& change) = 0;
};

// Where changes of a persistent topic go.
class SowJournal {
 public:
  virtual ~SowJournal() = default;
  // Whether a record with such a key and body can be kept, before it is changed.
  virtual absl::Status Check(size_t key_bytes, std::string_view topic,
                             std::string_view body) const = 0;
  virtual void Put(const Record& record, std::string_view topic) = 0;
  // `sequence`: of the removal.
  virtual void Remove(const Record& record, std::string_view topic, uint64_t sequence) = 0;
};

class SowTopic {
 public:
  enum class Kind : uint8_t { kTopic, kConflatedTopic, kView };

  // Topic names that one pattern may come to hold.
  static constexpr size_t kTopicNamesMax = 1'000'000;

  // kBadFilter, kBadOption, ... for a definition that cannot be; `context` outlives the topic.
  static absl::StatusOr<std::unique_ptr<SowTopic>> Create(const SowTopicDefinition& definition,
                                                          SowContext& context,
                                                          Kind kind = Kind::kTopic);
  ~SowTopic();
  SowTopic(const SowTopic&) = delete;
  SowTopic& operator=(const SowTopic&) = delete;

  const SowTopicDefinition& definition() const { return definition_; }
  const std::string& name() const { return definition_.name; }
  Kind kind() const { return kind_; }
  bool has_pattern() const { return pattern_ != nullptr; }
  // Whether a topic of that name is kept here.
  bool Holds(std::string_view topic) const;

  // Of the key fields.
  std::span<const FieldPath> key_paths() const { return key_paths_; }

  // Fields of keys and constructions, which have to be read of every message, with the number of
  // times they have changed.
  std::span<const FieldSlot> slots() const { return slots_; }
  uint64_t slots_version() const { return slots_version_; }

  // `readers` read at least slots(); `wants_previous`: whether the caller needs scratch.previous.
  // Afterwards scratch.values are of the record that the change made. Errors leave everything as it
  // was: kMalformedBody, kBadCommand for keys, kQuotaExceeded over a limit.
  absl::StatusOr<RecordChange> Put(const SowPublish& publish, RecordReaders& readers,
                                   bool wants_previous, SowScratch& scratch);
  // A record as it is to be, without any of what Put does to messages: recovery, views, conflated
  // topics. Its sequence is the caller's; its topic is set here.
  absl::StatusOr<RecordChange> PutRecord(RecordRef record, std::string_view topic,
                                         RecordReaders& readers, bool wants_previous,
                                         SowScratch& scratch);
  // With `reason`. Both empty: there is no such record.
  RecordChange Remove(uint64_t key, OutOfFocusReason reason, RecordReaders& readers,
                      bool wants_previous, SowScratch& scratch);

  // Reads a record's fields. False: its body cannot be read. `key` is for text in the values.
  bool Read(const Record& record, FieldReader& reader, SowKeyBuffer& key,
            std::span<Value> values) const;

  // Null: none. By a key as clients write it; `topic` is one that is kept here.
  const Record* Find(std::string_view topic, std::string_view key_text) const;
  // Whether the same key may stand for a record of each topic of a group: then a key says nothing
  // without its topic.
  bool keys_are_per_topic() const { return has_pattern() && has_text_keys(); }
  // Keys are text, kept with their records.
  bool has_text_keys() const {
    return definition_.key_source == SowTopicDefinition::KeySource::kPublisher ||
           definition_.key_source == SowTopicDefinition::KeySource::kModule;
  }
  // The key that a body has; an error when it has none.
  absl::StatusOr<uint64_t> KeyOf(std::string_view topic, std::string_view body,
                                 RecordReaders& readers, SowScratch& scratch);

  // Record::topic as text; stays while the topic does.
  std::string_view TopicOf(const Record& record) const {
    return pattern_ == nullptr ? std::string_view(definition_.name)
                               : std::string_view(topic_names_[record.topic]);
  }

  // The names of the topics that have been kept here: one, or those of a group, in a stable order.
  size_t topic_count() const { return pattern_ == nullptr ? 1 : topic_names_.size(); }
  std::string_view topic_at(size_t i) const {
    return pattern_ == nullptr ? std::string_view(definition_.name)
                               : std::string_view(topic_names_[i]);
  }

  // Slots of the records that may match `filter`, when an index has fewer than `max` of them.
  bool Gather(const Filter& filter, size_t max, std::vector<uint32_t>& record_slots);
  size_t index_count() const { return indexes_.size(); }
  // The ordered index of that field; null: none that is complete. Asks for one to be made.
  const FieldIndex* OrderedIndex(const FieldPath& path);

  // The key of the record that expires first, if it has; nothing is removed.
  std::optional<uint64_t> NextExpired(int64_t now_ns) const;

  // Whether there is something for RunSlice.
  bool WantsSlice() const;
  // Work in slices: indexes being made, history. True while there is more.
  bool RunSlice();

  RecordStore& store() { return store_; }
  const RecordStore& store() const { return store_; }
  RecordMemory& memory() { return memory_; }
  RecordHistory* history() { return history_.get(); }
  // Records, indexes and all.
  uint64_t bytes() const;

  SowContext& context() const { return context_; }
  void set_journal(SowJournal* journal) { journal_ = journal; }
  bool is_persistent() const { return journal_ != nullptr; }
  void AddObserver(SowObserver* observer) { observers_.push_back(observer); }
  // Not while it is being told of a change.
  void RemoveObserver(SowObserver* observer) { std::erase(observers_, observer); }

 private:
  SowTopic(const SowTopicDefinition& definition, SowContext& context, Kind kind);

  absl::Status Compile();
  absl::Status MakeKeyGenerator();
  absl::StatusOr<std::vector<FieldSlot>> AcquireFields(const FieldPathTexts& paths);
  absl::Status CompileConstructions(const std::vector<std::string>& texts, bool records,
                                    std::vector<FieldConstruction>& constructions);
  void CollectSlots();
  bool WantsMemoIndex(FieldSlot slot) const;
  void MakeMemoIndex(FieldSlot slot);

  absl::Status ReadMessage(const SowPublish& publish, std::string_view body, RecordReaders& readers,
                           SowScratch& scratch);
  absl::StatusOr<std::string_view> Construct(const std::vector<FieldConstruction>& constructions,
                                             const SowPublish& publish, std::string_view body,
                                             const Record* previous, RecordReaders& readers,
                                             SowScratch& scratch);
  std::string_view HashDomain(std::string_view topic) const;
  // `body` as preprocessing has made it. `key_text`: the key's text, where keys are text.
  absl::StatusOr<uint64_t> KeyFor(const SowPublish& publish, std::string_view body,
                                  SowScratch& scratch, std::string_view& key_text);
  absl::StatusOr<std::string_view> MakeKeyText(const SowPublish& publish, std::string_view body,
                                               SowScratch& scratch);
  RecordChange Enter(RecordRef record, const Record* previous, bool wants_previous,
                     RecordReaders& readers, SowScratch& scratch);
  // Memory, and disk if it has one.
  absl::Status CheckRoom(size_t key_bytes, std::string_view topic, std::string_view body) const;
  absl::StatusOr<uint32_t> TopicNumber(std::string_view topic);
  void UpdateIndexes(const RecordChange& change, SowScratch& scratch);
  void Announce(const RecordChange& change);

  const SowTopicDefinition definition_;
  SowContext& context_;
  const Kind kind_;
  std::shared_ptr<const TopicPattern> pattern_;
  std::vector<FieldSlot> acquired_;
  std::vector<FieldSlot> slots_;  // distinct
  uint64_t slots_version_ = 1;
  std::vector<FieldSlot> key_slots_;
  std::vector<FieldPath> key_paths_;
  std::unique_ptr<KeyGenerator> key_generator_;  // of KeySource::kModule
  std::vector<FieldSlot> key_generator_slots_;
  std::vector<FieldConstruction> preprocessing_;
  std::vector<FieldConstruction> enrichment_;

  RecordMemory memory_;
  RecordStore store_;
  // An index reads its fields by itself: what a reader makes of a body that is malformed somewhere
  // depends on which fields it is asked for, and what is entered must be found again.
  struct Index {
    Index(const SowTopic& topic, FieldIndex::Kind kind, std::vector<FieldSlot> slots);
    FieldIndex index;
    RecordReaders readers;
  };
  std::vector<std::unique_ptr<Index>> indexes_;
  FieldReader own_reader_;  // of slots_
  size_t memo_indexes_ = 0;
  std::unique_ptr<RecordHistory> history_;
  absl::btree_set<std::pair<int64_t, uint64_t>> expirations_;  // time, key
  std::deque<std::string> topic_names_;                        // stay where they are
  StringMap<uint32_t> topic_numbers_;
  uint64_t topic_name_bytes_ = 0;
  SowJournal* journal_ = nullptr;
  std::vector<SowObserver*> observers_;
};

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_SOW_SOW_TOPIC_H_
