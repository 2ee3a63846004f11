#include "gateway/storage/file_calls.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <system_error>

#include "core/base/error.h"

namespace fluxgate {

absl::Status FileError(std::string_view verb, const std::string& path, int error) {
  const bool full = error == ENOSPC || error == EDQUOT;
  return MakeError(
      full ? ErrorCode::kStorageFull : ErrorCode::kStorageFailed,
      fmt::format("cannot {} {}: {}", verb, path, std::generic_category().message(error)));
}

std::string DirectoryOfFile(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

absl::Status MakeDirectory(const std::string& directory) {
  if (mkdir(directory.c_str(), kDirectoryMode) == 0) {
    return SyncDirectory(DirectoryOfFile(directory));
  }
  if (errno == ENOENT && DirectoryOfFile(directory) != directory) {
    const absl::Status status = MakeDirectory(DirectoryOfFile(directory));
    return status.ok() ? MakeDirectory(directory) : status;
  }
  const int error = errno;
  struct stat info;
  if (error == EEXIST && stat(directory.c_str(), &info) == 0 && S_ISDIR(info.st_mode)) {
    return absl::OkStatus();
  }
  return FileError("make directory", directory, error);
}

absl::Status SyncDirectory(const std::string& directory) {
  const int fd =
      Uninterrupted([&] { return open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); });
  if (fd < 0) return FileError("open directory", directory, errno);
  absl::Status status;
  if (Uninterrupted([&] { return fsync(fd); }) != 0) {
    status = FileError("sync directory", directory, errno);
  }
  close(fd);
  return status;
}

}  // namespace fluxgate
