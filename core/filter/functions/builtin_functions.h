// Every function an expression may call. Thread-safe, immutable.
#ifndef FLUXGATE_CORE_FILTER_FUNCTIONS_BUILTIN_FUNCTIONS_H_
#define FLUXGATE_CORE_FILTER_FUNCTIONS_BUILTIN_FUNCTIONS_H_

#include <span>
#include <string_view>

#include "core/filter/function.h"

namespace fluxgate {

// The families, one file each.
std::span<const Function> StringFunctions();

// The function of that name, in any case; nullptr when there is none.
const Function* FindBuiltinFunction(std::string_view name);

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_FILTER_FUNCTIONS_BUILTIN_FUNCTIONS_H_
