// What one filter may cost to compile and keep.
#ifndef FLUXGATE_CORE_FILTER_FILTER_LIMITS_H_
#define FLUXGATE_CORE_FILTER_FILTER_LIMITS_H_

#include <cstddef>
#include <cstdint>

#include "core/base/regex.h"

namespace fluxgate {

struct FilterLimits {
  size_t text_bytes_max = 64 * 1024;
  uint32_t depth_max = 128;                            // nesting of parentheses, NOT and arithmetic
  uint32_t nodes_max = 16 * 1024;                      // operators, fields and literals
  uint32_t patterns_max = 16;                          // different LIKE patterns
  RegexLimits regex{.program_bytes_max = 256 * 1024};  // each of them
};

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_FILTER_FILTER_LIMITS_H_
