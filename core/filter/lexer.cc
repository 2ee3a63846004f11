#include "core/filter/lexer.h"

#include <fmt/format.h>

#include <cmath>
#include <optional>
#include <utility>

#include "core/filter/character_class.h"
#include "core/filter/compare.h"

namespace fluxgate {
namespace {

int HexDigit(char c) {
  if (IsDigit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

// -1: no octal digit.
int OctalDigit(char c) { return c >= '0' && c <= '7' ? c - '0' : -1; }

std::optional<char> SimpleEscape(char c) {
  switch (c) {
    case 'a':
      return '\a';
    case 'b':
      return '\b';
    case 't':
      return '\t';
    case 'n':
      return '\n';
    case 'f':
      return '\f';
    case 'r':
      return '\r';
    default:
      return std::nullopt;
  }
}

}  // namespace

bool IsWord(const Token& token, std::string_view upper) {
  if (token.kind != TokenKind::kWord || token.text.size() != upper.size()) return false;
  for (size_t i = 0; i < upper.size(); ++i) {
    const char c = token.text[i];
    if ((c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c) != upper[i]) return false;
  }
  return true;
}

Token Lexer::Take(TokenKind kind, size_t bytes) {
  Token token;
  token.kind = kind;
  token.offset = at_;
  token.text = text_.substr(at_, bytes);
  at_ += bytes;
  return token;
}

Token Lexer::Bad(size_t offset, std::string reason) {
  Token token;
  token.kind = TokenKind::kBad;
  token.offset = offset;
  token.string = std::move(reason);
  at_ = text_.size();
  return token;
}

Token Lexer::Next() {
  while (at_ < text_.size() && IsBlank(text_[at_])) ++at_;
  if (at_ == text_.size()) return Take(TokenKind::kEnd, 0);
  const char c = text_[at_];
  const char next = Peek(1);
  switch (c) {
    case '(':
      return Take(TokenKind::kOpen, 1);
    case ')':
      return Take(TokenKind::kClose, 1);
    case ',':
      return Take(TokenKind::kComma, 1);
    case '=':
      return Take(TokenKind::kEqual, next == '=' ? 2 : 1);
    case '!':
      if (next == '=') return Take(TokenKind::kNotEqual, 2);
      return Bad(at_, "expected '!=', found '!' (negation is written NOT)");
    case '<':
      if (next == '=') return Take(TokenKind::kLessEqual, 2);
      if (next == '>') return Take(TokenKind::kNotEqual, 2);
      return Take(TokenKind::kLess, 1);
    case '>':
      if (next == '=') return Take(TokenKind::kGreaterEqual, 2);
      return Take(TokenKind::kGreater, 1);
    case '+':
      return Take(TokenKind::kPlus, 1);
    case '-':
      return Take(TokenKind::kMinus, 1);
    case '*':
      return Take(TokenKind::kStar, 1);
    case '%':
      return Take(TokenKind::kPercent, 1);
    case '/':
      if (IsNameChar(next) || (next == '@' && IsNameChar(Peek(2)))) return Path();
      if (next == '/') return Bad(at_, "expected a field name after '/', found '/'");
      return Take(TokenKind::kSlash, 1);
    case '[':
      return Bracketed();
    case '\'':
    case '"':
      return String();
    default:
      break;
  }
  if (IsDigit(c) || (c == '.' && IsDigit(next))) return Number();
  if ((c == 'r' || c == 'R') && (next == '\'' || next == '"')) return RawString();
  if (IsLetter(c) || c == '_') return Word();
  if (c >= 0x20 && c < 0x7f) {
    return Bad(at_, fmt::format("expected a field, value or operator, found '{}'", c));
  }
  return Bad(at_, fmt::format("expected a field, value or operator, found byte 0x{:02x}",
                              static_cast<unsigned char>(c)));
}

Token Lexer::Number() {
  size_t end = at_;
  const auto skip_digits = [&] {
    while (end < text_.size() && IsDigit(text_[end])) ++end;
  };
  skip_digits();
  if (end < text_.size() && text_[end] == '.') {
    ++end;
    skip_digits();
  }
  if (end < text_.size() && (text_[end] == 'e' || text_[end] == 'E')) {
    size_t digits = end + 1;
    if (digits < text_.size() && (text_[digits] == '+' || text_[digits] == '-')) ++digits;
    if (digits < text_.size() && IsDigit(text_[digits])) {
      end = digits;
      skip_digits();
    }
  }
  if (end < text_.size() && (IsNameChar(text_[end]) || text_[end] == '.')) {
    return Bad(at_, "expected a number, found digits with other characters behind them");
  }
  const std::optional<Value> number = ParseNumber(text_.substr(at_, end - at_));
  if (!number.has_value()) return Bad(at_, "expected a number");
  if (number->kind() == Value::Kind::kDouble && std::isinf(number->as_double())) {
    return Bad(at_, "expected a number that fits a double, found a larger one");
  }
  Token token = Take(TokenKind::kNumber, end - at_);
  token.number = *number;
  return token;
}

Token Lexer::String() {
  const size_t start = at_;
  const char quote = text_[at_];
  std::string string;
  size_t i = at_ + 1;
  while (i < text_.size() && text_[i] != quote) {
    if (text_[i] != '\\') {
      string += text_[i++];
      continue;
    }
    if (i + 1 == text_.size()) break;
    const char c = text_[i + 1];
    const auto digit = [&](size_t n, auto&& digit_of) {
      return i + n < text_.size() ? digit_of(text_[i + n]) : -1;
    };
    if (c == 'x') {
      const int high = digit(2, HexDigit);
      const int low = digit(3, HexDigit);
      if (high < 0 || low < 0) return Bad(i, "expected two hexadecimal digits after '\\x'");
      string += static_cast<char>(high * 16 + low);
      i += 4;
    } else if (OctalDigit(c) >= 0) {
      const int b = digit(2, OctalDigit);
      const int d = digit(3, OctalDigit);
      const int code = OctalDigit(c) * 64 + b * 8 + d;
      if (b < 0 || d < 0 || code > 255) {
        return Bad(i, "expected three octal digits up to 377 after '\\'");
      }
      string += static_cast<char>(code);
      i += 4;
    } else {
      string += SimpleEscape(c).value_or(c);
      i += 2;
    }
  }
  if (i >= text_.size() || text_[i] != quote) {
    return Bad(start, fmt::format("expected a closing {} for the string that starts here", quote));
  }
  Token token = Take(TokenKind::kString, i + 1 - start);
  token.string = std::move(string);
  return token;
}

Token Lexer::RawString() {
  const char quote = text_[at_ + 1];
  const size_t end = text_.find(quote, at_ + 2);
  if (end == std::string_view::npos) {
    return Bad(at_, fmt::format("expected a closing {} for the string that starts here", quote));
  }
  std::string string(text_.substr(at_ + 2, end - at_ - 2));
  Token token = Take(TokenKind::kString, end + 1 - at_);
  token.string = std::move(string);
  return token;
}

Token Lexer::Word() {
  size_t end = at_;
  while (end < text_.size() && IsWordChar(text_[end])) ++end;
  return Take(TokenKind::kWord, end - at_);
}

}  // namespace fluxgate
