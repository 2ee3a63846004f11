// How two values compare (docs/expressions.md, "Comparison"): numbers as numbers, exactly, also
// across int64, uint64 and double; two strings byte by byte; a string with a number as numbers, and
// a string that is no number is greater than every number; NULL and NaN compare with nothing; of an
// array the first element.
#ifndef FLUXGATE_CORE_FILTER_COMPARE_H_
#define FLUXGATE_CORE_FILTER_COMPARE_H_

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/message/value.h"

namespace fluxgate {

enum class Ordering : uint8_t { kLess, kEqual, kGreater, kUnordered };

Ordering Compare(const Value& a, const Value& b);

// The number that `text` spells (decimal integer or floating point, surrounding blanks allowed), as
// Int, Uint or Double; nullopt when it spells none.
std::optional<Value> ParseNumber(std::string_view text);

// Never NaN from a finite number; rounds to nearest above 2^53.
double ToDouble(const Value& number);
// Whether ToDouble(number) is the number itself.
bool IsExactDouble(const Value& number);

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_FILTER_COMPARE_H_
