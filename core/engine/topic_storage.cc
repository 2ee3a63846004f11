#include "core/engine/topic_storage.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/base/error.h"

namespace fluxgate {
namespace {

// Records written anew in one slice.
constexpr size_t kRecordsPerSlice = 512;
constexpr size_t kBytesPerSlice = 256 * 1024;
// Compaction waits while more than this waits for the disk: far from holding publishers back.
constexpr uint64_t kCompactionBacklogBytesMax = 4 << 20;

// What a change takes in a log beside its text, roughly.
constexpr uint64_t kChangeBytes = 64;

LoggedRecord Logged(const Record& record, std::string_view topic) {
  return {.sequence = record.sequence,
          .updated_ns = record.updated_ns,
          .expires_ns = record.expires_ns,
          .key = record.key,
          .key_text = record.key_text(),
          .topic = topic,
          .body = record.body()};
}

// What a log holds, on its way into its topic.
class Recovering final : public SowLogSink {
 public:
  explicit Recovering(SowTopic& topic) : topic_(topic) {
    SowContext& context = topic.context();
    readers_.message = FieldReader(context.type, context.fields, topic.slots());
    readers_.previous = FieldReader(context.type, context.fields, topic.slots());
  }

  absl::Status Put(const LoggedRecord& logged) override {
    RecordRef made = topic_.memory().New(logged.key_text, logged.body);
    Record& record = *made.mutable_record();
    record.sequence = logged.sequence;
    record.updated_ns = logged.updated_ns;
    record.expires_ns = logged.expires_ns;
    record.key = logged.key;
    const std::string_view name = topic_.has_pattern() ? logged.topic : topic_.name();
    return topic_.PutRecord(std::move(made), name, readers_, false, scratch_).status();
  }

  void Delete(const LoggedDelete& change) override {
    topic_.Remove(change.key, OutOfFocusReason::kDeleted, readers_, false, scratch_);
  }

 private:
  SowTopic& topic_;
  RecordReaders readers_;
  SowScratch scratch_;
};

}  // namespace

// A topic with its log.
class TopicStorage::TopicLog final : public SowJournal {
 public:
  TopicLog(TopicStorage& storage, SowTopic& topic, std::unique_ptr<SowLog> log)
      : storage_(storage), topic_(topic), log_(std::move(log)) {
    topic_.set_journal(this);
  }
  ~TopicLog() override { topic_.set_journal(nullptr); }

  absl::Status Check(size_t key_bytes, std::string_view topic,
                     std::string_view body) const override {
    if (!storage_.status_.ok()) return storage_.status_;
    LoggedRecord record{};
    record.topic = topic_.has_pattern() ? topic : std::string_view();
    record.body = body;
    static constexpr char kKey[kSowKeyBytesMax] = {};
    record.key_text = {kKey, std::min(key_bytes, kSowKeyBytesMax)};
    return log_->CheckSize(record);
  }

  void Put(const Record& record, std::string_view topic) override {
    log_->Put(Logged(record, Name(topic)));
    storage_.Changed(record.body().size() + kChangeBytes);
  }

  void Remove(const Record& record, std::string_view topic, uint64_t sequence) override {
    log_->Delete({.sequence = sequence,
                  .key = record.key,
                  .key_text = record.key_text(),
                  .topic = Name(topic)});
    storage_.Changed(kChangeBytes);
  }

  SowLog& log() { return *log_; }
  bool WantsSlice() const {
    return log_->compacting() ||
           log_->WantsCompaction(topic_.store().size(), topic_.store().text_bytes());
  }

  bool CompactSlice() {
    const RecordStore& store = topic_.store();
    if (!log_->compacting()) {
      if (!log_->WantsCompaction(store.size(), store.text_bytes())) return false;
      log_->BeginCompaction();
      next_slot_ = 0;
      slot_end_ = store.slot_end();
    }
    // Records as they are now: what changed since the begin is in the new generation already.
    size_t bytes = 0;
    for (size_t i = 0; i < kRecordsPerSlice && bytes < kBytesPerSlice && next_slot_ < slot_end_;
         ++i) {
      const Record* record = store.at(next_slot_++);
      if (record == nullptr) continue;
      log_->CompactPut(Logged(*record, Name(topic_.TopicOf(*record))));
      bytes += record->text_bytes();
    }
    log_->Flush();
    if (next_slot_ == slot_end_) log_->EndCompaction();
    return true;
  }

 private:
  // In a file of one topic it need not be said every time.
  std::string_view Name(std::string_view topic) const {
    return topic_.has_pattern() ? topic : std::string_view();
  }

  TopicStorage& storage_;
  SowTopic& topic_;
  const std::unique_ptr<SowLog> log_;
  uint32_t next_slot_ = 0;
  uint32_t slot_end_ = 0;
};

TopicStorage::TopicStorage(Storage& storage,
                           std::function<void(std::function<void()>)> at_end_of_batch,
                           std::function<void()> stored)
    : storage_(storage), at_end_of_batch_(std::move(at_end_of_batch)), stored_(std::move(stored)) {}

TopicStorage::~TopicStorage() {
  for (const auto& log : logs_) log->log().Flush();
  // Whoever asked is gone; the bytes are written all the same.
  storage_.Commit([](const absl::Status&) {});
}

absl::Status TopicStorage::Open(SowTopic& topic, uint64_t& sequence,
                                std::vector<std::string>& notes) {
  const SowTopicDefinition& definition = topic.definition();
  SowLog::Options options;
  options.path = definition.file_name;
  options.topic = definition.name;
  options.message_type = std::string(topic.context().type.name());
  options.recover_to_last_good = definition.recover_to_last_good;
  Recovering sink(topic);
  SowLog::Recovery recovery;
  auto log = SowLog::Open(storage_, std::move(options), sink, recovery);
  if (!log.ok()) {
    return MakeError(ErrorCodeOf(log.status()),
                     fmt::format("stored topic {}: {}", definition.name, ErrorText(log.status())));
  }
  sequence = std::max(sequence, recovery.last_sequence);
  notes.push_back(fmt::format("topic {}: {} records from {}", definition.name, topic.store().size(),
                              definition.file_name));
  if (!recovery.damage.empty()) {
    notes.push_back(fmt::format("topic {}: recovered to the last good record, {} bytes dropped: {}",
                                definition.name, recovery.bytes_dropped, recovery.damage));
  }
  logs_.push_back(std::make_unique<TopicLog>(*this, topic, *std::move(log)));
  return absl::OkStatus();
}

void TopicStorage::Changed(uint64_t bytes) {
  gathered_bytes_ += bytes;
  changed_ = true;
  if (scheduled_ || committing_) return;
  scheduled_ = true;
  at_end_of_batch_([this, alive = std::weak_ptr<bool>(alive_)] {
    if (alive.expired()) return;
    scheduled_ = false;
    if (!committing_) Commit();
  });
}

void TopicStorage::Commit() {
  if (!changed_) return;
  changed_ = false;
  committing_ = true;
  gathered_bytes_ = 0;
  for (const auto& log : logs_) log->log().Flush();
  storage_.Commit(
      [this, ticket = current_++, alive = std::weak_ptr<bool>(alive_)](const absl::Status& status) {
        if (!alive.expired()) Committed(ticket, status);
      });
}

void TopicStorage::Committed(Ticket ticket, const absl::Status& status) {
  committing_ = false;
  if (status.ok()) {
    durable_ = ticket;
  } else if (status_.ok()) {
    status_ = status;
    // What was gathered meanwhile goes nowhere.
    gathered_bytes_ = 0;
    changed_ = false;
  }
  // What came meanwhile goes next, all of it together.
  if (status_.ok()) Commit();
  stored_();
}

bool TopicStorage::WantsSlice() const {
  if (!status_.ok() || storage_.waiting_bytes() > kCompactionBacklogBytesMax) return false;
  return std::ranges::any_of(logs_, [](const auto& log) { return log->WantsSlice(); });
}

bool TopicStorage::RunSlice() {
  if (!status_.ok() || storage_.waiting_bytes() > kCompactionBacklogBytesMax) return false;
  bool more = false;
  for (const auto& log : logs_) more |= log->CompactSlice();
  return more;
}

}  // namespace fluxgate
