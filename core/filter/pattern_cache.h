// Regular expressions that are made while an expression is evaluated, because they are not
// literals: the last few are kept compiled. One thread at a time.
#ifndef FLUXGATE_CORE_FILTER_PATTERN_CACHE_H_
#define FLUXGATE_CORE_FILTER_PATTERN_CACHE_H_

#include <cstddef>
#include <list>
#include <memory>
#include <string>
#include <string_view>

#include "core/base/regex.h"

namespace fluxgate {

class PatternCache {
 public:
  static constexpr size_t kPatternsMax = 32;

  // Null for a pattern that does not compile (remembered as well) or is too long (not). The result
  // stays until kPatternsMax other patterns have been asked for.
  const Regex* Get(std::string_view pattern);
  size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    std::string pattern;
    std::shared_ptr<const Regex> regex;
  };
  std::list<Entry> entries_;  // last used first
};

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_FILTER_PATTERN_CACHE_H_
