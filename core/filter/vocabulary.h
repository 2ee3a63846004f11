// The words of the filter language, and how tokens are spoken of in errors.
#ifndef FLUXGATE_CORE_FILTER_VOCABULARY_H_
#define FLUXGATE_CORE_FILTER_VOCABULARY_H_

#include <string>
#include <string_view>

#include "core/filter/lexer.h"

namespace fluxgate {

// A word that may not stand where a value is expected, and is no name that somebody made up.
bool IsKeyword(const Token& token);

// The upper-case name of a function that is announced, but not built yet; empty for other words.
std::string_view AnnouncedFunction(const Token& token);

// "number 5", "the end": short, and printable whatever the token holds.
std::string Describe(const Token& token);

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_FILTER_VOCABULARY_H_
