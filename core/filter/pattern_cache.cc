#include "core/filter/pattern_cache.h"

#include <algorithm>
#include <utility>

namespace fluxgate {

const Regex* PatternCache::Get(std::string_view pattern) {
  // A program the size that filters allow their literals.
  const RegexLimits limits{.program_bytes_max = 256 * 1024};
  // Not worth the memory to remember it.
  if (pattern.size() > limits.pattern_bytes_max) return nullptr;
  const auto found = std::find_if(entries_.begin(), entries_.end(),
                                  [pattern](const Entry& e) { return e.pattern == pattern; });
  if (found != entries_.end()) {
    entries_.splice(entries_.begin(), entries_, found);
    return entries_.front().regex.get();
  }
  auto compiled = Regex::Compile(pattern, ErrorCode::kBadFilter, limits);
  if (entries_.size() == kPatternsMax) entries_.pop_back();
  Entry& entry = entries_.emplace_front();
  entry.pattern = pattern;
  if (compiled.ok()) entry.regex = *std::move(compiled);
  return entry.regex.get();
}

}  // namespace fluxgate
