#include "core/sow/order_by.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/error.h"
#include "core/filter/lexer.h"
#include "core/filter/parser.h"

namespace fluxgate {
namespace {

struct WrittenTerm {
  std::string_view text;
  bool is_descending = false;
};

// Commas separate terms unless they are in parentheses, in text or in a name. What the lexer
// refuses is left in the last term, for the parser to refuse.
std::vector<WrittenTerm> SplitTerms(std::string_view text) {
  std::vector<WrittenTerm> terms;
  Lexer lexer(text);
  size_t begin = 0;
  size_t tokens = 0;  // of this term
  int depth = 0;
  Token last;
  for (;;) {
    Token token = lexer.Next();
    const bool ends_all = token.kind == TokenKind::kEnd || token.kind == TokenKind::kBad;
    if (!ends_all && (token.kind != TokenKind::kComma || depth > 0)) {
      if (token.kind == TokenKind::kOpen) ++depth;
      if (token.kind == TokenKind::kClose) --depth;
      ++tokens;
      last = std::move(token);
      continue;
    }
    const size_t end = ends_all ? text.size() : token.offset;
    WrittenTerm term{text.substr(begin, end - begin)};
    const bool is_refused = token.kind == TokenKind::kBad;
    if (tokens == 0 && !is_refused) term.text = {};
    if (tokens > 1 && !is_refused && (IsWord(last, "DESC") || IsWord(last, "ASC"))) {
      term.text = text.substr(begin, last.offset - begin);
      term.is_descending = IsWord(last, "DESC");
    }
    terms.push_back(term);
    if (ends_all) return terms;
    begin = end + 1;
    tokens = 0;
  }
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
  const std::vector<WrittenTerm> written = SplitTerms(text);
  const bool is_empty = written.size() == 1 && written[0].text.empty();
  if (written.size() > kTermsMax) {
    return MakeError(ErrorCode::kBadFilter,
                     fmt::format("order-by has more than {} terms", kTermsMax));
  }
  for (size_t i = 0; i < written.size() && !is_empty; ++i) {
    if (written[i].text.empty()) {
      return MakeError(ErrorCode::kBadFilter, "order-by has an empty term");
    }
    Term term;
    term.descending = written[i].is_descending;
    auto tree = ParseExpression(written[i].text, limits, scope);
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
  order->slots_.erase(std::unique(order->slots_.begin(), order->slots_.end()), order->slots_.end());
  return order;
}

SortKey OrderBy::KeyOf(std::span<const Value> values, uint64_t tie,
                       EvaluationContext& context) const {
  SortKey key;
  key.tie = tie;
  EvaluationInput input;
  input.values = values;
  input.current = values;
  for (const Term& term : terms_) {
    context.Begin();
    const Value value = term.expression->Evaluate(input, context).first();
    SortKey::Part& part = key.parts_.emplace_back();
    part.placed = PlacedValue(value);
    if (value.is_string()) part.text = value.as_string();
  }
  return key;
}

PlacedValue SortKey::Part::place() const {
  PlacedValue place = placed;
  if (!text.empty()) place.value = Value::String(text);
  return place;
}

bool OrderBy::Less(const SortKey& a, const SortKey& b) const {
  for (size_t i = 0; i < terms_.size(); ++i) {
    const auto order = ComparePlaces(a.parts_[i].place(), b.parts_[i].place());
    if (order != 0) return terms_[i].descending ? order > 0 : order < 0;
  }
  return a.tie != b.tie ? a.tie < b.tie : a.group < b.group;
}

}  // namespace fluxgate
