/* Sample of a SOW key generator: the fields, joined by a separator, in readable form: "EU-4711".
 * What a key may not have is written as =XX, in hexadecimal. A message without one of the fields
 * has no key.
 *
 *   <KeyGenerator><Module>readable-keys</Module>
 *     <Options><Separator>-</Separator></Options>
 *     <Field>/region</Field><Field>/id</Field></KeyGenerator> */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "amps_sow_key_generator_module.h"

static amps_module_logger log_line;

typedef struct context {
  char separator;
} context;

static int is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '.';
}

AMPS_EXPORT int amps_module_init(amps_module_options options, amps_module_logger logger,
                                 amps_module_allocator allocator) {
  (void)options;
  (void)allocator;
  log_line = logger;
  return AMPS_SUCCESS;
}

AMPS_EXPORT void amps_module_terminate(void) {}

AMPS_EXPORT amps_sow_key_generator_context
amps_sow_key_generator_create_context(amps_module_options options) {
  context* made = malloc(sizeof(context));
  if (made == NULL) return NULL;
  made->separator = '-';
  for (; options->key != NULL; ++options) {
    if (strcmp(options->key, "Separator") != 0 || strlen(options->value) != 1 ||
        strchr("+/-_.", options->value[0]) == NULL) {
      log_line(amps_module_log_level_error, "the one option is Separator, one of + / - _ .");
      free(made);
      return NULL;
    }
    made->separator = options->value[0];
  }
  return made;
}

AMPS_EXPORT void amps_sow_key_generator_destroy_context(amps_sow_key_generator_context made) {
  free(made);
}

/* Appends text; 0: there is no room. */
static int append(const char* text, size_t length, char* key, size_t* at) {
  size_t i;
  for (i = 0; i < length; ++i) {
    const size_t needs = is_plain(text[i]) ? 1 : 3;
    if (*at + needs > AMPS_SOW_KEY_BYTES_MAX) return 0;
    if (needs == 1) {
      key[(*at)++] = text[i];
    } else {
      static const char digits[] = "0123456789ABCDEF";
      key[(*at)++] = '=';
      key[(*at)++] = digits[(unsigned char)text[i] >> 4];
      key[(*at)++] = digits[(unsigned char)text[i] & 15];
    }
  }
  return 1;
}

static int append_value(const amps_value* value, char* key, size_t* at) {
  char number[32];
  switch (value->type) {
    case amps_value_string:
      return append(value->u.text, value->length, key, at);
    case amps_value_bool:
    case amps_value_int:
      snprintf(number, sizeof(number), "%lld", (long long)value->u.int_value);
      return append(number, strlen(number), key, at);
    case amps_value_uint:
      snprintf(number, sizeof(number), "%llu", (unsigned long long)value->u.uint_value);
      return append(number, strlen(number), key, at);
    case amps_value_double:
      snprintf(number, sizeof(number), "%.17g", value->u.double_value);
      return append(number, strlen(number), key, at);
    default:
      return 0;
  }
}

AMPS_EXPORT int amps_sow_key_generator_generate(amps_sow_key_generator_context made,
                                                const amps_sow_key_request* request, char* key,
                                                size_t* key_length) {
  size_t at = 0;
  size_t i;
  for (i = 0; i < request->field_count; ++i) {
    if (i > 0) {
      if (at == AMPS_SOW_KEY_BYTES_MAX) return AMPS_FAILURE;
      key[at++] = ((context*)made)->separator;
    }
    if (!append_value(&request->fields[i], key, &at)) return AMPS_FAILURE;
  }
  *key_length = at;
  return AMPS_SUCCESS;
}
