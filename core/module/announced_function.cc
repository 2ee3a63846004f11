#include "core/module/announced_function.h"

#include "core/base/error.h"
#include "core/base/quoted.h"
#include "fmt/format.h"

namespace fluxgate {
namespace {

Value NotLoaded(std::span<const Value>, EvaluationContext&) { return Value::Null(); }

}  // namespace

Function AnnouncedFunction(const LoadedFunctionDefinition& definition) {
  Function function;
  function.name = definition.name;
  if (definition.parameter_count < 0) {
    function.arguments_max = Function::kVariadic;
  } else {
    function.arguments_min = static_cast<uint8_t>(definition.parameter_count);
    function.arguments_max = function.arguments_min;
  }
  function.body = &NotLoaded;
  return function;
}

absl::Status AnnounceFunction(const LoadedFunctionDefinition& definition,
                              FunctionRegistry& functions) {
  if (definition.parameter_count > LoadedFunctionDefinition::kParameterCountMax) {
    return MakeError(ErrorCode::kBadOption,
                     fmt::format("function {} has more than {} parameters", Quoted(definition.name),
                                 LoadedFunctionDefinition::kParameterCountMax));
  }
  return functions.Add(AnnouncedFunction(definition));
}

}  // namespace fluxgate
