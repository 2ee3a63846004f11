#include "core/sow/sow_log_recovery.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "core/base/error.h"
#include "core/base/strings.h"
#include "core/sow/sow_log_reader.h"

namespace fluxgate {
namespace {

constexpr size_t kGenerationDigitsMin = 6;
constexpr size_t kGenerationDigitsMax = 15;

// The directory of `path`, and where its name begins.
std::pair<std::string, size_t> DirectoryOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return {".", 0};
  return {slash == 0 ? "/" : path.substr(0, slash), slash + 1};
}

// Highest first.
absl::StatusOr<std::vector<uint64_t>> ListGenerations(Storage& storage, const std::string& path) {
  const auto [directory, name_at] = DirectoryOf(path);
  auto names = storage.List(directory);
  if (!names.ok()) return names.status();
  const std::string start = path.substr(name_at) + ".";
  std::vector<uint64_t> generations;
  for (const std::string& name : *names) {
    if (!name.starts_with(start)) continue;
    const std::string_view digits = std::string_view(name).substr(start.size());
    uint64_t generation = 0;
    // Also says that a number is written as we write it.
    if (digits.size() >= kGenerationDigitsMin && digits.size() <= kGenerationDigitsMax &&
        absl::SimpleAtoi(ToAbsl(digits), &generation) && generation > 0 &&
        fmt::format("{:06}", generation) == digits) {
      generations.push_back(generation);
    }
  }
  std::sort(generations.rbegin(), generations.rend());
  return generations;
}

class Recoverer {
 public:
  Recoverer(Storage& storage, const SowLogOptions& options, SowLogSink& sink,
            SowLogRecovery& recovery)
      : storage_(storage), options_(options), sink_(sink), recovery_(recovery) {}

  absl::StatusOr<RecoveredSowLog> Run();

 private:
  // What reading a file came to.
  struct Outcome {
    bool header = false;  // was read, and is ours
    bool snapshot_ended = false;
    bool records = false;  // there were some
    SowLogReader::End end = SowLogReader::End::kNone;
    uint64_t offset = 0;  // up to here all is well
    uint64_t size = 0;
    std::string what;
  };

  // Up to the end of the snapshot without `give_out`, else to the end of the file.
  absl::StatusOr<Outcome> Read(uint64_t generation, bool give_out);
  absl::Status CheckHeader(const SowLogEntry& entry) const;
  absl::Status Take(const SowLogEntry& entry);
  absl::StatusOr<RecoveredSowLog> Keep(uint64_t generation);
  absl::Status DamagedAt(const std::string& path, uint64_t offset, const std::string& what) const;
  void DropDamaged(const std::string& path, const Outcome& outcome, uint64_t kept);

  Storage& storage_;
  const SowLogOptions& options_;
  SowLogSink& sink_;
  SowLogRecovery& recovery_;
};

absl::Status Recoverer::DamagedAt(const std::string& path, uint64_t offset,
                                  const std::string& what) const {
  return MakeErrorAt(ErrorCode::kStorageDamaged,
                     fmt::format("{} is damaged at byte {}: {}", path, offset, what), offset);
}

void Recoverer::DropDamaged(const std::string& path, const Outcome& outcome, uint64_t kept) {
  if (!recovery_.damage.empty()) recovery_.damage += "; ";
  recovery_.damage += ErrorText(DamagedAt(path, outcome.offset, outcome.what));
  recovery_.bytes_dropped += outcome.size - kept;
}

absl::Status Recoverer::CheckHeader(const SowLogEntry& entry) const {
  if (entry.type != SowLogEntryType::kHeader) {
    return MakeError(ErrorCode::kStorageDamaged, "it does not begin with a header");
  }
  if (entry.record.topic != options_.topic) {
    return MakeError(ErrorCode::kStorageDamaged, fmt::format("it is of topic \"{}\", not of \"{}\"",
                                                             entry.record.topic, options_.topic));
  }
  if (entry.message_type != options_.message_type) {
    return MakeError(ErrorCode::kStorageDamaged,
                     fmt::format("it is of message type \"{}\", not of \"{}\"", entry.message_type,
                                 options_.message_type));
  }
  return absl::OkStatus();
}

absl::Status Recoverer::Take(const SowLogEntry& entry) {
  const LoggedRecord& record = entry.record;
  recovery_.last_sequence = std::max(recovery_.last_sequence, record.sequence);
  if (entry.type == SowLogEntryType::kPut) {
    ++recovery_.records;
    return sink_.Put(record);
  }
  if (entry.type == SowLogEntryType::kDelete) {
    ++recovery_.deletes;
    sink_.Delete({.sequence = record.sequence,
                  .key = record.key,
                  .key_text = record.key_text,
                  .topic = record.topic});
  }
  return absl::OkStatus();
}

absl::StatusOr<Recoverer::Outcome> Recoverer::Read(uint64_t generation, bool give_out) {
  const std::string path = SowLogGenerationPath(options_.path, generation);
  auto file = storage_.OpenReader(path);
  if (!file.ok()) return file.status();
  SowLogReader reader(std::move(*file), generation, options_.entry_bytes_max);
  Outcome outcome;
  SowLogEntry entry;
  const auto of_this_file = [&](const absl::Status& status) {
    return MakeError(ErrorCodeOf(status), fmt::format("{}: {}", path, ErrorText(status)));
  };
  while (give_out || !outcome.snapshot_ended) {
    const absl::StatusOr<bool> more = reader.Next(entry);
    if (!more.ok()) return of_this_file(more.status());
    if (!*more) break;
    absl::Status status;
    if (!outcome.header) {
      status = CheckHeader(entry);
      outcome.header = true;
    } else {
      outcome.snapshot_ended |= entry.type == SowLogEntryType::kEndOfSnapshot;
      outcome.records |= entry.type != SowLogEntryType::kEndOfSnapshot;
      if (give_out) status = Take(entry);
    }
    if (!status.ok()) return of_this_file(status);
  }
  outcome.end = reader.end();
  outcome.offset = reader.offset();
  outcome.size = reader.size();
  outcome.what = reader.what();
  return outcome;
}

absl::StatusOr<RecoveredSowLog> Recoverer::Keep(uint64_t generation) {
  const std::string path = SowLogGenerationPath(options_.path, generation);
  absl::StatusOr<Outcome> outcome = Read(generation, true);
  if (!outcome.ok()) return outcome.status();
  // A first generation is complete before anything is acknowledged; others before the last goes.
  const bool unfinished = !outcome->snapshot_ended && outcome->end != SowLogReader::End::kDamaged;
  const bool never_begun = unfinished && generation == 1 && !outcome->records;
  if (unfinished && !never_begun) {
    outcome->end = SowLogReader::End::kDamaged;
    outcome->what = "the file ends before the end of its snapshot";
  }
  const bool damaged = outcome->end == SowLogReader::End::kDamaged;
  if (damaged && !options_.recover_to_last_good) {
    return DamagedAt(path, outcome->offset, outcome->what);
  }
  const uint64_t kept = never_begun || !outcome->header ? 0 : outcome->offset;
  if (damaged) {
    DropDamaged(path, *outcome, kept);
  } else {
    recovery_.torn_bytes += outcome->size - kept;
  }
  // Also with nothing to cut: if only the process died, what was read may not be durable yet, and
  // other generations are going to be removed.
  if (const absl::Status status = storage_.Truncate(path, kept); !status.ok()) return status;
  recovery_.generation = generation;
  recovery_.bytes = kept;
  return RecoveredSowLog{.generation = generation,
                         .bytes = kept,
                         .snapshot_ended = outcome->snapshot_ended,
                         .next_generation = generation + 1};
}

absl::StatusOr<RecoveredSowLog> Recoverer::Run() {
  const auto generations = ListGenerations(storage_, options_.path);
  if (!generations.ok()) return generations.status();
  if (generations->empty()) {
    recovery_.generation = 1;
    return RecoveredSowLog{};
  }
  size_t chosen = 0;
  for (; chosen + 1 < generations->size(); ++chosen) {
    const uint64_t generation = (*generations)[chosen];
    const absl::StatusOr<Outcome> outcome = Read(generation, false);
    if (!outcome.ok()) return outcome.status();
    if (outcome->snapshot_ended) break;
    if (outcome->end != SowLogReader::End::kDamaged) continue;
    const std::string path = SowLogGenerationPath(options_.path, generation);
    if (!options_.recover_to_last_good) return DamagedAt(path, outcome->offset, outcome->what);
    DropDamaged(path, *outcome, 0);
  }
  absl::StatusOr<RecoveredSowLog> recovered = Keep((*generations)[chosen]);
  if (!recovered.ok()) return recovered.status();
  recovered->next_generation = generations->front() + 1;
  for (const uint64_t generation : *generations) {
    if (generation != recovered->generation) {
      storage_.RemoveFile(SowLogGenerationPath(options_.path, generation));
    }
  }
  return recovered;
}

}  // namespace

std::string SowLogGenerationPath(const std::string& path, uint64_t generation) {
  return fmt::format("{}.{:06}", path, generation);
}

absl::StatusOr<RecoveredSowLog> RecoverSowLog(Storage& storage, const SowLogOptions& options,
                                              SowLogSink& sink, SowLogRecovery& recovery) {
  recovery = {};
  return Recoverer(storage, options, sink, recovery).Run();
}

}  // namespace fluxgate
