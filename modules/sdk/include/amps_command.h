/* Commands of clients and messages to them, as protocols and the embedded client see them. */
#ifndef AMPS_COMMAND_H_
#define AMPS_COMMAND_H_

#include <stdint.h>

#include "amps_module.h"

AMPS_BEGIN_DECLARATIONS

/* Text with its length; no zero byte behind it. NULL with length 0: not there. */
typedef struct amps_text {
  const char* data;
  size_t length;
} amps_text;

typedef enum amps_command_type {
  amps_command_unknown = 0,
  amps_command_logon = 1,
  amps_command_publish = 2,
  amps_command_delta_publish = 3,
  amps_command_subscribe = 4,
  amps_command_delta_subscribe = 5,
  amps_command_sow = 6,
  amps_command_sow_and_subscribe = 7,
  amps_command_sow_and_delta_subscribe = 8,
  amps_command_sow_delete = 9,
  amps_command_unsubscribe = 10,
  amps_command_flush = 11,
  amps_command_heartbeat = 12
} amps_command_type;

/* Acks that a command asks for, or that one message is: added together. */
enum {
  AMPS_ACK_RECEIVED = 1,
  AMPS_ACK_PROCESSED = 2,
  AMPS_ACK_PERSISTED = 4,
  AMPS_ACK_COMPLETED = 8,
  AMPS_ACK_STATS = 16
};

/* What a client asks. Text belongs to whoever passes the command and is valid during the call. */
typedef struct amps_command {
  size_t size;
  amps_command_type type;
  unsigned acks;
  int has_sequence;
  uint64_t sequence;
  uint32_t batch_size;  /* 0: the server's default */
  uint32_t top_n;       /* 0: all */
  int64_t expiration_s; /* below 0: not given */
  amps_text topic;
  amps_text command_id;
  amps_text sub_id;
  amps_text query_id;
  amps_text filter;
  amps_text options;
  amps_text bookmark;
  amps_text sow_key;
  amps_text sow_keys;
  amps_text order_by;
  amps_text correlation_id;
  amps_text client_name;
  amps_text user_id;
  amps_text password;
  amps_text message_type;
  amps_text version;
  amps_text body;
} amps_command;

typedef enum amps_message_kind {
  amps_message_publish = 1, /* a message, or a change of a record */
  amps_message_sow = 2,     /* a record of a query */
  amps_message_oof = 3,     /* a record is out of focus */
  amps_message_group_begin = 4,
  amps_message_group_end = 5,
  amps_message_ack = 6,
  amps_message_heartbeat = 7
} amps_message_kind;

/* What a client gets. Text is the server's and valid during the call. */
typedef struct amps_message {
  size_t size;
  amps_message_kind kind;
  unsigned ack;     /* of an ack */
  int has_sequence; /* of an ack */
  uint64_t sequence;
  uint64_t matches; /* of a stats ack */
  uint64_t topic_matches;
  uint64_t records_returned;
  uint64_t records_deleted;
  amps_text topic;
  amps_text body;
  amps_text sub_ids; /* one, or several between commas */
  amps_text query_id;
  amps_text sow_key;
  amps_text correlation_id;
  amps_text timestamp;
  amps_text command_id;
  amps_text status; /* of an ack: "success", "failure", "retry" */
  amps_text reason; /* of an ack or oof */
  amps_text client_name;
  amps_text user_id;
  amps_text password; /* of a logon ack with status "retry": the challenge */
  amps_text version;
} amps_message;

AMPS_END_DECLARATIONS

#endif /* AMPS_COMMAND_H_ */
