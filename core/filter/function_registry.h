// Functions that expressions may call beside the builtin ones: those of loaded modules. Filled
// once, before anything is compiled; outlives what was compiled with it. Immutable then, any
// thread.
#ifndef FLUXGATE_CORE_FILTER_FUNCTION_REGISTRY_H_
#define FLUXGATE_CORE_FILTER_FUNCTION_REGISTRY_H_

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "core/base/strings.h"
#include "core/filter/function.h"

namespace fluxgate {

class FunctionRegistry {
 public:
  // Bytes of a function's name.
  static constexpr size_t kNameBytesMax = 64;
  static constexpr size_t kFunctionsMax = 1024;

  // Whether a function may be called `name`: kBadOption for what is no word, has a meaning already,
  // or is too long.
  static absl::Status CheckName(std::string_view name);

  // A copy of `function`, named in any case; its name need not outlive the call. kBadOption as
  // CheckName, for a name that is there, and over kFunctionsMax.
  absl::Status Add(const Function& function);

  // By its name in upper case; null: none.
  const Function* Find(std::string_view upper) const;

  bool empty() const { return functions_.empty(); }

 private:
  struct Entry {
    std::string name;
    Function function;
  };

  StringMap<std::unique_ptr<Entry>> functions_;
};

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_FILTER_FUNCTION_REGISTRY_H_
