#include "gateway/storage/file_storage.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <utility>

#include "core/base/error.h"
#include "core/base/thread_activity.h"
#include "gateway/storage/file_calls.h"

namespace fluxgate {
namespace {

class FileReader final : public StorageReader {
 public:
  FileReader(std::string path, int fd, uint64_t size)
      : path_(std::move(path)), fd_(fd), size_(size) {}
  ~FileReader() override { close(fd_); }

  uint64_t size() const override { return size_; }
  absl::StatusOr<size_t> Read(char* to, size_t size) override {
    size_t done = 0;
    while (done < size) {
      const ssize_t got = Uninterrupted([&] { return read(fd_, to + done, size - done); });
      if (got < 0) return FileError("read", path_, errno);
      if (got == 0) break;
      done += static_cast<size_t>(got);
    }
    return done;
  }

 private:
  const std::string path_;
  const int fd_;
  const uint64_t size_;
};

}  // namespace

FileStorage::FileStorage(Post post)
    : post_(std::move(post)), thread_(&FileStorage::RunThread, this) {}

FileStorage::~FileStorage() {
  *alive_ = false;
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  asked_.notify_one();
  thread_.join();
  for (const int fd : locks_) close(fd);
}

absl::StatusOr<std::vector<std::string>> FileStorage::List(const std::string& directory) {
  if (const absl::Status status = MakeDirectory(directory); !status.ok()) return status;
  DIR* const stream = opendir(directory.c_str());
  if (stream == nullptr) return FileError("list", directory, errno);
  std::vector<std::string> names;
  errno = 0;
  while (const dirent* const entry = readdir(stream)) {
    const std::string name = entry->d_name;
    struct stat info;
    if (fstatat(dirfd(stream), entry->d_name, &info, 0) == 0 && S_ISREG(info.st_mode)) {
      names.push_back(name);
    }
    errno = 0;
  }
  const int error = errno;
  closedir(stream);
  if (error != 0) return FileError("list", directory, error);
  return names;
}

absl::StatusOr<std::unique_ptr<StorageReader>> FileStorage::OpenReader(const std::string& path) {
  const int fd = Uninterrupted([&] { return open(path.c_str(), O_RDONLY | O_CLOEXEC); });
  if (fd < 0) return FileError("open", path, errno);
  struct stat info;
  if (fstat(fd, &info) != 0) {
    const int error = errno;
    close(fd);
    return FileError("read", path, error);
  }
  // Only advice: without it reading is slower.
  posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
  return std::make_unique<FileReader>(path, fd, static_cast<uint64_t>(info.st_size));
}

absl::Status FileStorage::Truncate(const std::string& path, uint64_t size) {
  const int fd = Uninterrupted([&] { return open(path.c_str(), O_WRONLY | O_CLOEXEC); });
  if (fd < 0) return FileError("open", path, errno);
  absl::Status status;
  if (Uninterrupted([&] { return ftruncate(fd, static_cast<off_t>(size)); }) != 0 ||
      Uninterrupted([&] { return fsync(fd); }) != 0) {
    status = FileError("cut", path, errno);
  }
  close(fd);
  return status.ok() ? SyncDirectory(DirectoryOfFile(path)) : status;
}

absl::Status FileStorage::Lock(const std::string& path) {
  if (const absl::Status status = MakeDirectory(DirectoryOfFile(path)); !status.ok()) {
    return status;
  }
  const int fd = Uninterrupted(
      [&] { return open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kDataFileMode); });
  if (fd < 0) return FileError("open", path, errno);
  if (Uninterrupted([&] { return flock(fd, LOCK_EX | LOCK_NB); }) != 0) {
    const int error = errno;
    close(fd);
    if (error != EWOULDBLOCK) return FileError("lock", path, error);
    return MakeError(ErrorCode::kStorageFailed,
                     "cannot lock " + path + ": it is held, by another process or another topic");
  }
  locks_.push_back(fd);
  return absl::OkStatus();
}

Storage::FileId FileStorage::OpenFile(const std::string& path) {
  Ask({.kind = Operation::Kind::kOpen, .file = next_file_, .text = path, .done = {}});
  return next_file_++;
}

void FileStorage::Append(FileId file, std::string bytes) {
  waiting_bytes_ += bytes.size();
  Ask({.kind = Operation::Kind::kAppend, .file = file, .text = std::move(bytes), .done = {}});
}

void FileStorage::CloseFile(FileId file) {
  Ask({.kind = Operation::Kind::kClose, .file = file, .text = {}, .done = {}});
}

void FileStorage::RemoveFile(const std::string& path) {
  Ask({.kind = Operation::Kind::kRemove, .text = path, .done = {}});
}

void FileStorage::Commit(Done done) {
  Ask({.kind = Operation::Kind::kCommit, .text = {}, .done = std::move(done)});
}

void FileStorage::Ask(Operation operation) {
  bool wake;
  {
    const std::lock_guard lock(mutex_);
    wake = waiting_.empty();
    waiting_.push_back(std::move(operation));
  }
  if (wake) asked_.notify_one();
}

void FileStorage::RunThread() {
  const RegisteredThread registered("storage");
  while (true) {
    std::vector<Operation> batch;
    {
      ThreadActivity::Idle();
      std::unique_lock lock(mutex_);
      asked_.wait(lock, [this] { return stop_ || !waiting_.empty(); });
      if (waiting_.empty()) return;
      batch.swap(waiting_);
    }
    ThreadActivity::Busy();
    Do(std::move(batch));
  }
}

void FileStorage::Do(std::vector<Operation> batch) {
  using Kind = Operation::Kind;
  std::vector<Done> dones;
  for (Operation& operation : batch) {
    switch (operation.kind) {
      case Kind::kOpen:
        writer_.Open(operation.file, operation.text);
        break;
      case Kind::kAppend:
        taken_bytes_ += operation.text.size();
        writer_.Append(operation.file, std::move(operation.text));
        break;
      case Kind::kClose:
        writer_.Close(operation.file);
        break;
      case Kind::kRemove:
        // What was committed before must be durable first.
        if (!dones.empty()) Complete(dones);
        writer_.Remove(operation.text);
        break;
      case Kind::kCommit:
        dones.push_back(std::move(operation.done));
        break;
    }
  }
  if (!dones.empty()) return Complete(dones);
  writer_.Write();
  waiting_bytes_ -= std::exchange(taken_bytes_, 0);
}

void FileStorage::Complete(std::vector<Done>& dones) {
  writer_.Sync();
  waiting_bytes_ -= std::exchange(taken_bytes_, 0);
  post_([alive = alive_, dones = std::exchange(dones, {}), status = writer_.status()] {
    // A completion may destroy the storage.
    for (const Done& done : dones) {
      if (*alive) done(status);
    }
  });
}

}  // namespace fluxgate
