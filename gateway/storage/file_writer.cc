#include "gateway/storage/file_writer.h"

#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <climits>
#include <utility>

#include "gateway/storage/file_calls.h"

namespace fluxgate {

FileWriter::~FileWriter() {
  for (const auto& [number, file] : files_) {
    if (file.fd >= 0) close(file.fd);
  }
}

void FileWriter::Fail(const char* verb, const std::string& path, int error) {
  if (status_.ok()) status_ = FileError(verb, path, error);
  for (auto& [number, file] : files_) file.gathered.clear();
}

void FileWriter::Open(uint32_t number, const std::string& path) {
  File& file = files_[number];
  file.path = path;
  if (!status_.ok()) return;
  constexpr int kFlags = O_WRONLY | O_APPEND | O_CLOEXEC;
  // Only a new file's directory needs a sync.
  file.fd =
      Uninterrupted([&] { return open(path.c_str(), kFlags | O_CREAT | O_EXCL, kDataFileMode); });
  if (file.fd >= 0) {
    dirty_directories_.insert(DirectoryOfFile(path));
  } else if (errno == EEXIST) {
    file.fd = Uninterrupted([&] { return open(path.c_str(), kFlags); });
  }
  if (file.fd < 0) Fail("open", path, errno);
}

void FileWriter::Append(uint32_t number, std::string bytes) {
  if (status_.ok() && !bytes.empty()) files_.at(number).gathered.push_back(std::move(bytes));
}

void FileWriter::WriteGathered(File& file) {
  std::vector<iovec> pieces;
  pieces.reserve(file.gathered.size());
  for (std::string& bytes : file.gathered) pieces.push_back({bytes.data(), bytes.size()});
  size_t written_pieces = 0;
  while (written_pieces < pieces.size()) {
    iovec* const next = &pieces[written_pieces];
    const size_t count = std::min<size_t>(pieces.size() - written_pieces, IOV_MAX);
    ssize_t written = Uninterrupted([&] { return writev(file.fd, next, static_cast<int>(count)); });
    if (written < 0) return Fail("write to", file.path, errno);
    file.dirty = true;
    // What is left of a piece that was written in part goes with the next call.
    while (written > 0) {
      iovec& piece = pieces[written_pieces];
      const size_t of_piece = std::min<size_t>(piece.iov_len, written);
      piece.iov_base = static_cast<char*>(piece.iov_base) + of_piece;
      piece.iov_len -= of_piece;
      written -= static_cast<ssize_t>(of_piece);
      if (piece.iov_len == 0) ++written_pieces;
    }
  }
  file.gathered.clear();
}

void FileWriter::Write() {
  for (auto& [number, file] : files_) {
    if (status_.ok() && !file.gathered.empty()) WriteGathered(file);
  }
}

void FileWriter::SyncFile(File& file) {
  if (!file.dirty || !status_.ok()) return;
  if (Uninterrupted([&] { return fdatasync(file.fd); }) != 0) {
    // Not tried again: the kernel may have dropped the pages that it could not write.
    return Fail("sync", file.path, errno);
  }
  file.dirty = false;
}

void FileWriter::Sync() {
  Write();
  for (auto& [number, file] : files_) SyncFile(file);
  for (const std::string& directory : dirty_directories_) {
    if (!status_.ok()) return;
    status_ = SyncDirectory(directory);
  }
  dirty_directories_.clear();
}

void FileWriter::Close(uint32_t number) {
  const auto it = files_.find(number);
  if (it == files_.end()) return;
  File& file = it->second;
  if (status_.ok() && !file.gathered.empty()) WriteGathered(file);
  SyncFile(file);
  if (file.fd >= 0) close(file.fd);
  files_.erase(it);
}

void FileWriter::Remove(const std::string& path) {
  if (!status_.ok()) return;
  if (unlink(path.c_str()) == 0) {
    dirty_directories_.insert(DirectoryOfFile(path));
  } else if (errno != ENOENT) {
    Fail("remove", path, errno);
  }
}

}  // namespace fluxgate
