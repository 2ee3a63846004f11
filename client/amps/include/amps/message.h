// A message from the gateway: what a subscription or query delivers, and acks.
//
// The one that a handler gets is good during the call: its texts point into what was received.
// Copying a Message copies its texts, so a copy is good as long as it lives. One thread at a time.
#ifndef AMPS_CPP_MESSAGE_H_
#define AMPS_CPP_MESSAGE_H_

#include <cstdint>
#include <string>
#include <string_view>

namespace AMPS {

class Message {
 public:
  // What the gateway sends. One bit each.
  enum Command : uint32_t {
    Unknown = 0,
    Publish = 1,     // a message, or a change of a record
    SOW = 2,         // a record of a query
    OOF = 4,         // a record that is out of focus; getReason says why
    GroupBegin = 8,  // the records of a query follow
    GroupEnd = 16,
    Ack = 32,
  };
  // Acks can be asked for together, by a | b.
  enum AckType : uint32_t {
    None = 0,
    Received = 1,
    Processed = 2,
    Persisted = 4,
    Completed = 8,
    Stats = 16,
  };

  Message() = default;
  Message(const Message& other) { *this = other; }
  Message& operator=(const Message& other);
  // A moved one keeps what it had its own copy of, and borrows what the other one borrowed.
  Message(Message&& other) noexcept { *this = static_cast<Message&&>(other); }
  Message& operator=(Message&& other) noexcept;

  // False: the end of a MessageStream whose time ran out; see there.
  explicit operator bool() const { return fields_.command != Unknown; }

  Command getCommandEnum() const { return fields_.command; }
  std::string_view getCommand() const;  // "p", "sow", "oof", "group_begin", "group_end", "ack"

  std::string_view getTopic() const { return fields_.topic; }
  std::string_view getData() const { return fields_.data; }
  std::string_view getSowKey() const { return fields_.sow_key; }
  // All of this client that matched, between commas.
  std::string_view getSubscriptionIds() const { return fields_.subscription_ids; }
  // The one that this delivery is for: a handler runs once for each that matched.
  std::string_view getSubscriptionId() const { return fields_.subscription_id; }
  std::string_view getQueryID() const { return fields_.query_id; }
  std::string_view getCommandId() const { return fields_.command_id; }
  std::string_view getCorrelationId() const { return fields_.correlation_id; }
  std::string_view getBookmark() const { return fields_.bookmark; }
  std::string_view getTimestamp() const { return fields_.timestamp; }
  std::string_view getLeasePeriod() const { return fields_.lease_period; }
  std::string_view getUserId() const { return fields_.user_id; }
  std::string_view getReason() const { return fields_.reason; }  // of an ack or OOF
  std::string_view getOptions() const { return fields_.options; }

  // Of an ack.
  AckType getAckTypeEnum() const { return fields_.ack_type; }
  std::string_view getAckType() const;                           // "processed", ...
  std::string_view getStatus() const { return fields_.status; }  // "success", "failure", "retry"
  uint64_t getSequence() const { return fields_.sequence; }      // 0: none
  uint64_t getMatches() const { return fields_.matches; }
  uint64_t getTopicMatches() const { return fields_.topic_matches; }
  uint64_t getRecordsReturned() const { return fields_.records_returned; }
  uint64_t getRecordsInserted() const { return fields_.records_inserted; }
  uint64_t getRecordsUpdated() const { return fields_.records_updated; }
  uint64_t getRecordsDeleted() const { return fields_.records_deleted; }

  // The library's: how messages are made.
  struct Fields {
    Command command = Unknown;
    AckType ack_type = None;
    uint64_t sequence = 0;
    uint64_t matches = 0;
    uint64_t topic_matches = 0;
    uint64_t records_returned = 0;
    uint64_t records_inserted = 0;
    uint64_t records_updated = 0;
    uint64_t records_deleted = 0;
    std::string_view topic;
    std::string_view data;
    std::string_view sow_key;
    std::string_view subscription_ids;
    std::string_view subscription_id;
    std::string_view query_id;
    std::string_view command_id;
    std::string_view correlation_id;
    std::string_view bookmark;
    std::string_view timestamp;
    std::string_view lease_period;
    std::string_view user_id;
    std::string_view status;
    std::string_view reason;
    std::string_view options;
  };
  // Borrows the texts of `fields`.
  explicit Message(const Fields& fields) : fields_(fields) {}
  const Fields& fields() const { return fields_; }

 private:
  Fields fields_;
  std::string memory_;  // of a copy: all its texts, one behind the other; empty: borrowed
};

// A JSON-like line for people.
std::string to_string(const Message& message);

}  // namespace AMPS

#endif  // AMPS_CPP_MESSAGE_H_
