#include "core/sow/conflated_topic.h"

#include <fmt/format.h>

#include <utility>

#include "core/base/error.h"

namespace fluxgate {

absl::StatusOr<SowTopicDefinition> ConflatedTopic::OutputDefinition(
    const ConflatedTopicDefinition& definition, const SowTopic& source) {
  if (definition.interval_ns < kIntervalMinNs || definition.interval_ns > kIntervalMaxNs) {
    return MakeError(ErrorCode::kBadOption, "the interval is 100 ms to 1 day");
  }
  if (definition.message_type != source.context().type.name()) {
    return MakeError(ErrorCode::kMessageType,
                     fmt::format("message type {} is not {}, that of {}", definition.message_type,
                                 source.context().type.name(), source.name()));
  }
  if (source.has_pattern()) {
    return MakeError(
        ErrorCode::kNotBuilt,
        fmt::format("a copy of {}, a group of topics, is not built yet", source.name()));
  }
  SowTopicDefinition output;
  output.name = definition.name;
  output.message_type = definition.message_type;
  using KeySource = SowTopicDefinition::KeySource;
  output.key_source = source.definition().key_source;
  // The copy has the keys that the source's records have.
  if (output.key_source == KeySource::kModule) output.key_source = KeySource::kPublisher;
  output.key_fields = source.definition().key_fields;
  output.hash_indexes = definition.hash_indexes;
  return output;
}

absl::StatusOr<std::unique_ptr<ConflatedTopic>> ConflatedTopic::Create(
    const ConflatedTopicDefinition& definition, SowTopic& source, SowTopic& output) {
  std::unique_ptr<ConflatedTopic> topic(new ConflatedTopic(definition.interval_ns, source, output));
  SowContext& context = source.context();
  if (!definition.filter.empty()) {
    if (context.type.level() < MessageType::Level::kFilter) {
      return MakeError(ErrorCode::kMessageType,
                       fmt::format("message type {} has no fields", context.type.name()));
    }
    const ExpressionScope scope{.instance_name = context.instance_name,
                                .functions = context.functions,
                                .deterministic_only = true};
    auto filter = Filter::Compile(definition.filter, topic->fields_, context.limits, scope);
    if (!filter.ok()) return filter.status();
    topic->filter_ = *std::move(filter);
    topic->reader_ = FieldReader(context.type, topic->fields_, topic->filter_->slots());
    topic->values_.resize(topic->fields_.slot_end());
  }
  source.AddObserver(topic.get());
  return topic;
}

ConflatedTopic::ConflatedTopic(int64_t interval_ns, SowTopic& source, SowTopic& output)
    : interval_ns_(interval_ns),
      source_(source),
      output_(output),
      slot_end_(source.store().slot_end()) {}

ConflatedTopic::~ConflatedTopic() { source_.RemoveObserver(this); }

void ConflatedTopic::OnChange(const RecordChange& change) {
  const uint64_t key = change.current ? change.current->key : change.previous->key;
  const auto [place, is_new] = waiting_.try_emplace(key, change.reason);
  if (!is_new) {
    place->second = change.reason;
    return;
  }
  due_.push_back({source_.context().clock.MonotonicNs() + interval_ns_, key});
}

bool ConflatedTopic::HasWork() const {
  if (next_slot_ < slot_end_) return true;
  return !due_.empty() && due_.front().at_ns <= source_.context().clock.MonotonicNs();
}

bool ConflatedTopic::RunSlice(DerivedOutput& output) {
  if (!HasWork()) return false;
  const int64_t now_ns = source_.context().clock.MonotonicNs();
  size_t left = kRecordsPerSlice;
  for (; next_slot_ < slot_end_ && left > 0; --left) {
    const Record* record = source_.store().at(next_slot_++);
    if (record != nullptr) Copy(record->key, OutOfFocusReason::kNone, output);
  }
  for (; !due_.empty() && due_.front().at_ns <= now_ns && left > 0; --left) {
    const auto found = waiting_.find(due_.front().key);
    const auto [key, reason] = *found;
    waiting_.erase(found);
    due_.pop_front();
    Copy(key, reason, output);
  }
  return true;
}

bool ConflatedTopic::Matches(const Record& record) {
  if (filter_ == nullptr) return true;
  const bool is_valid = source_.Read(record, reader_, key_, values_);
  return (is_valid || !filter_->reads_body()) && filter_->Matches(values_);
}

void ConflatedTopic::Copy(uint64_t key, OutOfFocusReason reason, DerivedOutput& output) {
  const Record* record = source_.store().Find(key);
  if (record == nullptr || !Matches(*record)) {
    // To those who read the copy, a record that no longer belongs to it has been deleted.
    const bool expired = record == nullptr && reason == OutOfFocusReason::kExpired;
    output.Remove(key, expired ? OutOfFocusReason::kExpired : OutOfFocusReason::kDeleted);
    return;
  }
  RecordRef copy = output_.memory().New(record->key_text(), record->body());
  copy.mutable_record()->key = key;
  copy.mutable_record()->updated_ns = record->updated_ns;
  output.Put(std::move(copy));
}

uint64_t ConflatedTopic::bytes() const {
  return due_.size() * sizeof(Due) +
         waiting_.capacity() * (sizeof(decltype(waiting_)::value_type) + 1);
}

}  // namespace fluxgate
