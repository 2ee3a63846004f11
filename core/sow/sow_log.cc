#include "core/sow/sow_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/base/error.h"

namespace fluxgate {
namespace {

constexpr uint64_t kPutBytes = kSowLogFrameBytes + kSowLogPutBytes;

void DoNothing(const absl::Status&) {}

}  // namespace

absl::StatusOr<std::unique_ptr<SowLog>> SowLog::Open(Storage& storage, Options options,
                                                     SowLogSink& sink, Recovery& recovery) {
  if (const absl::Status status = storage.Lock(options.path + ".lock"); !status.ok()) return status;
  std::unique_ptr<SowLog> log(new SowLog(storage, std::move(options)));
  const absl::StatusOr<RecoveredSowLog> recovered =
      RecoverSowLog(storage, log->options_, sink, recovery);
  if (!recovered.ok()) return recovered.status();
  log->next_generation_ = recovered->next_generation;
  log->last_sequence_ = recovery.last_sequence;
  SowLogWriter& writer =
      *(log->current_ = std::make_unique<SowLogWriter>(
            storage, SowLogGenerationPath(log->options_.path, recovered->generation),
            recovered->generation, recovered->bytes));
  if (recovered->bytes == 0) writer.Begin(log->options_.message_type, log->options_.topic);
  if (!recovered->snapshot_ended || recovered->bytes == 0) {
    writer.EndSnapshot(log->last_sequence_);
    writer.Flush();
    // A compaction must not become durable before there is a generation to fall back to.
    storage.Commit(DoNothing);
  }
  return log;
}

absl::Status SowLog::CheckSize(const LoggedRecord& record) const {
  const uint64_t bytes =
      kSowLogPutBytes + record.key_text.size() + record.topic.size() + record.body.size();
  if (bytes <= options_.entry_bytes_max) return absl::OkStatus();
  return MakeError(ErrorCode::kMessageTooLarge,
                   fmt::format("a stored record of {} bytes is over the limit of {}", bytes,
                               options_.entry_bytes_max));
}

void SowLog::Put(const LoggedRecord& record) {
  last_sequence_ = std::max(last_sequence_, record.sequence);
  current_->Put(record);
  if (compacting()) next_->Put(record);
}

void SowLog::Delete(const LoggedDelete& change) {
  last_sequence_ = std::max(last_sequence_, change.sequence);
  current_->Delete(change);
  if (compacting()) next_->Delete(change);
}

void SowLog::Flush() {
  current_->Flush();
  if (compacting()) next_->Flush();
}

bool SowLog::WantsCompaction(uint64_t live_records, uint64_t live_text_bytes) const {
  if (compacting()) return false;
  const uint64_t live_bytes = live_text_bytes + live_records * kPutBytes;
  return bytes() > 2 * live_bytes + options_.compact_bytes_min;
}

void SowLog::BeginCompaction() {
  const uint64_t generation = next_generation_++;
  next_ = std::make_unique<SowLogWriter>(storage_, SowLogGenerationPath(options_.path, generation),
                                         generation, 0);
  next_->Begin(options_.message_type, options_.topic);
}

void SowLog::CompactPut(const LoggedRecord& record) { next_->Put(record); }

void SowLog::EndCompaction() {
  next_->EndSnapshot(last_sequence_);
  Flush();
  storage_.Commit(DoNothing);
  const std::string old_path = current_->path();
  current_ = std::move(next_);
  storage_.RemoveFile(old_path);
}

}  // namespace fluxgate
