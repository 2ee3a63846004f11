// Storage in files (POSIX). One thread writes: it takes over everything that was asked for since it
// last looked, gathers the appends of a file into few writes, and syncs once for the commits among
// them. Data files have permission 0600.
#ifndef FLUXGATE_GATEWAY_STORAGE_FILE_STORAGE_H_
#define FLUXGATE_GATEWAY_STORAGE_FILE_STORAGE_H_

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "core/storage/storage.h"
#include "gateway/storage/file_writer.h"

namespace fluxgate {

class FileStorage final : public Storage {
 public:
  // Runs a task on the reactor's thread, later; called by the writing thread.
  using Post = std::function<void(std::function<void()>)>;

  explicit FileStorage(Post post);
  // Reactor thread. Writes and commits what was handed over; its completions do not run any more.
  ~FileStorage() override;

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
    enum class Kind : uint8_t { kOpen, kAppend, kClose, kRemove, kCommit } kind;
    FileId file = 0;
    std::string text;  // path, or what to append
    Done done;
  };

  void Ask(Operation operation);
  void RunThread();
  void Do(std::vector<Operation> batch);
  // Syncs, and hands the completions of `dones` over.
  void Complete(std::vector<Done>& dones);

  const Post post_;
  // Set to false, on the reactor's thread, when completions must not run any more.
  const std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  FileId next_file_ = 1;
  std::vector<int> locks_;
  std::atomic<uint64_t> waiting_bytes_ = 0;

  // The thread's.
  FileWriter writer_;
  uint64_t taken_bytes_ = 0;  // of the batch, handed to the writer and not written yet

  std::mutex mutex_;
  std::condition_variable asked_;
  // Guarded by mutex_.
  std::vector<Operation> waiting_;
  bool stop_ = false;

  std::thread thread_;
};

}  // namespace fluxgate

#endif  // FLUXGATE_GATEWAY_STORAGE_FILE_STORAGE_H_
