// Where bytes become durable: files that are only appended to. The core's one way to a disk; tests
// pass one that is simulated and fails or crashes where they say.
//
// One engine, one storage, reactor thread only; completions are called there too. What is
// asynchronous is done in the order of the calls, by whatever thread the storage has.
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
  // Up to `size` bytes into `to`; fewer only at the end of the file, 0 behind it.
  virtual absl::StatusOr<size_t> Read(char* to, size_t size) = 0;
};

class Storage {
 public:
  using FileId = uint32_t;
  // Status: OK when everything before the commit is durable.
  using Done = std::function<void(const absl::Status& status)>;

  virtual ~Storage() = default;

  // ---- At start only: done on return. ----

  // Names (without directory) of the files in `directory`, which is made when it is missing.
  virtual absl::StatusOr<std::vector<std::string>> List(const std::string& directory) = 0;
  virtual absl::StatusOr<std::unique_ptr<StorageReader>> OpenReader(const std::string& path) = 0;
  // Cuts the file off at `size`, durably.
  virtual absl::Status Truncate(const std::string& path, uint64_t size) = 0;
  // Refuses when another process holds it, until this storage goes.
  virtual absl::Status Lock(const std::string& path) = 0;

  // ---- Any time: asynchronous, in order. The first failure is final: nothing is written after it,
  // and every commit after it fails with its status. ----

  // For appending, made when it does not exist; good until CloseFile.
  virtual FileId OpenFile(const std::string& path) = 0;
  virtual void Append(FileId file, std::string bytes) = 0;
  virtual void CloseFile(FileId file) = 0;
  virtual void RemoveFile(const std::string& path) = 0;
  // Makes durable what was asked for since the last commit; then `done` runs, never from inside
  // this call. Not run when the storage is destroyed first.
  virtual void Commit(Done done) = 0;

  // Handed over and not written yet.
  virtual uint64_t waiting_bytes() const = 0;
};

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_STORAGE_STORAGE_H_
