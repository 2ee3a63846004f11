// A measurement that went wrong is no measurement: say why and end the process at once.
#ifndef FLUXGATE_TESTS_BENCH_FAIL_H_
#define FLUXGATE_TESTS_BENCH_FAIL_H_

#include <string_view>

namespace fluxgate::bench {

// Prints "bench: <what>" to stderr and exits with 1, without running destructors (other threads may
// be in the middle of a run). FailErrno adds the text of errno.
[[noreturn]] void Fail(std::string_view what);
[[noreturn]] void FailErrno(std::string_view what);

}  // namespace fluxgate::bench

#endif  // FLUXGATE_TESTS_BENCH_FAIL_H_
