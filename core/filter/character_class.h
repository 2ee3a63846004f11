// Which characters make what in the filter language.
#ifndef FLUXGATE_CORE_FILTER_CHARACTER_CLASS_H_
#define FLUXGATE_CORE_FILTER_CHARACTER_CLASS_H_

namespace fluxgate {

inline bool IsBlank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
inline bool IsDigit(char c) { return c >= '0' && c <= '9'; }
inline bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
inline bool IsWordChar(char c) { return IsLetter(c) || IsDigit(c) || c == '_'; }
// Bytes of multi-byte UTF-8 characters count as letters.
inline bool IsNameChar(char c) {
  return IsWordChar(c) || c == '$' || static_cast<signed char>(c) < 0;
}
// Inside a name, when a name character follows.
inline bool IsNameJoint(char c) { return c == '-' || c == '.' || c == ':'; }

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_FILTER_CHARACTER_CLASS_H_
