#include "core/storage/simulated_storage.h"

#include <algorithm>
#include <cstring>
#include <random>
#include <utility>

#include "core/base/error.h"

namespace fluxgate {
namespace {

class SimulatedReader final : public StorageReader {
 public:
  explicit SimulatedReader(std::string bytes) : bytes_(std::move(bytes)) {}
  uint64_t size() const override { return bytes_.size(); }
  absl::StatusOr<size_t> Read(char* to, size_t size) override {
    size = std::min(size, bytes_.size() - read_);
    std::memcpy(to, bytes_.data() + read_, size);
    read_ += size;
    return size;
  }

 private:
  const std::string bytes_;
  size_t read_ = 0;
};

using Random = std::mt19937_64;

size_t Draw(Random& random, size_t max) { return random() % (max + 1); }

// What a crash leaves of `bytes`, of which the first `committed` are safe.
std::string Torn(std::string bytes, size_t committed, Random& random) {
  const size_t size_before = bytes.size();
  bytes.resize(committed + Draw(random, bytes.size() - committed));
  const size_t spoilt_max =
      std::min(bytes.size() - committed, size_t{SimulatedDisk::kGarbageBytesMax});
  switch (Draw(random, 3)) {
    case 0:
      for (size_t left = Draw(random, spoilt_max); left > 0; --left) {
        bytes[bytes.size() - left] = static_cast<char>(random());
      }
      break;
    case 1:
      std::fill_n(bytes.rbegin(), Draw(random, spoilt_max), '\0');
      break;
    case 2:
      bytes.resize(bytes.size() + Draw(random, size_before - bytes.size()), '\0');
      break;
    default:
      break;
  }
  return bytes;
}

}  // namespace

void SimulatedDisk::Crash(uint64_t seed) {
  Random random(seed);
  locks_.clear();
  for (auto it = files_.begin(); it != files_.end();) {
    File& file = it->second;
    const bool gone = (file.removed || !file.made) && Draw(random, 1) == 0;
    if (gone) {
      it = files_.erase(it);
      continue;
    }
    file.bytes = Torn(std::move(file.bytes), file.bytes_committed, random);
    file.bytes_committed = file.bytes.size();
    file.made = true;
    file.removed = false;
    ++it;
  }
}

void SimulatedDisk::Corrupt(const std::string& path, uint64_t offset, uint8_t mask) {
  char& byte = files_.at(path).bytes.at(offset);
  byte = static_cast<char>(byte ^ mask);
}

const SimulatedDisk::File* SimulatedDisk::Find(const std::string& path) const {
  const auto it = files_.find(path);
  return it == files_.end() || it->second.removed ? nullptr : &it->second;
}

bool SimulatedDisk::Has(const std::string& path) const { return Find(path) != nullptr; }

std::string_view SimulatedDisk::Content(const std::string& path) const {
  const File* const file = Find(path);
  return file == nullptr ? std::string_view() : file->bytes;
}

void SimulatedDisk::SetContent(const std::string& path, std::string bytes) {
  const size_t size = bytes.size();
  files_[path] = {.bytes = std::move(bytes), .bytes_committed = size, .made = true};
}

std::vector<std::string> SimulatedDisk::Paths() const {
  std::vector<std::string> paths;
  for (const auto& [path, file] : files_) {
    if (!file.removed) paths.push_back(path);
  }
  return paths;
}

SimulatedStorage::SimulatedStorage(SimulatedDisk& disk, Options options)
    : disk_(disk), options_(options) {}

SimulatedStorage::~SimulatedStorage() {
  for (const std::string& path : locked_) disk_.locks_.erase(path);
}

bool SimulatedStorage::RunOne() {
  const bool did = completions_.empty() && DoOne();
  if (completions_.empty()) return did;
  const auto completion = std::move(completions_.front());
  completions_.pop_front();
  completion();
  return true;
}

void SimulatedStorage::RunAll() {
  while (RunOne()) {
  }
}

absl::StatusOr<std::vector<std::string>> SimulatedStorage::List(const std::string& directory) {
  const std::string start = directory.ends_with('/') ? directory : directory + "/";
  std::vector<std::string> names;
  for (const std::string& path : disk_.Paths()) {
    // "." is where paths without a directory are.
    const std::string name = path.starts_with(start) ? path.substr(start.size())
                             : directory == "."      ? path
                                                     : "";
    if (!name.empty() && name.find('/') == std::string::npos) names.push_back(name);
  }
  return names;
}

absl::StatusOr<std::unique_ptr<StorageReader>> SimulatedStorage::OpenReader(
    const std::string& path) {
  const SimulatedDisk::File* const file = disk_.Find(path);
  if (file == nullptr) {
    return MakeError(ErrorCode::kStorageFailed, "cannot read " + path + ": no such file");
  }
  return std::make_unique<SimulatedReader>(file->bytes);
}

absl::Status SimulatedStorage::Truncate(const std::string& path, uint64_t size) {
  if (disk_.Find(path) == nullptr) {
    return MakeError(ErrorCode::kStorageFailed, "cannot cut " + path + ": no such file");
  }
  SimulatedDisk::File& file = disk_.files_[path];
  file.bytes.resize(size);
  file.bytes_committed = size;
  file.made = true;
  return absl::OkStatus();
}

absl::Status SimulatedStorage::Lock(const std::string& path) {
  if (!disk_.locks_.insert(path).second) {
    return MakeError(ErrorCode::kStorageFailed, "cannot lock " + path + ": it is held");
  }
  locked_.insert(path);
  return absl::OkStatus();
}

Storage::FileId SimulatedStorage::OpenFile(const std::string& path) {
  open_[next_file_] = path;
  Ask({.kind = Operation::Kind::kOpen, .path = path, .bytes = {}, .done = {}});
  return next_file_++;
}

void SimulatedStorage::Append(FileId file, std::string bytes) {
  waiting_bytes_ += bytes.size();
  Ask({.kind = Operation::Kind::kAppend,
       .path = open_.at(file),
       .bytes = std::move(bytes),
       .done = {}});
}

void SimulatedStorage::CloseFile(FileId file) { open_.erase(file); }

void SimulatedStorage::RemoveFile(const std::string& path) {
  Ask({.kind = Operation::Kind::kRemove, .path = path, .bytes = {}, .done = {}});
}

void SimulatedStorage::Commit(Done done) {
  Ask({.kind = Operation::Kind::kCommit, .path = {}, .bytes = {}, .done = std::move(done)});
}

void SimulatedStorage::Ask(Operation operation) {
  waiting_.push_back(std::move(operation));
  while (options_.automatic && DoOne()) {
  }
}

bool SimulatedStorage::DoOne() {
  if (waiting_.empty() || operations_ >= options_.operations_max) return false;
  ++operations_;
  Operation operation = std::move(waiting_.front());
  waiting_.pop_front();
  waiting_bytes_ -= operation.bytes.size();
  Do(operation);
  return true;
}

void SimulatedStorage::Do(Operation& operation) {
  using Kind = Operation::Kind;
  const bool fails = (operation.kind == Kind::kAppend && ++appends_ == options_.fail_append) ||
                     (operation.kind == Kind::kCommit && ++syncs_ == options_.fail_sync);
  if (fails && failure_.ok()) {
    failure_ = MakeError(ErrorCode::kStorageFailed, "told to fail");
    if (operation.kind == Kind::kAppend) {
      disk_.files_[operation.path].bytes += operation.bytes.substr(0, operation.bytes.size() / 2);
    }
  }
  if (operation.kind == Kind::kCommit) {
    if (failure_.ok()) {
      std::erase_if(disk_.files_, [](const auto& entry) { return entry.second.removed; });
      for (auto& [path, file] : disk_.files_) {
        file.bytes_committed = file.bytes.size();
        file.made = true;
      }
    }
    completions_.push_back([done = std::move(operation.done), status = failure_] { done(status); });
    return;
  }
  if (!failure_.ok()) return;
  switch (operation.kind) {
    case Kind::kOpen:
      if (disk_.Find(operation.path) == nullptr) disk_.files_[operation.path] = {};
      break;
    case Kind::kAppend:
      disk_.files_.at(operation.path).bytes += operation.bytes;
      break;
    case Kind::kRemove:
      if (disk_.Find(operation.path) != nullptr) disk_.files_[operation.path].removed = true;
      break;
    case Kind::kCommit:
      break;
  }
}

}  // namespace fluxgate
