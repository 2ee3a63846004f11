// A module as somebody writes it who has read the server module document and nothing else: its
// signatures, its option loop, its call of the logger.
#include <stdlib.h>
#include <string.h>

#include "amps_authentication_module.h"

namespace {

amps_logger the_logger;
amps_allocator the_allocator;
char directory[128];

}  // namespace

int amps_module_init(amps_module_options options, amps_module_logger logger,
                     amps_module_allocator allocator) {
  // The allocator has the signature of malloc.
  void* (*malloc_like)(unsigned long) = &malloc;
  malloc_like = allocator;
  the_logger = logger;
  the_allocator = malloc_like;
  for (; options->key != NULL; ++options) {
    if (strcmp(options->key, "Directory") == 0) {
      strncpy(directory, options->value, sizeof(directory) - 1);
    }
  }
  if (directory[0] == '\0') {
    logger(amps_module_log_level_critical, "there is no Directory");
    return AMPS_FAILURE;
  }
  logger(amps_module_log_level_developer, "developer");
  logger(amps_module_log_level_trace, "trace");
  logger(amps_module_log_level_info, "LDAP Authorization module is initialized.");
  logger(amps_module_log_level_error, "error");
  amps_thread_monitor_ping();
  return AMPS_SUCCESS;
}

void amps_module_terminate() {}

amps_authentication_context amps_authentication_create_context(amps_module_options options) {
  (void)options;
  return directory;
}

void amps_authentication_destroy_context(amps_authentication_context) {}

int amps_authenticate(amps_authentication_context context,
                      const amps_authentication_request* request,
                      amps_authentication_reply* reply) {
  const char* const text = static_cast<const char*>(context);
  if (strcmp(request->password, "right") != 0) {
    the_logger(amps_module_log_level_info, "refused");
    return AMPS_FAILURE;
  }
  reply->user_id = static_cast<char*>(the_allocator(strlen(text) + 1));
  strcpy(reply->user_id, text);
  return AMPS_SUCCESS;
}
