// The native protocol of fluxgated: a 4-byte big-endian length, a flat {...} header, the body.
#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstring>

#include "fmt/format.h"
#include "tests/bench/fail.h"
#include "tests/bench/wire.h"

namespace fluxgate::bench {
namespace {

constexpr size_t kPrefixBytes = 4;

std::string Framed(std::string_view header, std::string_view body) {
  const uint32_t length = htonl(static_cast<uint32_t>(header.size() + body.size()));
  std::string frame(kPrefixBytes, '\0');
  std::memcpy(frame.data(), &length, kPrefixBytes);
  frame += header;
  frame += body;
  return frame;
}

// Bytes of the header at the start of a frame's content: up to the brace that closes it.
size_t HeaderBytes(std::string_view content) {
  bool quoted = false;
  for (size_t i = 0; i < content.size(); ++i) {
    const char c = content[i];
    if (quoted && c == '\\') {
      ++i;
    } else if (c == '"') {
      quoted = !quoted;
    } else if (c == '}' && !quoted) {
      return i + 1;
    }
  }
  return content.size();
}

bool StartsWithWord(std::string_view content, const char (&word)[9]) {
  return content.size() >= 8 && std::memcmp(content.data(), word, 8) == 0;
}

class AmpsWire : public Wire {
 public:
  std::string Logon(std::string_view client_name, bool /*publisher*/) const override {
    return Framed(
        fmt::format("{{\"c\":\"logon\",\"cid\":\"0\",\"client_name\":\"{}\",\"mt\":\"json\","
                    "\"a\":\"processed\",\"version\":\"bench\"}}",
                    client_name),
        "");
  }
  size_t logon_answers(bool /*publisher*/) const override { return 1; }

  std::string Subscribe(uint64_t id, std::string_view topic,
                        std::string_view filter) const override {
    const std::string clause = filter.empty() ? "" : fmt::format(",\"f\":\"{}\"", filter);
    return Framed(
        fmt::format("{{\"c\":\"subscribe\",\"cid\":\"{0}\",\"sub_id\":\"{0}\",\"t\":\"{1}\"{2},"
                    "\"a\":\"processed\"}}",
                    id, topic, clause),
        "");
  }
  bool subscribe_answers() const override { return true; }

  std::string Publish(std::string_view topic, std::string_view body) const override {
    return Framed(fmt::format("{{\"c\":\"p\",\"t\":\"{}\"}}", topic), body);
  }

  std::string Upsert(std::string_view topic, uint64_t /*id*/,
                     std::string_view body) const override {
    return Publish(topic, body);
  }
  std::string Read(std::string_view topic, std::string_view key) const override {
    return Framed(
        fmt::format("{{\"c\":\"sow\",\"query_id\":\"r\",\"t\":\"{}\",\"sow_keys\":\"{}\"}}", topic,
                    key),
        "");
  }
  std::string ReadAll(std::string_view topic) const override {
    return Framed(fmt::format("{{\"c\":\"sow\",\"query_id\":\"all\",\"t\":\"{}\"}}", topic), "");
  }
  std::string QueryAndSubscribe(std::string_view id, std::string_view topic,
                                std::string_view filter) const override {
    const std::string clause = filter.empty() ? "" : fmt::format(",\"f\":\"{}\"", filter);
    return Framed(fmt::format("{{\"c\":\"sow_and_subscribe\",\"cid\":\"{0}\",\"sub_id\":\"{0}\","
                              "\"t\":\"{1}\"{2},\"bs\":100,\"a\":\"completed\"}}",
                              id, topic, clause),
                  "");
  }
  std::string Unsubscribe(std::string_view id) const override {
    return Framed(fmt::format("{{\"c\":\"unsubscribe\",\"cid\":\"u\",\"sub_id\":\"{}\","
                              "\"a\":\"processed\"}}",
                              id),
                  "");
  }
  std::string Sync() const override {
    return Framed("{\"c\":\"flush\",\"cid\":\"f\",\"a\":\"completed\"}", "");
  }

  size_t Next(std::string_view bytes, Frame& frame) override {
    const size_t taken = Whole(bytes);
    if (taken == 0) return 0;
    const std::string_view content = bytes.substr(kPrefixBytes, taken - kPrefixBytes);
    const size_t header = HeaderBytes(content);
    frame.head = content.substr(0, header);
    frame.body = content.substr(header);
    if (IsMessage(content)) {
      frame.kind = Frame::Kind::kMessage;
    } else if (IsRecord(content)) {
      TakeRecord(frame);
    } else if (content.starts_with("{\"c\":\"ack\"")) {
      frame.kind = frame.head.find("\"status\":\"success\"") != std::string_view::npos
                       ? Frame::Kind::kGood
                       : Frame::Kind::kBad;
    } else {
      frame.kind = Frame::Kind::kOther;
    }
    return taken;
  }

  // Only lengths and the command are looked at; the header is not walked through.
  size_t Count(std::string_view bytes, uint64_t& messages, std::string_view& first_body) override {
    size_t used = 0;
    uint64_t count = 0;
    while (const size_t taken = Whole(bytes.substr(used))) {
      const std::string_view content = bytes.substr(used + kPrefixBytes, taken - kPrefixBytes);
      used += taken;
      if (!IsMessage(content)) continue;
      if (count++ == 0) first_body = content.substr(HeaderBytes(content));
    }
    messages += count;
    return used;
  }

  size_t CountRecords(std::string_view bytes, uint64_t& records,
                      std::string_view& first_body) override {
    size_t used = 0;
    uint64_t count = 0;
    Frame frame;
    while (const size_t taken = Whole(bytes.substr(used))) {
      if (IsRecord(bytes.substr(used + kPrefixBytes, taken - kPrefixBytes)) && count++ == 0) {
        Next(bytes.substr(used), frame);
        first_body = frame.body;
      }
      used += taken;
    }
    records += count;
    return used;
  }

  uint64_t SubscriptionCount(std::string_view head) const override {
    constexpr std::string_view kKey = "\"sids\":\"";
    const size_t at = head.find(kKey);
    if (at == std::string_view::npos) return 1;
    const std::string_view ids = head.substr(at + kKey.size());
    const auto commas = std::count(ids.begin(), std::find(ids.begin(), ids.end(), '"'), ',');
    return static_cast<uint64_t>(commas) + 1;
  }

 private:
  // Bytes of the first frame; 0 when it is not whole.
  static size_t Whole(std::string_view bytes) {
    if (bytes.size() < kPrefixBytes) return 0;
    uint32_t length;
    std::memcpy(&length, bytes.data(), kPrefixBytes);
    const size_t taken = kPrefixBytes + ntohl(length);
    return bytes.size() < taken ? 0 : taken;
  }

  static bool IsMessage(std::string_view content) {
    return StartsWithWord(content, "{\"c\":\"p\"") || StartsWithWord(content, "{\"c\":\"pu");
  }

  static bool IsRecord(std::string_view content) { return content.starts_with("{\"c\":\"sow\""); }

  // The first record of a batch: {"k":"key","l":length} and the body.
  static void TakeRecord(Frame& frame) {
    constexpr std::string_view kKey = "{\"k\":\"";
    constexpr std::string_view kLength = "\"l\":";
    frame.kind = Frame::Kind::kRecord;
    const std::string_view header = frame.body.substr(0, HeaderBytes(frame.body));
    const size_t length_at = header.find(kLength);
    size_t length = 0;
    if (length_at == std::string_view::npos ||
        std::from_chars(header.data() + length_at + kLength.size(), header.data() + header.size(),
                        length)
                .ec != std::errc()) {
      Fail("a record without its length");
    }
    if (header.starts_with(kKey)) {
      frame.key = header.substr(kKey.size());
      frame.key = frame.key.substr(0, frame.key.find('"'));
    }
    frame.body = frame.body.substr(header.size(), length);
  }
};

// The dumb relay answers nothing: what is published comes out as it went in.
class RelayWire final : public AmpsWire {
 public:
  std::string Logon(std::string_view /*client_name*/, bool /*publisher*/) const override {
    return {};
  }
  size_t logon_answers(bool /*publisher*/) const override { return 0; }
  std::string Subscribe(uint64_t /*id*/, std::string_view /*topic*/,
                        std::string_view /*filter*/) const override {
    return {};
  }
  bool subscribe_answers() const override { return false; }
};

}  // namespace

std::unique_ptr<Wire> NewAmpsWire() { return std::make_unique<AmpsWire>(); }
std::unique_ptr<Wire> NewRelayWire() { return std::make_unique<RelayWire>(); }

}  // namespace fluxgate::bench
