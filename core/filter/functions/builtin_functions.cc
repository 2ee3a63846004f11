#include "core/filter/functions/builtin_functions.h"

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
           StringFunctions(),
       }) {
    for (const Function& function : family) functions.emplace(function.name, &function);
  }
  return functions;
}

}  // namespace

const Function* FindBuiltinFunction(std::string_view name) {
  static const auto& functions = *new StringMap<const Function*>(AllFunctions());
  const auto found = functions.find(UpperCase(name));
  return found == functions.end() ? nullptr : found->second;
}

}  // namespace fluxgate
