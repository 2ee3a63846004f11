// User-defined functions: entry points of modules as functions of the expression language. A result
// is checked: a kind that there is, text within the limit of all text of an evaluation. What does
// not hold gives NULL, and so does AMPS_FAILURE. That text stays in place until the evaluation ends
// is the module's promise; it cannot be checked.
//
// Source: modules/sdk/include/amps_udf_module.h.
#ifndef FLUXGATE_CORE_MODULE_LOADED_FUNCTIONS_H_
#define FLUXGATE_CORE_MODULE_LOADED_FUNCTIONS_H_

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "core/filter/function_registry.h"
#include "core/module/loaded_function_definition.h"
#include "core/module/module_host.h"

namespace fluxgate {

// The functions, looked up. They keep their modules. kBadOption: a module, a symbol or a name that
// cannot be taken.
absl::StatusOr<std::shared_ptr<const FunctionRegistry>> LoadFunctions(
    const ModuleHost& host, std::span<const LoadedFunctionDefinition> definitions);

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_MODULE_LOADED_FUNCTIONS_H_
