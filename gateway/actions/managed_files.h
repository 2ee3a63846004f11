// The files that actions may touch: regular files directly in a directory that is one of those
// allowed, or below one. Directories are opened first and looked at then, and files are reached
// through them, so that neither .. nor a symbolic link leads elsewhere. Blocks; any thread.
#ifndef FLUXGATE_GATEWAY_ACTIONS_MANAGED_FILES_H_
#define FLUXGATE_GATEWAY_ACTIONS_MANAGED_FILES_H_

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace fluxgate {

// An open directory; `close` it.
struct ManagedFiles {
  int directory = -1;
  std::string path;                // of the directory, as it really is
  std::vector<std::string> names;  // in it, sorted

  ManagedFiles() = default;
  ~ManagedFiles();
  ManagedFiles(ManagedFiles&& other) noexcept;
  ManagedFiles& operator=(ManagedFiles&&) = delete;
};

// Files that fit `pattern`: an absolute path whose last name may have * ? and [] (a name that
// begins with a dot only fits a pattern that does), and that were last changed before
// `older_than_ns` (wall clock). kNotEntitled for a directory that is not below an allowed one,
// kBadOption for a pattern that is none; a directory that does not exist has no files.
absl::StatusOr<ManagedFiles> FindFiles(const std::vector<std::string>& allowed,
                                       std::string_view pattern, int64_t older_than_ns);

// Compresses the file to NAME.gz beside it, with its permissions, and removes it. The file stays,
// and nothing is beside it, after an error, and when `stop` says so (asked for between blocks).
absl::Status CompressFile(int directory, const std::string& name,
                          const std::function<bool()>& stop);

absl::Status RemoveFile(int directory, const std::string& name);

}  // namespace fluxgate

#endif  // FLUXGATE_GATEWAY_ACTIONS_MANAGED_FILES_H_
