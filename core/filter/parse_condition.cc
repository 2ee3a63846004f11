// Conditions: OR, AND, NOT, comparisons and the other predicates.
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "core/base/error.h"
#include "core/base/shared_regex.h"
#include "core/filter/parser_state.h"

namespace fluxgate {
namespace {

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

}  // namespace

Parser::Node Parser::ParseOr() {
  Node first = ParseAnd();
  return ParseChain(std::move(first), "OR", ExpressionKind::kOr, &Parser::ParseAnd);
}

Parser::Node Parser::ParseAnd() {
  Node first = ParseNot();
  return ParseChain(std::move(first), "AND", ExpressionKind::kAnd, &Parser::ParseNot);
}

Parser::Node Parser::ParseChain(Node first, std::string_view word, ExpressionKind kind,
                                Node (Parser::*next)()) {
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

Parser::Node Parser::ParseNot() {
  if (!IsWord(token_, "NOT")) return ParsePredicate();
  if (!Enter()) return nullptr;
  Advance();
  Node operand = ParseNot();
  Leave();
  return MakeUnary(ExpressionKind::kNot, std::move(operand));
}

// Comparisons and the other forms that make a condition out of values.

Parser::Node Parser::ParsePredicate() {
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

Parser::Node Parser::ParseIs(Node left) {
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

Parser::Node Parser::ParseWordPredicate(Node left, bool negated) {
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
    if (!IsWord(token_, "WITH")) return Expected(begins ? "WITH after BEGINS" : "WITH after ENDS");
    Advance();
    return ParseList(begins ? ExpressionKind::kBeginsWith : ExpressionKind::kEndsWith,
                     std::move(left));
  }
  return Expected(negated ? "IN, BETWEEN, LIKE, BEGINS, ENDS or NULL after NOT" : "an operator");
}

Parser::Node Parser::ParseList(ExpressionKind kind, Node left) {
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

Parser::Node Parser::ParseLike(Node left) {
  Advance();
  if (token_.kind != TokenKind::kString) return Expected("a string literal after LIKE");
  if (token_.string.empty()) return Fail(token_.offset, "expected a pattern, found an empty one");
  Node node = MakeUnary(ExpressionKind::kLike, std::move(left));
  if (node == nullptr || !CountNode()) return nullptr;
  node->regex = CompilePattern(token_.string, token_.offset);
  if (node->regex == nullptr) return nullptr;
  Advance();
  return node;
}

std::shared_ptr<const Regex> Parser::CompilePattern(const std::string& pattern, size_t offset) {
  auto& regex = patterns_[pattern];
  if (regex != nullptr) return regex;
  if (patterns_.size() > limits_.patterns_max) {
    Fail(offset,
         fmt::format("more than {} different patterns in one filter", limits_.patterns_max));
    return nullptr;
  }
  auto compiled = CompileSharedRegex(pattern, ErrorCode::kBadFilter, limits_.regex);
  if (!compiled.ok()) {
    Fail(offset, ErrorText(compiled.status()));
    return nullptr;
  }
  regex = *std::move(compiled);
  return regex;
}

}  // namespace fluxgate
