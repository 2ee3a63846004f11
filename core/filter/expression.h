// A parsed filter as a tree. Chains of AND and of OR are one node with many operands, so the depth
// of a tree is bounded by FilterLimits::depth_max and recursion over it is safe.
#ifndef FLUXGATE_CORE_FILTER_EXPRESSION_H_
#define FLUXGATE_CORE_FILTER_EXPRESSION_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/regex.h"
#include "core/filter/operators.h"
#include "core/message/field_table.h"
#include "core/message/value.h"

namespace fluxgate {

enum class ExpressionKind : uint8_t {
  kConstant,
  kField,
  kArithmetic,  // 2 operands
  kNegate,      // 1
  kCompare,     // 2
  kIn,          // value, then 1 or more elements
  kBetween,     // value, low, high
  kLike,        // 1, and `regex`
  kBeginsWith,  // value, then 1 or more prefixes
  kEndsWith,
  kIsNull,  // 1
  kIsNan,   // 1
  kNot,     // 1
  kTruth,   // 1: a value taken as a condition
  kAnd,     // 2 or more
  kOr,
};

struct Expression {
  explicit Expression(ExpressionKind k) : kind(k) {}

  ExpressionKind kind;
  CompareOp compare = CompareOp::kEqual;
  ArithmeticOp arithmetic = ArithmeticOp::kAdd;
  uint32_t field = 0;  // kField: index into ExpressionTree::fields
  uint32_t depth = 0;  // of arithmetic under here
  Value constant;      // kConstant; text is owned by the tree
  std::shared_ptr<const Regex> regex;
  std::vector<std::unique_ptr<Expression>> operands;

  bool is_constant() const { return kind == ExpressionKind::kConstant; }
  bool is_field() const { return kind == ExpressionKind::kField; }
  // Whether its value is TRUE, FALSE or NULL whatever the message holds.
  bool is_condition() const;
};

struct ExpressionTree {
  std::unique_ptr<Expression> root;
  std::vector<FieldPath> fields;  // distinct
  std::vector<std::unique_ptr<std::string>> text;
};

// Text that parses to the same tree: one spelling for every way to write it.
std::string CanonicalText(const ExpressionTree& tree);

// The canonical form of a literal.
std::string LiteralText(const Value& constant);

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_FILTER_EXPRESSION_H_
