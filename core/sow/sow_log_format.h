// The bytes of a stored topic's log; the picture is in README.md. Numbers are little-endian.
//
// An entry's checksum is also of the file's generation and of the entry's place in it, so that a
// copy of an entry in a message's body, or bytes of a file that was here before, are none.
#ifndef FLUXGATE_CORE_SOW_SOW_LOG_FORMAT_H_
#define FLUXGATE_CORE_SOW_SOW_LOG_FORMAT_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace fluxgate {

// A record as it stands after a change. The texts are views; a key without text is `key` alone.
struct LoggedRecord {
  uint64_t sequence = 0;   // of the change
  int64_t updated_ns = 0;  // wall clock
  int64_t expires_ns = 0;  // wall clock; 0: never
  uint64_t key = 0;        // SOW key
  std::string_view key_text = {};
  std::string_view topic = {};  // of patterns' records; empty: the log's
  std::string_view body = {};
};

struct LoggedDelete {
  uint64_t sequence = 0;
  uint64_t key = 0;
  std::string_view key_text = {};
  std::string_view topic = {};
};

enum class SowLogEntryType : uint8_t {
  kHeader = 1,  // what the log is of
  kPut = 2,
  kDelete = 3,
  kEndOfSnapshot = 4,  // what stands before makes the generation complete
};

struct SowLogEntry {
  SowLogEntryType type = SowLogEntryType::kHeader;
  LoggedRecord record;            // kPut; kDelete: without times and body; others: its sequence
  std::string_view message_type;  // kHeader, whose topic is that of `record`
};

inline constexpr std::string_view kSowLogMagic = "FGSOWLOG";
inline constexpr uint32_t kSowLogVersion = 1;
inline constexpr size_t kSowLogHeadBytes = 12;   // magic, version
inline constexpr size_t kSowLogFrameBytes = 8;   // of an entry: checksum, length
inline constexpr size_t kSowLogHeaderBytes = 9;  // what entries hold besides texts
inline constexpr size_t kSowLogPutBytes = 45;
inline constexpr size_t kSowLogDeleteBytes = 25;
inline constexpr size_t kSowLogEndOfSnapshotBytes = 9;
// The smallest file that is a generation; a smaller one was being made when the machine stopped.
inline constexpr size_t kSowLogFileBytesMin = kSowLogHeadBytes + kSowLogFrameBytes +
                                              kSowLogHeaderBytes + kSowLogFrameBytes +
                                              kSowLogEndOfSnapshotBytes;
// Length of one entry, frame not counted.
inline constexpr uint64_t kSowLogEntryBytesMax = uint64_t{2} << 30;

// What a generation's checksums start from.
uint32_t SowLogSeed(uint64_t generation);
// Of an entry at `offset` of the file; `bytes`: its length field and what follows.
uint32_t SowLogChecksum(uint32_t seed, uint64_t offset, std::string_view bytes);

// `offset`: in the file, of what is appended to `to`.
void AppendSowLogHead(std::string& to);
void AppendSowLogHeader(uint32_t seed, uint64_t offset, std::string_view message_type,
                        std::string_view topic, std::string& to);
void AppendSowLogPut(uint32_t seed, uint64_t offset, const LoggedRecord& record, std::string& to);
void AppendSowLogDelete(uint32_t seed, uint64_t offset, const LoggedDelete& change,
                        std::string& to);
void AppendSowLogEndOfSnapshot(uint32_t seed, uint64_t offset, uint64_t last_sequence,
                               std::string& to);

// Whether an entry of `size` bytes may begin like this: its type is known and its lengths make up
// `size`. False when `start` is shorter than the entry and than kSowLogPutBytes.
bool IsPlausibleSowLogEntry(std::string_view start, uint64_t size);
// `bytes`: an entry without its frame, plausible; `entry` views it.
void ParseSowLogEntry(std::string_view bytes, SowLogEntry& entry);

uint32_t ReadSowLogU32(const char* from);

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_SOW_SOW_LOG_FORMAT_H_
