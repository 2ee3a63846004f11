// amps_module_init and amps_module_terminate for every shipped module, and what the entry points of
// the kinds share. A module's options may stand with the module, where they hold for all its
// contexts, or with a context, where they win.
#ifndef FLUXGATE_MODULES_COMMON_MODULE_ENTRY_H_
#define FLUXGATE_MODULES_COMMON_MODULE_ENTRY_H_

#include <optional>
#include <string>

#include "modules/common/options.h"
#include "modules/common/server.h"

namespace fluxgate::modules {

// Each module defines it: the options that it knows.
OptionNames KnownOptions();

// Those of a new context. Nothing: what is wrong has been logged.
std::optional<Options> ContextOptions(amps_module_options raw);

// "" is the C interface's way to say that there is none.
inline const char* OrEmpty(const char* text) { return text == nullptr ? "" : text; }

}  // namespace fluxgate::modules

#endif  // FLUXGATE_MODULES_COMMON_MODULE_ENTRY_H_
