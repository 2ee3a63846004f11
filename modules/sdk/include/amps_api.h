/* What a module may call in the server: startup functions, the embedded client, administration and
 * utilities. All of it from any thread, unless a declaration says otherwise; not before the server
 * is up (amps_module_init and the creation of contexts come before; register a startup function
 * there). Called too early or after the server has stopped, it fails and does nothing. */
#ifndef AMPS_API_H_
#define AMPS_API_H_

#include "amps_command.h"
#include "amps_value.h"

AMPS_BEGIN_DECLARATIONS

/* ---- startup ---- */

/* Runs once on a worker thread, in the order of registration, when the server's transports accept.
 * May be called from amps_module_init and while contexts are created only. AMPS_FAILURE of the
 * function: the server shuts down. */
typedef int (*amps_startup_function)(void* user_data);
int amps_register_startup_function(amps_startup_function function, void* user_data);

/* ---- the embedded client ---- */

/* A client inside the server: no connection, no logon, everything allowed. A client and what it is
 * given may be used from any thread, by one at a time. */
typedef struct amps_embedded_client amps_embedded_client;

/* Handlers run on a worker thread, those of one client one after the other, and may call the
 * client. A handler that falls behind by more than the server's limit for clients loses its
 * subscription, with an ack of status "failure". The message is valid until the handler returns. */
typedef void (*amps_message_handler)(const amps_message* message, void* user_data);

/* NULL: no such message type, or the server is not up. */
amps_embedded_client* amps_client_create(const char* name, const char* message_type);
/* Ends its subscriptions; no handler runs afterwards. Not from a handler of the same client. */
void amps_client_destroy(amps_embedded_client* client);

/* Queues the command and returns; acks it asks for, messages and records come to the handler, which
 * may be NULL for commands that bring none. A command without command id gets one, and so does a
 * subscription without sub id. AMPS_FAILURE: too many commands wait. */
int amps_client_execute(amps_embedded_client* client, const amps_command* command,
                        amps_message_handler handler, void* user_data);

/* Shorter forms. Text ends with a zero byte; filter may be NULL. */
int amps_client_publish(amps_embedded_client* client, const char* topic, const char* body,
                        size_t length);
int amps_client_subscribe(amps_embedded_client* client, const char* sub_id, const char* topic,
                          const char* filter, amps_message_handler handler, void* user_data);
int amps_client_unsubscribe(amps_embedded_client* client, const char* sub_id);
/* Waits until what the client has queued has been done. Not from a handler of the same client. */
int amps_client_flush(amps_embedded_client* client, unsigned timeout_ms);

/* ---- administration; each is done when the call returns, or has failed ---- */

int amps_reset_authentication(const char* transport); /* NULL: all transports */
int amps_reset_entitlement(const char* transport);
int amps_enable_transport(const char* transport);
int amps_disable_transport(const char* transport);
int amps_shutdown(void);

/* ---- utilities; at any time ---- */

const char* amps_server_version(void);
const char* amps_instance_name(void);
/* "5s", "250ms", "1h": nanoseconds; below 0: not an interval. */
int64_t amps_parse_interval(const char* text);
/* "64kb", "1gb": bytes; below 0: not a size. */
int64_t amps_parse_size(const char* text);
/* One field of a body, as a filter would see it. Text of the value is put into `buffer`.
 * AMPS_FAILURE: no such message type, not a path, a body that cannot be read, a buffer too small.
 */
int amps_message_field(const char* message_type, const char* body, size_t length, const char* path,
                       amps_value* value, char* buffer, size_t buffer_size);

AMPS_END_DECLARATIONS

#endif /* AMPS_API_H_ */
