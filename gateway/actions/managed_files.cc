#include "gateway/actions/managed_files.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <fnmatch.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "core/base/error.h"

namespace fluxgate {
namespace {

constexpr int64_t kSecondNs = 1'000'000'000;
constexpr size_t kBlockBytes = 64 * 1024;
constexpr std::string_view kCompressedSuffix = ".gz";

absl::Status FileError(std::string_view verb, std::string_view what) {
  const ErrorCode code = errno == ENOSPC ? ErrorCode::kStorageFull : ErrorCode::kStorageFailed;
  return MakeError(code, fmt::format("cannot {} {}: {}", verb, what, std::strerror(errno)));
}

bool IsBelow(std::string_view path, std::string_view directory) {
  if (directory == "/") return true;
  return path == directory ||
         (path.substr(0, directory.size()) == directory && path[directory.size()] == '/');
}

// Where the directory that is open really is.
std::string RealPath(int directory) {
  std::array<char, PATH_MAX> path;
  const std::string link = fmt::format("/proc/self/fd/{}", directory);
  const ssize_t size = readlink(link.c_str(), path.data(), path.size());
  return size <= 0 || static_cast<size_t>(size) == path.size()
             ? std::string()
             : std::string(path.data(), static_cast<size_t>(size));
}

std::string Resolved(const std::string& path) {
  char* const real = realpath(path.c_str(), nullptr);
  std::string resolved = real == nullptr ? "" : real;
  std::free(real);
  return resolved;
}

// A descriptor that closes itself.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }

 private:
  int fd_;
};

absl::Status CopyCompressed(int from, gzFile to, const std::string& name,
                            const std::function<bool()>& stop) {
  std::vector<char> block(kBlockBytes);
  while (true) {
    if (stop()) return MakeError(ErrorCode::kDraining, "the gateway is shutting down");
    const ssize_t got = read(from, block.data(), block.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return FileError("read", name);
    if (got == 0) return absl::OkStatus();
    if (gzwrite(to, block.data(), static_cast<unsigned>(got)) != got) {
      return FileError("write", name);
    }
  }
}

}  // namespace

ManagedFiles::~ManagedFiles() {
  if (directory >= 0) close(directory);
}

ManagedFiles::ManagedFiles(ManagedFiles&& other) noexcept
    : directory(std::exchange(other.directory, -1)),
      path(std::move(other.path)),
      names(std::move(other.names)) {}

absl::StatusOr<ManagedFiles> FindFiles(const std::vector<std::string>& allowed,
                                       std::string_view pattern, int64_t older_than_ns) {
  const size_t slash = pattern.rfind('/');
  const std::string name_pattern(pattern.substr(slash + 1));
  if (slash == std::string_view::npos || pattern.front() != '/' || name_pattern.empty() ||
      pattern.find('\0') != std::string_view::npos) {
    return MakeError(ErrorCode::kBadOption, "the files' path is not absolute, or names no file");
  }
  ManagedFiles files;
  const std::string path(slash == 0 ? "/" : pattern.substr(0, slash));
  Descriptor directory(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (directory.get() < 0) {
    if (errno == ENOENT) return files;
    return FileError("open", path);
  }
  files.path = RealPath(directory.get());
  const auto allows = [&](const std::string& name) {
    const std::string resolved = Resolved(name);
    return !resolved.empty() && IsBelow(files.path, resolved);
  };
  if (files.path.empty() || std::ranges::none_of(allowed, allows)) {
    return MakeError(ErrorCode::kNotEntitled,
                     fmt::format("{} is not below a Directory of Actions", path));
  }
  // Reading the list moves the position of the descriptor that is read.
  DIR* const list = fdopendir(dup(directory.get()));
  if (list == nullptr) return FileError("list", path);
  while (const dirent* const entry = readdir(list)) {
    const std::string name = entry->d_name;
    if (fnmatch(name_pattern.c_str(), name.c_str(), FNM_PERIOD) != 0) continue;
    struct stat info;
    if (fstatat(directory.get(), name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0 ||
        !S_ISREG(info.st_mode)) {
      continue;
    }
    const int64_t changed_ns = info.st_mtim.tv_sec * kSecondNs + info.st_mtim.tv_nsec;
    if (changed_ns < older_than_ns) files.names.push_back(name);
  }
  closedir(list);
  std::ranges::sort(files.names);
  files.directory = directory.release();
  return files;
}

absl::Status CompressFile(int directory, const std::string& name,
                          const std::function<bool()>& stop) {
  const Descriptor from(openat(directory, name.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  struct stat info;
  if (from.get() < 0 || fstat(from.get(), &info) != 0) return FileError("open", name);
  const std::string target = name + std::string(kCompressedSuffix);
  Descriptor to(openat(directory, target.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
                       info.st_mode & 0777));
  if (to.get() < 0) return FileError("make", target);
  const gzFile compressed = gzdopen(to.get(), "wb");
  if (compressed == nullptr) {
    unlinkat(directory, target.c_str(), 0);
    return MakeError(ErrorCode::kInternal, "no memory to compress a file");
  }
  absl::Status status = CopyCompressed(from.get(), compressed, name, stop);
  if (status.ok() && (gzflush(compressed, Z_FINISH) != Z_OK || fsync(to.get()) != 0)) {
    status = FileError("write", target);
  }
  to.release();  // the next closes it
  if (gzclose(compressed) != Z_OK && status.ok()) status = FileError("write", target);
  if (!status.ok()) {
    unlinkat(directory, target.c_str(), 0);
    return status;
  }
  return RemoveFile(directory, name);
}

absl::Status RemoveFile(int directory, const std::string& name) {
  if (unlinkat(directory, name.c_str(), 0) != 0) return FileError("remove", name);
  return absl::OkStatus();
}

}  // namespace fluxgate
