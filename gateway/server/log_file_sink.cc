#include "gateway/server/log_file_sink.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "core/base/error.h"

namespace fluxgate {
namespace {

// Rotations within one second that find a name.
constexpr int kNamesTried = 1000;

absl::Status FileError(std::string_view verb, const std::string& path) {
  return MakeError(ErrorCode::kInternal,
                   fmt::format("cannot {} the log file {}: {}", verb, path, std::strerror(errno)));
}

std::FILE* OpenToAppend(const std::string& path) { return std::fopen(path.c_str(), "ae"); }

bool IsSameFile(std::FILE* file, const std::string& path) {
  struct stat open_file, named;
  return fstat(fileno(file), &open_file) == 0 && stat(path.c_str(), &named) == 0 &&
         open_file.st_dev == named.st_dev && open_file.st_ino == named.st_ino;
}

// Gives the file the first free name; never takes another file's place.
absl::Status MoveAway(const std::string& path) {
  const time_t now = time(nullptr);
  tm parts{};
  gmtime_r(&now, &parts);
  std::array<char, 32> stamp;
  strftime(stamp.data(), stamp.size(), "%Y%m%dT%H%M%SZ", &parts);
  for (int i = 1; i <= kNamesTried; ++i) {
    const std::string target = i == 1 ? fmt::format("{}.{}", path, stamp.data())
                                      : fmt::format("{}.{}-{}", path, stamp.data(), i);
    if (renameat2(AT_FDCWD, path.c_str(), AT_FDCWD, target.c_str(), RENAME_NOREPLACE) == 0) {
      return absl::OkStatus();
    }
    if (errno != EEXIST) break;
  }
  return FileError("rename", path);
}

}  // namespace

absl::StatusOr<std::shared_ptr<LogFileSink>> LogFileSink::Open(const std::string& path) {
  std::FILE* const file = OpenToAppend(path);
  if (file == nullptr) return FileError("open", path);
  return std::shared_ptr<LogFileSink>(new LogFileSink(path, file));
}

LogFileSink::~LogFileSink() { std::fclose(file_); }

absl::Status LogFileSink::Rotate() {
  const std::lock_guard lock(mutex_);
  std::fflush(file_);
  if (IsSameFile(file_, path_)) {
    if (absl::Status status = MoveAway(path_); !status.ok()) return status;
  }
  std::FILE* const file = OpenToAppend(path_);
  if (file == nullptr) return FileError("open", path_);
  std::fclose(std::exchange(file_, file));
  return absl::OkStatus();
}

void LogFileSink::sink_it_(const spdlog::details::log_msg& message) {
  spdlog::memory_buf_t line;
  formatter_->format(message, line);
  std::fwrite(line.data(), 1, line.size(), file_);
}

void LogFileSink::flush_() { std::fflush(file_); }

}  // namespace fluxgate
