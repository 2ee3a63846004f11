// Files that the configuration names: read whole, bounded, and read again when they change.
#ifndef FLUXGATE_MODULES_COMMON_FILE_H_
#define FLUXGATE_MODULES_COMMON_FILE_H_

#include <sys/stat.h>

#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "modules/common/failure.h"
#include "modules/common/server.h"

namespace fluxgate::modules {

// The whole of a regular file (a symbolic link to one as well) of at most `bytes_max`. Errors name
// the path. `stat`, if given, is that of what was read.
absl::StatusOr<std::string> ReadFile(const std::string& path, size_t bytes_max,
                                     struct stat* stat = nullptr);

// The first line, without its end: for files that hold one secret. Empty lines are an error.
absl::StatusOr<std::string> ReadSecretLine(const std::string& path, size_t bytes_max);

// When a file was changed last, as far as its metadata tells.
class FileStamp {
 public:
  FileStamp() = default;
  explicit FileStamp(const struct stat& stat);
  bool operator==(const FileStamp& other) const;
  // Whether a change so short after could have left the same stamp.
  bool settled() const { return settled_; }

 private:
  struct timespec modified_ = {};
  off_t size_ = -1;
  ino_t inode_ = 0;
  dev_t device_ = 0;
  bool settled_ = false;
};

// What a file means, parsed once for each change. When a changed file cannot be read or parsed, the
// last good meaning stays and the error is logged once. Get() is for any thread; parsing happens
// under the lock, so that one thread does it.
template <typename T>
class ReloadingFile {
 public:
  using Parse = std::function<absl::StatusOr<std::shared_ptr<const T>>(std::string_view text)>;

  // Errors: those of reading, and what `parse` says, behind the path.
  static absl::StatusOr<std::unique_ptr<ReloadingFile>> Open(std::string path, size_t bytes_max,
                                                             Parse parse) {
    auto file = std::unique_ptr<ReloadingFile>(
        new ReloadingFile(std::move(path), bytes_max, std::move(parse)));
    if (const absl::Status status = file->Load(); !status.ok()) return status;
    return file;
  }

  std::shared_ptr<const T> Get() {
    const std::lock_guard<std::mutex> lock(mutex_);
    struct stat now;
    const bool there = ::stat(path_.c_str(), &now) == 0;
    const bool same = there && FileStamp(now) == stamp_;
    if (same && stamp_.settled()) return value_;
    const bool had_failed = failed_;
    const absl::Status status = Load();
    failed_ = !status.ok();
    // Once for each failure, not with each logon.
    if (failed_ && !(had_failed && (same || !there))) {
      Log(amps_module_log_level_error,
          FailureText(status) + "; the last good version stays in use");
    } else if (!failed_ && !same) {
      Log(amps_module_log_level_info, "read again, because it has changed: " + path_);
    }
    return value_;
  }

 private:
  ReloadingFile(std::string path, size_t bytes_max, Parse parse)
      : path_(std::move(path)), bytes_max_(bytes_max), parse_(std::move(parse)) {}

  absl::Status Load() {
    struct stat stat = {};
    absl::StatusOr<std::string> text = ReadFile(path_, bytes_max_, &stat);
    stamp_ = FileStamp(stat);
    if (!text.ok()) return text.status();
    auto value = parse_(*text);
    if (!value.ok()) return Failure(path_ + ": " + FailureText(value.status()));
    value_ = *std::move(value);
    return absl::OkStatus();
  }

  const std::string path_;
  const size_t bytes_max_;
  const Parse parse_;
  std::mutex mutex_;
  std::shared_ptr<const T> value_;
  FileStamp stamp_;
  bool failed_ = false;
};

}  // namespace fluxgate::modules

#endif  // FLUXGATE_MODULES_COMMON_FILE_H_
