// Small things about text that comes from clients and goes into logs, URLs and comparisons.
#ifndef FLUXGATE_MODULES_COMMON_TEXT_H_
#define FLUXGATE_MODULES_COMMON_TEXT_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace fluxgate::modules {

// Bytes. What is longer is refused before anything is done with it.
inline constexpr size_t kUserNameMax = 256;
inline constexpr size_t kPasswordMax = 1024;

// Why `name` cannot be a user's name (empty, too long, control characters, no UTF-8), or "".
std::string WrongUserName(std::string_view name);

// "password is longer than ..." or "".
std::string WrongPassword(std::string_view password);

// Whether both are equal, in a time that depends on their lengths only.
bool ConstantTimeEqual(std::string_view left, std::string_view right);

// Overwrites a secret and empties it.
void Wipe(std::string* secret);

// For log lines: control characters become "\xNN", what is longer than 200 bytes ends in "...".
std::string Printable(std::string_view text);

// Everything but letters, digits and "-._~" as "%NN" (RFC 3986, section 2.3).
std::string PercentEncode(std::string_view text);

bool IsUtf8(std::string_view text);

// `text` with every occurrence of `what` replaced; what has been put in is not looked at again.
std::string ReplaceAll(std::string_view text, std::string_view what, std::string_view with);

// Without blanks, tabs and line ends on both sides.
std::string_view Trim(std::string_view text);

// The trimmed pieces between separators; an empty text has none.
std::vector<std::string> Split(std::string_view text, char separator);

}  // namespace fluxgate::modules

#endif  // FLUXGATE_MODULES_COMMON_TEXT_H_
