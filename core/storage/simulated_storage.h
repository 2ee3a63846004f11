// A disk in memory for tests: it outlives the storages over it, loses in a crash what was not
// committed, and fails where told. One thread.
#ifndef FLUXGATE_CORE_STORAGE_SIMULATED_STORAGE_H_
#define FLUXGATE_CORE_STORAGE_SIMULATED_STORAGE_H_

#include <deque>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/storage/storage.h"

namespace fluxgate {

// What the files hold. Must outlive its storages.
class SimulatedDisk {
 public:
  // The last bytes that a crash leaves of a write are garbage or zeros up to here.
  static constexpr size_t kGarbageBytesMax = 32;

  // The machine stops, with no storage over this disk any more. Of every file stays what was
  // committed and, drawn by `seed`, a part of what was not: any prefix, whose end may be garbage or
  // zeros, or which zeros may follow up to the size that the file had. A file that was made and not
  // committed may be gone, one that was removed and not committed may be back.
  void Crash(uint64_t seed);
  // Flips the bits of `mask` in a byte.
  void Corrupt(const std::string& path, uint64_t offset, uint8_t mask);

  bool Has(const std::string& path) const;
  // Empty when there is none.
  std::string_view Content(const std::string& path) const;
  // As if it had been written and committed.
  void SetContent(const std::string& path, std::string bytes);
  std::vector<std::string> Paths() const;

 private:
  friend class SimulatedStorage;
  struct File {
    std::string bytes;
    size_t bytes_committed = 0;
    bool made = false;     // and that is committed
    bool removed = false;  // and that is not committed
  };

  const File* Find(const std::string& path) const;

  std::map<std::string, File> files_;
  std::set<std::string> locks_;
};

class SimulatedStorage final : public Storage {
 public:
  struct Options {
    // Counted from 1; 0: none. What fails is final. A failing append leaves its first half.
    uint64_t fail_append = 0;
    uint64_t fail_sync = 0;
    // Operations done before the machine stops: then nothing is done and nothing completes.
    uint64_t operations_max = UINT64_MAX;
    // Operations are done when asked for; completions still wait for RunOne or RunAll.
    bool automatic = false;
  };

  explicit SimulatedStorage(SimulatedDisk& disk) : SimulatedStorage(disk, Options{}) {}
  SimulatedStorage(SimulatedDisk& disk, Options options);
  ~SimulatedStorage() override;

  // Does one operation; false when none waits.
  bool RunOne();
  void RunAll();

  uint64_t operations() const { return operations_; }  // done so far
  bool failed() const { return !failure_.ok(); }

  absl::StatusOr<std::vector<std::string>> List(const std::string& directory) override;
  absl::StatusOr<std::unique_ptr<StorageReader>> OpenReader(const std::string& path) override;
  absl::Status Truncate(const std::string& path, uint64_t size) override;
  absl::Status Lock(const std::string& path) override;
  FileId OpenFile(const std::string& path) override;
  void Append(FileId file, std::string bytes) override;
  void CloseFile(FileId file) override;
  void RemoveFile(const std::string& path) override;
  void Commit(Done done) override;
  uint64_t waiting_bytes() const override { return waiting_bytes_; }

 private:
  struct Operation {
    enum class Kind : uint8_t { kOpen, kAppend, kRemove, kCommit } kind;
    std::string path;
    std::string bytes;
    Done done;
  };

  void Ask(Operation operation);
  bool DoOne();
  void Do(Operation& operation);

  SimulatedDisk& disk_;
  const Options options_;
  std::deque<Operation> waiting_;
  std::deque<std::function<void()>> completions_;
  std::map<FileId, std::string> open_;
  std::set<std::string> locked_;
  FileId next_file_ = 1;
  uint64_t waiting_bytes_ = 0;
  uint64_t operations_ = 0;
  uint64_t appends_ = 0;
  uint64_t syncs_ = 0;
  absl::Status failure_;
};

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_STORAGE_SIMULATED_STORAGE_H_
