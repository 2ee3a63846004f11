#include <cmath>
#include <cstdio>

#include "tests/bench/fail.h"
#include "tests/bench/runs.h"

namespace fluxgate::bench {

void Print(const Figures& figures) {
  const char* separator = "{";
  for (const auto& [name, value] : figures) {
    std::printf("%s\"%s\": %.6g", separator, name.c_str(), value);
    separator = ", ";
  }
  std::printf("}\n");
}

double Percentile(std::vector<int64_t>& sorted, double fraction) {
  if (sorted.empty()) Fail("no samples");
  const auto last = static_cast<double>(sorted.size() - 1);
  return static_cast<double>(sorted[static_cast<size_t>(std::llround(last * fraction))]) / 1e3;
}

int64_t ToNs(double seconds) { return std::llround(seconds * 1e9); }

}  // namespace fluxgate::bench
