// User-defined functions before anything is loaded. Pure functions.
#ifndef FLUXGATE_CORE_MODULE_ANNOUNCED_FUNCTION_H_
#define FLUXGATE_CORE_MODULE_ANNOUNCED_FUNCTION_H_

#include "absl/status/status.h"
#include "core/filter/function_registry.h"
#include "core/module/loaded_function_definition.h"

namespace fluxgate {

// What a configuration's expressions can be checked with before anything is loaded: calling it
// gives NULL. kBadOption: a name or count that cannot be taken.
absl::Status AnnounceFunction(const LoadedFunctionDefinition& definition,
                              FunctionRegistry& functions);

// Name and arguments of the function, and a body that gives NULL. Has views of `definition`.
Function AnnouncedFunction(const LoadedFunctionDefinition& definition);

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_MODULE_ANNOUNCED_FUNCTION_H_
