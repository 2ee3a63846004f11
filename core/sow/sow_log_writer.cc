#include "core/sow/sow_log_writer.h"

#include <utility>

namespace fluxgate {

SowLogWriter::SowLogWriter(Storage& storage, std::string path, uint64_t generation, uint64_t size)
    : storage_(storage),
      path_(std::move(path)),
      generation_(generation),
      seed_(SowLogSeed(generation)),
      file_(storage.OpenFile(path_)),
      size_(size) {}

SowLogWriter::~SowLogWriter() { storage_.CloseFile(file_); }

void SowLogWriter::Begin(std::string_view message_type, std::string_view topic) {
  AppendSowLogHead(gathered_);
  AppendSowLogHeader(seed_, size(), message_type, topic, gathered_);
  Wrote();
}

void SowLogWriter::Put(const LoggedRecord& record) {
  AppendSowLogPut(seed_, size(), record, gathered_);
  Wrote();
}

void SowLogWriter::Delete(const LoggedDelete& change) {
  AppendSowLogDelete(seed_, size(), change, gathered_);
  Wrote();
}

void SowLogWriter::EndSnapshot(uint64_t last_sequence) {
  AppendSowLogEndOfSnapshot(seed_, size(), last_sequence, gathered_);
  Wrote();
}

void SowLogWriter::Wrote() {
  if (gathered_.size() >= kGatheredBytesMax) Flush();
}

void SowLogWriter::Flush() {
  if (gathered_.empty()) return;
  size_ += gathered_.size();
  storage_.Append(file_, std::exchange(gathered_, {}));
}

}  // namespace fluxgate
