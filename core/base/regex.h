// One regular expression, matched anywhere in the text (anchor with ^ and $). Plain text is
// searched for as it is, everything else by RE2 first: linear time. What RE2 refuses
// (back-references, look-around) runs on PCRE2 with a match limit, so that no pattern can take more
// than a bounded number of steps. Immutable; usable from any thread.
//
// Pattern and text are UTF-8, in both engines alike: `.` is one character, a pattern that is no
// UTF-8 does not compile, and bytes of the text that are none match nothing, without hiding what
// stands beside them. `$` is the very end of the text.
#ifndef FLUXGATE_CORE_BASE_REGEX_H_
#define FLUXGATE_CORE_BASE_REGEX_H_

#include <array>
#include <cstddef>
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
  // PCRE2: nested back-tracking points. Compiled to machine code a pattern has kStackBytesMax of
  // stack instead.
  uint32_t match_depth_max = 1'000;
  static constexpr size_t kStackBytesMax = 32 * 1024;
  // All the matches in one text (RegexScan), either engine: bytes that the searches may have looked
  // at, which is all the rest of the text for each unless the pattern is one that cannot look far
  // ahead, times 1 + the program's size; where groups are wanted also
  // the bytes of the matches times the program's size.
  uint64_t scan_steps_max = uint64_t{256} << 20;
};

enum class RegexMatch : uint8_t { kNo, kYes, kLimit };  // kLimit: gave up, counts as no match

class Regex {
 public:
  // `error` is the code that a pattern which does not compile is reported with.
  static absl::StatusOr<std::shared_ptr<const Regex>> Compile(std::string_view pattern,
                                                              ErrorCode error,
                                                              const RegexLimits& limits = {});
  ~Regex();
  RegexMatch Match(std::string_view text) const {
    uint64_t work_left = kWorkMax;
    return Match(text, work_left);
  }
  const std::string& pattern() const { return pattern_; }
  // Work that one match may cost, and everything together that shares a `work_left`; a unit is
  // about a nanosecond at worst. RE2: bytes of the text times instructions of the program, which is
  // what its slow automaton takes; PCRE2: kWorkPerStep a step; plain text: bytes.
  static constexpr uint64_t kWorkMax = uint64_t{256} << 20;
  static constexpr uint64_t kWorkPerStep = 10;
  // kLimit, with nothing taken from `work_left`, when the match might cost more than that.
  RegexMatch Match(std::string_view text, uint64_t& work_left) const;
  // Set when the pattern is plain text: a match costs no more than a comparison.
  const std::optional<LiteralPattern>& literal() const { return literal_; }

 private:
  friend class RegexScan;
  struct Engines;
  explicit Regex(std::string pattern);
  const std::string pattern_;
  const std::optional<LiteralPattern> literal_;  // a view of pattern_
  std::unique_ptr<Engines> engines_;             // null: literal_ is set
};

// The matches in one text from left to right. None overlaps the one before it, and none that is
// empty stands directly behind it. One thread; expression and text must stay in place.
class RegexScan {
 public:
  static constexpr size_t kGroupsMax = 10;  // the whole match and the groups \1 to \9

  // `groups`: how many of a match will be asked for, the whole match being the first; at least 1,
  // at most kGroupsMax.
  RegexScan(const Regex& regex, std::string_view text, size_t groups);

  RegexMatch Next();
  // Of the match that Next has found: a part of the text. Empty for a group that took no part.
  std::string_view group(size_t i) const { return groups_[i]; }
  size_t begin() const { return static_cast<size_t>(groups_[0].data() - text_.data()); }
  size_t end() const { return begin() + groups_[0].size(); }

 private:
  RegexMatch Find(size_t from);
  RegexMatch FindLiteralText(size_t from);
  RegexMatch FindRe2(size_t from);
  RegexMatch FindPcre2(size_t from);
  uint64_t SearchSteps(RegexMatch match) const;
  bool Spend(uint64_t steps);

  const Regex& regex_;
  std::string_view text_;
  size_t group_count_;
  size_t next_ = 0;                // where to look for the next match
  size_t behind_last_;             // where an empty match does not count
  uint64_t steps_left_ = 0;        // of scan_steps_max
  uint64_t match_steps_left_ = 0;  // of match_steps_max
  std::array<std::string_view, kGroupsMax> groups_;
};

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_BASE_REGEX_H_
