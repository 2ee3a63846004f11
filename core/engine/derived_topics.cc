#include "core/engine/derived_topics.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/base/error.h"
#include "core/engine/engine.h"
#include "core/sow/conflated_topic.h"
#include "core/sow/view_plan.h"

namespace fluxgate {
namespace {

absl::Status Prefixed(std::string_view what, std::string_view name, const absl::Status& status) {
  return MakeError(ErrorCodeOf(status), fmt::format("{} {}: {}", what, name, ErrorText(status)));
}

// A list's parts, each with its length in front: no two lists have the same text.
void AppendKey(std::string& key, const std::vector<std::string>& parts) {
  key += fmt::format("{};", parts.size());
  for (const std::string& part : parts) key += fmt::format("{}:{}", part.size(), part);
}

}  // namespace

absl::Status Engine::Define(const ConflatedTopicDefinition& definition) {
  return derived_.Define(definition);
}

absl::Status Engine::Define(const ViewDefinition& definition) {
  return derived_.Define(definition);
}

AggregatedTopic::AggregatedTopic(DerivedTopics& owner, std::string key, std::string_view topic)
    : owner_(owner), key_(std::move(key)), state_(topic) {
  state_.takes_patterns = false;
}

AggregatedTopic::~AggregatedTopic() {
  if (std::erase(owner_.aggregated_list_, this) != 0) owner_.aggregated_.erase(key_);
}

// Enters records and tells their subscribers.
class DerivedTopics::Output final : public DerivedOutput {
 public:
  Output(DerivedTopics& topics, SowTopic& records, AggregatedTopic* aggregated)
      : topics_(topics),
        records_(records),
        aggregated_(aggregated),
        table_(*topics.tables_.find(records.context().type.name())->second),
        // Nobody has been told anything of a view that is still being filled.
        tells_(aggregated == nullptr || aggregated->view_->is_filled()) {}

  void Put(RecordRef record) override {
    record.mutable_record()->sequence = tells_ ? ++topics_.sequence_ : aggregated_->begin_sequence_;
    TopicState& topic = State();
    RecordReaders& readers = table_.Readers(topic, records_.slots(), records_.slots_version());
    const auto change = records_.PutRecord(std::move(record), records_.name(), readers,
                                           topic.tracks_records(), topics_.scratch_);
    // Derived topics have neither a limit of their own nor a pattern: nothing refuses a record.
    if (!change.ok() || !tells_) return;
    topics_.delivery_.DeliverChange(table_, topic, records_, *change, topics_.scratch_, {});
  }

  void Remove(uint64_t key, OutOfFocusReason reason) override {
    if (records_.store().Find(key) == nullptr) return;
    TopicState& topic = State();
    RecordReaders& readers = table_.Readers(topic, records_.slots(), records_.slots_version());
    const RecordChange change =
        records_.Remove(key, reason, readers, topic.tracks_records(), topics_.scratch_);
    if (!tells_) return;
    topics_.delivery_.DeliverChange(table_, topic, records_, change, topics_.scratch_, {});
  }

 private:
  TopicState& State() {
    return aggregated_ != nullptr ? aggregated_->state_ : table_.Resolve(records_.name());
  }

  DerivedTopics& topics_;
  SowTopic& records_;
  AggregatedTopic* const aggregated_;
  SubscriptionTable& table_;
  const bool tells_;
};

DerivedTopics::DerivedTopics(ChangeDelivery& delivery, const Tables& tables,
                             const Catalogs& catalogs, uint64_t& sequence,
                             std::function<void()> wake)
    : delivery_(delivery),
      tables_(tables),
      catalogs_(catalogs),
      sequence_(sequence),
      wake_(std::move(wake)) {}

DerivedTopics::~DerivedTopics() = default;

absl::StatusOr<SowCatalog*> DerivedTopics::CatalogOf(std::string_view type) const {
  const auto found = catalogs_.find(type);
  if (found != catalogs_.end()) return found->second.get();
  return MakeError(ErrorCode::kMessageType, fmt::format("message type {} is unknown", type));
}

absl::StatusOr<SowTopic*> DerivedTopics::FindSource(std::string_view topic, std::string_view type,
                                                    std::string_view own_type) const {
  SowTopic* found = nullptr;
  size_t count = 0;
  for (const auto& [name, catalog] : catalogs_) {
    if (!type.empty() && name != type) continue;
    SowTopic* candidate = catalog->FindDefined(topic);
    if (candidate == nullptr) continue;
    if (name == own_type) return candidate;
    found = candidate;
    ++count;
  }
  if (count == 1) return found;
  return MakeError(ErrorCode::kBadTopic,
                   count == 0 ? fmt::format("{} is no stored topic defined before", topic)
                              : fmt::format("{} is there with several message types", topic));
}

absl::Status DerivedTopics::Define(const ConflatedTopicDefinition& definition) {
  constexpr std::string_view kWhat = "conflated topic";
  const auto catalog = CatalogOf(definition.message_type);
  if (!catalog.ok()) return Prefixed(kWhat, definition.name, catalog.status());
  const auto source = FindSource(definition.source, "", definition.message_type);
  if (!source.ok()) return Prefixed(kWhat, definition.name, source.status());
  const auto output = ConflatedTopic::OutputDefinition(definition, **source);
  if (!output.ok()) return Prefixed(kWhat, definition.name, output.status());
  auto records = SowTopic::Create(*output, (*catalog)->context(), SowTopic::Kind::kConflatedTopic);
  if (!records.ok()) return records.status();
  SowTopic& entered = **records;
  if (absl::Status status = (*catalog)->Add(*std::move(records)); !status.ok()) return status;
  auto topic = ConflatedTopic::Create(definition, **source, entered);
  if (!topic.ok()) return Prefixed(kWhat, definition.name, topic.status());
  (*topic)->OnWork(wake_);
  parts_.push_back({*std::move(topic), &entered});
  return absl::OkStatus();
}

absl::Status DerivedTopics::Define(const ViewDefinition& definition) {
  constexpr std::string_view kWhat = "view";
  const auto catalog = CatalogOf(definition.message_type);
  if (!catalog.ok()) return Prefixed(kWhat, definition.name, catalog.status());
  const auto find = [&](std::string_view topic, std::string_view type) {
    return FindSource(topic, type, definition.message_type);
  };
  auto plan = ViewPlan::Compile(definition, (*catalog)->context(), find);
  if (!plan.ok()) return Prefixed(kWhat, definition.name, plan.status());
  auto records =
      SowTopic::Create((*plan)->OutputDefinition(), (*catalog)->context(), SowTopic::Kind::kView);
  if (!records.ok()) return records.status();
  SowTopic& entered = **records;
  if (absl::Status status = (*catalog)->Add(*std::move(records)); !status.ok()) return status;
  auto view = std::make_unique<View>(*std::move(plan), entered);
  view->OnWork(wake_);
  parts_.push_back({std::move(view), &entered});
  return absl::OkStatus();
}

absl::StatusOr<std::shared_ptr<AggregatedTopic>> DerivedTopics::Aggregate(SowTopic& source,
                                                                          std::string_view filter,
                                                                          ViewDefinition definition,
                                                                          const ClientFacts& client,
                                                                          size_t views_max) {
  SowContext& context = source.context();
  definition.name = source.name();
  definition.source = source.name();
  definition.message_type = context.type.name();
  std::string key;
  AppendKey(key, {definition.message_type, definition.name, std::string(filter)});
  AppendKey(key, definition.grouping);
  AppendKey(key, definition.projection);
  const auto known = aggregated_.find(key);
  if (known != aggregated_.end()) return known->second.lock();
  if (aggregated_.size() >= views_max) {
    return MakeError(ErrorCode::kQuotaExceeded,
                     fmt::format("{} different aggregations are in use; no more", views_max));
  }
  const auto find = [&](std::string_view topic,
                        std::string_view type) -> absl::StatusOr<SowTopic*> {
    const bool is_type = type.empty() || type == context.type.name();
    if (is_type && topic == source.name()) return &source;
    return MakeError(ErrorCode::kBadTopic,
                     fmt::format("{} is not the topic that is aggregated", topic));
  };
  auto plan = ViewPlan::Compile(definition, context, find, &client);
  if (!plan.ok()) return plan.status();
  auto records = SowTopic::Create((*plan)->OutputDefinition(), context, SowTopic::Kind::kView);
  if (!records.ok()) return records.status();
  std::shared_ptr<AggregatedTopic> topic(new AggregatedTopic(*this, key, source.name()));
  topic->records_ = *std::move(records);
  topic->view_ = std::make_unique<View>(*std::move(plan), *topic->records_);
  topic->view_->OnWork(wake_);
  topic->begin_sequence_ = sequence_;
  aggregated_.emplace(std::move(key), topic);
  aggregated_list_.push_back(topic.get());
  wake_();
  return topic;
}

bool DerivedTopics::RunSliceOf(size_t at) {
  if (at < parts_.size()) {
    Output output(*this, *parts_[at].records, nullptr);
    return parts_[at].topic->RunSlice(output);
  }
  AggregatedTopic& topic = *aggregated_list_[at - parts_.size()];
  if (!topic.view_->HasWork()) return topic.records_->RunSlice();
  Output output(*this, *topic.records_, &topic);
  return topic.view_->RunSlice(output);
}

bool DerivedTopics::RunSlice() {
  const size_t count = parts_.size() + aggregated_list_.size();
  for (size_t tried = 0; tried < count; ++tried) {
    if (next_ >= count) next_ = 0;
    if (RunSliceOf(next_++)) return true;
  }
  return false;
}

bool DerivedTopics::HasWork() const {
  return std::ranges::any_of(parts_, [](const Part& part) { return part.topic->HasWork(); }) ||
         std::ranges::any_of(aggregated_list_,
                             [](const auto* topic) { return topic->view_->HasWork(); });
}

uint64_t DerivedTopics::bytes() const {
  uint64_t bytes = 0;
  for (const Part& part : parts_) bytes += part.topic->bytes();
  for (const AggregatedTopic* topic : aggregated_list_) bytes += topic->view_->bytes();
  return bytes;
}

}  // namespace fluxgate
