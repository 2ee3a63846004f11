// Where bytes become durable: files that are only appended to. The core's one way to a disk; tests
// pass one that is simulated and fails or crashes where they say.
//
// One engine, one storage, reactor thread only; completions are called there too. What is
// asynchronous is done in the order of the calls, by whatever thread the storage has. Errors are
// kStorageFull or kStorageFailed and name the path.
#ifndef FLUXGATE_CORE_STORAGE_STORAGE_H_
#define FLUXGATE_CORE_STORAGE_STORAGE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace fluxgate {

// Reads a file from its begin to its end.
class StorageReader {
 public:
  virtual ~StorageReader() = default;
  // Of the file, in bytes, when it was opened.
  virtual uint64_t size() const = 0;
  // Up to `size` bytes into `to`; fewer only at the end of the file, 0 behind it.
  virtual absl::StatusOr<size_t> Read(char* to, size_t size) = 0;
};

class Storage {
 public:
  using FileId = uint32_t;
  // Status: OK when everything before the commit is durable.
  using Done = std::function<void(const absl::Status& status)>;

  virtual ~Storage() = default;

  // ---- At start only: done on return. A missing directory is made. ----

  // Names (without directory) of the files in `directory`.
  virtual absl::StatusOr<std::vector<std::string>> List(const std::string& directory) = 0;
  virtual absl::StatusOr<std::unique_ptr<StorageReader>> OpenReader(const std::string& path) = 0;
  // Cuts the file off at `size`; what is left is durable, and so is its name.
  virtual absl::Status Truncate(const std::string& path, uint64_t size) = 0;
  // Refuses when it is held, by another process or this one, until the holding storage goes.
  virtual absl::Status Lock(const std::string& path) = 0;

  // ---- Any time: asynchronous, in order. The first failure is final: nothing is written or
  // removed after it, what is handed over is dropped, and every commit after it fails with its
  // status. ----

  // For appending, made when it does not exist; good until CloseFile.
  virtual FileId OpenFile(const std::string& path) = 0;
  virtual void Append(FileId file, std::string bytes) = 0;
  virtual void CloseFile(FileId file) = 0;
  // After what was committed before is durable. A file that is not there is none to remove.
  virtual void RemoveFile(const std::string& path) = 0;
  // Makes durable what was asked for since the last commit; then `done` runs, never from inside
  // this call. Not run when the storage is destroyed first.
  virtual void Commit(Done done) = 0;

  // Handed over and not written yet.
  virtual uint64_t waiting_bytes() const = 0;
};

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_STORAGE_STORAGE_H_
