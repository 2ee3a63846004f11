// Splits a filter's text into tokens, one at a time. Never fails outright: what cannot be read is a
// token of kind kBad that carries the reason.
#ifndef FLUXGATE_CORE_FILTER_LEXER_H_
#define FLUXGATE_CORE_FILTER_LEXER_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "core/message/field_path.h"
#include "core/message/value.h"

namespace fluxgate {

enum class TokenKind : uint8_t {
  kEnd,
  kBad,
  kNumber,
  kString,
  kField,
  kWord,  // keyword or function name
  kOpen,
  kClose,
  kComma,
  kEqual,
  kNotEqual,
  kLess,
  kLessEqual,
  kGreater,
  kGreaterEqual,
  kPlus,
  kMinus,
  kStar,
  kSlash,
  kPercent,
};

struct Token {
  TokenKind kind = TokenKind::kEnd;
  size_t offset = 0;
  std::string_view text;     // as written; kWord: compare with IsWord
  Value number;              // kNumber
  std::string string;        // kString: without quotes and escapes; kBad: what is wrong
  FieldPath path;            // kField
  std::string topic;         // kField: `[topic].` before it
  std::string message_type;  // kField: `[type].` before that
};

// Whether a token is the keyword `upper`, in any case.
bool IsWord(const Token& token, std::string_view upper);

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  Token Next();

 private:
  Token Take(TokenKind kind, size_t bytes);
  Token Bad(size_t offset, std::string reason);
  Token Number();
  Token String();
  Token RawString();
  Token Path();
  Token Bracketed();
  bool ReadPath(FieldPath& path);
  bool ReadBracketPath(FieldPath& path);
  bool ReadQualifier(std::string& name);
  bool ReadSubscripts(FieldPath& path);
  bool Refuse(size_t offset, std::string reason);
  Token Word();

  char Peek(size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }

  std::string_view text_;
  size_t at_ = 0;
  Token bad_;  // what Refuse was told
};

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_FILTER_LEXER_H_
