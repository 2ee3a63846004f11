#include "core/filter/field_construction.h"

#include <fmt/format.h>

#include <string>
#include <utility>

#include "core/base/error.h"
#include "core/filter/vocabulary.h"

namespace fluxgate {
namespace {

bool IsHint(std::string_view written, std::string_view upper) {
  if (written.size() != upper.size()) return false;
  for (size_t i = 0; i < upper.size(); ++i) {
    const char c = written[i];
    if ((c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c) != upper[i]) return false;
  }
  return true;
}

}  // namespace

absl::Status TakeDestination(size_t text_bytes, ParsedConstruction& parsed,
                             FieldConstruction& construction) {
  construction.destination = std::move(parsed.destination);
  if (construction.destination.steps.empty()) {
    const Expression& root = *parsed.tree.root;
    if (!root.is_field() || parsed.tree.fields[root.field].path.steps.empty()) {
      return MakeErrorAt(ErrorCode::kBadFilter, "expected AS and the field that the value goes to",
                         text_bytes);
    }
    construction.destination = parsed.tree.fields[root.field].path;
  }
  for (const std::string& hint : parsed.hints) {
    if (IsHint(hint, "OPTIONAL")) {
      construction.optional = true;
    } else if (IsHint(hint, "SET_CURRENT")) {
      construction.set_current = true;
    } else {
      return MakeErrorAt(ErrorCode::kBadFilter,
                         fmt::format("unknown hint {} (OPTIONAL or SET_CURRENT)", Printable(hint)),
                         0);
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<FieldConstruction> FieldConstruction::Compile(std::string_view text,
                                                             FieldTable& fields,
                                                             const FilterLimits& limits,
                                                             const ExpressionScope& scope) {
  absl::StatusOr<ParsedConstruction> parsed = ParseConstruction(text, limits, scope);
  if (!parsed.ok()) return parsed.status();
  FieldConstruction construction;
  if (absl::Status status = TakeDestination(text.size(), *parsed, construction); !status.ok()) {
    return status;
  }
  auto expression = ValueExpression::Compile(std::move(parsed->tree), fields);
  if (!expression.ok()) return expression.status();
  construction.expression = *std::move(expression);
  return construction;
}

}  // namespace fluxgate
