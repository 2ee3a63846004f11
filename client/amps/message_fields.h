// From what a gateway sent to what a Message has.
#ifndef FLUXGATE_CLIENT_AMPS_MESSAGE_FIELDS_H_
#define FLUXGATE_CLIENT_AMPS_MESSAGE_FIELDS_H_

#include "amps/message.h"
#include "gateway/amps/amps_decoder.h"

namespace AMPS::internal {

// Views as in `message`.
inline Message::Fields FieldsOf(const fluxgate::amps::ServerMessage& message,
                                Message::Command command) {
  Message::Fields fields;
  fields.command = command;
  fields.ack_type = static_cast<Message::AckType>(message.ack.bits);
  fields.sequence = message.sequence;
  fields.matches = message.matches;
  fields.topic_matches = message.topic_matches;
  fields.records_returned = message.records_returned;
  fields.records_inserted = message.records_inserted;
  fields.records_updated = message.records_updated;
  fields.records_deleted = message.records_deleted;
  fields.topic = message.topic;
  fields.data = message.body;
  fields.sow_key = message.sow_key;
  fields.subscription_ids = message.sub_ids;
  fields.subscription_id = message.sub_id;
  fields.query_id = message.query_id;
  fields.command_id = message.command_id;
  fields.correlation_id = message.correlation_id;
  fields.bookmark = message.bookmark;
  fields.timestamp = message.timestamp;
  fields.lease_period = message.lease_period;
  fields.user_id = message.user_id;
  fields.status = message.status;
  fields.reason = message.reason;
  fields.options = message.options;
  return fields;
}

}  // namespace AMPS::internal

#endif  // FLUXGATE_CLIENT_AMPS_MESSAGE_FIELDS_H_
