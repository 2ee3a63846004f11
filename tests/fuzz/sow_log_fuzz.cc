// The file of a stored topic's log: what is taken is taken the same when it is opened again, with
// nothing torn or damaged left.
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>

#include "core/sow/sow_log_testing.h"
#include "core/storage/simulated_storage.h"

namespace fluxgate {
namespace {

struct Opened {
  bool ok = false;
  KeptRecords records;
  SowLog::Recovery recovery;
};

Opened Open(SimulatedDisk& disk, bool recover_to_last_good) {
  SowLog::Options options = TestLogOptions();
  options.recover_to_last_good = recover_to_last_good;
  SimulatedStorage storage(disk);
  Opened opened;
  opened.ok = SowLog::Open(storage, options, opened.records, opened.recovery).ok();
  storage.RunAll();
  return opened;
}

// Gives every entry that fits the checksum it should have: what is behind checksums is reached.
void RepairChecksums(std::string& file) {
  const uint32_t seed = SowLogSeed(1);
  size_t at = kSowLogHeadBytes;
  while (at + kSowLogFrameBytes <= file.size()) {
    const size_t length = ReadSowLogU32(file.data() + at + sizeof(uint32_t));
    if (length > file.size() - at - kSowLogFrameBytes) return;
    const uint32_t checksum = SowLogChecksum(
        seed, at, std::string_view(file).substr(at + sizeof(uint32_t), sizeof(uint32_t) + length));
    std::memcpy(file.data() + at, &checksum, sizeof(checksum));
    at += kSowLogFrameBytes + length;
  }
}

void Check(bool holds) {
  if (!holds) abort();
}

}  // namespace
}  // namespace fluxgate

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace fluxgate;
  if (size == 0) return 0;
  SimulatedDisk disk;
  std::string file(reinterpret_cast<const char*>(data) + 1, size - 1);
  if ((data[0] & 2) != 0) RepairChecksums(file);
  disk.SetContent("data/orders.000001", file);
  const bool recover_to_last_good = (data[0] & 1) != 0;
  const Opened first = Open(disk, recover_to_last_good);
  if (!first.ok) return 0;
  Check(recover_to_last_good || first.recovery.damage.empty());
  const Opened second = Open(disk, false);
  Check(second.ok && second.recovery.torn_bytes == 0);
  Check(second.records.records == first.records.records);
  return 0;
}
