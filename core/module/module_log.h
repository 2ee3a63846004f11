// The log as modules reach it. A module calls its logger without saying who it is, so each module
// has a function of its own, out of a fixed number. Any thread.
#ifndef FLUXGATE_CORE_MODULE_MODULE_LOG_H_
#define FLUXGATE_CORE_MODULE_MODULE_LOG_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "amps_module.h"

namespace fluxgate {

// Writes one line. Any thread, several at a time; must not throw.
using LogFunction = std::function<void(amps_module_log_level level, std::string_view line)>;

// Modules that a process may have at a time.
inline constexpr size_t kModulesMax = 64;
// Of one line of a module; what is longer is cut.
inline constexpr size_t kModuleLogLineBytesMax = 8 * 1024;

// "module NAME: text", on one line.
void LogModuleLine(const LogFunction& log, amps_module_log_level level, std::string_view name,
                   std::string_view text);

// A module's own logger, as long as this lives. Calls that come later are dropped: threads of a
// module may go on after its end.
class ModuleLogger {
 public:
  // Null when kModulesMax are in use.
  static std::unique_ptr<ModuleLogger> Take(std::string_view name, LogFunction log);
  ~ModuleLogger();
  ModuleLogger(const ModuleLogger&) = delete;
  ModuleLogger& operator=(const ModuleLogger&) = delete;

  amps_module_logger function() const;

 private:
  explicit ModuleLogger(size_t slot) : slot_(slot) {}

  const size_t slot_;
};

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_MODULE_MODULE_LOG_H_
