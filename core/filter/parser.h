// Text to expression tree: recursive descent, as deep as FilterLimits::depth_max and no deeper. The
// grammar is in docs/expressions.md.
#ifndef FLUXGATE_CORE_FILTER_PARSER_H_
#define FLUXGATE_CORE_FILTER_PARSER_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "core/filter/expression.h"
#include "core/filter/expression_scope.h"
#include "core/filter/filter_limits.h"
#include "core/message/field_path.h"

namespace fluxgate {

// `expression`, and nothing behind it. Errors, here and below: kBadFilter with the offset.
absl::StatusOr<ExpressionTree> ParseExpression(std::string_view text, const FilterLimits& limits,
                                               const ExpressionScope& scope);

// `expression AS /path HINT word, word`; without a path where AS is missing.
struct ParsedConstruction {
  ExpressionTree tree;
  FieldPath destination;
  std::vector<std::string> hints;  // as written
};
absl::StatusOr<ParsedConstruction> ParseConstruction(std::string_view text,
                                                     const FilterLimits& limits,
                                                     const ExpressionScope& scope);

// Whether a function of that name, in upper case, would hide a word or function of the language.
bool IsReservedName(std::string_view upper);

// `/path`, as configuration files and option lists have it.
absl::StatusOr<FieldPath> ParseFieldPath(std::string_view text);

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_FILTER_PARSER_H_
