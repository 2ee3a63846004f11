// Writes one generation of a stored topic's log: gathers entries, hands them to the storage.
// Reactor thread.
#ifndef FLUXGATE_CORE_SOW_SOW_LOG_WRITER_H_
#define FLUXGATE_CORE_SOW_SOW_LOG_WRITER_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "core/sow/sow_log_format.h"
#include "core/storage/storage.h"

namespace fluxgate {

class SowLogWriter {
 public:
  // Gathered bytes are handed over at this size without being asked for.
  static constexpr size_t kGatheredBytesMax = size_t{1} << 20;

  // Opens the file; `size`: what it holds. `storage` must outlive this.
  SowLogWriter(Storage& storage, std::string path, uint64_t generation, uint64_t size);
  // Closes the file; what was not flushed is lost.
  ~SowLogWriter();
  SowLogWriter(const SowLogWriter&) = delete;
  SowLogWriter& operator=(const SowLogWriter&) = delete;

  // The first of a new file.
  void Begin(std::string_view message_type, std::string_view topic);
  void Put(const LoggedRecord& record);
  void Delete(const LoggedDelete& change);
  void EndSnapshot(uint64_t last_sequence);
  // Hands over to the storage.
  void Flush();

  const std::string& path() const { return path_; }
  uint64_t generation() const { return generation_; }
  uint64_t size() const { return size_ + gathered_.size(); }  // also what is not written yet

 private:
  void Wrote();

  Storage& storage_;
  const std::string path_;
  const uint64_t generation_;
  const uint32_t seed_;
  const Storage::FileId file_;
  uint64_t size_;  // without what is gathered
  std::string gathered_;
};

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_SOW_SOW_LOG_WRITER_H_
