/* A value of a field, a path to a field, a body taken apart: what message types, functions and key
 * generators share. */
#ifndef AMPS_VALUE_H_
#define AMPS_VALUE_H_

#include <stdint.h>

#include "amps_module.h"

AMPS_BEGIN_DECLARATIONS

typedef enum amps_value_type {
  amps_value_null = 0,
  amps_value_bool = 1,   /* int_value: 0 or 1 */
  amps_value_int = 2,    /* int_value */
  amps_value_uint = 3,   /* uint_value; also for what int_value could hold */
  amps_value_double = 4, /* double_value */
  amps_value_string =
      5,               /* text, length bytes, no zero byte behind; empty text is NULL to filters */
  amps_value_array = 6 /* elements, length of them, none of them an array */
} amps_value_type;

/* To be copied freely. Who owns text and elements is said where a value is used. */
typedef struct amps_value {
  amps_value_type type;
  uint32_t length; /* bytes of text, number of elements */
  union {
    int64_t int_value;
    uint64_t uint_value;
    double double_value;
    const char* text;
    const struct amps_value* elements;
  } u;
} amps_value;

/* A node of a body that has been taken apart. */
typedef enum amps_node_kind {
  amps_node_scalar = 0,
  amps_node_object = 1, /* children have names; a name may be there several times */
  amps_node_array = 2   /* children have no names */
} amps_node_kind;

typedef struct amps_node {
  size_t size;
  amps_node_kind kind;
  const char* name; /* of the member, name_length bytes; NULL in an array and at the root */
  size_t name_length;
  amps_value value; /* of a scalar; of an object the text of its own, else NULL */
  const struct amps_node* const* children;
  size_t child_count;
} amps_node;

AMPS_END_DECLARATIONS

#endif /* AMPS_VALUE_H_ */
