#include "gateway/amps/amps_encoder.h"

#include <charconv>
#include <cstdio>
#include <ctime>

namespace fluxgate::amps {
namespace {

// One frame under construction at the end of a buffer.
class FrameWriter {
 public:
  FrameWriter(std::string_view command, std::string* out) : out_(out), start_(out->size()) {
    out_->append(kFramePrefixBytes, '\0');
    out_->append("{\"c\":\"").append(command).append("\"");
  }

  void Text(std::string_view key, std::string_view value) {
    if (value.empty()) return;
    out_->append(",\"").append(key).append("\":\"");
    AppendEscaped(value, out_);
    out_->push_back('"');
  }

  void Number(std::string_view key, uint64_t value) {
    char digits[20];
    const auto [end, error] = std::to_chars(digits, digits + sizeof(digits), value);
    out_->append(",\"").append(key).append("\":").append(digits, end);
  }
  void NumberIf(bool given, std::string_view key, uint64_t value) {
    if (given) Number(key, value);
  }

  void Acks(AckSet acks) {
    if (acks.empty()) return;
    std::string_view before = ",\"a\":\"";
    for (const AckTypeName& row : kAckTypeNames) {
      if (!acks.has(row.type)) continue;
      out_->append(before).append(row.name);
      before = ",";
    }
    out_->push_back('"');
  }

  void Close() { out_->push_back('}'); }

  void Finish(std::string_view body) {
    Close();
    out_->append(body);
    StoreFrameLength(static_cast<uint32_t>(out_->size() - start_ - kFramePrefixBytes),
                     out_->data() + start_);
  }

 private:
  std::string* out_;
  const size_t start_;
};

std::string_view NameOf(ServerMessageType type) {
  for (const ServerMessageName& row : kServerMessageNames) {
    if (row.type == type) return row.name;
  }
  return "unknown";
}

std::string_view NameOf(CommandType type) {
  return type == CommandType::kPublish ? "p" : CommandTypeName(type);
}

}  // namespace

void AppendEscaped(std::string_view text, std::string* out) {
  static constexpr char kHex[] = "0123456789abcdef";
  size_t from = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c >= ' ' && c != '"' && c != '\\') [[likely]]
      continue;
    out->append(text.substr(from, i - from));
    from = i + 1;
    switch (c) {
      case '"':
        out->append("\\\"");
        break;
      case '\\':
        out->append("\\\\");
        break;
      case '\n':
        out->append("\\n");
        break;
      case '\r':
        out->append("\\r");
        break;
      case '\t':
        out->append("\\t");
        break;
      default:
        out->append("\\u00");
        out->push_back(kHex[c >> 4]);
        out->push_back(kHex[c & 15]);
    }
  }
  out->append(text.substr(from));
}

void AppendTimestamp(int64_t time_ns, std::string* out) {
  const auto seconds = static_cast<time_t>(time_ns / 1'000'000'000);
  const int64_t microseconds = time_ns % 1'000'000'000 / 1'000;
  struct tm utc {};
  gmtime_r(&seconds, &utc);
  char text[64];
  const int size = std::snprintf(text, sizeof text, "%04d%02d%02dT%02d%02d%02d.%06dZ",
                                 utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday, utc.tm_hour,
                                 utc.tm_min, utc.tm_sec, static_cast<int>(microseconds));
  out->append(text, static_cast<size_t>(size));
}

std::string DeliveryPrefix(std::string_view topic, std::string_view sub_ids,
                           std::string_view correlation_id) {
  std::string out;
  FrameWriter frame("p", &out);
  frame.Text("t", topic);
  frame.Text("sids", sub_ids);
  frame.Text("x", correlation_id);
  frame.Close();
  return out;
}

std::string PublishPrefix(std::string_view topic) {
  std::string out;
  FrameWriter frame("p", &out);
  frame.Text("t", topic);
  frame.Close();
  return out;
}

void AppendDelivery(std::string_view topic, std::string_view sub_ids,
                    std::string_view correlation_id, std::string_view body, std::string* out) {
  FrameWriter frame("p", out);
  frame.Text("t", topic);
  frame.Text("sids", sub_ids);
  frame.Text("x", correlation_id);
  frame.Finish(body);
}

void AppendServerMessage(const ServerMessage& m, std::string* out) {
  const bool is_stats = m.type == ServerMessageType::kAck && m.ack.has(AckType::kStats);
  FrameWriter frame(NameOf(m.type), out);
  frame.Text("cid", m.command_id);
  frame.Text("query_id", m.query_id);
  frame.Text("t", m.topic);
  frame.NumberIf(m.has_sequence, "s", m.sequence);
  frame.Text("bm", m.bookmark);
  frame.Text("client_name", m.client_name);
  frame.Acks(m.ack);
  frame.Text("status", m.status);
  frame.Text("reason", m.reason);
  frame.Text("version", m.version);
  frame.Text("sub_id", m.sub_id);
  frame.Text("sids", m.sub_ids);
  frame.Text("k", m.sow_key);
  frame.Text("x", m.correlation_id);
  frame.Text("user_id", m.user_id);
  frame.Text("pw", m.password);
  frame.Text("ts", m.timestamp);
  frame.Text("lp", m.lease_period);
  frame.Text("o", m.options);
  frame.NumberIf(m.batch_size != 0 || m.type == ServerMessageType::kSow, "bs", m.batch_size);
  frame.NumberIf(m.matches != 0 || is_stats, "matches", m.matches);
  frame.NumberIf(m.topic_matches != 0 || is_stats, "topic_matches", m.topic_matches);
  frame.NumberIf(m.records_returned != 0, "records_returned", m.records_returned);
  frame.NumberIf(m.records_inserted != 0, "records_inserted", m.records_inserted);
  frame.NumberIf(m.records_updated != 0, "records_updated", m.records_updated);
  frame.NumberIf(m.records_deleted != 0, "records_deleted", m.records_deleted);
  frame.NumberIf(m.has_message_length, "l", m.message_length);
  frame.Finish(m.body);
}

void AppendHeartbeat(std::string* out) { FrameWriter("heartbeat", out).Finish({}); }

void AppendCommand(const Command& command, std::string* out) {
  FrameWriter frame(NameOf(command.type), out);
  frame.Text("cid", command.command_id);
  frame.Text("t", command.topic);
  frame.NumberIf(command.has_sequence, "s", command.sequence);
  frame.Text("client_name", command.client_name);
  frame.Text("user_id", command.user_id);
  frame.Text("pw", command.password);
  frame.Text("mt", command.message_type);
  frame.Acks(command.acks);
  frame.Text("version", command.version);
  frame.Text("sub_id", command.sub_id);
  frame.Text("query_id", command.query_id);
  frame.Text("f", command.filter);
  frame.Text("o", command.options);
  frame.Text("bm", command.bookmark);
  frame.Text("k", command.sow_key);
  frame.Text("sow_keys", command.sow_keys);
  frame.Text("orderby", command.order_by);
  frame.Text("x", command.correlation_id);
  frame.NumberIf(command.batch_size != 0, "bs", command.batch_size);
  frame.NumberIf(command.expiration_s >= 0, "e", static_cast<uint64_t>(command.expiration_s));
  frame.NumberIf(command.top_n != 0, "top_n", command.top_n);
  frame.Finish(command.body);
}

}  // namespace fluxgate::amps
