/* Actions: something to do when something happens (<Actions>).
 *
 * Entry points: amps_action_create_context, amps_action_destroy_context, amps_action_run. */
#ifndef AMPS_ACTION_MODULE_H_
#define AMPS_ACTION_MODULE_H_

#include "amps_module.h"

AMPS_BEGIN_DECLARATIONS

typedef void* amps_action_context;

/* One run of an action. */
typedef struct amps_action_call {
  size_t size;
  const char* action_name;
  /* The value of a variable, "" when there is none; valid until the call returns. */
  const char* (*get_variable)(struct amps_action_call* call, const char* name);
  /* Sets a variable for the steps that follow. Both texts are copied. AMPS_FAILURE: over a limit.
   */
  int (*set_variable)(struct amps_action_call* call, const char* name, const char* value);
} amps_action_call;

/* One context for each <Do> that names the module, from the thread that starts the server.
 * `options`: those of the <Do>, as they stand there (variables are replaced for each run, see
 * amps_action_run). NULL: failure; the server does not start. */
AMPS_EXPORT amps_action_context amps_action_create_context(amps_module_options options);

/* Once for each context, from one thread, when the last run has returned. */
AMPS_EXPORT void amps_action_destroy_context(amps_action_context context);

/* A worker thread; may wait, pinging the thread monitor. `options`: those of the <Do> with their
 * variables replaced. Runs of one action follow one another; runs of different ones do not.
 * AMPS_FAILURE: the steps that follow are left out. */
AMPS_EXPORT int amps_action_run(amps_action_context context, amps_action_call* call,
                                amps_module_options options);

AMPS_END_DECLARATIONS

#endif /* AMPS_ACTION_MODULE_H_ */
