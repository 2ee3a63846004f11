#include "core/sow/sow_log_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "core/base/error.h"

namespace fluxgate {

SowLogReader::SowLogReader(std::unique_ptr<StorageReader> file, uint64_t generation,
                           uint64_t entry_bytes_max)
    : file_(std::move(file)),
      seed_(SowLogSeed(generation)),
      entry_bytes_max_(entry_bytes_max),
      size_(file_->size()) {}

absl::Status SowLogReader::Fill(uint64_t bytes) {
  if (filled_ - begin_ >= bytes) return absl::OkStatus();
  if (begin_ + bytes > capacity_) {
    if (bytes + kChunkBytes > capacity_) {
      const size_t capacity = std::min<uint64_t>(bytes + 2 * kChunkBytes, left());
      // Not cleared: a gigabyte of zeros first would be felt.
      std::unique_ptr<char[]> buffer(new char[capacity]);
      if (filled_ > begin_) std::memcpy(buffer.get(), front(), filled_ - begin_);
      buffer_ = std::move(buffer);
      capacity_ = capacity;
    } else {
      std::memmove(buffer_.get(), front(), filled_ - begin_);
    }
    filled_ -= begin_;
    begin_ = 0;
  }
  while (filled_ - begin_ < bytes) {
    // A chunk at a time, but an entry that is longer at once.
    const size_t wanted = std::max<size_t>(kChunkBytes, bytes - (filled_ - begin_));
    const auto read =
        file_->Read(buffer_.get() + filled_, std::min<size_t>(wanted, capacity_ - filled_));
    if (!read.ok()) return read.status();
    if (*read == 0) {
      return MakeError(ErrorCode::kStorageFailed, "the file became shorter while it was read");
    }
    filled_ += *read;
  }
  return absl::OkStatus();
}

void SowLogReader::Advance(uint64_t bytes) {
  begin_ += bytes;
  front_offset_ += bytes;
}

bool SowLogReader::EndWith(End end, std::string what) {
  end_ = end;
  what_ = std::move(what);
  return false;
}

absl::StatusOr<bool> SowLogReader::OnlyZerosAreLeft() {
  while (left() > 0) {
    if (const absl::Status status = Fill(1); !status.ok()) return status;
    if (*front() != '\0') return false;
    Advance(1);
  }
  return true;
}

absl::StatusOr<bool> SowLogReader::ReadHead() {
  constexpr char kTorn[] = "the file ends in its header";
  if (size_ < kSowLogFileBytesMin) return EndWith(End::kTorn, kTorn);
  if (const absl::Status status = Fill(kSowLogHeadBytes); !status.ok()) return status;
  std::string expected;
  AppendSowLogHead(expected);
  const std::string head(front(), kSowLogHeadBytes);
  const size_t same =
      std::mismatch(head.begin(), head.end(), expected.begin()).first - head.begin();
  Advance(same);
  if (same == kSowLogHeadBytes) {
    offset_ = front_offset_;
    return true;
  }
  const absl::StatusOr<bool> torn = OnlyZerosAreLeft();
  if (!torn.ok()) return torn.status();
  if (*torn) return EndWith(End::kTorn, kTorn);
  if (same < kSowLogMagic.size()) {
    return MakeError(ErrorCode::kStorageDamaged,
                     fmt::format("not a log of a stored topic (at byte {})", same));
  }
  return MakeError(ErrorCode::kStorageDamaged,
                   fmt::format("its format is version {}, this program knows {} (at byte {})",
                               ReadSowLogU32(head.data() + kSowLogMagic.size()), kSowLogVersion,
                               kSowLogMagic.size()));
}

absl::StatusOr<bool> SowLogReader::Next(SowLogEntry& entry) {
  if (end_ != End::kNone) return false;
  if (front_offset_ == 0) {
    const absl::StatusOr<bool> head = ReadHead();
    if (!head.ok() || !*head) return head;
  }
  if (left() == 0) return EndWith(End::kClean, "");
  if (left() <= kSowLogFrameBytes) return Judge(size_, "the file ends inside an entry");
  if (const absl::Status status = Fill(kSowLogFrameBytes); !status.ok()) return status;
  const uint64_t length = ReadSowLogU32(front() + sizeof(uint32_t));
  if (length == 0 || length > entry_bytes_max_) {
    return Judge(front_offset_ + kSowLogFrameBytes,
                 fmt::format("an entry cannot have {} bytes", length));
  }
  const uint64_t claimed_end = front_offset_ + kSowLogFrameBytes + length;
  if (claimed_end > size_) {
    return Judge(claimed_end, fmt::format("an entry of {} bytes reaches beyond the file", length));
  }
  if (const absl::Status status = Fill(kSowLogFrameBytes + length); !status.ok()) return status;
  const std::string_view bytes(front() + sizeof(uint32_t), sizeof(uint32_t) + length);
  if (SowLogChecksum(seed_, front_offset_, bytes) != ReadSowLogU32(front())) {
    return Judge(claimed_end, fmt::format("an entry of {} bytes has a wrong checksum", length));
  }
  const std::string_view content = bytes.substr(sizeof(uint32_t));
  if (!IsPlausibleSowLogEntry(content, length)) {
    return EndWith(End::kDamaged, fmt::format("an entry of {} bytes is of no known kind", length));
  }
  ParseSowLogEntry(content, entry);
  Advance(kSowLogFrameBytes + length);
  offset_ = front_offset_;
  return true;
}

absl::StatusOr<bool> SowLogReader::FindsEntry(uint64_t& work) {
  if (left() < kSowLogFrameBytes) return false;
  if (const absl::Status status = Fill(kSowLogFrameBytes); !status.ok()) return status;
  const uint64_t length = ReadSowLogU32(front() + sizeof(uint32_t));
  if (length == 0 || length > entry_bytes_max_ || length > left() - kSowLogFrameBytes) return false;
  const size_t start = std::min<uint64_t>(length, kSowLogPutBytes);
  if (const absl::Status status = Fill(kSowLogFrameBytes + start); !status.ok()) return status;
  if (!IsPlausibleSowLogEntry({front() + kSowLogFrameBytes, start}, length)) return false;
  if (const absl::Status status = Fill(kSowLogFrameBytes + length); !status.ok()) return status;
  work -= std::min(work, length);
  return SowLogChecksum(seed_, front_offset_,
                        {front() + sizeof(uint32_t), sizeof(uint32_t) + length}) ==
         ReadSowLogU32(front());
}

absl::StatusOr<bool> SowLogReader::Judge(uint64_t claimed_end, std::string what) {
  const uint64_t bad = front_offset_;
  uint64_t work = std::max<uint64_t>(kChunkBytes, kScanWorkFactor * left());
  uint64_t nonzero_end = bad;
  while (left() > 0) {
    if (front_offset_ > bad) {
      const absl::StatusOr<bool> found = FindsEntry(work);
      if (!found.ok()) return found.status();
      if (*found) {
        return EndWith(End::kDamaged, fmt::format("{}, but a valid entry follows at byte {}", what,
                                                  front_offset_));
      }
      if (work == 0) {
        return EndWith(End::kDamaged, fmt::format("{}, and what follows is unclear", what));
      }
    }
    if (const absl::Status status = Fill(1); !status.ok()) return status;
    if (*front() != '\0') nonzero_end = front_offset_ + 1;
    Advance(1);
  }
  const bool torn =
      claimed_end >= size_ || nonzero_end <= claimed_end || size_ - bad <= kTornTailBytesMax;
  return EndWith(torn ? End::kTorn : End::kDamaged, std::move(what));
}

}  // namespace fluxgate
