// A user-defined function as the configuration names it.
#ifndef FLUXGATE_CORE_MODULE_LOADED_FUNCTION_DEFINITION_H_
#define FLUXGATE_CORE_MODULE_LOADED_FUNCTION_DEFINITION_H_

#include <string>

namespace fluxgate {

// One <Function> of the configuration.
struct LoadedFunctionDefinition {
  // Arguments that a function may be defined for.
  static constexpr int kParameterCountMax = 254;

  std::string name = {};
  std::string module = {};
  std::string symbol = {};
  int parameter_count = 0;  // below 0: any number

  bool operator==(const LoadedFunctionDefinition&) const = default;
};

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_MODULE_LOADED_FUNCTION_DEFINITION_H_
