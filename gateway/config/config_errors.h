// What is wrong with one configuration file: many findings, one absl::Status. One thread.
#ifndef FLUXGATE_GATEWAY_CONFIG_CONFIG_ERRORS_H_
#define FLUXGATE_GATEWAY_CONFIG_CONFIG_ERRORS_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "core/base/quoted.h"

namespace fluxgate::config {

// Findings of one file that are reported; the others are only counted.
inline constexpr size_t kErrorsReportedMax = 20;

// One finding about one element's value.
struct Problem {
  std::string what;
  std::string allowed;     // empty: says nothing the reader can use
  bool not_built = false;  // known and announced, but this version does not have it
};

class ConfigErrors {
 public:
  explicit ConfigErrors(std::string_view file) : file_(file) {}

  // `line` is 1-based, 0 for the file as a whole; `element` may be empty.
  void Add(uint32_t line, std::string_view element, const Problem& problem);

  bool empty() const { return lines_.empty(); }

  // One line per finding, by position in the file:
  // "file:line: <Element>: what is wrong; allowed: ...". kNotBuilt when that is all there is to
  // say, kBadOption otherwise. Never OK: only to be called when not empty.
  absl::Status ToStatus() const;

 private:
  struct Line {
    uint32_t line;
    std::string text;
  };
  std::string file_;
  std::vector<Line> lines_;
  size_t unreported_ = 0;
  bool only_not_built_ = true;
};

}  // namespace fluxgate::config

#endif  // FLUXGATE_GATEWAY_CONFIG_CONFIG_ERRORS_H_
