#include "core/sow/sow_log_format.h"

#include <bit>
#include <cstring>

#include "core/base/crc32c.h"

namespace fluxgate {
namespace {

static_assert(std::endian::native == std::endian::little);

template <typename Number>
void Add(Number number, std::string& to) {
  to.append(reinterpret_cast<const char*>(&number), sizeof(number));
}

template <typename Number>
Number Read(const char* from) {
  Number number;
  std::memcpy(&number, from, sizeof(number));
  return number;
}

void AddSize(std::string_view text, std::string& to) {
  Add(static_cast<uint32_t>(text.size()), to);
}

// Leaves room for the frame; `Finish` fills it in.
size_t Begin(SowLogEntryType type, std::string& to) {
  const size_t begin = to.size();
  to.append(kSowLogFrameBytes, '\0');
  to += static_cast<char>(type);
  return begin;
}

void Finish(uint32_t seed, uint64_t offset, size_t begin, std::string& to) {
  const auto length = static_cast<uint32_t>(to.size() - begin - kSowLogFrameBytes);
  std::memcpy(to.data() + begin + sizeof(uint32_t), &length, sizeof(length));
  const uint32_t checksum =
      SowLogChecksum(seed, offset, std::string_view(to).substr(begin + sizeof(uint32_t)));
  std::memcpy(to.data() + begin, &checksum, sizeof(checksum));
}

// Places of numbers in entries, behind the type.
constexpr size_t kSequenceAt = 1;
constexpr size_t kUpdatedAt = 9;
constexpr size_t kExpiresAt = 17;
constexpr size_t kPutKeyAt = 25;
constexpr size_t kPutSizesAt = 33;
constexpr size_t kDeleteKeyAt = 9;
constexpr size_t kDeleteSizesAt = 17;
constexpr size_t kHeaderSizesAt = 1;

// Cuts the texts, whose sizes stand one after another at `sizes`, off `rest`.
template <typename... Texts>
void CutTexts(const char* sizes, std::string_view rest, Texts&... texts) {
  const auto cut = [&](std::string_view& text) {
    text = rest.substr(0, Read<uint32_t>(sizes));
    rest.remove_prefix(text.size());
    sizes += sizeof(uint32_t);
  };
  (cut(texts), ...);
}

uint64_t SumOfSizes(const char* sizes, int count) {
  uint64_t sum = 0;
  for (int i = 0; i < count; ++i) sum += Read<uint32_t>(sizes + sizeof(uint32_t) * i);
  return sum;
}

}  // namespace

uint32_t ReadSowLogU32(const char* from) { return Read<uint32_t>(from); }

uint32_t SowLogSeed(uint64_t generation) {
  return Crc32c({reinterpret_cast<const char*>(&generation), sizeof(generation)});
}

uint32_t SowLogChecksum(uint32_t seed, uint64_t offset, std::string_view bytes) {
  seed = ExtendCrc32c(seed, {reinterpret_cast<const char*>(&offset), sizeof(offset)});
  return ExtendCrc32c(seed, bytes);
}

void AppendSowLogHead(std::string& to) {
  to += kSowLogMagic;
  Add(kSowLogVersion, to);
}

void AppendSowLogHeader(uint32_t seed, uint64_t offset, std::string_view message_type,
                        std::string_view topic, std::string& to) {
  const size_t begin = Begin(SowLogEntryType::kHeader, to);
  AddSize(message_type, to);
  AddSize(topic, to);
  to += message_type;
  to += topic;
  Finish(seed, offset, begin, to);
}

void AppendSowLogPut(uint32_t seed, uint64_t offset, const LoggedRecord& record, std::string& to) {
  const size_t begin = Begin(SowLogEntryType::kPut, to);
  Add(record.sequence, to);
  Add(record.updated_ns, to);
  Add(record.expires_ns, to);
  Add(record.key, to);
  AddSize(record.key_text, to);
  AddSize(record.topic, to);
  AddSize(record.body, to);
  to += record.key_text;
  to += record.topic;
  to += record.body;
  Finish(seed, offset, begin, to);
}

void AppendSowLogDelete(uint32_t seed, uint64_t offset, const LoggedDelete& change,
                        std::string& to) {
  const size_t begin = Begin(SowLogEntryType::kDelete, to);
  Add(change.sequence, to);
  Add(change.key, to);
  AddSize(change.key_text, to);
  AddSize(change.topic, to);
  to += change.key_text;
  to += change.topic;
  Finish(seed, offset, begin, to);
}

void AppendSowLogEndOfSnapshot(uint32_t seed, uint64_t offset, uint64_t last_sequence,
                               std::string& to) {
  const size_t begin = Begin(SowLogEntryType::kEndOfSnapshot, to);
  Add(last_sequence, to);
  Finish(seed, offset, begin, to);
}

bool IsPlausibleSowLogEntry(std::string_view start, uint64_t size) {
  if (start.empty()) return false;
  const auto is = [&](size_t fixed_bytes, size_t sizes_at, int sizes) {
    return start.size() >= fixed_bytes && size >= fixed_bytes &&
           SumOfSizes(start.data() + sizes_at, sizes) == size - fixed_bytes;
  };
  switch (static_cast<SowLogEntryType>(start[0])) {
    case SowLogEntryType::kHeader:
      return is(kSowLogHeaderBytes, kHeaderSizesAt, 2);
    case SowLogEntryType::kPut:
      return is(kSowLogPutBytes, kPutSizesAt, 3);
    case SowLogEntryType::kDelete:
      return is(kSowLogDeleteBytes, kDeleteSizesAt, 2);
    case SowLogEntryType::kEndOfSnapshot:
      return is(kSowLogEndOfSnapshotBytes, 0, 0);
  }
  return false;
}

void ParseSowLogEntry(std::string_view bytes, SowLogEntry& entry) {
  const char* const at = bytes.data();
  LoggedRecord& record = entry.record;
  entry = {};
  entry.type = static_cast<SowLogEntryType>(at[0]);
  if (entry.type != SowLogEntryType::kHeader) record.sequence = Read<uint64_t>(at + kSequenceAt);
  switch (entry.type) {
    case SowLogEntryType::kHeader:
      CutTexts(at + kHeaderSizesAt, bytes.substr(kSowLogHeaderBytes), entry.message_type,
               record.topic);
      break;
    case SowLogEntryType::kPut:
      record.updated_ns = Read<int64_t>(at + kUpdatedAt);
      record.expires_ns = Read<int64_t>(at + kExpiresAt);
      record.key = Read<uint64_t>(at + kPutKeyAt);
      CutTexts(at + kPutSizesAt, bytes.substr(kSowLogPutBytes), record.key_text, record.topic,
               record.body);
      break;
    case SowLogEntryType::kDelete:
      record.key = Read<uint64_t>(at + kDeleteKeyAt);
      CutTexts(at + kDeleteSizesAt, bytes.substr(kSowLogDeleteBytes), record.key_text,
               record.topic);
      break;
    case SowLogEntryType::kEndOfSnapshot:
      break;
  }
}

}  // namespace fluxgate
