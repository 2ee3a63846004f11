#include "modules/common/file.h"

#include <errno.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "modules/common/text.h"

namespace fluxgate::modules {
namespace {

// The kernel's clock of file times moves in steps of some milliseconds, that of network file
// systems in seconds.
constexpr time_t kSettledAfterSeconds = 2;

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int number() const { return number_; }

 private:
  const int number_;
};

absl::Status CannotRead(const std::string& path) {
  return Failure(fmt::format("{}: cannot be read: {}", path, strerrordesc_np(errno)));
}

}  // namespace

absl::StatusOr<std::string> ReadFile(const std::string& path, size_t bytes_max, struct stat* stat) {
  // Not blocking: opening a pipe would wait for its writer.
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (file.number() < 0) return CannotRead(path);
  struct stat found;
  if (fstat(file.number(), &found) != 0) return CannotRead(path);
  if (stat != nullptr) *stat = found;
  if (!S_ISREG(found.st_mode)) return Failure(path + ": not a regular file");
  // One byte more than allowed, to see that there is more; the size may change while we read.
  std::string text;
  size_t filled = 0;
  while (filled <= bytes_max) {
    constexpr size_t kStep = 64 * 1024;
    text.resize(std::min(filled + kStep, bytes_max + 1));
    const ssize_t count = read(file.number(), text.data() + filled, text.size() - filled);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return CannotRead(path);
    if (count == 0) break;
    filled += static_cast<size_t>(count);
  }
  if (filled > bytes_max) {
    Wipe(&text);
    return Failure(fmt::format("{}: larger than {} bytes", path, bytes_max));
  }
  text.resize(filled);
  return text;
}

absl::StatusOr<std::string> ReadSecretLine(const std::string& path, size_t bytes_max) {
  // Room for a line end and some lines of remarks below.
  constexpr size_t kRest = 4096;
  absl::StatusOr<std::string> text = ReadFile(path, bytes_max + kRest);
  if (!text.ok()) return text.status();
  std::string line = text->substr(0, text->find('\n'));
  Wipe(&*text);
  if (line.ends_with('\r')) line.pop_back();
  if (line.empty()) return Failure(path + ": the first line is empty");
  if (line.size() > bytes_max || line.find('\0') != std::string::npos) {
    Wipe(&line);
    return Failure(
        fmt::format("{}: the first line is longer than {} bytes, or binary", path, bytes_max));
  }
  return line;
}

FileStamp::FileStamp(const struct stat& stat)
    : modified_(stat.st_mtim), size_(stat.st_size), inode_(stat.st_ino), device_(stat.st_dev) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  settled_ = now.tv_sec - modified_.tv_sec > kSettledAfterSeconds;
}

bool FileStamp::operator==(const FileStamp& other) const {
  return modified_.tv_sec == other.modified_.tv_sec &&
         modified_.tv_nsec == other.modified_.tv_nsec && size_ == other.size_ &&
         inode_ == other.inode_ && device_ == other.device_;
}

}  // namespace fluxgate::modules
