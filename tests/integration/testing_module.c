/* A module for security_test: authentication that waits, asks again or misbehaves, and entitlement
 * that waits, by user names. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "amps_authentication_module.h"
#include "amps_entitlement_module.h"

static amps_module_allocator allocate;
static amps_module_logger log_line;

int amps_module_init(amps_module_options options, amps_module_logger logger,
                     amps_module_allocator allocator) {
  (void)options;
  allocate = allocator;
  log_line = logger;
  return AMPS_SUCCESS;
}

void amps_module_terminate(void) {}

static char* Copy(const char* text) {
  char* copy = allocate(strlen(text) + 1);
  if (copy != NULL) strcpy(copy, text);
  return copy;
}

static void Wait(long milliseconds) {
  const struct timespec time = {milliseconds / 1000, milliseconds % 1000 * 1000000};
  nanosleep(&time, NULL);
}

amps_authentication_context amps_authentication_create_context(amps_module_options options) {
  (void)options;
  return &allocate;
}

void amps_authentication_destroy_context(amps_authentication_context context) { (void)context; }

int amps_authenticate(amps_authentication_context context,
                      const amps_authentication_request* request,
                      amps_authentication_reply* reply) {
  (void)context;
  if (strcmp(request->user_id, "slow") == 0) Wait(1000);
  if (strcmp(request->user_id, "foreign") == 0) {
    static char text[] = "admin";
    reply->user_id = text; /* not memory of the allocator */
    return AMPS_SUCCESS;
  }
  if (strcmp(request->user_id, "riddle") == 0) {
    if (request->challenge_state == NULL) {
      reply->password = Copy("what?");
      reply->challenge_state = Copy("nonce-1");
      return AMPS_CHALLENGE;
    }
    return strcmp(request->challenge_state, "nonce-1") == 0 &&
                   strcmp(request->password, "that!") == 0
               ? AMPS_SUCCESS
               : AMPS_FAILURE;
  }
  if (strcmp(request->user_id, "endless") == 0) {
    reply->password = Copy("again");
    return AMPS_CHALLENGE;
  }
  if (strcmp(request->user_id, "brief") == 0) reply->expires_at = time(NULL) + 2;
  if (strcmp(request->password, "right") != 0) {
    reply->reason = Copy("wrong password");
    return AMPS_FAILURE;
  }
  return AMPS_SUCCESS;
}

amps_entitlement_context amps_entitlement_create_context(amps_module_options options) {
  (void)options;
  return &allocate;
}

void amps_entitlement_destroy_context(amps_entitlement_context context) { (void)context; }

int amps_entitlement_check(amps_entitlement_context context,
                           const amps_entitlement_request* request, amps_entitlement_reply* reply) {
  (void)context;
  if (request->type != amps_resource_topic) return AMPS_SUCCESS;
  if (strncmp(request->resource, "slow", 4) == 0) Wait(1000);
  if (strncmp(request->resource, "secret", 6) == 0) return AMPS_FAILURE;
  if (strcmp(request->resource, "owned") == 0) {
    char filter[300];
    snprintf(filter, sizeof filter, "/owner = '%.200s'", request->user_id);
    reply->filter = Copy(filter);
  }
  if (strcmp(request->resource, "state/hidden") == 0 && request->access == amps_access_read) {
    reply->select_list = Copy("-/pin");
  }
  return AMPS_SUCCESS;
}
