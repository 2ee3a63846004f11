// The log of one stored topic: every change is appended, at start the file is read back. The format
// and what a crash may leave are in README.md.
//
// Reactor thread. A change is durable when a Storage::Commit that was asked for after Flush is done
// with OK; the caller commits for all logs together. After a failure of the storage nothing is
// written any more, and every later commit says so; the log itself reports nothing.
#ifndef FLUXGATE_CORE_SOW_SOW_LOG_H_
#define FLUXGATE_CORE_SOW_SOW_LOG_H_

#include <cstdint>
#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/sow/sow_log_recovery.h"
#include "core/sow/sow_log_writer.h"
#include "core/storage/storage.h"

namespace fluxgate {

class SowLog {
 public:
  using Options = SowLogOptions;
  using Recovery = SowLogRecovery;

  // At start. Locks `path`.lock, gives what the log holds to `sink`. `storage` must outlive the
  // log. Errors: RecoverSowLog's, and a path that is locked.
  static absl::StatusOr<std::unique_ptr<SowLog>> Open(Storage& storage, Options options,
                                                      SowLogSink& sink, Recovery& recovery);

  // kMessageTooLarge above Options::entry_bytes_max: for before a change is made.
  absl::Status CheckSize(const LoggedRecord& record) const;

  // Sizes were checked. Sequences rise.
  void Put(const LoggedRecord& record);
  void Delete(const LoggedDelete& change);
  // Hands to the storage what was gathered.
  void Flush();

  // ---- Compaction: the live records go to a new generation in slices. Changes in between go to
  // both generations, so that a record may be written before or after it changes. A log that is
  // destroyed in between goes on with the old generation. ----

  // `live_text_bytes`: of keys, topics and bodies of the `live_records`.
  bool WantsCompaction(uint64_t live_records, uint64_t live_text_bytes) const;
  bool compacting() const { return next_ != nullptr; }
  // Not while compacting.
  void BeginCompaction();
  // The other two: only while compacting. Every record that lives when CompactPut would get to it,
  // as it is then.
  void CompactPut(const LoggedRecord& record);
  // The new generation holds from here on; the old one is removed when that is durable.
  void EndCompaction();

  uint64_t generation() const { return current_->generation(); }
  uint64_t bytes() const { return current_->size(); }  // also what is not written yet

 private:
  SowLog(Storage& storage, Options options) : storage_(storage), options_(std::move(options)) {}

  Storage& storage_;
  const Options options_;
  std::unique_ptr<SowLogWriter> current_;
  std::unique_ptr<SowLogWriter> next_;  // while compacting
  uint64_t next_generation_ = 0;
  uint64_t last_sequence_ = 0;
};

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_SOW_SOW_LOG_H_
