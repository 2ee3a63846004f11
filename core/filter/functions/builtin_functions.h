// Every function an expression may call. Thread-safe, immutable.
#ifndef FLUXGATE_CORE_FILTER_FUNCTIONS_BUILTIN_FUNCTIONS_H_
#define FLUXGATE_CORE_FILTER_FUNCTIONS_BUILTIN_FUNCTIONS_H_

#include <span>
#include <string_view>
#include <vector>

#include "core/filter/function.h"

namespace fluxgate {

// The families, one file each.
std::span<const Function> ArrayFunctions();
std::span<const Function> ChecksumFunctions();
std::span<const Function> GeoFunctions();
std::span<const Function> NullFunctions();
std::span<const Function> NumericFunctions();
std::span<const Function> RegexFunctions();
std::span<const Function> StringFunctions();
std::span<const Function> TimeFunctions();
std::span<const Function> TrigonometricFunctions();
std::span<const Function> UuidFunctions();

// All of them, in the order of their names.
std::vector<const Function*> BuiltinFunctions();

// The function of that name, in any case; nullptr when there is none.
const Function* FindBuiltinFunction(std::string_view name);

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_FILTER_FUNCTIONS_BUILTIN_FUNCTIONS_H_
