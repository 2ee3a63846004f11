// A module with one thing wrong with it, as the build says.
#if defined(OTHER_ABI) || defined(NO_ABI)
#define AMPS_MODULE_HOST
#endif
#include <stdexcept>

#include "amps_module.h"

#ifdef OTHER_ABI
AMPS_EXTERN_C AMPS_EXPORT int amps_module_abi_version(void) { return OTHER_ABI; }
#endif

#ifndef NO_INIT
AMPS_EXPORT int amps_module_init(amps_module_options, [[maybe_unused]] amps_module_logger logger,
                                 amps_module_allocator) {
#ifdef INIT_FAILS
  logger(amps_module_log_level_critical, "the key file is missing");
  return AMPS_FAILURE;
#elif defined(INIT_THROWS)
  throw std::runtime_error("no such table");
#else
  return AMPS_SUCCESS;
#endif
}
#endif

#ifndef NO_TERMINATE
AMPS_EXPORT void amps_module_terminate(void) {
#ifdef TERMINATE_THROWS
  throw std::runtime_error("not yet");
#endif
}
#endif

#ifdef UNRESOLVED
AMPS_EXTERN_C int amps_no_such_function(void);
AMPS_EXTERN_C AMPS_EXPORT int test_unresolved(void) { return amps_no_such_function(); }
#endif
