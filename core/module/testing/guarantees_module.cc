// Checks what a module is promised, whatever threads it is called on, and counts what was broken.
#include <atomic>

#include "amps_module.h"

namespace {

struct Context {
  std::atomic<int> users = 0;
  std::atomic<bool> destroyed = false;
  int plain = 0;  // written where contexts are made, read by every call: the thread sanitizer looks
};

std::atomic<int> broken = 0;
std::atomic<int> contexts = 0;
std::atomic<int> made = 0;
std::atomic<int> destroyed = 0;
std::atomic<long> calls = 0;
int state = 0;  // 1: initialized, 2: terminated; plain for the same reason

void Check(bool holds) {
  if (!holds) ++broken;
}

}  // namespace

AMPS_EXPORT int amps_module_init(amps_module_options, amps_module_logger, amps_module_allocator) {
  Check(state == 0 && contexts == 0 && calls == 0);
  state = 1;
  return AMPS_SUCCESS;
}

AMPS_EXPORT void amps_module_terminate(void) {
  Check(state == 1 && contexts == 0 && made == destroyed);
  state = 2;
}

AMPS_EXTERN_C AMPS_EXPORT void* guarantees_create(amps_module_options) {
  Check(state == 1);
  ++contexts;
  Context* const context = new Context;
  context->plain = ++made;
  return context;
}

AMPS_EXTERN_C AMPS_EXPORT void guarantees_destroy(void* context) {
  Context* const destroying = static_cast<Context*>(context);
  Check(state == 1 && destroying->users == 0 && !destroying->destroyed.exchange(true));
  destroying->plain = 0;
  --contexts;
  ++destroyed;
  delete destroying;
}

AMPS_EXTERN_C AMPS_EXPORT int guarantees_call(void* context) {
  Context* const used = static_cast<Context*>(context);
  ++used->users;
  Check(state == 1 && !used->destroyed && used->plain > 0);
  ++calls;
  --used->users;
  return used->plain;
}

AMPS_EXTERN_C AMPS_EXPORT int guarantees_broken(void) { return broken; }
AMPS_EXTERN_C AMPS_EXPORT int guarantees_state(void) { return state; }
AMPS_EXTERN_C AMPS_EXPORT int guarantees_made(void) { return made; }
AMPS_EXTERN_C AMPS_EXPORT int guarantees_destroyed(void) { return destroyed; }
AMPS_EXTERN_C AMPS_EXPORT long guarantees_calls(void) { return calls; }
