#include "client/amps/record_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include "amps/exceptions.h"
#include "core/base/crc32c.h"

namespace AMPS::internal {
namespace {

using fluxgate::Crc32c;
using fluxgate::ExtendCrc32c;

constexpr mode_t kFileMode = 0600;  // messages may be confidential
constexpr size_t kRewriteBufferBytes = 1 << 20;
constexpr char kRewriteSuffix[] = ".new";

template <typename Call>
auto Uninterrupted(Call call) {
  auto result = call();
  while (result < 0 && errno == EINTR) result = call();
  return result;
}

struct RecordHeader {
  uint32_t size;
  uint32_t size_crc;
  uint32_t body_crc;
};
static_assert(sizeof(RecordHeader) == RecordFile::kRecordHeaderBytes);

uint32_t CrcOfSize(uint32_t size) {
  char bytes[sizeof(size)];
  std::memcpy(bytes, &size, sizeof(size));
  return Crc32c({bytes, sizeof(bytes)});
}

RecordHeader HeaderOf(std::string_view head, std::string_view body) {
  const auto size = static_cast<uint32_t>(head.size() + body.size());
  return {.size = size, .size_crc = CrcOfSize(size), .body_crc = ExtendCrc32c(Crc32c(head), body)};
}

// All of it; the error otherwise, or 0.
int WriteAll(int fd, uint64_t at, iovec* parts, int count) {
  while (count > 0) {
    const ssize_t written =
        Uninterrupted([&] { return pwritev(fd, parts, count, static_cast<off_t>(at)); });
    if (written < 0) return errno;
    at += static_cast<uint64_t>(written);
    auto rest = static_cast<size_t>(written);
    while (count > 0 && rest >= parts->iov_len) {
      rest -= parts->iov_len;
      ++parts;
      --count;
    }
    if (count == 0) break;
    parts->iov_base = static_cast<char*>(parts->iov_base) + rest;
    parts->iov_len -= rest;
  }
  return 0;
}

iovec Part(std::string_view bytes) {
  return {.iov_base = const_cast<char*>(bytes.data()), .iov_len = bytes.size()};
}

int WriteAll(int fd, uint64_t at, std::string_view bytes) {
  iovec part = Part(bytes);
  return WriteAll(fd, at, &part, 1);
}

int SyncDirectoryOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  const std::string directory = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  const int fd =
      Uninterrupted([&] { return open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); });
  if (fd < 0) return errno;
  const int error = Uninterrupted([&] { return fsync(fd); }) == 0 ? 0 : errno;
  close(fd);
  return error;
}

// Writes records to a new file, many at once. The first error stays.
class NewFile {
 public:
  NewFile(const std::string& path, std::string_view magic) : path_(path), buffer_(magic) {
    fd_ = Uninterrupted(
        [&] { return open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, kFileMode); });
    if (fd_ < 0) {
      error_ = errno;
    } else if (Uninterrupted([&] { return flock(fd_, LOCK_EX | LOCK_NB); }) != 0) {
      error_ = errno;
    }
  }
  ~NewFile() {
    if (fd_ < 0) return;
    close(fd_);
    unlink(path_.c_str());
  }

  uint64_t Append(std::string_view head, std::string_view body) {
    const RecordHeader header = HeaderOf(head, body);
    buffer_.append(reinterpret_cast<const char*>(&header), sizeof(header));
    const uint64_t place = written_ + buffer_.size();
    buffer_.append(head).append(body);
    if (buffer_.size() >= kRewriteBufferBytes) Write();
    return place;
  }

  // In place of `path`, durably. The descriptor is the caller's then; -1: it failed.
  int Replace(const std::string& path, uint64_t* size) {
    Write();
    if (error_ == 0 && Uninterrupted([&] { return fsync(fd_); }) != 0) error_ = errno;
    if (error_ == 0 && rename(path_.c_str(), path.c_str()) != 0) error_ = errno;
    if (error_ != 0) return -1;
    // Without it a crash of the machine may bring back the file before, which says the same.
    (void)SyncDirectoryOf(path);
    *size = written_;
    return std::exchange(fd_, -1);
  }

 private:
  void Write() {
    if (error_ == 0) error_ = WriteAll(fd_, written_, buffer_);
    written_ += buffer_.size();
    buffer_.clear();
  }

  const std::string path_;
  std::string buffer_;
  uint64_t written_ = 0;
  int fd_ = -1;
  int error_ = 0;
};

}  // namespace

RecordFile::RecordFile(std::string path, std::string_view magic, bool syncs, const Reader& reader)
    : path_(std::move(path)), magic_(magic), syncs_(syncs) {
  try {
    Open();
    ReadAll(reader);
  } catch (...) {
    if (fd_ >= 0) close(fd_);
    throw;
  }
}

RecordFile::~RecordFile() { close(fd_); }

void RecordFile::Fail(const std::string& verb, int error) const {
  throw StoreException("cannot " + verb + " " + path_ + ": " +
                       std::generic_category().message(error));
}

void RecordFile::FailAt(uint64_t at, const std::string& why) const {
  throw StoreException(path_ + " is damaged at byte " + std::to_string(at) + ": " + why);
}

void RecordFile::Open() {
  while (true) {
    fd_ =
        Uninterrupted([&] { return open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kFileMode); });
    if (fd_ < 0) Fail("open", errno);
    struct stat opened;
    if (fstat(fd_, &opened) != 0) Fail("look at", errno);
    if (!S_ISREG(opened.st_mode)) throw StoreException(path_ + " is not a file");
    if (Uninterrupted([&] { return flock(fd_, LOCK_EX | LOCK_NB); }) != 0) {
      if (errno == EWOULDBLOCK) throw StoreException(path_ + " is in use by another store");
      Fail("lock", errno);
    }
    // Another process may have put a new file in place of this one before it let go of it.
    struct stat named;
    if (stat(path_.c_str(), &named) == 0 && named.st_ino == opened.st_ino &&
        named.st_dev == opened.st_dev) {
      break;
    }
    close(std::exchange(fd_, -1));
  }
  unlink((path_ + kRewriteSuffix).c_str());  // of a rewrite that did not come to its end
}

void RecordFile::Begin() {
  if (ftruncate(fd_, 0) != 0) Fail("write to", errno);
  if (const int error = WriteAll(fd_, 0, magic_); error != 0) Fail("write to", error);
  if (syncs_) {
    if (Uninterrupted([&] { return fsync(fd_); }) != 0) Fail("sync", errno);
    if (const int error = SyncDirectoryOf(path_); error != 0) Fail("sync the directory of", error);
  }
  size_ = magic_.size();
}

void RecordFile::ReadAll(const Reader& reader) {
  struct stat info;
  if (fstat(fd_, &info) != 0) Fail("look at", errno);
  const auto end = static_cast<uint64_t>(info.st_size);
  char magic[kMagicBytes];
  const size_t begin = std::min<uint64_t>(end, kMagicBytes);
  Read(0, begin, magic);
  if (std::string_view(magic, begin) != std::string_view(magic_).substr(0, begin)) {
    throw StoreException(path_ + " is damaged at byte 0, or is not a store of this kind");
  }
  if (begin < kMagicBytes) return Begin();
  std::string body;
  size_ = begin;
  while (size_ < end) {
    const uint64_t next = ReadRecord(size_, end, body, reader);
    if (next == size_) {  // torn
      if (ftruncate(fd_, static_cast<off_t>(size_)) != 0) Fail("cut off", errno);
      return;
    }
    size_ = next;
  }
}

// Returns where the next one begins; `at`: this one was not written to its end.
uint64_t RecordFile::ReadRecord(uint64_t at, uint64_t end, std::string& body,
                                const Reader& reader) {
  if (end - at < kRecordHeaderBytes) return at;
  RecordHeader header;
  Read(at, sizeof(header), reinterpret_cast<char*>(&header));
  const uint64_t begin = at + kRecordHeaderBytes;
  if (header.size_crc != CrcOfSize(header.size) || header.size > kBodyBytesMax) {
    if (IsZeroFrom(begin - 1, end)) return at;
    FailAt(at, "the length of a record is wrong");
  }
  if (header.size > end - begin) return at;
  body.resize(header.size);
  Read(begin, header.size, body.data());
  if (header.body_crc != Crc32c(body)) {
    if (IsZeroFrom(begin + header.size - 1, end)) return at;
    FailAt(at, "the checksum of a record is wrong");
  }
  if (const std::string why = reader(begin, body); !why.empty()) FailAt(at, why);
  return begin + header.size;
}

bool RecordFile::IsZeroFrom(uint64_t at, uint64_t end) const {
  char bytes[4096];
  while (at < end) {
    const size_t size = std::min<uint64_t>(sizeof(bytes), end - at);
    Read(at, size, bytes);
    if (std::any_of(bytes, bytes + size, [](char c) { return c != 0; })) return false;
    at += size;
  }
  return true;
}

void RecordFile::Read(uint64_t place, size_t size, char* to) const {
  while (size > 0) {
    const ssize_t got =
        Uninterrupted([&] { return pread(fd_, to, size, static_cast<off_t>(place)); });
    if (got < 0) Fail("read", errno);
    if (got == 0) FailAt(place, "the file ends");
    to += got;
    place += static_cast<uint64_t>(got);
    size -= static_cast<size_t>(got);
  }
}

uint64_t RecordFile::Append(std::string_view head, std::string_view body) {
  if (is_broken_) throw StoreException(path_ + " could not be written before");
  if (head.size() + body.size() > kBodyBytesMax) {
    throw StoreException("a record of " + std::to_string(head.size() + body.size()) +
                         " bytes is too long for " + path_);
  }
  RecordHeader header = HeaderOf(head, body);
  iovec parts[] = {{.iov_base = &header, .iov_len = sizeof(header)}, Part(head), Part(body)};
  int error = WriteAll(fd_, size_, parts, std::size(parts));
  const bool is_written = error == 0;
  if (is_written && syncs_ && Uninterrupted([&] { return fdatasync(fd_); }) != 0) error = errno;
  if (error != 0) {
    // What a failed sync has left on the disk is not known.
    if (ftruncate(fd_, static_cast<off_t>(size_)) != 0 || is_written) is_broken_ = true;
    Fail("write to", error);
  }
  const uint64_t place = size_ + kRecordHeaderBytes;
  size_ = place + header.size;
  return place;
}

bool RecordFile::WantsRewrite(uint64_t live_bytes) const {
  const uint64_t dead_bytes = size_ - std::min(size_, live_bytes);
  return dead_bytes >= kDeadBytesMin && dead_bytes > live_bytes && size_ > rewrite_above_;
}

bool RecordFile::Rewrite(const std::function<void(const Appender& append)>& fill) {
  uint64_t size = 0;
  int fd = -1;
  try {
    NewFile file(path_ + kRewriteSuffix, magic_);
    fill([&](std::string_view head, std::string_view body) { return file.Append(head, body); });
    fd = file.Replace(path_, &size);
  } catch (const StoreException&) {
    // What it was to be made of cannot be read.
  }
  if (fd < 0) {
    rewrite_above_ = size_ + kDeadBytesMin;
    return false;
  }
  close(std::exchange(fd_, fd));
  size_ = size;
  is_broken_ = false;
  return true;
}

}  // namespace AMPS::internal
