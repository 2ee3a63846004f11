#include "core/filter/functions/builtin_functions.h"

#include <algorithm>
#include <string>

#include "core/base/strings.h"

namespace fluxgate {
namespace {

std::string UpperCase(std::string_view name) {
  std::string upper(name);
  for (char& c : upper) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return upper;
}

StringMap<const Function*> AllFunctions() {
  StringMap<const Function*> functions;
  for (const std::span<const Function> family : {
           ArrayFunctions(),
           ChecksumFunctions(),
           GeoFunctions(),
           NullFunctions(),
           NumericFunctions(),
           RegexFunctions(),
           StringFunctions(),
           TimeFunctions(),
           TrigonometricFunctions(),
           UuidFunctions(),
       }) {
    for (const Function& function : family) functions.emplace(function.name, &function);
  }
  return functions;
}

const StringMap<const Function*>& FunctionsByName() {
  static const auto& functions = *new StringMap<const Function*>(AllFunctions());
  return functions;
}

}  // namespace

std::vector<const Function*> BuiltinFunctions() {
  std::vector<const Function*> functions;
  for (const auto& [name, function] : FunctionsByName()) functions.push_back(function);
  std::sort(functions.begin(), functions.end(),
            [](const Function* a, const Function* b) { return a->name < b->name; });
  return functions;
}

const Function* FindBuiltinFunction(std::string_view name) {
  const auto& functions = FunctionsByName();
  const auto found = functions.find(UpperCase(name));
  return found == functions.end() ? nullptr : found->second;
}

}  // namespace fluxgate
