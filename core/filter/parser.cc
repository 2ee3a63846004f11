#include "core/filter/parser.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "core/base/error.h"
#include "core/filter/parser_state.h"
#include "core/filter/vocabulary.h"

namespace fluxgate {

bool Parser::ParseExpression() {
  if (token_.kind == TokenKind::kEnd && status_.ok()) Expected("an expression");
  tree_.root = ParseOr();
  return status_.ok();
}

bool Parser::ParseDestination(FieldPath& destination, std::vector<std::string>& hints) {
  if (!IsWord(token_, "AS")) return true;
  Advance();
  if (token_.kind != TokenKind::kField || !token_.topic.empty()) {
    Expected("a field after AS");
    return false;
  }
  destination = std::move(token_.path);
  Advance();
  if (!IsWord(token_, "HINT")) return status_.ok();
  do {
    Advance();
    if (token_.kind != TokenKind::kWord) {
      Expected("a word after HINT");
      return false;
    }
    hints.emplace_back(token_.text);
    Advance();
  } while (token_.kind == TokenKind::kComma);
  return status_.ok();
}

bool Parser::ParseEnd(std::string_view expected) {
  if (status_.ok() && token_.kind != TokenKind::kEnd) Expected(expected);
  return status_.ok();
}

void Parser::Advance() {
  token_ = lexer_.Next();
  if (token_.kind == TokenKind::kBad) Fail(token_.offset, token_.string);
}

bool Parser::Enter() {
  if (++depth_ <= limits_.depth_max) return true;
  TooDeep(token_.offset);
  return false;
}

bool Parser::CountNode() {
  if (++nodes_ <= limits_.nodes_max) return true;
  Fail(token_.offset,
       fmt::format("more than {} operators, fields and literals in one filter", limits_.nodes_max));
  return false;
}

Parser::Node Parser::Make(ExpressionKind kind) {
  if (!CountNode()) return nullptr;
  return std::make_unique<Expression>(kind);
}

Parser::Node Parser::MakeUnary(ExpressionKind kind, Node operand) {
  if (operand == nullptr) return nullptr;
  Node node = Make(kind);
  if (node != nullptr) Adopt(*node, std::move(operand));
  return node;
}

bool Parser::Adopt(Expression& parent, Node operand) {
  if (operand == nullptr) return false;
  parent.depth = std::max(parent.depth, operand->depth);
  parent.operands.push_back(std::move(operand));
  return true;
}

Parser::Node Parser::TooDeep(size_t offset) {
  return Fail(offset, fmt::format("nested deeper than {} levels", limits_.depth_max));
}

Parser::Node Parser::Expected(std::string_view what) {
  if (IsWord(token_, "OF")) {
    return Fail(token_.offset, "OF CURRENT and OF PREVIOUS are for topics that keep records");
  }
  if (IsWord(token_, "AS") || IsWord(token_, "HINT")) {
    return Fail(token_.offset, "AS and HINT are for fields that are constructed, not for filters");
  }
  std::string found = Describe(token_);
  if (token_.kind == TokenKind::kField && what.starts_with("an operator")) {
    found += " (division needs a blank after '/')";
  }
  return Fail(token_.offset, fmt::format("expected {}, found {}", what, found));
}

// The first failure stands; what follows from it is not worth telling.

Parser::Node Parser::Fail(size_t offset, std::string_view text) {
  if (status_.ok()) {
    status_ =
        MakeErrorAt(ErrorCode::kBadFilter, fmt::format("{} at byte {}", text, offset), offset);
  }
  return nullptr;
}

namespace {

absl::Status CheckLength(std::string_view text, const FilterLimits& limits) {
  if (text.size() <= limits.text_bytes_max) return absl::OkStatus();
  return MakeErrorAt(ErrorCode::kBadFilter,
                     fmt::format("filter is longer than {} bytes", limits.text_bytes_max),
                     limits.text_bytes_max);
}

}  // namespace

absl::StatusOr<ExpressionTree> ParseExpression(std::string_view text, const FilterLimits& limits,
                                               const ExpressionScope& scope) {
  if (absl::Status status = CheckLength(text, limits); !status.ok()) return status;
  Parser parser(text, limits, scope);
  if (!parser.ParseExpression() || !parser.ParseEnd("an operator or the end")) {
    return parser.status();
  }
  return parser.TakeTree();
}

absl::StatusOr<ParsedConstruction> ParseConstruction(std::string_view text,
                                                     const FilterLimits& limits,
                                                     const ExpressionScope& scope) {
  if (absl::Status status = CheckLength(text, limits); !status.ok()) return status;
  Parser parser(text, limits, scope);
  ParsedConstruction construction;
  if (!parser.ParseExpression() ||
      !parser.ParseDestination(construction.destination, construction.hints) ||
      !parser.ParseEnd("an operator, AS or the end")) {
    return parser.status();
  }
  construction.tree = parser.TakeTree();
  return construction;
}

absl::StatusOr<FieldPath> ParseFieldPath(std::string_view text) {
  Lexer lexer(text);
  Token token = lexer.Next();
  const Token end = lexer.Next();
  if (token.kind == TokenKind::kBad) {
    return MakeErrorAt(ErrorCode::kBadFilter, token.string, token.offset);
  }
  if (token.kind != TokenKind::kField || !token.topic.empty() || end.kind != TokenKind::kEnd) {
    return MakeErrorAt(ErrorCode::kBadFilter,
                       fmt::format("expected a field like /name, found {}", Describe(token)), 0);
  }
  return std::move(token.path);
}

}  // namespace fluxgate
