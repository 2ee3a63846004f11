// What tests of modules share.
#ifndef FLUXGATE_CORE_MODULE_TESTING_MODULE_TESTING_H_
#define FLUXGATE_CORE_MODULE_TESTING_MODULE_TESTING_H_

#include <cstdlib>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "core/module/module.h"
#include "gtest/gtest.h"

namespace fluxgate {

// A module of this repository as the test finds it: "core/module/testing/good_module.so".
inline std::string ModulePath(std::string_view path) {
  return std::string(getenv("TEST_SRCDIR")) + "/fluxgate/" + std::string(path);
}

inline std::string TestModulePath(std::string_view name) {
  return ModulePath("core/module/testing/" + std::string(name) + ".so");
}

// A log that remembers.
class TestLog {
 public:
  LogFunction function() {
    return [this](amps_module_log_level level, std::string_view line) {
      const std::lock_guard lock(mutex_);
      lines_.push_back(std::to_string(level) + " " + std::string(line));
    };
  }
  // "LEVEL line", in order.
  std::vector<std::string> lines() const {
    const std::lock_guard lock(mutex_);
    return lines_;
  }
  bool Has(std::string_view part) const {
    for (const std::string& line : lines()) {
      if (line.find(part) != std::string::npos) return true;
    }
    return false;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> lines_;
};

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_MODULE_TESTING_MODULE_TESTING_H_
