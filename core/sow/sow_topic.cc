#include "core/sow/sow_topic.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/base/error.h"

namespace fluxgate {
namespace {

// Records entered into an index that is being made, and versions forgotten, in one slice.
constexpr size_t kRecordsPerSlice = 512;
constexpr size_t kBytesPerSlice = 256 * 1024;

// `text` with readable bytes behind it.
std::string_view Padded(std::string& text) {
  const size_t size = text.size();
  text.append(kBodyPaddingBytes, '\0');
  return std::string_view(text).substr(0, size);
}

}  // namespace

bool SowTopic::Holds(std::string_view topic) const {
  return pattern_ == nullptr ? topic == definition_.name : pattern_->Matches(topic);
}

absl::StatusOr<uint32_t> SowTopic::TopicNumber(std::string_view topic) {
  if (pattern_ == nullptr) return 0;
  const auto found = topic_numbers_.find(topic);
  if (found != topic_numbers_.end()) return found->second;
  if (topic_names_.size() >= kTopicNamesMax) {
    return MakeError(ErrorCode::kQuotaExceeded,
                     fmt::format("{} holds {} topics; no more", definition_.name, kTopicNamesMax));
  }
  topic_names_.emplace_back(topic);
  constexpr size_t kNameBytes = 3 * sizeof(std::string);
  topic_name_bytes_ += 2 * topic.size() + kNameBytes;
  const auto number = static_cast<uint32_t>(topic_names_.size() - 1);
  topic_numbers_.emplace(std::string(topic), number);
  return number;
}

// Fields, and what is known beside the body before there is a key.
absl::Status SowTopic::ReadMessage(const SowPublish& publish, std::string_view body,
                                   RecordReaders& readers, SowScratch& scratch) {
  scratch.body_valid = readers.message.ReadBody(body, scratch.values);
  // Somebody's filter may look further into the body than the topic does: no reason to refuse it.
  const bool is_readable =
      scratch.body_valid || slots_.empty() || own_reader_.ReadBody(body, scratch.values);
  if (!is_readable) {
    return MakeError(ErrorCode::kMalformedBody,
                     fmt::format("the body is no {} that can be read", context_.type.name()));
  }
  if (readers.message.has_envelope()) {
    readers.message.ReadEnvelope({.body_bytes = body.size(),
                                  .topic = publish.topic,
                                  .correlation_id = publish.correlation_id},
                                 context_.clock, scratch.values);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string_view> SowTopic::Construct(
    const std::vector<FieldConstruction>& constructions, const SowPublish& publish,
    std::string_view body, const Record* previous, RecordReaders& readers, SowScratch& scratch) {
  Document document;
  if (absl::Status status = context_.type.Parse(body, document); !status.ok()) return status;
  EvaluationInput input;
  input.values = scratch.values;
  input.current = scratch.values;
  std::vector<Value> none;
  if (previous == nullptr) {
    none.resize(scratch.values.size());
    input.previous = none;
  } else {
    input.previous = scratch.previous;
  }
  scratch.evaluation.Begin();
  for (const FieldConstruction& construction : constructions) {
    const Value value = construction.expression->Evaluate(input, scratch.evaluation);
    if (value.is_null() && construction.optional) continue;
    if (document.Set(construction.destination, value) != Document::SetResult::kDone) {
      return MakeError(ErrorCode::kMalformedBody, fmt::format("the body has no place for {}",
                                                              construction.destination.ToString()));
    }
    if (!construction.set_current) continue;
    for (const FieldSlot slot : slots_) {
      if (context_.fields.path(slot) == construction.destination) scratch.values[slot] = value;
    }
  }
  scratch.made.clear();
  if (absl::Status status = context_.type.Write(document, scratch.made); !status.ok()) {
    return status;
  }
  scratch.body.swap(scratch.made);
  const std::string_view made = Padded(scratch.body);
  if (absl::Status status = ReadMessage(publish, made, readers, scratch); !status.ok()) {
    return status;
  }
  return made;
}

// What publishers' keys are told apart by: the topics of a group do not share them.
std::string_view SowTopic::HashDomain(std::string_view topic) const {
  return keys_are_per_topic() ? topic : std::string_view();
}

absl::StatusOr<std::string_view> SowTopic::MakeKeyText(const SowPublish& publish,
                                                       std::string_view body, SowScratch& scratch) {
  scratch.key_fields.clear();
  for (const FieldSlot slot : key_generator_slots_) {
    scratch.key_fields.push_back(scratch.values[slot]);
  }
  auto text = key_generator_->Generate({.topic = publish.topic,
                                        .body = body,
                                        .correlation_id = publish.correlation_id,
                                        .fields = scratch.key_fields});
  if (text.ok() && !publish.key_text.empty() && publish.key_text != *text) {
    return MakeError(ErrorCode::kBadCommand, "the SOW key is not the one that the body has");
  }
  return text;
}

absl::StatusOr<uint64_t> SowTopic::KeyFor(const SowPublish& publish, std::string_view body,
                                          SowScratch& scratch, std::string_view& key_text) {
  using KeySource = SowTopicDefinition::KeySource;
  if (has_text_keys()) {
    key_text = publish.key_text;
    if (definition_.key_source == KeySource::kModule) {
      const auto made = MakeKeyText(publish, body, scratch);
      if (!made.ok()) return made.status();
      key_text = *made;
    }
    if (absl::Status status = CheckPublisherKey(key_text); !status.ok()) return status;
    return HashPublisherKey(HashDomain(publish.topic), key_text);
  }
  if (definition_.key_source == KeySource::kGenerated) {
    if (publish.key_text.empty()) return context_.sequence + 1;
    return MakeError(ErrorCode::kBadCommand, "the topic makes its SOW keys itself");
  }
  std::string group_domain;
  std::string_view domain =
      definition_.key_domain.empty() ? publish.topic : std::string_view(definition_.key_domain);
  if (pattern_ != nullptr && !definition_.key_domain.empty()) {
    // Topics that share a store never share a record.
    group_domain = definition_.key_domain + '\0';
    group_domain += publish.topic;
    domain = group_domain;
  }
  const std::optional<uint64_t> key =
      ComputeSowKey(domain, key_slots_, scratch.values, scratch.key);
  if (!key.has_value()) {
    return MakeError(ErrorCode::kMalformedBody,
                     fmt::format("the body has none of the key fields ({})",
                                 fmt::join(definition_.key_fields, ", ")));
  }
  if (!publish.key_text.empty() && ParseComputedKey(publish.key_text) != key) {
    return MakeError(ErrorCode::kBadCommand, "the SOW key is not the one that the body has");
  }
  return *key;
}

absl::Status SowTopic::CheckRoom(size_t key_bytes, std::string_view topic,
                                 std::string_view body) const {
  if (body.size() > context_.body_bytes_max) {
    return MakeError(ErrorCode::kMessageTooLarge,
                     fmt::format("the record would be {} bytes long; at most {}", body.size(),
                                 context_.body_bytes_max));
  }
  if (journal_ != nullptr) {
    if (absl::Status status = journal_->Check(key_bytes, topic, body); !status.ok()) return status;
  }
  if (definition_.memory_bytes_max == UINT64_MAX) return absl::OkStatus();
  if (bytes() + RecordMemory::BytesFor(key_bytes, body.size()) <= definition_.memory_bytes_max) {
    return absl::OkStatus();
  }
  return MakeError(ErrorCode::kQuotaExceeded,
                   fmt::format("topic {} is full: its records and indexes take {} of {} bytes",
                               definition_.name, bytes(), definition_.memory_bytes_max));
}

absl::StatusOr<RecordChange> SowTopic::Put(const SowPublish& publish, RecordReaders& readers,
                                           bool wants_previous, SowScratch& scratch) {
  scratch.values.resize(context_.fields.slot_end());
  scratch.previous.resize(context_.fields.slot_end());
  std::string_view body = publish.body;
  if (absl::Status status = ReadMessage(publish, body, readers, scratch); !status.ok()) {
    return status;
  }
  if (!preprocessing_.empty()) {
    auto made = Construct(preprocessing_, publish, body, nullptr, readers, scratch);
    if (!made.ok()) return made.status();
    body = *made;
  }
  std::string_view key_text;
  const auto key = KeyFor(publish, body, scratch, key_text);
  if (!key.ok()) return key.status();
  const Record* previous = store_.Find(*key);
  if (previous != nullptr && !previous->key_text().empty() && previous->key_text() != key_text) {
    return MakeError(ErrorCode::kBadCommand, "the SOW key collides with another one's hash");
  }
  if (!enrichment_.empty()) {
    if (previous != nullptr) {
      Read(*previous, readers.previous, scratch.previous_key, scratch.previous);
    }
    auto made = Construct(enrichment_, publish, body, previous, readers, scratch);
    if (!made.ok()) return made.status();
    body = *made;
  }
  if (publish.is_delta && previous != nullptr) {
    scratch.made.clear();
    if (absl::Status status = context_.type.Merge(previous->body(), body, scratch.made);
        !status.ok()) {
      return status;
    }
    scratch.body.swap(scratch.made);
    body = Padded(scratch.body);
    if (absl::Status status = ReadMessage(publish, body, readers, scratch); !status.ok()) {
      return status;
    }
  }
  if (publish.guard != nullptr) {
    PublishGuard::Change change{.given = publish.body,
                                .result = body,
                                .previous = {},
                                .has_previous = previous != nullptr,
                                .is_delta = publish.is_delta};
    if (previous != nullptr) change.previous = previous->body();
    if (absl::Status status = publish.guard->Check(change); !status.ok()) return status;
  }
  if (absl::Status status = CheckRoom(key_text.size(), publish.topic, body); !status.ok()) {
    return status;
  }
  const auto topic = TopicNumber(publish.topic);
  if (!topic.ok()) return topic.status();

  RecordRef made = memory_.New(key_text, body);
  Record& record = *made.mutable_record();
  record.key = *key;
  record.topic = *topic;
  record.sequence = ++context_.sequence;
  record.updated_ns = context_.clock.WallNs();
  if (definition_.expires) {
    constexpr int64_t kSecond = 1'000'000'000;
    // As far as 64 bits of nanoseconds go.
    constexpr int64_t kSecondsMax = 4'000'000'000;
    const int64_t lifetime_ns = publish.expiration_s >= 0
                                    ? std::min(publish.expiration_s, kSecondsMax) * kSecond
                                    : definition_.expiration_ns;
    if (lifetime_ns > 0) record.expires_ns = record.updated_ns + lifetime_ns;
  }
  return Enter(std::move(made), previous, wants_previous, readers, scratch);
}

absl::StatusOr<RecordChange> SowTopic::PutRecord(RecordRef record, std::string_view topic,
                                                 RecordReaders& readers, bool wants_previous,
                                                 SowScratch& scratch) {
  scratch.values.resize(context_.fields.slot_end());
  scratch.previous.resize(context_.fields.slot_end());
  const auto number = TopicNumber(topic);
  if (!number.ok()) return number.status();
  record.mutable_record()->topic = *number;
  scratch.body_valid = readers.message.ReadBody(record->body(), scratch.values);
  const Record* previous = store_.Find(record->key);
  return Enter(std::move(record), previous, wants_previous, readers, scratch);
}

// The values of the record have been read, except what comes with its key.
RecordChange SowTopic::Enter(RecordRef record, const Record* previous, bool wants_previous,
                             RecordReaders& readers, SowScratch& scratch) {
  RecordChange change;
  change.current = record;
  if (readers.message.has_envelope()) {
    readers.message.ReadEnvelope({.body_bytes = record->body().size(),
                                  .topic = TopicOf(*record),
                                  .sow_key = SowKeyText(*record, scratch.current_key),
                                  .sow_key_hash = record->key,
                                  .last_updated_ns = record->updated_ns},
                                 context_.clock, scratch.values);
  }
  if (previous != nullptr && wants_previous) {
    Read(*previous, readers.previous, scratch.previous_key, scratch.previous);
  }
  if (previous != nullptr && previous->expires_ns != 0) {
    expirations_.erase({previous->expires_ns, previous->key});
  }
  if (record->expires_ns != 0) expirations_.insert({record->expires_ns, record->key});
  change.previous = previous == nullptr ? store_.Put(std::move(record))
                                        : store_.Replace(*previous, std::move(record));
  UpdateIndexes(change, scratch);
  Announce(change);
  return change;
}

void SowTopic::UpdateIndexes(const RecordChange& change, SowScratch& scratch) {
  if (indexes_.empty()) return;
  scratch.indexed.resize(context_.fields.slot_end());
  scratch.indexed_previous.resize(context_.fields.slot_end());
  for (const auto& entry : indexes_) {
    FieldIndex& index = entry->index;
    RecordReaders& readers = entry->readers;
    if (change.current) readers.message.ReadBody(change.current->body(), scratch.indexed);
    if (change.previous) {
      readers.previous.ReadBody(change.previous->body(), scratch.indexed_previous);
    }
    if (!change.previous) {
      index.Add(change.current->slot, scratch.indexed);
    } else if (!change.current) {
      index.Remove(change.previous->slot, scratch.indexed_previous);
    } else {
      index.Replace(change.current->slot, scratch.indexed_previous, scratch.indexed);
    }
  }
}

RecordChange SowTopic::Remove(uint64_t key, OutOfFocusReason reason, RecordReaders& readers,
                              bool wants_previous, SowScratch& scratch) {
  RecordChange change;
  const Record* record = store_.Find(key);
  if (record == nullptr) return change;
  scratch.previous.resize(context_.fields.slot_end());
  if (wants_previous) Read(*record, readers.previous, scratch.previous_key, scratch.previous);
  if (record->expires_ns != 0) expirations_.erase({record->expires_ns, key});
  ++context_.sequence;
  change.previous = store_.Remove(key);
  change.reason = reason;
  UpdateIndexes(change, scratch);
  Announce(change);
  return change;
}

void SowTopic::Announce(const RecordChange& change) {
  if (history_ != nullptr && change.previous) {
    history_->Add(change.previous,
                  change.current ? change.current->updated_ns : context_.clock.WallNs());
  }
  if (journal_ != nullptr) {
    const Record& named = change.current ? *change.current : *change.previous;
    if (change.current) {
      journal_->Put(named, TopicOf(named));
    } else {
      journal_->Remove(named, TopicOf(named), context_.sequence);
    }
  }
  for (SowObserver* observer : observers_) observer->OnChange(change);
}

bool SowTopic::Read(const Record& record, FieldReader& reader, SowKeyBuffer& key,
                    std::span<Value> values) const {
  const bool valid = reader.ReadBody(record.body(), values);
  if (reader.has_envelope()) {
    reader.ReadEnvelope({.body_bytes = record.body().size(),
                         .topic = TopicOf(record),
                         .sow_key = SowKeyText(record, key),
                         .sow_key_hash = record.key,
                         .last_updated_ns = record.updated_ns},
                        context_.clock, values);
  }
  return valid;
}

const Record* SowTopic::Find(std::string_view topic, std::string_view key_text) const {
  if (has_text_keys()) {
    const Record* record = store_.Find(HashPublisherKey(HashDomain(topic), key_text));
    return record != nullptr && record->key_text() == key_text ? record : nullptr;
  }
  const std::optional<uint64_t> key = ParseComputedKey(key_text);
  return key.has_value() ? store_.Find(*key) : nullptr;
}

absl::StatusOr<uint64_t> SowTopic::KeyOf(std::string_view topic, std::string_view body,
                                         RecordReaders& readers, SowScratch& scratch) {
  if (definition_.key_source != SowTopicDefinition::KeySource::kFields &&
      definition_.key_source != SowTopicDefinition::KeySource::kModule) {
    return MakeError(ErrorCode::kBadCommand, "the topic's keys are not made of its bodies");
  }
  scratch.values.resize(context_.fields.slot_end());
  const SowPublish example{.topic = topic, .body = body};
  if (absl::Status status = ReadMessage(example, body, readers, scratch); !status.ok()) {
    return status;
  }
  std::string_view key_text;
  return KeyFor(example, body, scratch, key_text);
}

bool SowTopic::Gather(const Filter& filter, size_t max, std::vector<uint32_t>& record_slots) {
  for (const auto& entry : indexes_) {
    if (entry->index.Gather(filter, max, record_slots)) return true;
  }
  // The next query may find an index for what this one asks.
  for (const Predicate& predicate : filter.predicates()) {
    const bool indexable =
        predicate.kind == Predicate::Kind::kAnyOf || predicate.kind == Predicate::Kind::kRange;
    if (indexable && WantsMemoIndex(predicate.slot)) {
      MakeMemoIndex(predicate.slot);
      break;
    }
  }
  return false;
}

const FieldIndex* SowTopic::OrderedIndex(const FieldPath& path) {
  for (const auto& entry : indexes_) {
    const FieldIndex& index = entry->index;
    if (index.kind() == FieldIndex::Kind::kOrdered &&
        context_.fields.path(index.slots()[0]) == path) {
      return index.complete() ? &index : nullptr;
    }
  }
  const auto slot = context_.fields.Acquire(path);
  if (!slot.ok()) return nullptr;
  if (WantsMemoIndex(*slot)) MakeMemoIndex(*slot);
  context_.fields.Release(*slot);
  return nullptr;
}

std::optional<uint64_t> SowTopic::NextExpired(int64_t now_ns) const {
  if (expirations_.empty() || expirations_.begin()->first > now_ns) return std::nullopt;
  return expirations_.begin()->second;
}

bool SowTopic::WantsSlice() const {
  const auto is_incomplete = [](const auto& entry) { return !entry->index.complete(); };
  return std::ranges::any_of(indexes_, is_incomplete) ||
         (history_ != nullptr && history_->WantsTrim(context_.clock.WallNs()));
}

bool SowTopic::RunSlice() {
  for (const auto& entry : indexes_) {
    FieldIndex& index = entry->index;
    if (index.complete()) continue;
    std::vector<Value> values(context_.fields.slot_end());
    size_t bytes = 0;
    for (size_t i = 0; i < kRecordsPerSlice && bytes < kBytesPerSlice; ++i) {
      if (index.built_end >= store_.slot_end()) break;
      const Record* record = store_.at(index.built_end++);
      if (record == nullptr) continue;
      entry->readers.message.ReadBody(record->body(), values);
      index.Add(record->slot, values);
      bytes += record->body().size();
    }
    if (index.built_end >= store_.slot_end()) index.built_end = UINT32_MAX;
    return true;
  }
  return history_ != nullptr && history_->Trim(context_.clock.WallNs(), kRecordsPerSlice);
}

uint64_t SowTopic::bytes() const {
  uint64_t bytes = memory_.bytes() + store_.bytes() + expirations_.size() * 24;
  for (const auto& entry : indexes_) bytes += entry->index.bytes();
  // Names are kept as long as the topic: queries and waiting changes point to them.
  bytes += topic_name_bytes_;
  if (history_ != nullptr) bytes += history_->bytes();
  return bytes;
}

}  // namespace fluxgate
