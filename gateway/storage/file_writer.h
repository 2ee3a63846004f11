// The blocking half of FileStorage: files by number, written and synced. The first failure is
// final: everything after it is dropped and `status` stays. One thread.
#ifndef FLUXGATE_GATEWAY_STORAGE_FILE_WRITER_H_
#define FLUXGATE_GATEWAY_STORAGE_FILE_WRITER_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"

namespace fluxgate {

class FileWriter {
 public:
  FileWriter() = default;
  ~FileWriter();
  FileWriter(const FileWriter&) = delete;
  FileWriter& operator=(const FileWriter&) = delete;

  void Open(uint32_t file, const std::string& path);
  // Gathered until Write.
  void Append(uint32_t file, std::string bytes);
  void Close(uint32_t file);
  // A file that is not there is none to remove.
  void Remove(const std::string& path);
  // Writes what was gathered.
  void Write();
  // Writes, and makes everything so far durable.
  void Sync();

  const absl::Status& status() const { return status_; }

 private:
  struct File {
    std::string path;
    int fd = -1;
    bool dirty = false;  // written and not synced
    std::vector<std::string> gathered;
  };

  void Fail(const char* verb, const std::string& path, int error);
  void WriteGathered(File& file);
  void SyncFile(File& file);

  std::map<uint32_t, File> files_;
  std::set<std::string> dirty_directories_;
  absl::Status status_;
};

}  // namespace fluxgate

#endif  // FLUXGATE_GATEWAY_STORAGE_FILE_WRITER_H_
