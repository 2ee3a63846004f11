// Text that is never freed: for what other threads, or modules, may look at as long as the process
// lives. One copy of each. Any thread.
#ifndef FLUXGATE_CORE_MODULE_KEPT_TEXT_H_
#define FLUXGATE_CORE_MODULE_KEPT_TEXT_H_

#include <string_view>

namespace fluxgate {

const char* KeptText(std::string_view text);

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_MODULE_KEPT_TEXT_H_
