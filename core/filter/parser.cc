#include "core/filter/parser.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "core/base/error.h"
#include "core/base/strings.h"
#include "core/filter/lexer.h"
#include "core/filter/vocabulary.h"

namespace fluxgate {
namespace {

using Node = std::unique_ptr<Expression>;

bool IsCompare(TokenKind kind, CompareOp& op) {
  switch (kind) {
    case TokenKind::kEqual:
      op = CompareOp::kEqual;
      return true;
    case TokenKind::kNotEqual:
      op = CompareOp::kNotEqual;
      return true;
    case TokenKind::kLess:
      op = CompareOp::kLess;
      return true;
    case TokenKind::kLessEqual:
      op = CompareOp::kLessEqual;
      return true;
    case TokenKind::kGreater:
      op = CompareOp::kGreater;
      return true;
    case TokenKind::kGreaterEqual:
      op = CompareOp::kGreaterEqual;
      return true;
    default:
      return false;
  }
}

bool StartsPredicate(const Token& token) {
  CompareOp op;
  if (IsCompare(token.kind, op)) return true;
  for (const char* word : {"IN", "BETWEEN", "LIKE", "BEGINS", "ENDS", "IS", "NOT"}) {
    if (IsWord(token, word)) return true;
  }
  return false;
}

// Functions that build nodes return null after a failure, which is kept in status_.
class Parser {
 public:
  Parser(std::string_view text, const FilterLimits& limits) : limits_(limits), lexer_(text) {}

  absl::StatusOr<ExpressionTree> Parse() {
    Advance();
    if (token_.kind == TokenKind::kEnd && status_.ok()) Expected("a filter");
    Node root = ParseOr();
    if (root != nullptr && token_.kind != TokenKind::kEnd) Expected("an operator or the end");
    if (!status_.ok()) return status_;
    tree_.root = std::move(root);
    return std::move(tree_);
  }

 private:
  Node ParseOr() {
    Node first = ParseAnd();
    return ParseChain(std::move(first), "OR", ExpressionKind::kOr, &Parser::ParseAnd);
  }

  Node ParseAnd() {
    Node first = ParseNot();
    return ParseChain(std::move(first), "AND", ExpressionKind::kAnd, &Parser::ParseNot);
  }

  Node ParseChain(Node first, std::string_view word, ExpressionKind kind, Node (Parser::*next)()) {
    if (first == nullptr || !IsWord(token_, word)) return first;
    Node chain = Make(kind);
    if (chain == nullptr) return nullptr;
    Adopt(*chain, std::move(first));
    while (IsWord(token_, word)) {
      Advance();
      if (!Adopt(*chain, (this->*next)())) return nullptr;
    }
    return chain;
  }

  Node ParseNot() {
    if (!IsWord(token_, "NOT")) return ParsePredicate();
    if (!Enter()) return nullptr;
    Advance();
    Node operand = ParseNot();
    Leave();
    return MakeUnary(ExpressionKind::kNot, std::move(operand));
  }

  // Comparisons and the other forms that make a condition out of values.
  Node ParsePredicate() {
    Node left = ParseSum();
    if (left == nullptr || !StartsPredicate(token_)) return left;
    Node node;
    CompareOp op;
    if (IsCompare(token_.kind, op)) {
      Advance();
      node = Make(ExpressionKind::kCompare);
      if (node == nullptr) return nullptr;
      node->compare = op;
      Adopt(*node, std::move(left));
      if (!Adopt(*node, ParseSum())) return nullptr;
    } else if (IsWord(token_, "IS")) {
      node = ParseIs(std::move(left));
    } else {
      const bool negated = IsWord(token_, "NOT");
      if (negated) Advance();
      if (negated && IsWord(token_, "NULL")) {
        Advance();
        node = MakeUnary(ExpressionKind::kIsNull, std::move(left));
      } else {
        node = ParseWordPredicate(std::move(left), negated);
      }
      if (negated) node = MakeUnary(ExpressionKind::kNot, std::move(node));
    }
    if (node != nullptr && StartsPredicate(token_)) {
      return Expected("AND, OR or the end (comparisons do not chain; use parentheses)");
    }
    return node;
  }

  Node ParseIs(Node left) {
    Advance();
    const bool negated = IsWord(token_, "NOT");
    if (negated) Advance();
    ExpressionKind kind = ExpressionKind::kIsNull;
    if (IsWord(token_, "NAN")) {
      kind = ExpressionKind::kIsNan;
    } else if (!IsWord(token_, "NULL")) {
      return Expected(negated ? "NULL or NAN" : "NULL, NOT NULL or NAN");
    }
    Advance();
    Node node = MakeUnary(kind, std::move(left));
    return negated ? MakeUnary(ExpressionKind::kNot, std::move(node)) : std::move(node);
  }

  Node ParseWordPredicate(Node left, bool negated) {
    if (IsWord(token_, "LIKE")) return ParseLike(std::move(left));
    if (IsWord(token_, "BETWEEN")) {
      Advance();
      Node node = Make(ExpressionKind::kBetween);
      if (node == nullptr) return nullptr;
      Adopt(*node, std::move(left));
      if (!Adopt(*node, ParseSum())) return nullptr;
      if (!IsWord(token_, "AND")) return Expected("AND of BETWEEN");
      Advance();
      if (!Adopt(*node, ParseSum())) return nullptr;
      return node;
    }
    if (IsWord(token_, "IN")) {
      Advance();
      return ParseList(ExpressionKind::kIn, std::move(left));
    }
    if (IsWord(token_, "BEGINS") || IsWord(token_, "ENDS")) {
      const bool begins = IsWord(token_, "BEGINS");
      Advance();
      if (!IsWord(token_, "WITH"))
        return Expected(begins ? "WITH after BEGINS" : "WITH after ENDS");
      Advance();
      return ParseList(begins ? ExpressionKind::kBeginsWith : ExpressionKind::kEndsWith,
                       std::move(left));
    }
    return Expected(negated ? "IN, BETWEEN, LIKE, BEGINS, ENDS or NULL after NOT" : "an operator");
  }

  Node ParseList(ExpressionKind kind, Node left) {
    Node node = Make(kind);
    if (node == nullptr) return nullptr;
    Adopt(*node, std::move(left));
    if (token_.kind != TokenKind::kOpen) return Expected("'(' and a list");
    if (!Enter()) return nullptr;
    do {
      Advance();
      if (!Adopt(*node, ParseSum())) return nullptr;
    } while (token_.kind == TokenKind::kComma);
    if (token_.kind != TokenKind::kClose) return Expected("',' or ')'");
    Advance();
    Leave();
    return node;
  }

  Node ParseLike(Node left) {
    Advance();
    if (token_.kind != TokenKind::kString) return Expected("a string literal after LIKE");
    if (token_.string.empty()) return Fail(token_.offset, "expected a pattern, found an empty one");
    Node node = MakeUnary(ExpressionKind::kLike, std::move(left));
    if (node == nullptr || !CountNode()) return nullptr;
    auto& regex = patterns_[token_.string];
    if (regex == nullptr) {
      if (patterns_.size() > limits_.patterns_max) {
        return Fail(token_.offset, fmt::format("more than {} different patterns in one filter",
                                               limits_.patterns_max));
      }
      auto compiled = Regex::Compile(token_.string, ErrorCode::kBadFilter, limits_.regex);
      if (!compiled.ok()) return Fail(token_.offset, ErrorText(compiled.status()));
      regex = *std::move(compiled);
    }
    node->regex = regex;
    Advance();
    return node;
  }

  Node ParseSum() {
    Node left = ParseProduct();
    while (left != nullptr &&
           (token_.kind == TokenKind::kPlus || token_.kind == TokenKind::kMinus)) {
      const ArithmeticOp op =
          token_.kind == TokenKind::kPlus ? ArithmeticOp::kAdd : ArithmeticOp::kSubtract;
      left = ParseOperation(std::move(left), op, &Parser::ParseProduct);
    }
    return left;
  }

  Node ParseProduct() {
    Node left = ParseSign();
    while (left != nullptr) {
      ArithmeticOp op;
      if (token_.kind == TokenKind::kStar) {
        op = ArithmeticOp::kMultiply;
      } else if (token_.kind == TokenKind::kSlash) {
        op = ArithmeticOp::kDivide;
      } else if (token_.kind == TokenKind::kPercent || IsWord(token_, "MOD")) {
        op = ArithmeticOp::kModulo;
      } else {
        break;
      }
      left = ParseOperation(std::move(left), op, &Parser::ParseSign);
    }
    return left;
  }

  Node ParseOperation(Node left, ArithmeticOp op, Node (Parser::*next)()) {
    const size_t offset = token_.offset;
    Advance();
    Node node = Make(ExpressionKind::kArithmetic);
    if (node == nullptr) return nullptr;
    node->arithmetic = op;
    Adopt(*node, std::move(left));
    if (!Adopt(*node, (this->*next)())) return nullptr;
    // A chain leans to the left: it nests although the parser does not.
    if (++node->depth > limits_.depth_max) return TooDeep(offset);
    return node;
  }

  Node ParseSign() {
    if (token_.kind != TokenKind::kMinus && token_.kind != TokenKind::kPlus) return ParsePrimary();
    const bool minus = token_.kind == TokenKind::kMinus;
    if (!Enter()) return nullptr;
    Advance();
    Node operand = ParseSign();
    Leave();
    if (minus || operand == nullptr) return MakeUnary(ExpressionKind::kNegate, std::move(operand));
    // A plus changes nothing about a number, but makes a number of text.
    if (operand->is_constant() && operand->constant.is_number()) return operand;
    Node zero = Make(ExpressionKind::kConstant);
    Node sum = Make(ExpressionKind::kArithmetic);
    if (zero == nullptr || sum == nullptr) return nullptr;
    zero->constant = Value::Int(0);
    Adopt(*sum, std::move(zero));
    Adopt(*sum, std::move(operand));
    return sum;
  }

  Node ParsePrimary() {
    switch (token_.kind) {
      case TokenKind::kOpen: {
        if (!Enter()) return nullptr;
        Advance();
        Node inner = ParseOr();
        Leave();
        if (inner == nullptr) return nullptr;
        if (token_.kind != TokenKind::kClose) return Expected("an operator or ')'");
        Advance();
        return inner;
      }
      case TokenKind::kField: {
        Node node = Make(ExpressionKind::kField);
        if (node == nullptr) return nullptr;
        node->field = FieldIndex(std::move(token_.path));
        Advance();
        return node;
      }
      case TokenKind::kNumber:
        return Literal(token_.number);
      case TokenKind::kString:
        tree_.text.push_back(std::make_unique<std::string>(std::move(token_.string)));
        return Literal(Value::String(*tree_.text.back()));
      case TokenKind::kWord:
        return ParseWord();
      default:
        return Expected("a field or a value");
    }
  }

  Node ParseWord() {
    if (IsWord(token_, "TRUE")) return Literal(Value::Bool(true));
    if (IsWord(token_, "FALSE")) return Literal(Value::Bool(false));
    if (IsWord(token_, "NULL")) {
      return Expected("a field or a value (NULL is tested with IS NULL)");
    }
    if (IsKeyword(token_)) return Expected("a field or a value");
    const size_t offset = token_.offset;
    if (const std::string_view function = AnnouncedFunction(token_); !function.empty()) {
      return Fail(offset, fmt::format("function {} is not built yet", function));
    }
    const std::string found = Describe(token_);
    Advance();
    if (token_.kind == TokenKind::kOpen) {
      return Fail(offset, fmt::format("unknown function {}", found));
    }
    return Fail(offset, fmt::format("expected a field or a value, found {} (text is written in "
                                    "quotes, a field with a leading '/')",
                                    found));
  }

  Node Literal(const Value& value) {
    Node node = Make(ExpressionKind::kConstant);
    if (node == nullptr) return nullptr;
    node->constant = value;
    Advance();
    return node;
  }

  uint32_t FieldIndex(FieldPath path) {
    const auto [it, added] =
        field_index_.try_emplace(path.ToString(), static_cast<uint32_t>(tree_.fields.size()));
    if (added) tree_.fields.push_back(std::move(path));
    return it->second;
  }

  void Advance() {
    token_ = lexer_.Next();
    if (token_.kind == TokenKind::kBad) Fail(token_.offset, token_.string);
  }

  bool Enter() {
    if (++depth_ <= limits_.depth_max) return true;
    TooDeep(token_.offset);
    return false;
  }
  void Leave() { --depth_; }

  bool CountNode() {
    if (++nodes_ <= limits_.nodes_max) return true;
    Fail(token_.offset, fmt::format("more than {} operators, fields and literals in one filter",
                                    limits_.nodes_max));
    return false;
  }

  Node Make(ExpressionKind kind) {
    if (!CountNode()) return nullptr;
    return std::make_unique<Expression>(kind);
  }

  Node MakeUnary(ExpressionKind kind, Node operand) {
    if (operand == nullptr) return nullptr;
    Node node = Make(kind);
    if (node != nullptr) Adopt(*node, std::move(operand));
    return node;
  }

  bool Adopt(Expression& parent, Node operand) {
    if (operand == nullptr) return false;
    parent.depth = std::max(parent.depth, operand->depth);
    parent.operands.push_back(std::move(operand));
    return true;
  }

  Node TooDeep(size_t offset) {
    return Fail(offset, fmt::format("nested deeper than {} levels", limits_.depth_max));
  }

  Node Expected(std::string_view what) {
    if (IsWord(token_, "OF"))
      return Fail(token_.offset, "OF CURRENT and OF PREVIOUS are not built yet");
    if (IsWord(token_, "AS") || IsWord(token_, "HINT")) {
      return Fail(token_.offset, "field construction (AS, HINT) is not built yet");
    }
    std::string found = Describe(token_);
    if (token_.kind == TokenKind::kField && what.starts_with("an operator")) {
      found += " (division needs a blank after '/')";
    }
    return Fail(token_.offset, fmt::format("expected {}, found {}", what, found));
  }

  // The first failure stands; what follows from it is not worth telling.
  Node Fail(size_t offset, std::string_view text) {
    if (status_.ok()) {
      status_ =
          MakeErrorAt(ErrorCode::kBadFilter, fmt::format("{} at byte {}", text, offset), offset);
    }
    return nullptr;
  }

  const FilterLimits& limits_;
  Lexer lexer_;
  Token token_;
  ExpressionTree tree_;
  StringMap<uint32_t> field_index_;
  StringMap<std::shared_ptr<const Regex>> patterns_;
  absl::Status status_;
  uint32_t depth_ = 0;
  uint32_t nodes_ = 0;
};

}  // namespace

absl::StatusOr<ExpressionTree> ParseFilter(std::string_view text, const FilterLimits& limits) {
  if (text.size() > limits.text_bytes_max) {
    return MakeErrorAt(ErrorCode::kBadFilter,
                       fmt::format("filter is longer than {} bytes", limits.text_bytes_max),
                       limits.text_bytes_max);
  }
  return Parser(text, limits).Parse();
}

}  // namespace fluxgate
