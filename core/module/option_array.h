// Options as modules get them. One thread.
#ifndef FLUXGATE_CORE_MODULE_OPTION_ARRAY_H_
#define FLUXGATE_CORE_MODULE_OPTION_ARRAY_H_

#include <string>
#include <utility>
#include <vector>

#include "amps_module.h"

namespace fluxgate {

// Keys and values in the order of the configuration; a key may be there several times.
using ModuleOptions = std::vector<std::pair<std::string, std::string>>;

// An amps_module_options with its NULL key at the end. `options` outlives it, unchanged.
class OptionArray {
 public:
  explicit OptionArray(const ModuleOptions& options) {
    array_.reserve(options.size() + 1);
    for (const auto& [key, value] : options) array_.push_back({key.c_str(), value.c_str()});
    array_.push_back({nullptr, nullptr});
  }

  amps_module_options get() const { return array_.data(); }

 private:
  std::vector<amps_option> array_;
};

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_MODULE_OPTION_ARRAY_H_
