/* Message types: what is in the body of a message?
 *
 * What the server can do with a type follows from the entry points that the module exports. Each
 * level needs those above it:
 *   routing       amps_message_type_create_context, amps_message_type_destroy_context
 *   filters, SOW  amps_message_type_extract, amps_message_type_parse
 *   views, delta subscriptions, select lists   amps_message_type_serialize
 *   delta publish amps_message_type_merge
 * amps_message_type_release_fields is optional. A level without one above it, or half of a level,
 * is an error at start. */
#ifndef AMPS_MESSAGE_TYPE_MODULE_H_
#define AMPS_MESSAGE_TYPE_MODULE_H_

#include "amps_value.h"

AMPS_BEGIN_DECLARATIONS

typedef void* amps_message_type_context;

/* Which fields to extract. The server makes one for each topic whose filters change and uses it for
 * many bodies, on one thread at a time. */
typedef struct amps_field_set {
  size_t size;
  size_t count;
  /* As in filters: "/order/id"; "/lines/price" for all lines; "/lines[0]/price" for one. */
  const char* const* paths;
  void* module_data; /* free for the module; NULL at first; see amps_message_type_release_fields */
} amps_field_set;

/* Where extract and parse take memory that has to last as long as what they return. */
typedef struct amps_scratch {
  size_t size;
  /* Bytes that stay until the server is done with this body, then freed by the server; aligned for
   * anything. NULL: the body needs more than the server's limit (the module returns AMPS_FAILURE
   * then). */
  void* (*allocate)(struct amps_scratch* scratch, size_t bytes);
} amps_scratch;

/* Text that a module returns. Memory of the module's allocator; the server frees it. */
typedef struct amps_body {
  size_t size;
  char* data; /* NULL when the call begins */
  size_t length;
  char* error; /* of AMPS_FAILURE: what is wrong, for people; may stay NULL */
} amps_body;

/* One context for each message type of the configuration that names the module, from the thread
 * that starts the server, before any transport accepts. `options`: those of the message type. NULL:
 * failure; the server does not start. */
AMPS_EXPORT amps_message_type_context amps_message_type_create_context(amps_module_options options);

/* Once for each context, when nothing uses the type any more. */
AMPS_EXPORT void amps_message_type_destroy_context(amps_message_type_context context);

/* The server's thread, for every message that a filter, key or index looks into: must not wait and
 * should look at no more of the body than it needs. Sets values[i] for each path, amps_value_null
 * for what is not there; a path that is there several times is an array. Text is in the body, in
 * the scratch memory or the context's, and stays until the next call with the same `fields`.
 * AMPS_FAILURE: not a body of this type. */
AMPS_EXPORT int amps_message_type_extract(amps_message_type_context context, amps_field_set* fields,
                                          const char* body, size_t length, amps_scratch* scratch,
                                          amps_value* values);

/* The server's thread; must not wait. Takes a whole body apart. `*root` is an object in the scratch
 * memory, like all that it points to but text, which may be in the body. At most 64 levels deep, or
 * the server refuses it. AMPS_FAILURE: not a body of this type; `*error` may be set to a text in
 * the scratch memory. */
AMPS_EXPORT int amps_message_type_parse(amps_message_type_context context, const char* body,
                                        size_t length, amps_scratch* scratch,
                                        const amps_node** root, const char** error);

/* The server's thread; must not wait. Writes a body, so that amps_message_type_parse takes it.
 * AMPS_FAILURE: the type has no way to write this. */
AMPS_EXPORT int amps_message_type_serialize(amps_message_type_context context,
                                            const amps_node* root, amps_body* body);

/* The server's thread; must not wait. `base` with `delta` laid over it. AMPS_FAILURE: one of the
 * two is not of this type. */
AMPS_EXPORT int amps_message_type_merge(amps_message_type_context context, const char* base,
                                        size_t base_length, const char* delta, size_t delta_length,
                                        amps_body* merged);

/* Optional. The field set goes; for modules that use module_data. */
AMPS_EXPORT void amps_message_type_release_fields(amps_message_type_context context,
                                                  amps_field_set* fields);

AMPS_END_DECLARATIONS

#endif /* AMPS_MESSAGE_TYPE_MODULE_H_ */
