/* What every module shares: options, logger, allocator, return codes, initialization and
 * termination. A module is a shared object that exports amps_module_init, amps_module_terminate and
 * the entry points of its kind (one header a kind; a module may be of several kinds).
 *
 * Rules for everything in these headers, unless a declaration says otherwise:
 *   - Text is UTF-8 and ends with a zero byte. What the server passes in is the server's and valid
 *     until the call returns; copy what you keep.
 *   - Text and structures that a module gives back are allocated with the allocator that
 *     amps_module_init received and belong to the server then. Never pass memory of malloc or new.
 *   - A structure that the server passes begins with its own size in bytes: a module that was built
 *     against an older header may be handed a larger one, never a smaller one.
 *   - An exception or longjmp must not leave a module. An exception that does is caught, reported
 *     with the module's name, and counts as AMPS_FAILURE.
 *   - "Any thread": of those that the server made, several at a time, with the same context.
 *     "A worker thread": one of a small pool that may wait. "The server's thread": the one that
 *     serves all clients: what blocks it, blocks everybody.
 */
#ifndef AMPS_MODULE_H_
#define AMPS_MODULE_H_

#include <stddef.h>

#ifdef __cplusplus
#define AMPS_EXTERN_C extern "C"
#define AMPS_BEGIN_DECLARATIONS extern "C" {
#define AMPS_END_DECLARATIONS }
#else
#define AMPS_EXTERN_C extern
#define AMPS_BEGIN_DECLARATIONS
#define AMPS_END_DECLARATIONS
#endif

/* Modules that are built with -fvisibility=hidden export their entry points by it. */
#define AMPS_EXPORT __attribute__((visibility("default")))

/* Of these headers. The server loads a module whose major version is its own. */
#define AMPS_MODULE_ABI_MAJOR 1
#define AMPS_MODULE_ABI_MINOR 0
#define AMPS_MODULE_ABI_VERSION (AMPS_MODULE_ABI_MAJOR * 1000 + AMPS_MODULE_ABI_MINOR)

AMPS_BEGIN_DECLARATIONS

/* Every module carries the version that it was built against: there is nothing to do for it but to
 * include this header. */
#ifndef AMPS_MODULE_HOST
AMPS_EXPORT __attribute__((weak)) int amps_module_abi_version(void);
AMPS_EXPORT __attribute__((weak)) int amps_module_abi_version(void) {
  return AMPS_MODULE_ABI_VERSION;
}
#endif

/* Return codes. A function that says nothing else returns AMPS_SUCCESS or AMPS_FAILURE; any other
 * number counts as AMPS_FAILURE. */
enum {
  AMPS_SUCCESS = 0,
  AMPS_FAILURE = 1,
  AMPS_CHALLENGE = 2 /* authentication only: ask again, with what the reply says */
};

/* One key and value of <Options>, in the order of the configuration. The last one has a NULL key. A
 * key that is there several times comes several times. */
typedef struct amps_option {
  const char* key;
  const char* value;
} amps_option;

/* The array; valid until the call that received it returns. */
typedef const amps_option* amps_module_options;

typedef enum amps_module_log_level {
  amps_module_log_level_developer = 1,
  amps_module_log_level_trace = 2,
  amps_module_log_level_stats = 3,
  amps_module_log_level_info = 4,
  amps_module_log_level_warning = 5,
  amps_module_log_level_error = 6,
  amps_module_log_level_critical = 7,
  amps_module_log_level_emergency = 8
} amps_module_log_level;

/* Writes one line to the server's log, with the module's name. Any thread, also the module's own.
 * Outlives the module. Never log a secret. */
typedef void (*amps_module_logger)(amps_module_log_level level, const char* message);
typedef amps_module_logger amps_logger;

/* Memory for what is given back to the server, which frees it. Any thread; NULL when there is none.
 * What is allocated and not given back is lost. */
typedef void* (*amps_module_allocator)(unsigned long bytes);
typedef amps_module_allocator amps_allocator;

/* Entry point, required. Once for each module, from one thread, in the order of the configuration,
 * before any of its contexts; the server does not serve yet. On AMPS_FAILURE the server does not
 * start, and the module's terminate is not called. */
AMPS_EXPORT int amps_module_init(amps_module_options options, amps_module_logger logger,
                                 amps_module_allocator allocator);

/* Entry point, required. Once, from one thread, after all contexts of the module are destroyed and
 * no call is under way. The logger must not be used any more. */
AMPS_EXPORT void amps_module_terminate(void);

/* For modules to call: this thread makes progress. On a thread that the server made and that is in
 * a call of the module; elsewhere it does nothing. Call it before and after what may take more
 * than a few seconds: a thread that is silent for longer than the monitor's threshold (5 seconds
 * unless configured) is logged as possibly stuck, with the module's name. */
void amps_thread_monitor_ping(void);

AMPS_END_DECLARATIONS

#endif /* AMPS_MODULE_H_ */
