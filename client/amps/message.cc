#include "amps/message.h"

#include <array>
#include <utility>

#include "client/amps/ack_types.h"

namespace AMPS {
namespace {

using Text = std::string_view Message::Fields::*;

constexpr std::array kTexts = {
    &Message::Fields::topic,           &Message::Fields::data,
    &Message::Fields::sow_key,         &Message::Fields::subscription_ids,
    &Message::Fields::subscription_id, &Message::Fields::query_id,
    &Message::Fields::command_id,      &Message::Fields::correlation_id,
    &Message::Fields::bookmark,        &Message::Fields::timestamp,
    &Message::Fields::lease_period,    &Message::Fields::user_id,
    &Message::Fields::status,          &Message::Fields::reason,
    &Message::Fields::options,
};
// A text that is missing above would not be copied.
static_assert(sizeof(Message::Fields) == kTexts.size() * sizeof(std::string_view) +
                                             2 * sizeof(uint32_t) + 7 * sizeof(uint64_t));

void AppendQuoted(std::string_view text, std::string* line) {
  constexpr char kDigits[] = "0123456789abcdef";
  line->push_back('"');
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < ' ') {
      line->append("\\u00").append({kDigits[(c >> 4) & 0xf], kDigits[c & 0xf]});
      continue;
    }
    if (c == '"' || c == '\\') line->push_back('\\');
    line->push_back(c);
  }
  line->push_back('"');
}

void AppendText(std::string_view name, std::string_view text, std::string* line) {
  if (text.empty()) return;
  line->append(",\"").append(name).append("\":");
  AppendQuoted(text, line);
}

void AppendNumber(std::string_view name, uint64_t number, std::string* line) {
  if (number == 0) return;
  line->append(",\"").append(name).append("\":").append(std::to_string(number));
}

}  // namespace

Message& Message::operator=(const Message& other) {
  if (this == &other) return *this;
  size_t size = 0;
  for (const Text text : kTexts) size += (other.fields_.*text).size();
  // Not into memory_: what is copied may borrow from it.
  std::string memory;
  memory.reserve(size);
  Fields fields = other.fields_;
  for (const Text text : kTexts) {
    const std::string_view from = other.fields_.*text;
    const size_t at = memory.size();
    memory.append(from);
    fields.*text = {memory.data() + at, from.size()};
  }
  const char* const before = memory.data();
  memory_ = std::move(memory);
  fields_ = fields;
  // A short string is not on the heap: moving it has moved its characters.
  if (before != memory_.data()) {
    const char* at = memory_.data();
    for (const Text text : kTexts) {
      fields_.*text = {at, (fields_.*text).size()};
      at += (fields_.*text).size();
    }
  }
  return *this;
}

Message& Message::operator=(Message&& other) noexcept {
  if (this == &other) return *this;
  const bool is_copy = !other.memory_.empty();
  const char* const before = other.memory_.data();
  memory_ = std::move(other.memory_);
  fields_ = std::exchange(other.fields_, Fields{});
  other.memory_.clear();
  if (is_copy && before != memory_.data()) {
    for (const Text text : kTexts) {
      std::string_view& view = fields_.*text;
      view = {memory_.data() + (view.data() - before), view.size()};
    }
  }
  return *this;
}

std::string_view Message::getCommand() const {
  switch (fields_.command) {
    case Publish:
      return "p";
    case SOW:
      return "sow";
    case OOF:
      return "oof";
    case GroupBegin:
      return "group_begin";
    case GroupEnd:
      return "group_end";
    case Ack:
      return "ack";
    case Unknown:
      break;
  }
  return "";
}

std::string_view Message::getAckType() const {
  if (fields_.ack_type == None) return "";
  for (const internal::AckTypeName& row : internal::kAckTypeNames) {
    if (row.type == fields_.ack_type) return row.name;
  }
  return "";
}

std::string to_string(const Message& message) {
  const Message::Fields& fields = message.fields();
  std::string line = "{\"c\":";
  AppendQuoted(message.getCommand(), &line);
  AppendText("cid", fields.command_id, &line);
  AppendText("t", fields.topic, &line);
  AppendText("a", message.getAckType(), &line);
  AppendText("status", fields.status, &line);
  AppendText("reason", fields.reason, &line);
  AppendNumber("s", fields.sequence, &line);
  AppendText("k", fields.sow_key, &line);
  AppendText("sids", fields.subscription_ids, &line);
  AppendText("sub_id", fields.subscription_id, &line);
  AppendText("query_id", fields.query_id, &line);
  AppendText("x", fields.correlation_id, &line);
  AppendText("bm", fields.bookmark, &line);
  AppendText("ts", fields.timestamp, &line);
  AppendText("lp", fields.lease_period, &line);
  AppendText("user_id", fields.user_id, &line);
  AppendText("o", fields.options, &line);
  AppendNumber("matches", fields.matches, &line);
  AppendNumber("topic_matches", fields.topic_matches, &line);
  AppendNumber("records_returned", fields.records_returned, &line);
  AppendNumber("records_inserted", fields.records_inserted, &line);
  AppendNumber("records_updated", fields.records_updated, &line);
  AppendNumber("records_deleted", fields.records_deleted, &line);
  line.push_back('}');
  line.append(fields.data);
  return line;
}

}  // namespace AMPS
