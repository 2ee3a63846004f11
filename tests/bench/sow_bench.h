// What stored topics cost inside one process, without sockets: what the benchmarks have in common.
// One thread.
#ifndef FLUXGATE_TESTS_BENCH_SOW_BENCH_H_
#define FLUXGATE_TESTS_BENCH_SOW_BENCH_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/message/json_message_type.h"
#include "core/sow/sow_query.h"
#include "core/sow/sow_topic.h"
#include "gateway/net/reactor.h"

namespace fluxgate::bench {

struct SowBenchOptions {
  uint64_t records = 1'000'000;  // of a large topic
  std::string directory;         // for what is kept on disk
};

// Bytes of a body where nothing else is said.
inline constexpr size_t kRecordBytes = 150;

// An order (orders.h) of this number, with a price that `change` decides: 100.00 to 999.99.
std::string RecordBody(uint64_t number, uint64_t change, size_t bytes = kRecordBytes);

// Bodies one after the other in one piece of memory.
class Bodies {
 public:
  explicit Bodies(uint64_t room_bytes) { text_.reserve(room_bytes + kBodyPaddingBytes); }
  void Add(std::string_view body);
  // After the last Add.
  std::string_view at(size_t i) const {
    return {text_.data() + starts_[i], starts_[i + 1] - starts_[i]};
  }
  size_t size() const { return starts_.size() - 1; }
  uint64_t bytes() const { return text_.size(); }

 private:
  std::string text_;
  std::vector<uint64_t> starts_ = {0};
};

// 0 to `count` - 1 in random order.
std::vector<uint64_t> Shuffled(uint64_t count);

// 1000000 as "1,000,000".
std::string Thousands(uint64_t number);

// A stored topic of JSON records, key field /id, without indexes of its own making.
class BenchTopic {
 public:
  static SowTopicDefinition Definition();
  explicit BenchTopic(const SowTopicDefinition& definition);

  void Put(std::string_view body);
  SowTopic& topic() { return *topic_; }
  const JsonMessageType& type() const { return type_; }
  FieldTable& fields() { return fields_; }
  std::shared_ptr<const Filter> Compile(std::string_view text);
  std::shared_ptr<const OrderBy> Order(std::string_view text);
  // Runs a query to its end; how many records came out.
  uint64_t Count(SowQuerySpec spec);

 private:
  JsonMessageType type_;
  net::SystemClock clock_;
  FieldTable fields_;
  uint64_t sequence_ = 0;
  SowContext context_{type_, fields_, clock_, {}, "bench", sequence_};
  std::unique_ptr<SowTopic> topic_;
  RecordReaders readers_;
  uint64_t readers_version_ = 0;
  SowScratch scratch_;
};

// Each enters its benchmarks. `options` outlives them.
void AddStoreBenchmarks(const SowBenchOptions& options);
void AddQueryBenchmarks(const SowBenchOptions& options);
void AddSliceBenchmarks(const SowBenchOptions& options);
void AddViewBenchmarks(const SowBenchOptions& options);
void AddRecoveryBenchmarks(const SowBenchOptions& options);

}  // namespace fluxgate::bench

#endif  // FLUXGATE_TESTS_BENCH_SOW_BENCH_H_
