// Compiled regular expressions shared by pattern: filters of many subscribers tend to repeat
// theirs, and a compiled one is kilobytes.
#ifndef FLUXGATE_CORE_BASE_SHARED_REGEX_H_
#define FLUXGATE_CORE_BASE_SHARED_REGEX_H_

#include <memory>
#include <string_view>

#include "absl/status/statusor.h"
#include "core/base/regex.h"

namespace fluxgate {

// As Regex::Compile; the same object for the same pattern and limits while somebody holds it. Any
// thread. Plain text is not shared: it is cheap as it is.
absl::StatusOr<std::shared_ptr<const Regex>> CompileSharedRegex(std::string_view pattern,
                                                                ErrorCode error,
                                                                const RegexLimits& limits);

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_BASE_SHARED_REGEX_H_
