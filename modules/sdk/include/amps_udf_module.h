/* User-defined functions: more for the expression language to call.
 *
 * The configuration names module, symbol and number of parameters of each function
 * (<UserDefinedFunctions>); the symbol is looked up when the server starts. */
#ifndef AMPS_UDF_MODULE_H_
#define AMPS_UDF_MODULE_H_

#include "amps_value.h"

AMPS_BEGIN_DECLARATIONS

/* As <ParameterCount>: any number of parameters. */
#define AMPS_UDF_VARIADIC_PARAMETER_COUNT (-1)

/* What a function gets beside its arguments. */
typedef struct amps_udf_call {
  size_t size;
  /* Bytes for text of the result that stay until the server is done with the message, then freed by
   * the server. NULL: over the server's limit (the function returns AMPS_FAILURE then). */
  char* (*allocate)(struct amps_udf_call* call, size_t bytes);
} amps_udf_call;

/* A function. The server's thread, once for every message that has to be looked at: must not wait.
 * The same arguments must give the same result: it may be called once for constants, and its result
 * kept. `arguments`: `count` of them, NULL where a field is not there, never an array (its first
 * element stands for it); text is valid until the call returns, and so long may a result point into
 * it. `*result` is NULL when the call begins; its text is in an argument, in `call`'s memory or
 * static. AMPS_FAILURE: NULL, and the filter that asked goes on with it. */
typedef int (*amps_udf)(amps_udf_call* call, const amps_value* arguments, size_t count,
                        amps_value* result);

AMPS_END_DECLARATIONS

#endif /* AMPS_UDF_MODULE_H_ */
