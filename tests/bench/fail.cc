#include "tests/bench/fail.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

namespace fluxgate::bench {

void Fail(std::string_view what) {
  std::fprintf(stderr, "bench: %.*s\n", static_cast<int>(what.size()), what.data());
  std::fflush(stderr);
  std::_Exit(1);
}

void FailErrno(std::string_view what) {
  const char* reason = std::strerror(errno);
  Fail(std::string(what) + ": " + reason);
}

}  // namespace fluxgate::bench
