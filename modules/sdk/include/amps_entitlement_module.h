/* Entitlement: what may this user do, and what of a topic may it see?
 *
 * Entry points: amps_entitlement_create_context, amps_entitlement_destroy_context,
 * amps_entitlement_check. */
#ifndef AMPS_ENTITLEMENT_MODULE_H_
#define AMPS_ENTITLEMENT_MODULE_H_

#include "amps_module.h"

AMPS_BEGIN_DECLARATIONS

typedef void* amps_entitlement_context;

typedef enum amps_resource_type {
  amps_resource_logon = 1,             /* to use the transport; resource: the transport's name */
  amps_resource_replication_logon = 2, /* the same for another instance */
  amps_resource_topic = 3,             /* resource: the topic's name, never a pattern */
  amps_resource_admin = 4              /* resource: a path below /amps */
} amps_resource_type;

typedef enum amps_access {
  amps_access_read = 1,  /* subscribe, query; admin: look */
  amps_access_write = 2, /* publish, delete; admin: change */
  amps_access_replicate = 3
} amps_access;

typedef struct amps_entitlement_request {
  size_t size;
  const char* user_id; /* as authentication has found */
  amps_resource_type type;
  const char* resource;
  amps_access access;
  const char* message_type; /* of the client; "" for admin */
  const char* transport_name;
  const char* remote_address; /* of the connection that asked first: results are cached for the
                                 user, so do not decide by it */
} amps_entitlement_request;

/* All NULL when the call begins. Memory of the module's allocator; the server frees it. */
typedef struct amps_entitlement_reply {
  size_t size;
  char* filter;      /* topics: only messages that match; NULL: all. For write access the message as
                        it is stored afterwards, and the record that it replaces, have to match */
  char* select_list; /* topics: only these fields ("-/,+/id", docs/sow.md); NULL: all. Fields that
                        are hidden cannot be used in filters either. For write access: only these
                        fields may be given */
  char* reason;      /* AMPS_FAILURE: for the server's log */
  unsigned ask_again_s; /* 0, as when the call begins: the answer is kept until entitlements are
                           reset. Else the server asks again after so many seconds, at most an
                           hour: for answers that are not the last word, as when a service could not
                           be reached */
} amps_entitlement_reply;

/* One context for each transport that names the module, from the thread that starts the server,
 * before the transport accepts; and from a worker thread when entitlements are reset. `options`:
 * those of the transport's <Entitlement>. NULL: failure; the server does not start (at a reset: the
 * old context stays in use). */
AMPS_EXPORT amps_entitlement_context amps_entitlement_create_context(amps_module_options options);

/* Once for each context, from one thread, when the last call with it has returned. */
AMPS_EXPORT void amps_entitlement_destroy_context(amps_entitlement_context context);

/* A worker thread; may wait: commands of that user on that topic wait as well. AMPS_SUCCESS:
 * allowed, with the reply's filter and select list. AMPS_FAILURE: not allowed. The result is kept
 * until entitlements are reset, or for ask_again_s. A filter or select list that cannot be compiled
 * counts as not allowed, with a line in the log. */
AMPS_EXPORT int amps_entitlement_check(amps_entitlement_context context,
                                       const amps_entitlement_request* request,
                                       amps_entitlement_reply* reply);

AMPS_END_DECLARATIONS

#endif /* AMPS_ENTITLEMENT_MODULE_H_ */
