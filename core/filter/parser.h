// Filter text to expression tree: recursive descent, as deep as FilterLimits::depth_max and no
// deeper. The grammar is in docs/filters.md.
#ifndef FLUXGATE_CORE_FILTER_PARSER_H_
#define FLUXGATE_CORE_FILTER_PARSER_H_

#include <string_view>

#include "absl/status/statusor.h"
#include "core/filter/expression.h"
#include "core/filter/filter_limits.h"

namespace fluxgate {

// Errors: kBadFilter with the offset.
absl::StatusOr<ExpressionTree> ParseFilter(std::string_view text, const FilterLimits& limits);

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_FILTER_PARSER_H_
