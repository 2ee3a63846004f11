// Reads the header of a frame: CommandDecoder for what clients send, ServerMessageDecoder for what
// servers send. One decoder per connection; any one thread.
//
// Accepted: one flat {...} of strings, numbers, true and false, with white space anywhere between
// them; fields by their long or short name; a number where text is expected and the other way
// round. Fields with unknown names are checked for syntax and ignored. Refused: nesting, null, a
// field given twice (under either name), text that is not UTF-8, control characters other than tab
// and line ends, more than kHeaderFieldsMax fields. Source: docs/protocol-amps.md, "Header".
#ifndef FLUXGATE_GATEWAY_AMPS_AMPS_DECODER_H_
#define FLUXGATE_GATEWAY_AMPS_AMPS_DECODER_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/equal_text.h"
#include "core/message/command.h"
#include "gateway/amps/amps_constants.h"

namespace fluxgate::amps {

enum class DecodeError : uint8_t {
  kNone,
  kHeaderTooLarge,  // no end within header_bytes_max
  kBodyTooLarge,    // over body_bytes_max
  kTruncated,       // the frame ends inside the header
  kSyntax,
  kNested,
  kDuplicateField,
  kTooManyFields,
  kNotUtf8,
  kBadNumber,   // not a number, or not one that fits
  kBadAckList,  // an ack type that does not exist
  kNoCommand,   // no field `c`
};

// For people: "duplicate header field".
std::string_view DecodeErrorText(DecodeError error);

// What a server sent. Views as in Command.
struct ServerMessage {
  ServerMessageType type = ServerMessageType::kUnknown;
  AckSet ack;  // kAck: the one type it is of
  bool has_sequence = false;
  bool has_message_length = false;
  uint32_t batch_size = 0;
  uint64_t sequence = 0;
  uint64_t message_length = 0;
  uint64_t matches = 0;
  uint64_t topic_matches = 0;
  uint64_t records_deleted = 0;
  uint64_t records_inserted = 0;
  uint64_t records_returned = 0;
  uint64_t records_updated = 0;

  std::string_view topic;
  std::string_view sub_ids;  // all subscriptions that matched, comma-separated
  std::string_view sub_id;
  std::string_view query_id;
  std::string_view command_id;
  std::string_view status;
  std::string_view reason;
  std::string_view bookmark;
  std::string_view sow_key;
  std::string_view correlation_id;
  std::string_view client_name;
  std::string_view user_id;
  std::string_view password;
  std::string_view timestamp;
  std::string_view lease_period;
  std::string_view options;
  std::string_view version;
  std::string_view body;

  bool ok() const { return status == kStatusSuccess; }
};

// `Message` is Command or ServerMessage. A stream of publishes repeats its header byte for byte, so
// the decoder remembers the last one: an equal one costs a comparison, no parsing.
template <typename Message>
class HeaderDecoder {
 public:
  explicit HeaderDecoder(const FrameLimits& limits = {}) : limits_(limits) {}
  HeaderDecoder(const HeaderDecoder&) = delete;
  HeaderDecoder& operator=(const HeaderDecoder&) = delete;

  // Decodes one frame (FrameResult::frame). After kNone message() is set; its views point into
  // `frame` or into this decoder and are good until the next call and as long as `frame` is.
  // After an error message() is empty.
  DecodeError Decode(std::string_view frame) {
    const size_t size = remembered_.size();
    // An equal prefix ends where it ended before: the end of a header depends on its bytes only.
    if (size != 0 && EqualText(frame.substr(0, size), remembered_)) {
      message_.body = frame.substr(size);
      if (message_.body.size() <= limits_.body_bytes_max) [[likely]]
        return DecodeError::kNone;
    }
    return DecodeNew(frame);
  }

  const Message& message() const { return message_; }
  // The command's name as it was sent; the only trace of an unknown one (then type is kUnknown).
  std::string_view name() const { return name_; }
  // After an error: the text, naming the field where one is to blame.
  std::string ErrorText() const;

 private:
  DecodeError DecodeNew(std::string_view frame);
  DecodeError Parse(std::string_view frame, size_t* header_size);
  void Remember(std::string_view header);

  FrameLimits limits_;
  Message message_;
  std::string_view name_;
  std::string remembered_;  // empty: nothing remembered
  std::string unescaped_;   // text of fields that had escapes
  DecodeError error_ = DecodeError::kNone;
  HeaderKey error_key_ = HeaderKey::kUnknown;
};

extern template class HeaderDecoder<Command>;
extern template class HeaderDecoder<ServerMessage>;

using CommandDecoder = HeaderDecoder<Command>;
using ServerMessageDecoder = HeaderDecoder<ServerMessage>;

}  // namespace fluxgate::amps

#endif  // FLUXGATE_GATEWAY_AMPS_AMPS_DECODER_H_
