// How a definition becomes a topic: fields, keys, indexes and expressions, each checked.
#include <fmt/format.h>

#include <algorithm>

#include "core/base/error.h"
#include "core/filter/parser.h"
#include "core/sow/sow_topic.h"

namespace fluxgate {
namespace {

absl::Status Prefixed(std::string_view what, const absl::Status& status) {
  return MakeError(ErrorCodeOf(status), fmt::format("{}: {}", what, ErrorText(status)));
}

}  // namespace

absl::StatusOr<std::unique_ptr<SowTopic>> SowTopic::Create(const SowTopicDefinition& definition,
                                                           SowContext& context, Kind kind) {
  std::unique_ptr<SowTopic> topic(new SowTopic(definition, context, kind));
  if (absl::Status status = topic->Compile(); !status.ok()) {
    return Prefixed(fmt::format("stored topic {}", definition.name), status);
  }
  return topic;
}

SowTopic::SowTopic(const SowTopicDefinition& definition, SowContext& context, Kind kind)
    : definition_(definition), context_(context), kind_(kind) {}

SowTopic::~SowTopic() {
  for (const FieldSlot slot : acquired_) context_.fields.Release(slot);
}

absl::StatusOr<std::vector<FieldSlot>> SowTopic::AcquireFields(const FieldPathTexts& paths) {
  std::vector<FieldSlot> slots;
  for (const std::string& text : paths) {
    auto path = ParseFieldPath(text);
    if (!path.ok()) return Prefixed(fmt::format("field {}", text), path.status());
    auto slot = context_.fields.Acquire(*path);
    if (!slot.ok()) return slot.status();
    acquired_.push_back(*slot);
    slots.push_back(*slot);
  }
  return slots;
}

absl::Status SowTopic::CompileConstructions(const std::vector<std::string>& texts, bool records,
                                            std::vector<FieldConstruction>& constructions) {
  ExpressionScope scope{.instance_name = context_.instance_name, .functions = context_.functions};
  scope.records = records;
  for (const std::string& text : texts) {
    auto construction = FieldConstruction::Compile(text, context_.fields, context_.limits, scope);
    if (!construction.ok()) return Prefixed(text, construction.status());
    constructions.push_back(*std::move(construction));
  }
  return absl::OkStatus();
}

absl::Status SowTopic::MakeKeyGenerator() {
  if (!context_.key_generators) {
    return MakeError(ErrorCode::kBadOption,
                     fmt::format("there is no module {}", definition_.key_generator.module));
  }
  auto generator = context_.key_generators(definition_);
  if (!generator.ok()) return generator.status();
  key_generator_ = *std::move(generator);
  auto slots = AcquireFields(definition_.key_generator.fields);
  if (!slots.ok()) return slots.status();
  key_generator_slots_ = *std::move(slots);
  return absl::OkStatus();
}

absl::Status SowTopic::Compile() {
  using Level = MessageType::Level;
  const Level level = context_.type.level();
  const bool reads = !definition_.key_fields.empty() || !definition_.key_generator.fields.empty() ||
                     !definition_.hash_indexes.empty() || !definition_.ordered_indexes.empty();
  if (reads && level < Level::kFilter) {
    return MakeError(ErrorCode::kMessageType,
                     fmt::format("message type {} has no fields", context_.type.name()));
  }
  const bool builds = !definition_.preprocessing.empty() || !definition_.enrichment.empty();
  if (builds && level < Level::kSerialize) {
    return MakeError(ErrorCode::kMessageType,
                     fmt::format("message type {} cannot be written", context_.type.name()));
  }
  const bool has_key_fields = !definition_.key_fields.empty();
  if (has_key_fields != (definition_.key_source == SowTopicDefinition::KeySource::kFields)) {
    return MakeError(ErrorCode::kBadOption, "key fields and the source of keys contradict");
  }
  if (definition_.history_window_ns > 0 && definition_.expires) {
    return MakeError(ErrorCode::kBadOption, "a topic with history has no expiration");
  }
  if (!definition_.pattern.empty()) {
    auto pattern = TopicPattern::Compile(fmt::format("^(?:{})$", definition_.pattern));
    if (!pattern.ok()) return pattern.status();
    pattern_ = *std::move(pattern);
  }
  auto keys = AcquireFields(definition_.key_fields);
  if (!keys.ok()) return keys.status();
  key_slots_ = *std::move(keys);
  for (const FieldSlot slot : key_slots_) key_paths_.push_back(context_.fields.path(slot));
  if (definition_.key_source == SowTopicDefinition::KeySource::kModule) {
    if (absl::Status status = MakeKeyGenerator(); !status.ok()) return status;
  }
  for (const FieldPathTexts& fields : definition_.hash_indexes) {
    auto slots = AcquireFields(fields);
    if (!slots.ok()) return slots.status();
    indexes_.push_back(std::make_unique<Index>(*this, FieldIndex::Kind::kHash, *std::move(slots)));
  }
  for (const std::string& field : definition_.ordered_indexes) {
    auto slots = AcquireFields({field});
    if (!slots.ok()) return slots.status();
    indexes_.push_back(
        std::make_unique<Index>(*this, FieldIndex::Kind::kOrdered, *std::move(slots)));
  }
  if (absl::Status s = CompileConstructions(definition_.preprocessing, false, preprocessing_);
      !s.ok()) {
    return s;
  }
  if (absl::Status s = CompileConstructions(definition_.enrichment, true, enrichment_); !s.ok()) {
    return s;
  }
  if (definition_.history_window_ns > 0) {
    history_ = std::make_unique<RecordHistory>(definition_.history_window_ns,
                                               definition_.history_granularity_ns);
  }
  store_.Reserve(definition_.expected_keys);
  CollectSlots();
  return absl::OkStatus();
}

SowTopic::Index::Index(const SowTopic& topic, FieldIndex::Kind kind, std::vector<FieldSlot> slots)
    : index(kind, std::move(slots)) {
  const SowContext& context = topic.context_;
  readers.message = FieldReader(context.type, context.fields, index.slots());
  readers.previous = FieldReader(context.type, context.fields, index.slots());
}

void SowTopic::CollectSlots() {
  slots_ = key_slots_;
  slots_.insert(slots_.end(), key_generator_slots_.begin(), key_generator_slots_.end());
  for (const auto* constructions : {&preprocessing_, &enrichment_}) {
    for (const FieldConstruction& construction : *constructions) {
      const auto slots = construction.expression->slots();
      slots_.insert(slots_.end(), slots.begin(), slots.end());
    }
  }
  std::ranges::sort(slots_);
  slots_.erase(std::unique(slots_.begin(), slots_.end()), slots_.end());
  own_reader_ = FieldReader(context_.type, context_.fields, slots_);
  ++slots_version_;
}

bool SowTopic::WantsMemoIndex(FieldSlot slot) const {
  if (memo_indexes_ >= definition_.memo_indexes_max) return false;
  if (context_.fields.path(slot).envelope != EnvelopeField::kNone) return false;
  return std::ranges::none_of(indexes_, [&](const auto& index) {
    return index->index.kind() == FieldIndex::Kind::kOrdered && index->index.slots()[0] == slot;
  });
}

void SowTopic::MakeMemoIndex(FieldSlot slot) {
  const FieldPath path = context_.fields.path(slot);
  const auto own = context_.fields.Acquire(path);
  if (!own.ok()) return;  // fields_max is reached: queries go on without
  acquired_.push_back(*own);
  indexes_.push_back(
      std::make_unique<Index>(*this, FieldIndex::Kind::kOrdered, std::vector<FieldSlot>{*own}));
  indexes_.back()->index.built_end = 0;
  ++memo_indexes_;
}

}  // namespace fluxgate
