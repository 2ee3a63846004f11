// System calls on files, with errors as statuses that name the path.
#ifndef FLUXGATE_GATEWAY_STORAGE_FILE_CALLS_H_
#define FLUXGATE_GATEWAY_STORAGE_FILE_CALLS_H_

#include <cerrno>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace fluxgate {

inline constexpr int kDataFileMode = 0600;
inline constexpr int kDirectoryMode = 0700;

// kStorageFull when `error`, an errno, says that there is no room, else kStorageFailed:
// "cannot write to /a/b: No space left on device".
absl::Status FileError(std::string_view verb, const std::string& path, int error);

// Calls again while a signal interrupts.
template <typename Call>
auto Uninterrupted(Call call) {
  auto result = call();
  while (result < 0 && errno == EINTR) result = call();
  return result;
}

// "." when there is none in `path`.
std::string DirectoryOfFile(const std::string& path);
// With its parents, durably.
absl::Status MakeDirectory(const std::string& directory);
absl::Status SyncDirectory(const std::string& directory);

}  // namespace fluxgate

#endif  // FLUXGATE_GATEWAY_STORAGE_FILE_CALLS_H_
