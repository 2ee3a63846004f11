// One regular expression, matched anywhere in the text (anchor with ^ and $). RE2 first: linear
// time. What RE2 refuses (back-references, look-around) runs on PCRE2 with a match limit, so that
// no pattern can take more than a bounded number of steps. Immutable; usable from any thread.
//
// Pattern and text are UTF-8, in both engines alike: `.` is one character, a pattern that is no
// UTF-8 does not compile, and bytes of the text that are none match nothing, without hiding what
// stands beside them. `$` is the very end of the text.
#ifndef FLUXGATE_CORE_BASE_REGEX_H_
#define FLUXGATE_CORE_BASE_REGEX_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "core/base/error.h"

namespace fluxgate {

struct RegexLimits {
  size_t pattern_bytes_max = 4096;
  int64_t program_bytes_max = 1 << 20;  // RE2 program and its automaton
  uint32_t match_steps_max = 100'000;   // PCRE2: pattern items tried plus bytes passed, in all
  uint32_t match_depth_max = 1'000;     // PCRE2 depth limit
};

enum class RegexMatch : uint8_t { kNo, kYes, kLimit };  // kLimit: gave up, counts as no match

class Regex {
 public:
  // `error` is the code that a pattern which does not compile is reported with.
  static absl::StatusOr<std::shared_ptr<const Regex>> Compile(std::string_view pattern,
                                                              ErrorCode error,
                                                              const RegexLimits& limits = {});
  ~Regex();
  RegexMatch Match(std::string_view text) const;
  const std::string& pattern() const { return pattern_; }

 private:
  struct Engines;
  explicit Regex(std::string pattern);
  std::string pattern_;
  std::unique_ptr<Engines> engines_;
};

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_BASE_REGEX_H_
