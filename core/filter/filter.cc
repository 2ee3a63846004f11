#include "core/filter/filter.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "core/base/error.h"
#include "core/base/literal_pattern.h"
#include "core/base/strings.h"
#include "core/filter/compare.h"
#include "core/filter/constant_set.h"
#include "core/filter/expression.h"
#include "core/filter/fold.h"
#include "core/filter/operators.h"
#include "core/filter/parser.h"
#include "core/filter/program.h"

namespace fluxgate {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kTwo53 = 9007199254740992.0;
// Up to as many constants are compared one after the other.
constexpr size_t kComparedMax = 4;

// A predicate over a field of the tree, which has no slot yet.
struct Simple {
  uint32_t field = 0;
  Predicate predicate;
};

bool IsUsable(const Expression& e) {
  return e.is_constant() && !e.constant.is_null() && !IsNan(e.constant);
}

// `f = c`, `f IN (c, ..)`, and chains of OR of these over one field.
std::optional<Simple> AnyOf(const Expression& e) {
  Simple simple;
  simple.predicate.kind = Predicate::Kind::kAnyOf;
  std::vector<Value>& constants = simple.predicate.constants;
  if (e.kind == ExpressionKind::kCompare || e.kind == ExpressionKind::kIn) {
    if (e.kind == ExpressionKind::kCompare && e.compare != CompareOp::kEqual) return std::nullopt;
    if (!e.operands[0]->is_field()) return std::nullopt;
    simple.field = e.operands[0]->field;
    for (size_t i = 1; i < e.operands.size(); ++i) {
      if (!e.operands[i]->is_constant()) return std::nullopt;
      // NULL in a list can only make FALSE into NULL.
      if (IsUsable(*e.operands[i])) constants.push_back(e.operands[i]->constant);
    }
    return simple;
  }
  if (e.kind != ExpressionKind::kOr) return std::nullopt;
  bool first = true;
  for (const auto& operand : e.operands) {
    if (operand->is_constant() && operand->constant.is_null()) continue;
    std::optional<Simple> part = AnyOf(*operand);
    if (!part.has_value() || (!first && part->field != simple.field)) return std::nullopt;
    simple.field = part->field;
    first = false;
    constants.insert(constants.end(), part->predicate.constants.begin(),
                     part->predicate.constants.end());
  }
  if (first) return std::nullopt;
  return simple;
}

void MakeDistinct(std::vector<Value>& constants) {
  if (constants.size() < 2) return;
  StringSet seen;
  std::erase_if(constants, [&seen](const Value& constant) {
    return !seen.insert(LiteralText(constant)).second;
  });
}

// The bound that `f op c` sets, if a range can say it exactly: above 2^53 there are integers
// between one double and the next.
bool Narrow(CompareOp op, const Expression& e, Predicate& range) {
  if (!e.is_constant() || !e.constant.is_number() || !IsExactDouble(e.constant)) return false;
  const double bound = ToDouble(e.constant);
  if (!(std::fabs(bound) < kTwo53)) return false;
  switch (op) {
    case CompareOp::kLess:
      range.high = std::min(range.high, std::nextafter(bound, -kInfinity));
      return true;
    case CompareOp::kLessEqual:
      range.high = std::min(range.high, bound);
      return true;
    case CompareOp::kGreater:
      range.low = std::max(range.low, std::nextafter(bound, kInfinity));
      return true;
    case CompareOp::kGreaterEqual:
      range.low = std::max(range.low, bound);
      return true;
    default:
      return false;
  }
}

// Comparisons of a field with a number, and BETWEEN.
std::optional<Simple> Range(const Expression& e) {
  Simple simple;
  Predicate& range = simple.predicate;
  range.kind = Predicate::Kind::kRange;
  range.low = -kInfinity;
  range.high = kInfinity;
  bool exact = false;
  if (e.kind == ExpressionKind::kCompare) {
    exact = Narrow(e.compare, *e.operands[1], range);
  } else if (e.kind == ExpressionKind::kBetween) {
    exact = Narrow(CompareOp::kGreaterEqual, *e.operands[1], range) &&
            Narrow(CompareOp::kLessEqual, *e.operands[2], range);
    range.same_element = true;
  }
  if (!exact || !e.operands[0]->is_field()) return std::nullopt;
  simple.field = e.operands[0]->field;
  return simple;
}

bool AllUsable(const Expression& e) {
  return std::all_of(e.operands.begin() + 1, e.operands.end(),
                     [](const auto& operand) { return IsUsable(*operand); });
}

// What the condition says of its field when it is not negated; no kind fits: nothing.
std::optional<Simple> Other(const Expression& e) {
  using Kind = Predicate::Kind;
  if (e.operands.empty() || !e.operands[0]->is_field()) return std::nullopt;
  Simple simple;
  simple.field = e.operands[0]->field;
  Predicate& predicate = simple.predicate;
  switch (e.kind) {
    case ExpressionKind::kCompare:
      if (e.compare != CompareOp::kNotEqual || !AllUsable(e)) return std::nullopt;
      predicate.kind = Kind::kNotEqual;
      predicate.constants.push_back(e.operands[1]->constant);
      return simple;
    case ExpressionKind::kIsNull:
      predicate.kind = Kind::kNull;
      return simple;
    case ExpressionKind::kBeginsWith:
      predicate.kind = Kind::kPrefix;
      for (size_t i = 1; i < e.operands.size(); ++i) {
        if (!e.operands[i]->is_constant() || !e.operands[i]->constant.is_string()) {
          return std::nullopt;
        }
        predicate.constants.push_back(e.operands[i]->constant);
      }
      return simple;
    case ExpressionKind::kLike: {
      predicate.kind = Kind::kLike;
      predicate.regex = e.regex;  // constants are views of its pattern
      const std::optional<LiteralPattern>& literal = e.regex->literal();
      if (literal.has_value() && literal->at_begin && !literal->at_end && !literal->text.empty()) {
        predicate.kind = Kind::kPrefix;
        predicate.constants.push_back(Value::String(literal->text));
        return simple;
      }
      const Value prefix = Value::String(FindPrefix(e.regex->pattern()));
      if (!prefix.is_null()) predicate.constants.push_back(prefix);
      return simple;
    }
    default:
      return std::nullopt;
  }
}

std::optional<Simple> Negated(const Expression& e) {
  using Kind = Predicate::Kind;
  if (e.kind != ExpressionKind::kNot) return std::nullopt;
  const Expression& inner = *e.operands[0];
  const bool is_equality =
      inner.kind == ExpressionKind::kIn ||
      (inner.kind == ExpressionKind::kCompare && inner.compare == CompareOp::kEqual);
  if (is_equality) {
    // A NULL among the constants makes it NULL.
    if (!AllUsable(inner)) return std::nullopt;
    std::optional<Simple> simple = AnyOf(inner);
    if (simple.has_value()) simple->predicate.kind = Kind::kNoneOf;
    return simple;
  }
  std::optional<Simple> simple = Other(inner);
  if (!simple.has_value()) return std::nullopt;
  if (simple->predicate.kind == Kind::kNull) {
    simple->predicate.kind = Kind::kNotNull;
    return simple;
  }
  if (inner.kind != ExpressionKind::kLike) return std::nullopt;
  simple->predicate.kind = Kind::kNotLike;
  simple->predicate.constants.clear();
  return simple;
}

// A part of the condition that few values make TRUE, and that is TRUE whenever the condition is.
std::optional<Simple> Selective(const Expression& e) {
  if (e.kind == ExpressionKind::kAnd) {
    for (const auto& operand : e.operands) {
      if (std::optional<Simple> simple = Selective(*operand)) return simple;
    }
    return std::nullopt;
  }
  if (std::optional<Simple> any_of = AnyOf(e)) return any_of;
  std::optional<Simple> simple = Other(e);
  if (!simple.has_value() || simple->predicate.constants.empty()) return std::nullopt;
  if (simple->predicate.kind == Predicate::Kind::kNotEqual) return std::nullopt;
  return simple;
}

bool IsAllOfSelective(const Expression& e) { return e.kind != ExpressionKind::kAnd; }

// By the parts of an OR; empty: one of them has none.
std::vector<Simple> Alternatives(const Expression& e) {
  std::vector<Simple> parts;
  for (const auto& operand : e.operands) {
    std::optional<Simple> part = Selective(*operand);
    if (!part.has_value()) return {};
    parts.push_back(*std::move(part));
  }
  return parts;
}

void CollectFields(const Expression& e, std::vector<bool>& used) {
  if (e.is_field()) used[e.field] = true;
  for (const auto& operand : e.operands) CollectFields(*operand, used);
}

bool ElementInRange(const Predicate& range, const Value& value) {
  if (value.kind() == Value::Kind::kInt || value.kind() == Value::Kind::kDouble) {
    const double number = ToDouble(value);
    return range.low <= number && number <= range.high;
  }
  const Ordering low = Compare(value, Value::Double(range.low));
  if (low == Ordering::kLess || low == Ordering::kUnordered) return false;
  // Without a bound, text that is above every number is in the range too.
  return range.high == kInfinity || Compare(value, Value::Double(range.high)) != Ordering::kGreater;
}

template <typename Test>
bool AnyConstant(const Predicate& predicate, Test test) {
  return std::any_of(predicate.constants.begin(), predicate.constants.end(), test);
}

bool InRange(const Predicate& range, const Value& value) {
  if (!value.is_array()) return ElementInRange(range, value);
  const std::span<const Value> elements = value.as_array();
  const auto any_in = [elements](const Predicate& part) {
    return std::any_of(elements.begin(), elements.end(),
                       [&part](const Value& element) { return ElementInRange(part, element); });
  };
  if (range.same_element) return any_in(range);
  Predicate low = range;
  Predicate high = range;
  low.high = kInfinity;
  high.low = -kInfinity;
  return any_in(low) && any_in(high);
}

}  // namespace

// At the top, where NULL and FALSE are the same, a part of an OR that is NULL says nothing. Whether
// there was one.
bool DropNullAlternatives(std::unique_ptr<Expression>& e) {
  bool dropped = false;
  if (e->kind == ExpressionKind::kAnd) {
    for (auto& operand : e->operands) dropped |= DropNullAlternatives(operand);
  }
  if (e->kind != ExpressionKind::kOr) return dropped;
  dropped = std::erase_if(e->operands, [](const auto& operand) {
              return operand->is_constant() && operand->constant.is_null();
            }) > 0;
  if (e->operands.size() == 1) e = std::unique_ptr<Expression>(std::move(e->operands[0]));
  return dropped;
}

// Splits a folded tree into predicates and residual program. One use.
class FilterCompiler {
 public:
  FilterCompiler(ExpressionTree tree, FieldTable& fields) : tree_(std::move(tree)) {
    filter_.reset(new Filter(fields));
  }

  absl::StatusOr<std::shared_ptr<const Filter>> Compile() {
    filter_->canonical_ = CanonicalText(tree_);
    const Expression& root = *tree_.root;
    if (root.is_constant()) {
      filter_->never_ = TruthOf(root.constant) != Truth::kTrue;
      return filter_;
    }
    if (root.kind == ExpressionKind::kAnd) {
      for (const auto& operand : root.operands) Split(*operand);
    } else {
      Split(root);
    }
    if (filter_->never_) return filter_;
    if (absl::Status status = AcquireFields(); !status.ok()) return status;
    for (Simple& simple : simple_) {
      Predicate& predicate = simple.predicate;
      predicate.slot = slots_[simple.field];
      MakeDistinct(predicate.constants);
      if (predicate.kind == Predicate::Kind::kAnyOf && predicate.constants.size() > kComparedMax) {
        predicate.set = std::make_shared<ConstantSet>(predicate.constants);
      }
    }
    filter_->predicates_.reserve(simple_.size());
    for (Simple& simple : simple_) filter_->predicates_.push_back(std::move(simple.predicate));
    for (std::vector<Simple>& parts : alternatives_) {
      std::vector<Predicate>& predicates = filter_->alternatives_.emplace_back();
      for (Simple& part : parts) {
        part.predicate.slot = slots_[part.field];
        predicates.push_back(std::move(part.predicate));
      }
    }
    filter_->residual_is_alternatives_ = residual_.size() == 1 && exact_alternatives_ == 1;
    if (!residual_.empty()) {
      filter_->residual_ = std::make_unique<Program>(residual_, slots_);
      if (!filter_->residual_->fits()) {
        return MakeErrorAt(ErrorCode::kBadFilter,
                           "nested too deep to evaluate, or a call with too many arguments", 0);
      }
    }
    filter_->text_ = std::move(tree_.text);
    return filter_;
  }

 private:
  void Split(const Expression& conjunct) {
    if (conjunct.is_constant() && TruthOf(conjunct.constant) != Truth::kTrue) {
      filter_->never_ = true;
      return;
    }
    if (std::optional<Simple> any_of = AnyOf(conjunct)) {
      if (any_of->predicate.constants.empty()) filter_->never_ = true;
      simple_.push_back(*std::move(any_of));
      return;
    }
    std::optional<Simple> range = Range(conjunct);
    if (!range.has_value()) {
      SplitOther(conjunct);
      return;
    }
    const Predicate& added = range->predicate;
    if (added.same_element) {
      if (added.low > added.high) filter_->never_ = true;
      simple_.push_back(*std::move(range));
      return;
    }
    const auto [it, first] = range_of_field_.try_emplace(range->field, simple_.size());
    if (!first) {
      Predicate& merged = simple_[it->second].predicate;
      const double low = std::max(merged.low, added.low);
      const double high = std::min(merged.high, added.high);
      // An empty range can still be satisfied by two elements of an array.
      if (low <= high) {
        merged.low = low;
        merged.high = high;
        return;
      }
    }
    simple_.push_back(*std::move(range));
  }

  void SplitOther(const Expression& conjunct) {
    std::optional<Simple> simple = Other(conjunct);
    if (!simple.has_value()) simple = Negated(conjunct);
    if (simple.has_value()) {
      simple_.push_back(*std::move(simple));
      return;
    }
    residual_.push_back(&conjunct);
    if (conjunct.kind != ExpressionKind::kOr) return;
    if (std::vector<Simple> parts = Alternatives(conjunct); !parts.empty()) {
      alternatives_.push_back(std::move(parts));
      exact_alternatives_ += std::all_of(conjunct.operands.begin(), conjunct.operands.end(),
                                         [](const auto& part) { return IsAllOfSelective(*part); });
    }
  }

  // What was acquired before a failure is released with the filter.
  absl::Status AcquireFields() {
    std::vector<bool> used(tree_.fields.size());
    CollectFields(*tree_.root, used);
    slots_.resize(tree_.fields.size());
    for (size_t field = 0; field < used.size(); ++field) {
      if (!used[field]) continue;
      absl::StatusOr<FieldSlot> slot = filter_->fields_.Acquire(tree_.fields[field].path);
      if (!slot.ok()) return slot.status();
      slots_[field] = *slot;
      if (tree_.fields[field].path.envelope == EnvelopeField::kNone) filter_->reads_body_ = true;
      filter_->slots_.push_back(*slot);
    }
    std::sort(filter_->slots_.begin(), filter_->slots_.end());
    return absl::OkStatus();
  }

  ExpressionTree tree_;
  std::shared_ptr<Filter> filter_;
  std::vector<Simple> simple_;
  absl::flat_hash_map<uint32_t, size_t> range_of_field_;  // to the index in simple_
  std::vector<std::vector<Simple>> alternatives_;
  size_t exact_alternatives_ = 0;
  std::vector<const Expression*> residual_;
  std::vector<FieldSlot> slots_;  // by field of the tree
};

Filter::Filter(FieldTable& fields) : fields_(fields) {}

Filter::~Filter() {
  for (const FieldSlot slot : slots_) fields_.Release(slot);
}

absl::StatusOr<std::shared_ptr<const Filter>> Filter::Compile(std::string_view text,
                                                              FieldTable& fields,
                                                              const FilterLimits& limits,
                                                              const ExpressionScope& scope) {
  // A filter is asked about one message.
  ExpressionScope message_only = scope;
  message_only.records = message_only.qualified_fields = message_only.aggregates = false;
  absl::StatusOr<ExpressionTree> tree = ParseExpression(text, limits, message_only);
  if (!tree.ok()) return tree.status();
  Fold(*tree);
  // What is left alone may join the AND around it, or be one, with such parts at the top now.
  while (DropNullAlternatives(tree->root)) Fold(*tree);
  return FilterCompiler(*std::move(tree), fields).Compile();
}

bool Holds(const Predicate& predicate, const Value& value) {
  using Kind = Predicate::Kind;
  switch (predicate.kind) {
    case Kind::kAnyOf:
      if (predicate.set != nullptr) return predicate.set->Contains(value) == Truth::kTrue;
      return AnyConstant(predicate, [&](const Value& constant) {
        return CompareAny(CompareOp::kEqual, value, constant) == Truth::kTrue;
      });
    case Kind::kRange:
      return InRange(predicate, value);
    case Kind::kNotEqual:
      return CompareAny(CompareOp::kNotEqual, value, predicate.constants[0]) == Truth::kTrue;
    case Kind::kNoneOf:
      return !AnyConstant(predicate, [&](const Value& constant) {
        return CompareAny(CompareOp::kEqual, value, constant) != Truth::kFalse;
      });
    case Kind::kNull:
      return value.first().is_null();
    case Kind::kNotNull:
      return !value.first().is_null();
    case Kind::kPrefix:
      return AnyConstant(predicate, [&](const Value& constant) {
        return BeginsWith(value, constant) == Truth::kTrue;
      });
    case Kind::kLike:
      return Like(value, *predicate.regex) == Truth::kTrue;
    case Kind::kNotLike:
      return Like(value, *predicate.regex) == Truth::kFalse;
  }
  return false;
}

bool Filter::Matches(std::span<const Value> values) const {
  if (never_) return false;
  for (const Predicate& predicate : predicates_) {
    if (!Holds(predicate, values[predicate.slot])) return false;
  }
  return ResidualMatches(values);
}

bool Filter::ResidualMatches(std::span<const Value> values) const {
  return residual_ == nullptr || residual_->Evaluate(values) == Truth::kTrue;
}

}  // namespace fluxgate
