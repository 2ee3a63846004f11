// The parser's inside: recursive descent, conditions in parse_condition.cc, values in
// parse_value.cc. Methods that build nodes return null after a failure, which is kept in status_.
#ifndef FLUXGATE_CORE_FILTER_PARSER_STATE_H_
#define FLUXGATE_CORE_FILTER_PARSER_STATE_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "core/base/strings.h"
#include "core/filter/aggregate.h"
#include "core/filter/expression.h"
#include "core/filter/expression_scope.h"
#include "core/filter/filter_limits.h"
#include "core/filter/lexer.h"

namespace fluxgate {

class Parser {
 public:
  Parser(std::string_view text, const FilterLimits& limits, const ExpressionScope& scope)
      : limits_(limits), scope_(scope), lexer_(text) {
    Advance();
  }

  // One expression. What stands behind it is left to be asked for.
  bool ParseExpression();
  // `AS /path [HINT word, word]`, if it is there.
  bool ParseDestination(FieldPath& destination, std::vector<std::string>& hints);
  bool ParseEnd(std::string_view expected);

  const absl::Status& status() const { return status_; }
  ExpressionTree TakeTree() { return std::move(tree_); }

 private:
  using Node = std::unique_ptr<Expression>;

  // parse_condition.cc
  Node ParseOr();
  Node ParseAnd();
  Node ParseChain(Node first, std::string_view word, ExpressionKind kind, Node (Parser::*next)());
  Node ParseNot();
  Node ParsePredicate();
  Node ParseIs(Node left);
  Node ParseWordPredicate(Node left, bool negated);
  Node ParseList(ExpressionKind kind, Node left);
  Node ParseLike(Node left);
  std::shared_ptr<const Regex> CompilePattern(const std::string& pattern, size_t offset);

  // parse_value.cc
  Node ParseSum();
  Node ParseProduct();
  Node ParseOperation(Node left, ArithmeticOp op, Node (Parser::*next)());
  Node ParseSign();
  Node ParsePrimary();
  Node ParseField();
  Node ParseWord();
  Node ParseCall(std::string_view name, size_t offset);
  Node ParseFunction(const Function& function, size_t offset);
  Node ParseAggregate(const Aggregate::Kind& kind, size_t offset);
  Node ParseIf(size_t offset);
  bool ParseArguments(Expression& call);
  Node ParseArgument();
  Node NoArguments(std::string_view name, Node result);
  Node EnvelopeValue(EnvelopeField field, size_t offset);
  Node Literal(const Value& value);
  Node ConstantNode(const Value& value);
  Node FieldNode(FieldReference reference);

  void Advance();
  bool Enter();
  void Leave() { --depth_; }
  bool CountNode();
  Node Make(ExpressionKind kind);
  Node MakeUnary(ExpressionKind kind, Node operand);
  bool Adopt(Expression& parent, Node operand);
  Node TooDeep(size_t offset);
  Node Expected(std::string_view what);
  Node Fail(size_t offset, std::string_view text);

  const FilterLimits& limits_;
  const ExpressionScope& scope_;
  Lexer lexer_;
  Token token_;
  ExpressionTree tree_;
  StringMap<uint32_t> field_index_;
  StringMap<std::shared_ptr<const Regex>> patterns_;
  absl::Status status_;
  uint32_t depth_ = 0;
  uint32_t nodes_ = 0;
  bool in_aggregate_ = false;
};

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_FILTER_PARSER_STATE_H_
