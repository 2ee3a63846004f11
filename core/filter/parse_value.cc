// Values: arithmetic, fields, literals and calls.
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "core/base/error.h"
#include "core/filter/parser_state.h"
#include "core/filter/vocabulary.h"

namespace fluxgate {

Parser::Node Parser::ParseSum() {
  Node left = ParseProduct();
  while (left != nullptr && (token_.kind == TokenKind::kPlus || token_.kind == TokenKind::kMinus)) {
    const ArithmeticOp op =
        token_.kind == TokenKind::kPlus ? ArithmeticOp::kAdd : ArithmeticOp::kSubtract;
    left = ParseOperation(std::move(left), op, &Parser::ParseProduct);
  }
  return left;
}

Parser::Node Parser::ParseProduct() {
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

Parser::Node Parser::ParseOperation(Node left, ArithmeticOp op, Node (Parser::*next)()) {
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

Parser::Node Parser::ParseSign() {
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

Parser::Node Parser::ParsePrimary() {
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
    case TokenKind::kField:
      return ParseField();
    case TokenKind::kNumber:
      return Literal(token_.number);
    case TokenKind::kString:
      return Literal(Value::String(token_.string));
    case TokenKind::kWord:
      return ParseWord();
    default:
      return Expected("a field or a value");
  }
}

Parser::Node Parser::ParseField() {
  const size_t offset = token_.offset;
  FieldReference reference;
  reference.path = std::move(token_.path);
  reference.topic = std::move(token_.topic);
  reference.message_type = std::move(token_.message_type);
  if (!reference.topic.empty() && !scope_.qualified_fields) {
    return Fail(offset, "a topic before a field is for views: here there is only one topic");
  }
  Advance();
  if (IsWord(token_, "OF") && scope_.records) {
    Advance();
    if (IsWord(token_, "CURRENT")) {
      reference.version = FieldVersion::kCurrent;
    } else if (IsWord(token_, "PREVIOUS")) {
      reference.version = FieldVersion::kPrevious;
    } else {
      return Expected("CURRENT or PREVIOUS after OF");
    }
    Advance();
  }
  return FieldNode(std::move(reference));
}

Parser::Node Parser::FieldNode(FieldReference reference) {
  Node node = Make(ExpressionKind::kField);
  if (node == nullptr) return nullptr;
  node->version = reference.version;
  const auto [it, added] =
      field_index_.try_emplace(reference.ToString(), static_cast<uint32_t>(tree_.fields.size()));
  if (added) tree_.fields.push_back(std::move(reference));
  node->field = it->second;
  return node;
}

Parser::Node Parser::ParseWord() {
  if (IsWord(token_, "TRUE")) return Literal(Value::Bool(true));
  if (IsWord(token_, "FALSE")) return Literal(Value::Bool(false));
  if (IsWord(token_, "NULL")) {
    return Expected("a field or a value (NULL is tested with IS NULL)");
  }
  if (IsKeyword(token_)) return Expected("a field or a value");
  const size_t offset = token_.offset;
  const std::string_view name = token_.text;
  const std::string found = Describe(token_);
  Advance();
  if (token_.kind == TokenKind::kOpen) return ParseCall(name, offset);
  return Fail(offset, fmt::format("expected a field or a value, found {} (text is written in "
                                  "quotes, a field with a leading '/')",
                                  found));
}

Parser::Node Parser::Literal(const Value& value) {
  Node node = ConstantNode(value);
  if (node != nullptr) Advance();
  return node;
}

Parser::Node Parser::ConstantNode(const Value& value) {
  Node node = Make(ExpressionKind::kConstant);
  if (node != nullptr) node->constant = tree_.Keep(value);
  return node;
}

}  // namespace fluxgate
