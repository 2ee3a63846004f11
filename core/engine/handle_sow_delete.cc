// sow_delete: records by filter, by SOW keys or by the key fields of a body.
#include <fmt/format.h>

#include <algorithm>

#include "core/engine/engine.h"

namespace fluxgate {

absl::Status Engine::HandleSowDelete(Session& session, const Command& command) {
  if (absl::Status status = CheckIds(command); !status.ok()) return status;
  if (!command.bookmark.empty()) {
    return MakeError(ErrorCode::kNotBuilt, "queues are not built yet");
  }
  const bool by_filter = !command.filter.empty();
  const bool by_keys = !command.sow_keys.empty() || !command.sow_key.empty();
  const bool by_body = !command.body.empty();
  if (by_filter + by_keys + by_body != 1) {
    return MakeError(ErrorCode::kBadCommand,
                     "sow_delete needs one of a filter, SOW keys and a body");
  }
  auto options = ParseSubscribeOptions(command.options);
  if (!options.ok()) return options.status();
  auto pattern = CompileTopic(command, *options);
  if (!pattern.ok()) return pattern.status();
  auto spec = MakeQuery(session, command, *options, *std::move(pattern));
  if (!spec.ok()) return spec.status();
  std::vector<SowTopic*> topics = StoredTopics(session, command.topic, spec->topic_pattern.get());
  std::erase_if(topics,
                [](const SowTopic* topic) { return topic->kind() != SowTopic::Kind::kTopic; });
  if (topics.empty()) {
    return MakeError(ErrorCode::kTopicNotStored,
                     fmt::format("topic {} keeps no records that can be deleted", command.topic));
  }
  for (const SowTopic* topic : topics) {
    if (topic->is_persistent() && !storage_->status().ok()) return storage_->status();
  }
  if (by_filter) {
    auto filter = CompileFilter(session, command.filter, true);
    if (!filter.ok()) return filter.status();
    spec->filter = *std::move(filter);
  }
  if (absl::Status status = GuardDelete(session, command, *spec); !status.ok()) return status;
  if (by_body) {
    if (spec->topic_pattern != nullptr) {
      return MakeError(ErrorCode::kBadTopic, "a body names a record of one topic");
    }
    TopicState& topic = session.table->Resolve(command.topic);
    SowTopic& sow = *topics.front();
    RecordReaders& readers = session.table->Readers(topic, sow.slots(), sow.slots_version());
    const auto key = sow.KeyOf(command.topic, command.body, readers, sow_scratch_);
    if (!key.ok()) return key.status();
    spec->by_keys = true;
    spec->keys.push_back(fmt::format("{}", *key));
  }
  auto query = std::make_unique<RunningQuery>();
  query->deletes = true;
  query->is_persistent = std::ranges::any_of(topics, &SowTopic::is_persistent);
  query->query = std::make_unique<SowQuery>(*std::move(spec), std::move(topics));
  StartQuery(session, command, std::move(query));
  return absl::OkStatus();
}

bool Engine::RemoveRecord(SubscriptionTable& table, SowTopic& sow, const Record& record,
                          OutOfFocusReason reason) {
  const Record* now = sow.store().Find(record.key);
  if (now == nullptr || now->sequence != record.sequence) return false;
  TopicState& topic = table.Resolve(sow.TopicOf(record));
  RecordReaders& readers = table.Readers(topic, sow.slots(), sow.slots_version());
  const RecordChange change =
      sow.Remove(record.key, reason, readers, topic.tracks_records(), sow_scratch_);
  delivery_.DeliverChange(table, topic, sow, change, sow_scratch_, {});
  if (observer_ != nullptr) {
    observer_->OnRecordRemoved(table.message_type().name(), sow.TopicOf(record), record, reason);
  }
  return true;
}

}  // namespace fluxgate
