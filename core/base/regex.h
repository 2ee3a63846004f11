// One regular expression, matched anywhere in the text (anchor with ^ and $). Plain text is searched
// for as it is, everything else by RE2 first: linear time. What RE2 refuses (back-references, look-around) runs on PCRE2 with a match limit, so that
// no pattern can take more than a bounded number of steps. Immutable; usable from any thread.
//
// Pattern and text are UTF-8, in both engines alike: `.` is one character, a pattern that is no
// UTF-8 does not compile, and bytes of the text that are none match nothing, without hiding what
// stands beside them. `$` is the very end of the text.
#ifndef FLUXGATE_CORE_BASE_REGEX_H_
#define FLUXGATE_CORE_BASE_REGEX_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "core/base/error.h"
#include "core/base/literal_pattern.h"

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
  // Set when the pattern is plain text: a match costs no more than a comparison.
  const std::optional<LiteralPattern>& literal() const { return literal_; }

 private:
  struct Engines;
  explicit Regex(std::string pattern);
  const std::string pattern_;
  const std::optional<LiteralPattern> literal_;  // a view of pattern_
  std::unique_ptr<Engines> engines_;             // null: literal_ is set
};

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_BASE_REGEX_H_
