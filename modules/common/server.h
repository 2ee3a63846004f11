// What the server gave to this module: logger and allocator. One per shared object; set before any
// context is made, so every function here may be called from any thread.
#ifndef FLUXGATE_MODULES_COMMON_SERVER_H_
#define FLUXGATE_MODULES_COMMON_SERVER_H_

#include <string>
#include <string_view>

#include "amps_module.h"

namespace fluxgate::modules {

void SetServer(amps_module_logger logger, amps_module_allocator allocator);

// One line in the server's log. Never a secret; text of clients through Printable().
void Log(amps_module_log_level level, const std::string& text);

// A copy in memory of the server's allocator, for a reply; null when there is none left.
char* ServerText(std::string_view text);

// Tells the thread monitor that this thread makes progress; before and after what may wait.
void Ping();

}  // namespace fluxgate::modules

#endif  // FLUXGATE_MODULES_COMMON_SERVER_H_
