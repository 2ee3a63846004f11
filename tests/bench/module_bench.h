// What the benchmarks of modules share: the sample modules, and an end when something is missing.
#ifndef FLUXGATE_TESTS_BENCH_MODULE_BENCH_H_
#define FLUXGATE_TESTS_BENCH_MODULE_BENCH_H_

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <utility>

#include "absl/status/statusor.h"

namespace fluxgate {

// Who does it.
inline constexpr int64_t kBuiltIn = 0;
inline constexpr int64_t kLoaded = 1;

inline void OrDie(const absl::Status& status) {
  if (status.ok()) return;
  std::fprintf(stderr, "%s\n", status.ToString().c_str());
  std::exit(1);
}

template <class T>
T OrDie(absl::StatusOr<T> value) {
  OrDie(value.status());
  return *std::move(value);
}

// "functions/functions.so": beside this program as they are built.
inline std::string SamplePath(const std::string& module) {
  const auto here = std::filesystem::read_symlink("/proc/self/exe").parent_path();
  return here / "../.." / "modules/samples" / module;
}

}  // namespace fluxgate

#endif  // FLUXGATE_TESTS_BENCH_MODULE_BENCH_H_
