// Reads one generation of a stored topic's log, entry by entry, and says how it ends: as it should,
// with a torn write, or with damage.
//
// What a crash may leave of writes that were not committed is a part of them, from their begin on,
// whose end may be garbage or zeros; that is cut off, nothing of it was acknowledged. Everything
// else is damage. An entry that is not as it was written is a torn write when no valid entry stands
// anywhere behind it, and one of these is true:
//   - by its own length it reaches to the end of the file or beyond,
//   - behind its own end the file holds zeros only,
//   - no more than kTornTailBytesMax bytes are left of the file.
// Of the bytes that make a file a log, before the first entry, only zeros may be a torn write.
// A file system that keeps a later part of uncommitted writes and not an earlier one gives damage
// by this rule: an error and a decision for people, but never a silent loss. Likewise damage of
// exactly the last entry cannot be told from a torn write, and is taken for one.
#ifndef FLUXGATE_CORE_SOW_SOW_LOG_READER_H_
#define FLUXGATE_CORE_SOW_SOW_LOG_READER_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "core/sow/sow_log_format.h"
#include "core/storage/storage.h"

namespace fluxgate {

class SowLogReader {
 public:
  static constexpr size_t kChunkBytes = size_t{1} << 20;
  static constexpr uint64_t kTornTailBytesMax = 512;  // what disks write at least
  // Looking for valid entries behind a bad one checksums this many times the bytes that are left,
  // and no less than a chunk; what cannot be told apart within that is damage.
  static constexpr uint64_t kScanWorkFactor = 4;

  enum class End : uint8_t { kNone, kClean, kTorn, kDamaged };

  SowLogReader(std::unique_ptr<StorageReader> file, uint64_t generation,
               uint64_t entry_bytes_max = kSowLogEntryBytesMax);

  // False at the end, then `end` says which. `entry` is good until the next call. Errors: of
  // reading, and kStorageDamaged when the file is no log or of another version.
  absl::StatusOr<bool> Next(SowLogEntry& entry);

  End end() const { return end_; }
  // Behind the last entry that Next gave: where a bad end begins.
  uint64_t offset() const { return offset_; }
  uint64_t size() const { return size_; }
  // What is wrong at `offset`, for people; of a bad end.
  const std::string& what() const { return what_; }

 private:
  // False: it is a torn write, which is the end.
  absl::StatusOr<bool> ReadHead();
  // Sees to `bytes` bytes behind the front being in the buffer; they are in the file.
  absl::Status Fill(uint64_t bytes);
  void Advance(uint64_t bytes);
  bool EndWith(End end, std::string what);
  // Whether a valid entry begins at the front; takes what it costs off `work`.
  absl::StatusOr<bool> FindsEntry(uint64_t& work);
  absl::StatusOr<bool> OnlyZerosAreLeft();
  // Decides about the bytes from the front on; `claimed_end`: of the bad entry, by its length.
  absl::StatusOr<bool> Judge(uint64_t claimed_end, std::string what);

  const char* front() const { return buffer_.get() + begin_; }
  uint64_t left() const { return size_ - front_offset_; }

  const std::unique_ptr<StorageReader> file_;
  const uint32_t seed_;
  const uint64_t entry_bytes_max_;
  const uint64_t size_;
  std::unique_ptr<char[]> buffer_;
  size_t capacity_ = 0;
  size_t begin_ = 0;  // the front, and the end of what was read, in the buffer
  size_t filled_ = 0;
  uint64_t front_offset_ = 0;  // of the front, in the file
  uint64_t offset_ = 0;
  End end_ = End::kNone;
  std::string what_;
};

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_SOW_SOW_LOG_READER_H_
