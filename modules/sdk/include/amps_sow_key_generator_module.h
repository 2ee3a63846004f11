/* SOW key generators: which record does this message belong to?
 *
 * Entry points: amps_sow_key_generator_create_context, amps_sow_key_generator_destroy_context,
 * amps_sow_key_generator_generate. */
#ifndef AMPS_SOW_KEY_GENERATOR_MODULE_H_
#define AMPS_SOW_KEY_GENERATOR_MODULE_H_

#include "amps_value.h"

AMPS_BEGIN_DECLARATIONS

typedef void* amps_sow_key_generator_context;

/* Longest key. */
#define AMPS_SOW_KEY_BYTES_MAX 256

typedef struct amps_sow_key_request {
  size_t size;
  const char* topic;
  const char* message_type;
  const char* body; /* no zero byte behind */
  size_t body_length;
  const char* correlation_id;
  /* The fields that the topic's <KeyGenerator> names with <Field>, in that order. */
  const amps_value* fields;
  size_t field_count;
} amps_sow_key_request;

/* One context for each stored topic that names the module, from the thread that starts the server.
 * `options`: those of the topic's <KeyGenerator>. NULL: failure; the server does not start. */
AMPS_EXPORT amps_sow_key_generator_context
amps_sow_key_generator_create_context(amps_module_options options);

/* Once for each context, when the topic goes. */
AMPS_EXPORT void amps_sow_key_generator_destroy_context(amps_sow_key_generator_context context);

/* The server's thread, for every publish to the topic: must not wait. Writes 1 to
 * AMPS_SOW_KEY_BYTES_MAX bytes of letters, digits and +/=-_. to `key` and their number to
 * `*key_length`. The same message must give the same key for ever: keys are stored. AMPS_FAILURE:
 * the message has no key; the publish is refused. */
AMPS_EXPORT int amps_sow_key_generator_generate(amps_sow_key_generator_context context,
                                                const amps_sow_key_request* request, char* key,
                                                size_t* key_length);

AMPS_END_DECLARATIONS

#endif /* AMPS_SOW_KEY_GENERATOR_MODULE_H_ */
