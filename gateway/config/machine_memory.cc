#include "gateway/config/machine_memory.h"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdio>

namespace fluxgate::config {
namespace {

// Used when the system does not say.
constexpr uint64_t kUnknownMemoryBytes = 1ull << 30;

// Version 2 and version 1 of control groups, as a container sees its own.
constexpr const char* kGroupLimitFiles[] = {"/sys/fs/cgroup/memory.max",
                                            "/sys/fs/cgroup/memory/memory.limit_in_bytes"};

std::string ReadSmallFile(const char* path) {
  std::FILE* file = std::fopen(path, "re");
  if (file == nullptr) return "";
  char buffer[64];
  const size_t size = std::fread(buffer, 1, sizeof buffer, file);
  std::fclose(file);
  return std::string(buffer, size);
}

}  // namespace

std::optional<uint64_t> ParseGroupLimit(std::string_view content) {
  while (!content.empty() && (content.back() == '\n' || content.back() == ' ')) {
    content.remove_suffix(1);
  }
  uint64_t bytes = 0;
  const char* end = content.data() + content.size();
  const auto [stop, error] = std::from_chars(content.data(), end, bytes);
  if (error != std::errc() || stop != end || bytes == 0) return std::nullopt;
  return bytes;
}

uint64_t MachineMemoryBytes() {
  const long pages = sysconf(_SC_PHYS_PAGES);
  const long page_bytes = sysconf(_SC_PAGESIZE);
  uint64_t bytes = kUnknownMemoryBytes;
  if (pages > 0 && page_bytes > 0) {
    bytes = static_cast<uint64_t>(pages) * static_cast<uint64_t>(page_bytes);
  }
  for (const char* path : kGroupLimitFiles) {
    if (const std::optional<uint64_t> limit = ParseGroupLimit(ReadSmallFile(path))) {
      bytes = std::min(bytes, *limit);
    }
  }
  return bytes;
}

}  // namespace fluxgate::config
