// Regular expressions that are plain text, whole or at their beginning: `abc`, `^abc`, `abc$`,
// `^abc[0-9]`. Matching these needs no automaton.
#ifndef FLUXGATE_CORE_BASE_LITERAL_PATTERN_H_
#define FLUXGATE_CORE_BASE_LITERAL_PATTERN_H_

#include <optional>
#include <string_view>

namespace fluxgate {

struct LiteralPattern {
  std::string_view text;  // printable ASCII
  bool at_begin = false;  // ^
  bool at_end = false;    // $

  bool Matches(std::string_view subject) const;
};

// What a pattern says when it is text and anchors only; a view of the pattern.
std::optional<LiteralPattern> FindLiteral(std::string_view pattern);

// Text that every match begins with, at the begin of the subject; empty: none is known.
std::string_view FindPrefix(std::string_view pattern);

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_BASE_LITERAL_PATTERN_H_
