// `expression AS /field [HINT word, word]`: what a field of a new body is made of, in
// preprocessing, enrichment and projections (User Guide, "Constructing Fields").
#ifndef FLUXGATE_CORE_FILTER_FIELD_CONSTRUCTION_H_
#define FLUXGATE_CORE_FILTER_FIELD_CONSTRUCTION_H_

#include <memory>
#include <string_view>

#include "absl/status/statusor.h"
#include "core/filter/parser.h"
#include "core/filter/value_expression.h"
#include "core/message/field_path.h"

namespace fluxgate {

struct FieldConstruction {
  // Without AS, the expression must be a field, which is then also the destination.
  static absl::StatusOr<FieldConstruction> Compile(std::string_view text, FieldTable& fields,
                                                   const FilterLimits& limits = {},
                                                   const ExpressionScope& scope = {});

  std::unique_ptr<ValueExpression> expression;
  FieldPath destination;
  bool optional = false;     // HINT OPTIONAL: a NULL leaves the field out
  bool set_current = false;  // HINT SET_CURRENT: later constructions see the result
};

// Where the value goes, and the hints, of a construction of `text_bytes` bytes; its expression
// stays.
absl::Status TakeDestination(size_t text_bytes, ParsedConstruction& parsed,
                             FieldConstruction& construction);

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_FILTER_FIELD_CONSTRUCTION_H_
