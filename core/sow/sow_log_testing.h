// For tests of the log: keeps what a log holds.
#ifndef FLUXGATE_CORE_SOW_SOW_LOG_TESTING_H_
#define FLUXGATE_CORE_SOW_SOW_LOG_TESTING_H_

#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "core/sow/sow_log.h"

namespace fluxgate {

// A record of its own.
struct KeptRecord {
  uint64_t sequence = 0;
  int64_t updated_ns = 0;
  int64_t expires_ns = 0;
  uint64_t key = 0;
  std::string key_text;
  std::string topic;
  std::string body;

  KeptRecord() = default;
  explicit KeptRecord(const LoggedRecord& record)
      : sequence(record.sequence),
        updated_ns(record.updated_ns),
        expires_ns(record.expires_ns),
        key(record.key),
        key_text(record.key_text),
        topic(record.topic),
        body(record.body) {}
  LoggedRecord view() const {
    return {.sequence = sequence,
            .updated_ns = updated_ns,
            .expires_ns = expires_ns,
            .key = key,
            .key_text = key_text,
            .topic = topic,
            .body = body};
  }
  bool operator==(const KeptRecord&) const = default;
};

// The last record per topic and key.
class KeptRecords final : public SowLogSink {
 public:
  using Key = std::tuple<std::string, uint64_t, std::string>;
  using Records = std::map<Key, KeptRecord>;

  absl::Status Put(const LoggedRecord& record) override {
    records[{std::string(record.topic), record.key, std::string(record.key_text)}] =
        KeptRecord(record);
    return absl::OkStatus();
  }
  void Delete(const LoggedDelete& change) override {
    records.erase({std::string(change.topic), change.key, std::string(change.key_text)});
  }

  Records records;
};

inline const SowLog::Options& TestLogOptions() {
  static const auto& options = *new SowLog::Options{
      .path = "data/orders", .topic = "orders", .message_type = "json", .compact_bytes_min = 100};
  return options;
}

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_SOW_SOW_LOG_TESTING_H_
