// What a stored topic's files say at start: chooses the generation that holds, gives its records
// out, cuts off what was never acknowledged and removes the other generations.
//
// The highest generation with an end of snapshot holds. A higher one without is a compaction that
// was interrupted: while one runs, every change goes to the generation before, too, and that is
// removed only when the new one is durable up to its end of snapshot. Nothing that was acknowledged
// is only in what is discarded. What was given out is durable before anything is removed.
#ifndef FLUXGATE_CORE_SOW_SOW_LOG_RECOVERY_H_
#define FLUXGATE_CORE_SOW_SOW_LOG_RECOVERY_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "core/sow/sow_log_format.h"
#include "core/storage/storage.h"

namespace fluxgate {

// Takes what a log holds, in order: the last Put or Delete of a key counts. Views are good during
// the call.
class SowLogSink {
 public:
  virtual ~SowLogSink() = default;
  // An error ends the recovery with it.
  virtual absl::Status Put(const LoggedRecord& record) = 0;
  // Also of keys that there are none of.
  virtual void Delete(const LoggedDelete& change) = 0;
};

struct SowLogOptions {
  std::string path;  // generations are `path`.000001 and so on
  std::string topic;
  std::string message_type;
  // A damaged file: keep what stands before the damage instead of refusing.
  bool recover_to_last_good = false;
  // A log is not compacted while it is not longer by this than twice what lives.
  uint64_t compact_bytes_min = uint64_t{16} << 20;
  // Of one entry; smaller only in tests, what was written must stay readable.
  uint64_t entry_bytes_max = kSowLogEntryBytesMax;
};

struct SowLogRecovery {
  uint64_t generation = 0;
  uint64_t records = 0;  // puts given out, those overwritten later included
  uint64_t deletes = 0;
  uint64_t bytes = 0;          // of the file that is kept
  uint64_t last_sequence = 0;  // no change that was recovered is later; 0: there was none
  uint64_t torn_bytes = 0;     // cut off, never acknowledged
  // With `recover_to_last_good`: what was wrong, and how much was dropped. Empty: nothing.
  std::string damage;
  uint64_t bytes_dropped = 0;
};

struct RecoveredSowLog {
  uint64_t generation = 1;       // to go on with
  uint64_t bytes = 0;            // it holds; 0: it is to be begun
  bool snapshot_ended = false;   // and its end of snapshot is written
  uint64_t next_generation = 2;  // no file has this or a higher one
};

std::string SowLogGenerationPath(const std::string& path, uint64_t generation);

// The path is locked. kStorageDamaged names the file, the byte and what is wrong there; then the
// files are as they were, but `sink` may have got records.
absl::StatusOr<RecoveredSowLog> RecoverSowLog(Storage& storage, const SowLogOptions& options,
                                              SowLogSink& sink, SowLogRecovery& recovery);

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_SOW_SOW_LOG_RECOVERY_H_
