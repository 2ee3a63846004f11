// The words of the filter language, and how tokens are spoken of in errors.
#ifndef FLUXGATE_CORE_FILTER_VOCABULARY_H_
#define FLUXGATE_CORE_FILTER_VOCABULARY_H_

#include <string>
#include <string_view>

#include "core/filter/lexer.h"

namespace fluxgate {

// A word that may not stand where a value is expected, and is no name that somebody made up.
bool IsKeyword(const Token& token);

// A word, in upper case, that means something wherever it stands.
bool IsReservedWord(std::string_view upper);

// Functions that are announced, but not built yet.
bool IsAnnouncedFunction(std::string_view upper);

// At most 32 bytes of it, printable whatever it holds.
std::string Printable(std::string_view text);

// "number 5", "the end": short, and printable whatever the token holds.
std::string Describe(const Token& token);

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_FILTER_VOCABULARY_H_
