// How fields are spelled: `/order/lines[0]/@id`, `[/Any name]`, `[topic].[/field]`.
#include <fmt/format.h>

#include <utility>

#include "core/filter/character_class.h"
#include "core/filter/lexer.h"

namespace fluxgate {
namespace {

constexpr size_t kSubscriptDigitsMax = 9;  // all of them fit FieldStep::index

}  // namespace

bool Lexer::Refuse(size_t offset, std::string reason) {
  bad_ = Bad(offset, std::move(reason));
  return false;
}

Token Lexer::Path() {
  const size_t start = at_;
  FieldPath path;
  if (!ReadPath(path)) return bad_;
  Token token;
  token.kind = TokenKind::kField;
  token.offset = start;
  token.text = text_.substr(start, at_ - start);
  token.path = std::move(path);
  return token;
}

// `[/path]`, or up to two qualifiers and a path: `[type].[topic].[/path]`, `[topic]./path`.
Token Lexer::Bracketed() {
  const size_t start = at_;
  std::string qualifiers[2];
  size_t count = 0;
  while (Peek() == '[' && Peek(1) != '/') {
    if (count == 2) return Bad(at_, "expected '[/' and a field name behind type and topic");
    if (!ReadQualifier(qualifiers[count++])) return bad_;
  }
  FieldPath path;
  if (Peek() == '[') {
    if (!ReadBracketPath(path)) return bad_;
  } else if (!ReadPath(path)) {
    return bad_;
  }
  Token token;
  token.kind = TokenKind::kField;
  token.offset = start;
  token.text = text_.substr(start, at_ - start);
  token.path = std::move(path);
  if (count > 0) token.topic = std::move(qualifiers[count - 1]);
  if (count == 2) token.message_type = std::move(qualifiers[0]);
  return token;
}

// At the '['; ends behind the '.'.
bool Lexer::ReadQualifier(std::string& name) {
  const size_t start = at_++;
  for (; at_ < text_.size() && Peek() != ']'; ++at_) {
    if (Peek() == '\\' && at_ + 1 < text_.size()) ++at_;
    name += Peek();
  }
  if (name.empty()) return Refuse(start, "expected '/' and a field name after '['");
  if (at_ >= text_.size())
    return Refuse(start, "expected a closing ] for the name that starts here");
  ++at_;
  if (Peek() != '.' || (Peek(1) != '[' && Peek(1) != '/')) {
    return Refuse(start,
                  "expected '.' and a field behind the name in brackets (a field in brackets "
                  "begins with '[/')");
  }
  ++at_;
  return true;
}

bool Lexer::ReadPath(FieldPath& path) {
  const size_t start = at_;
  while (Peek() == '/' && (IsNameChar(Peek(1)) || (Peek(1) == '@' && IsNameChar(Peek(2))))) {
    const size_t begin = ++at_;
    if (Peek() == '@') ++at_;
    while (IsNameChar(Peek()) || (IsNameJoint(Peek()) && IsNameChar(Peek(1)))) ++at_;
    path.steps.emplace_back(std::string(text_.substr(begin, at_ - begin)));
    if (!ReadSubscripts(path)) return false;
  }
  if (path.steps.empty()) return Refuse(start, "expected a field name after '/'");
  return true;
}

// Names may hold anything; before '/', '[', ']' and itself stands a '\\'.
bool Lexer::ReadBracketPath(FieldPath& path) {
  const size_t start = at_++;
  while (Peek() == '/') {
    std::string name;
    for (++at_; at_ < text_.size(); ++at_) {
      const char c = Peek();
      if (c == '/' || c == ']' || (c == '[' && IsDigit(Peek(1)))) break;
      if (c == '\\' && at_ + 1 < text_.size()) ++at_;
      name += Peek();
    }
    if (name.empty()) return Refuse(start, "expected a name after '/' in the field in brackets");
    path.steps.emplace_back(std::move(name));
    if (!ReadSubscripts(path)) return false;
  }
  if (Peek() != ']') return Refuse(start, "expected a closing ] for the field that starts here");
  ++at_;
  // Outside the brackets a subscript reads as well.
  return ReadSubscripts(path);
}

// Any number of `[n]`.
bool Lexer::ReadSubscripts(FieldPath& path) {
  while (Peek() == '[') {
    const size_t start = at_;
    size_t end = at_ + 1;
    int32_t index = 0;
    while (end < text_.size() && IsDigit(text_[end]) && end - start <= kSubscriptDigitsMax) {
      index = index * 10 + (text_[end++] - '0');
    }
    if (end == start + 1 || end >= text_.size() || text_[end] != ']') {
      return Refuse(start, fmt::format("expected a subscript like [0], of at most {} digits",
                                       kSubscriptDigitsMax));
    }
    at_ = end + 1;
    FieldStep& last = path.steps.back();
    if (last.index < 0) {
      last.index = index;
    } else {
      path.steps.emplace_back(std::string(), index);
    }
  }
  return true;
}

}  // namespace fluxgate
