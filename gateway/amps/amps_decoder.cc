#include "gateway/amps/amps_decoder.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <type_traits>

#include "gateway/amps/amps_header_reader.h"
#include "gateway/amps/amps_unescape.h"

namespace fluxgate::amps {
namespace {

template <typename Number>
DecodeError ReadNumber(std::string_view text, Number* number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *number);
  if (error != std::errc() || end != text.data() + text.size()) return DecodeError::kBadNumber;
  return DecodeError::kNone;
}

// Never negative, though the type could say so.
DecodeError ReadSeconds(std::string_view text, int64_t* seconds) {
  if (text.starts_with('-')) return DecodeError::kBadNumber;
  return ReadNumber(text, seconds);
}

DecodeError ReadAcks(std::string_view text, AckSet* acks) {
  while (!text.empty()) {
    const size_t comma = text.find(',');
    const std::string_view name = text.substr(0, comma);
    bool known = name == kAckTypeNone;
    for (const AckTypeName& row : kAckTypeNames) {
      if (name == row.name) {
        acks->add(row.type);
        known = true;
        break;
      }
    }
    if (!known) return DecodeError::kBadAckList;
    if (comma == std::string_view::npos) break;
    text.remove_prefix(comma + 1);
    if (text.empty()) return DecodeError::kBadAckList;
  }
  return DecodeError::kNone;
}

DecodeError Store(HeaderKey key, std::string_view text, Command* m) {
  switch (key) {
    case HeaderKey::kCommand:
      for (const CommandName& row : kCommandNames) {
        if (text == row.name) {
          m->type = row.type;
          break;
        }
      }
      return DecodeError::kNone;
    case HeaderKey::kAckType:
      return ReadAcks(text, &m->acks);
    case HeaderKey::kBatchSize:
      return ReadNumber(text, &m->batch_size);
    case HeaderKey::kExpiration:
      return ReadSeconds(text, &m->expiration_s);
    case HeaderKey::kTopN:
      return ReadNumber(text, &m->top_n);
    case HeaderKey::kSequence:
      m->has_sequence = true;
      return ReadNumber(text, &m->sequence);
    case HeaderKey::kTopic:
      m->topic = text;
      return DecodeError::kNone;
    case HeaderKey::kCommandId:
      m->command_id = text;
      return DecodeError::kNone;
    case HeaderKey::kSubId:
      m->sub_id = text;
      return DecodeError::kNone;
    case HeaderKey::kQueryId:
      m->query_id = text;
      return DecodeError::kNone;
    case HeaderKey::kFilter:
      m->filter = text;
      return DecodeError::kNone;
    case HeaderKey::kOptions:
      m->options = text;
      return DecodeError::kNone;
    case HeaderKey::kBookmark:
      m->bookmark = text;
      return DecodeError::kNone;
    case HeaderKey::kSowKey:
      m->sow_key = text;
      return DecodeError::kNone;
    case HeaderKey::kSowKeys:
      m->sow_keys = text;
      return DecodeError::kNone;
    case HeaderKey::kOrderBy:
      m->order_by = text;
      return DecodeError::kNone;
    case HeaderKey::kCorrelationId:
      m->correlation_id = text;
      return DecodeError::kNone;
    case HeaderKey::kClientName:
      m->client_name = text;
      return DecodeError::kNone;
    case HeaderKey::kUserId:
      m->user_id = text;
      return DecodeError::kNone;
    case HeaderKey::kPassword:
      m->password = text;
      return DecodeError::kNone;
    case HeaderKey::kMessageType:
      m->message_type = text;
      return DecodeError::kNone;
    case HeaderKey::kVersion:
      m->version = text;
      return DecodeError::kNone;
    default:
      return DecodeError::kNone;  // of no meaning in a command
  }
}

DecodeError Store(HeaderKey key, std::string_view text, ServerMessage* m) {
  switch (key) {
    case HeaderKey::kCommand:
      for (const ServerMessageName& row : kServerMessageNames) {
        if (text == row.name) {
          m->type = row.type;
          break;
        }
      }
      return DecodeError::kNone;
    case HeaderKey::kAckType:
      return ReadAcks(text, &m->ack);
    case HeaderKey::kBatchSize:
      return ReadNumber(text, &m->batch_size);
    case HeaderKey::kSequence:
      m->has_sequence = true;
      return ReadNumber(text, &m->sequence);
    case HeaderKey::kMessageLength:
      m->has_message_length = true;
      return ReadNumber(text, &m->message_length);
    case HeaderKey::kMatches:
      return ReadNumber(text, &m->matches);
    case HeaderKey::kTopicMatches:
      return ReadNumber(text, &m->topic_matches);
    case HeaderKey::kRecordsDeleted:
      return ReadNumber(text, &m->records_deleted);
    case HeaderKey::kRecordsInserted:
      return ReadNumber(text, &m->records_inserted);
    case HeaderKey::kRecordsReturned:
      return ReadNumber(text, &m->records_returned);
    case HeaderKey::kRecordsUpdated:
      return ReadNumber(text, &m->records_updated);
    case HeaderKey::kTopic:
      m->topic = text;
      return DecodeError::kNone;
    case HeaderKey::kSubIds:
      m->sub_ids = text;
      return DecodeError::kNone;
    case HeaderKey::kSubId:
      m->sub_id = text;
      return DecodeError::kNone;
    case HeaderKey::kQueryId:
      m->query_id = text;
      return DecodeError::kNone;
    case HeaderKey::kCommandId:
      m->command_id = text;
      return DecodeError::kNone;
    case HeaderKey::kStatus:
      m->status = text;
      return DecodeError::kNone;
    case HeaderKey::kReason:
      m->reason = text;
      return DecodeError::kNone;
    case HeaderKey::kBookmark:
      m->bookmark = text;
      return DecodeError::kNone;
    case HeaderKey::kSowKey:
      m->sow_key = text;
      return DecodeError::kNone;
    case HeaderKey::kCorrelationId:
      m->correlation_id = text;
      return DecodeError::kNone;
    case HeaderKey::kClientName:
      m->client_name = text;
      return DecodeError::kNone;
    case HeaderKey::kUserId:
      m->user_id = text;
      return DecodeError::kNone;
    case HeaderKey::kPassword:
      m->password = text;
      return DecodeError::kNone;
    case HeaderKey::kTimestamp:
      m->timestamp = text;
      return DecodeError::kNone;
    case HeaderKey::kLeasePeriod:
      m->lease_period = text;
      return DecodeError::kNone;
    case HeaderKey::kOptions:
      m->options = text;
      return DecodeError::kNone;
    case HeaderKey::kVersion:
      m->version = text;
      return DecodeError::kNone;
    default:
      return DecodeError::kNone;
  }
}

// Whether the same header is likely to come again: not when it numbers its message.
bool IsLikelyRepeated(const Command& m) {
  return m.type == CommandType::kPublish && !m.has_sequence && m.command_id.empty();
}
bool IsLikelyRepeated(const ServerMessage& m) {
  return m.type == ServerMessageType::kPublish && !m.has_sequence && m.bookmark.empty();
}

// All views but the body, which is the last.
constexpr std::string_view Command::*kCommandViews[] = {
    &Command::topic,    &Command::command_id, &Command::sub_id,         &Command::query_id,
    &Command::filter,   &Command::options,    &Command::bookmark,       &Command::sow_key,
    &Command::sow_keys, &Command::order_by,   &Command::correlation_id, &Command::client_name,
    &Command::user_id,  &Command::password,   &Command::message_type,   &Command::version,
};
constexpr std::string_view ServerMessage::*kServerMessageViews[] = {
    &ServerMessage::topic,          &ServerMessage::sub_ids,     &ServerMessage::sub_id,
    &ServerMessage::query_id,       &ServerMessage::command_id,  &ServerMessage::status,
    &ServerMessage::reason,         &ServerMessage::bookmark,    &ServerMessage::sow_key,
    &ServerMessage::correlation_id, &ServerMessage::client_name, &ServerMessage::user_id,
    &ServerMessage::password,       &ServerMessage::timestamp,   &ServerMessage::lease_period,
    &ServerMessage::options,        &ServerMessage::version,
};

}  // namespace

std::string_view DecodeErrorText(DecodeError error) {
  switch (error) {
    case DecodeError::kNone:
      return "no error";
    case DecodeError::kHeaderTooLarge:
      return "header too large";
    case DecodeError::kBodyTooLarge:
      return "body too large";
    case DecodeError::kTruncated:
      return "header not closed";
    case DecodeError::kSyntax:
      return "header syntax";
    case DecodeError::kNested:
      return "nested header field";
    case DecodeError::kDuplicateField:
      return "duplicate header field";
    case DecodeError::kTooManyFields:
      return "too many header fields";
    case DecodeError::kNotUtf8:
      return "header is not UTF-8";
    case DecodeError::kBadNumber:
      return "bad number in header field";
    case DecodeError::kBadAckList:
      return "unknown ack type in header field";
    case DecodeError::kNoCommand:
      return "header without a command";
  }
  return "unknown error";
}

template <typename Message>
std::string HeaderDecoder<Message>::ErrorText() const {
  std::string text(DecodeErrorText(error_));
  if (error_key_ == HeaderKey::kUnknown) return text;
  // The longest name is the long one.
  std::string_view name;
  for (const HeaderKeyName& row : kHeaderKeyNames) {
    if (row.key == error_key_ && row.name.size() > name.size()) name = row.name;
  }
  return text.append(" ").append(name);
}

template <typename Message>
DecodeError HeaderDecoder<Message>::DecodeNew(std::string_view frame) {
  remembered_.clear();
  unescaped_.clear();
  message_ = Message{};
  name_ = {};
  error_key_ = HeaderKey::kUnknown;
  size_t header_size = 0;
  error_ = Parse(frame, &header_size);
  if (error_ == DecodeError::kNone) {
    message_.body = frame.substr(header_size);
    if (message_.body.size() > limits_.body_bytes_max) error_ = DecodeError::kBodyTooLarge;
  }
  if (error_ != DecodeError::kNone) [[unlikely]] {
    message_ = Message{};
    name_ = {};
    return error_;
  }
  if (IsLikelyRepeated(message_)) Remember(frame.substr(0, header_size));
  return DecodeError::kNone;
}

template <typename Message>
DecodeError HeaderDecoder<Message>::Parse(std::string_view frame, size_t* header_size) {
  HeaderReader reader(frame, limits_.header_bytes_max);
  if (DecodeError error = reader.Open(); error != DecodeError::kNone) return error;
  bool has_command = false;
  while (true) {
    HeaderField field;
    bool done = false;
    DecodeError error = reader.Next(&field, &done);
    if (error != DecodeError::kNone) [[unlikely]] {
      if (error == DecodeError::kDuplicateField) error_key_ = field.key;
      return error;
    }
    if (done) break;
    if (field.escaped) [[unlikely]] {
      // Room for all that can still come, so that earlier views into it stay good: unescaping never
      // makes text longer.
      if (unescaped_.empty()) {
        unescaped_.reserve(std::min<uint64_t>(frame.size(), limits_.header_bytes_max));
      }
      const size_t at = unescaped_.size();
      error = AppendUnescaped(field.text, &unescaped_);
      if (error != DecodeError::kNone) return error;
      field.text = std::string_view(unescaped_).substr(at);
    }
    if (field.key == HeaderKey::kCommand) {
      has_command = true;
      name_ = field.text;
    }
    error = Store(field.key, field.text, &message_);
    if (error != DecodeError::kNone) [[unlikely]] {
      error_key_ = field.key;
      return error;
    }
  }
  *header_size = reader.size();
  return has_command ? DecodeError::kNone : DecodeError::kNoCommand;
}

// Keeps the header and turns views into the frame into views of the copy.
template <typename Message>
void HeaderDecoder<Message>::Remember(std::string_view header) {
  remembered_.assign(header);
  const auto rebase = [&](std::string_view* view) {
    const auto offset =
        reinterpret_cast<uintptr_t>(view->data()) - reinterpret_cast<uintptr_t>(header.data());
    if (offset < header.size()) *view = {remembered_.data() + offset, view->size()};
  };
  rebase(&name_);
  if constexpr (std::is_same_v<Message, Command>) {
    for (const auto view : kCommandViews) rebase(&(message_.*view));
  } else {
    for (const auto view : kServerMessageViews) rebase(&(message_.*view));
  }
}

template class HeaderDecoder<Command>;
template class HeaderDecoder<ServerMessage>;

}  // namespace fluxgate::amps
