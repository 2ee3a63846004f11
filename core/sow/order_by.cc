#include "core/sow/order_by.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/base/error.h"
#include "core/filter/compare.h"
#include "core/filter/parser.h"

namespace fluxgate {
namespace {

std::string_view Trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  const size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) + 1 - begin);
}

// The next term of `text`, which it is cut off from, with its comma: commas in quotes and brackets
// do not separate.
std::string_view TakeTerm(std::string_view& text) {
  int depth = 0;
  char quote = 0;
  size_t at = 0;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (quote != 0) {
      if (c == '\\') {
        ++at;
      } else if (c == quote) {
        quote = 0;
      }
      continue;
    }
    if (c == '\'' || c == '"') quote = c;
    if (c == '(' || c == '[') ++depth;
    if (c == ')' || c == ']') --depth;
    if (c == ',' && depth <= 0) break;
  }
  at = std::min(at, text.size());
  const std::string_view term = text.substr(0, at);
  text.remove_prefix(std::min(at + 1, text.size()));
  return term;
}

// Cuts `word` off the end of `text` if it stands there by itself, in any case.
bool TakeLastWord(std::string_view& text, std::string_view word) {
  if (text.size() <= word.size()) return false;
  const size_t at = text.size() - word.size();
  for (size_t i = 0; i < word.size(); ++i) {
    if ((text[at + i] & ~0x20) != word[i]) return false;
  }
  const char before = text[at - 1];
  if (before != ' ' && before != '\t' && before != '\n' && before != ')') return false;
  text = Trimmed(text.substr(0, at));
  return true;
}

}  // namespace

absl::StatusOr<std::shared_ptr<const OrderBy>> OrderBy::Compile(std::string_view text,
                                                                FieldTable& fields,
                                                                const FilterLimits& limits,
                                                                const ExpressionScope& scope) {
  if (text.size() > limits.text_bytes_max) {
    return MakeError(ErrorCode::kBadFilter, fmt::format("order-by is {} bytes long; at most {}",
                                                        text.size(), limits.text_bytes_max));
  }
  auto order = std::make_shared<OrderBy>();
  const bool is_empty = Trimmed(text).empty();
  while (!is_empty && !text.empty()) {
    const bool ends_with_comma = text.back() == ',';
    std::string_view written = Trimmed(TakeTerm(text));
    if (written.empty() || (text.empty() && ends_with_comma)) {
      return MakeError(ErrorCode::kBadFilter, "order-by has an empty term");
    }
    if (order->terms_.size() == kTermsMax) {
      return MakeError(ErrorCode::kBadFilter,
                       fmt::format("order-by has more than {} terms", kTermsMax));
    }
    Term term;
    term.descending = TakeLastWord(written, "DESC");
    if (!term.descending) TakeLastWord(written, "ASC");
    auto tree = ParseExpression(written, limits, scope);
    if (!tree.ok()) return tree.status();
    if (order->terms_.empty() && tree->root->is_field()) {
      const FieldReference& field = tree->fields[tree->root->field];
      order->first_field_ = FirstField{field.path, term.descending};
    }
    auto expression = ValueExpression::Compile(*std::move(tree), fields);
    if (!expression.ok()) return expression.status();
    term.expression = *std::move(expression);
    const auto slots = term.expression->slots();
    order->slots_.insert(order->slots_.end(), slots.begin(), slots.end());
    order->terms_.push_back(std::move(term));
  }
  std::ranges::sort(order->slots_);
  order->slots_.erase(std::ranges::unique(order->slots_).begin(), order->slots_.end());
  return order;
}

SortKey OrderBy::KeyOf(std::span<const Value> values, uint64_t tie,
                       EvaluationContext& context) const {
  using Class = SortKey::Class;
  SortKey key;
  key.tie = tie;
  EvaluationInput input;
  input.values = values;
  input.current = values;
  for (const Term& term : terms_) {
    context.Begin();
    const Value value = term.expression->Evaluate(input, context).first();
    SortKey::Part& part = key.parts_.emplace_back();
    switch (value.kind()) {
      case Value::Kind::kNull:
      case Value::Kind::kArray:
        break;
      case Value::Kind::kBool:
        part.type = Class::kNumber;
        part.number = Value::Int(value.as_bool() ? 1 : 0);
        break;
      case Value::Kind::kString:
        if (const auto number = ParseNumber(value.as_string())) {
          part.type = Class::kNumber;
          part.number = *number;
        } else {
          part.type = Class::kText;
          part.text = value.as_string();
        }
        break;
      default:
        part.type = Class::kNumber;
        part.number = value;
    }
    if (part.type == Class::kNumber && part.number.kind() == Value::Kind::kDouble &&
        std::isnan(part.number.as_double())) {
      part.type = Class::kNan;
    }
  }
  return key;
}

int OrderBy::Compare(const SortKey::Part& a, const SortKey::Part& b) {
  if (a.type != b.type) return a.type < b.type ? -1 : 1;
  if (a.type == SortKey::Class::kText) return a.text.compare(b.text);
  if (a.type != SortKey::Class::kNumber) return 0;
  switch (fluxgate::Compare(a.number, b.number)) {
    case Ordering::kLess:
      return -1;
    case Ordering::kGreater:
      return 1;
    default:
      return 0;
  }
}

bool OrderBy::Less(const SortKey& a, const SortKey& b) const {
  for (size_t i = 0; i < terms_.size(); ++i) {
    const int order = Compare(a.parts_[i], b.parts_[i]);
    if (order != 0) return terms_[i].descending ? order > 0 : order < 0;
  }
  return a.tie < b.tie;
}

}  // namespace fluxgate
