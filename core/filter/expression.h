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
#include "core/filter/aggregate.h"
#include "core/filter/operators.h"
#include "core/message/field_path.h"
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
  kIsNull,     // 1
  kIsNan,      // 1
  kNot,        // 1
  kTruth,      // 1: a value taken as a condition
  kIf,         // condition, value if TRUE, value otherwise
  kCall,       // as many as `function` takes
  kAggregate,  // 1; 2 for GROUP_CONCAT
  kAnd,        // 2 or more
  kOr,
};

struct Function;

// Which record a field is read from.
enum class FieldVersion : uint8_t {
  kMessage,   // the message itself
  kCurrent,   // the record as the message makes it
  kPrevious,  // the record as it was
};

struct FieldReference {
  FieldPath path;
  FieldVersion version = FieldVersion::kMessage;
  std::string topic;         // of `[topic].[/f]`; empty: the topic at hand
  std::string message_type;  // of `[type].[topic].[/f]`

  std::string ToString() const;
};

struct Expression {
  explicit Expression(ExpressionKind k) : kind(k) {}

  ExpressionKind kind;
  CompareOp compare = CompareOp::kEqual;
  ArithmeticOp arithmetic = ArithmeticOp::kAdd;
  uint32_t field = 0;                             // kField: index into ExpressionTree::fields
  FieldVersion version = FieldVersion::kMessage;  // kField: of that field
  uint32_t depth = 0;                             // of arithmetic under here
  const Function* function = nullptr;             // kCall
  const Aggregate::Kind* aggregate = nullptr;     // kAggregate
  Value constant;                                 // kConstant; text is owned by the tree
  std::shared_ptr<const Regex> regex;             // kLike; kCall: of a literal pattern argument
  std::vector<std::unique_ptr<Expression>> operands;

  bool is_constant() const { return kind == ExpressionKind::kConstant; }
  bool is_field() const { return kind == ExpressionKind::kField; }
  // Whether its value is TRUE, FALSE or NULL whatever the message holds.
  bool is_condition() const;
};

struct ExpressionTree {
  std::unique_ptr<Expression> root;
  std::vector<FieldReference> fields;  // distinct
  std::vector<std::unique_ptr<std::string>> text;

  // `value` with its text, if it has any, kept by the tree.
  Value Keep(const Value& value);
};

// Text that parses to the same tree: one spelling for every way to write it.
std::string CanonicalText(const ExpressionTree& tree);

// The canonical form of a literal.
std::string LiteralText(const Value& constant);

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_FILTER_EXPRESSION_H_
