// What logging a change and reading it back cost, without the disk.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <string>

#include "core/base/crc32c.h"
#include "core/sow/sow_log_format.h"
#include "core/sow/sow_log_reader.h"

namespace fluxgate {
namespace {

constexpr int kRecords = 100'000;

class MemoryReader final : public StorageReader {
 public:
  explicit MemoryReader(std::string_view bytes) : bytes_(bytes) {}
  uint64_t size() const override { return bytes_.size(); }
  absl::StatusOr<size_t> Read(char* to, size_t size) override {
    size = std::min(size, bytes_.size() - read_);
    std::memcpy(to, bytes_.data() + read_, size);
    read_ += size;
    return size;
  }

 private:
  const std::string_view bytes_;
  size_t read_ = 0;
};

std::string FileWith(std::string_view body) {
  const uint32_t seed = SowLogSeed(1);
  std::string file;
  AppendSowLogHead(file);
  for (int i = 0; i < kRecords; ++i) {
    AppendSowLogPut(seed, file.size(), {.sequence = uint64_t(i), .key = uint64_t(i), .body = body},
                    file);
  }
  return file;
}

// Argument of both: bytes of a body.
void Recover(benchmark::State& state) {
  const std::string file = FileWith(std::string(state.range(0), 'x'));
  for (auto _ : state) {
    SowLogReader reader(std::make_unique<MemoryReader>(file), 1);
    SowLogEntry entry;
    int records = 0;
    while (reader.Next(entry).value()) ++records;
    if (records != kRecords) state.SkipWithError("records are missing");
  }
  state.SetItemsProcessed(state.iterations() * kRecords);
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(file.size()));
}
BENCHMARK(Recover)->Arg(147)->Arg(4096);

void Append(benchmark::State& state) {
  const std::string body(state.range(0), 'x');
  std::string to;
  for (auto _ : state) {
    AppendSowLogPut(1, to.size(), {.key = 1, .body = body}, to);
    if (to.size() > (size_t{1} << 20)) to.clear();
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(Append)->Arg(147)->Arg(4096);

void Checksum(benchmark::State& state) {
  const std::string bytes(1 << 16, 'x');
  for (auto _ : state) {
    benchmark::DoNotOptimize(state.range(0) != 0 ? ExtendCrc32cByTables(0, bytes) : Crc32c(bytes));
  }
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(bytes.size()));
}
BENCHMARK(Checksum)->ArgName("tables")->Arg(0)->Arg(1);

}  // namespace
}  // namespace fluxgate
