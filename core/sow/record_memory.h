// Memory of one topic's records: blocks of some tens of sizes, cut from slabs of 64 KiB that go
// back to the system when they are empty; what is larger is allocated by itself. Counts what it
// takes. One thread.
#ifndef FLUXGATE_CORE_SOW_RECORD_MEMORY_H_
#define FLUXGATE_CORE_SOW_RECORD_MEMORY_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/sow/record.h"

namespace fluxgate {

class RecordMemory {
 public:
  static constexpr size_t kSlabBytes = 64 * 1024;
  static constexpr size_t kBlockBytesMax = 8 * 1024;  // larger records have no slab
  static constexpr size_t kKeyBytesMax = UINT16_MAX;

  RecordMemory();
  // Records may outlive the memory they came from.
  ~RecordMemory();
  RecordMemory(const RecordMemory&) = delete;
  RecordMemory& operator=(const RecordMemory&) = delete;

  // A record with this key and body, everything else zero. At most kKeyBytesMax of key.
  RecordRef New(std::string_view key_text, std::string_view body);
  // What the slabs would grow by at most for a record of this size.
  static size_t BytesFor(size_t key_bytes, size_t body_bytes);

  // Taken from the system.
  uint64_t bytes() const;

 private:
  friend class RecordRef;
  struct SlabHeader;
  struct Pool;

  static void Free(Record* record);

  Pool* const pool_;  // goes with the last record
};

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_SOW_RECORD_MEMORY_H_
