// redis-server's protocol (RESP2), as far as PUBLISH, SUBSCRIBE, HSET and HGET need it. A record is
// a hash with the body in one field.
// Source: redis.io, "Redis serialization protocol specification", "Pub/Sub".
#include <charconv>
#include <cstring>

#include "fmt/format.h"
#include "tests/bench/fail.h"
#include "tests/bench/wire.h"

namespace fluxgate::bench {
namespace {

constexpr std::string_view kEnd = "\r\n";

std::string Bulk(std::string_view text) { return fmt::format("${}\r\n{}\r\n", text.size(), text); }

// The line at `at`; npos as its end when it is not whole.
struct Line {
  std::string_view text;
  size_t next = std::string_view::npos;
};

Line LineAt(std::string_view bytes, size_t at) {
  const size_t end = bytes.find(kEnd, at);
  if (end == std::string_view::npos) return {};
  return {bytes.substr(at, end - at), end + kEnd.size()};
}

size_t Number(std::string_view text) {
  size_t value = 0;
  if (std::from_chars(text.data(), text.data() + text.size(), value).ec != std::errc()) {
    Fail("bad number from redis-server");
  }
  return value;
}

class RedisWire final : public Wire {
 public:
  // A publisher asks for no reply to its PUBLISH commands: the fastest that Redis offers.
  std::string Logon(std::string_view client_name, bool publisher) const override {
    std::string logon = "*3\r\n" + Bulk("CLIENT") + Bulk("SETNAME") + Bulk(client_name);
    if (publisher) logon += "*3\r\n" + Bulk("CLIENT") + Bulk("REPLY") + Bulk("OFF");
    return logon;
  }
  size_t logon_answers(bool /*publisher*/) const override { return 1; }

  std::string Subscribe(uint64_t /*id*/, std::string_view topic,
                        std::string_view /*filter*/) const override {
    return "*2\r\n" + Bulk("SUBSCRIBE") + Bulk(topic);
  }
  bool subscribe_answers() const override { return true; }

  std::string Publish(std::string_view topic, std::string_view body) const override {
    return "*3\r\n" + Bulk("PUBLISH") + Bulk(topic) + Bulk(body);
  }

  std::string Upsert(std::string_view topic, uint64_t id, std::string_view body) const override {
    return "*4\r\n" + Bulk("HSET") + Bulk(fmt::format("{}:{}", topic, id)) + Bulk(kField) +
           Bulk(body) + Publish(topic, body);
  }
  std::string Read(std::string_view topic, std::string_view key) const override {
    return "*3\r\n" + Bulk("HGET") + Bulk(fmt::format("{}:{}", topic, key)) + Bulk(kField);
  }
  // To a publisher that asked for no replies: replies are on from here.
  std::string Sync() const override {
    return "*3\r\n" + Bulk("CLIENT") + Bulk("REPLY") + Bulk("ON");
  }

  size_t Next(std::string_view bytes, Frame& frame) override {
    // Messages of one channel and one size all start alike: remember the last start.
    if (!last_start_.empty() && bytes.size() >= last_start_.size() &&
        std::memcmp(bytes.data(), last_start_.data(), last_start_.size()) == 0) {
      return Message(bytes, last_start_.size(), last_body_bytes_, frame);
    }
    const Line first = LineAt(bytes, 0);
    if (first.next == std::string_view::npos) return 0;
    frame.head = first.text;
    frame.body = {};
    if (first.text.starts_with('$')) return BulkReply(bytes, first, frame);
    if (!first.text.starts_with('*')) {
      frame.kind = first.text.starts_with('-') ? Frame::Kind::kBad : Frame::Kind::kGood;
      return first.next;
    }
    return Push(bytes, first, frame);
  }

  size_t Count(std::string_view bytes, uint64_t& messages, std::string_view& first_body) override {
    return CountFrames(*this, Frame::Kind::kMessage, bytes, messages, first_body);
  }

  size_t CountRecords(std::string_view bytes, uint64_t& records,
                      std::string_view& first_body) override {
    return CountFrames(*this, Frame::Kind::kRecord, bytes, records, first_body);
  }

 private:
  static constexpr std::string_view kField = "body";

  static size_t BulkReply(std::string_view bytes, const Line& first, Frame& frame) {
    frame.kind = Frame::Kind::kBad;
    if (first.text == "$-1") return first.next;  // no such record
    const size_t length = Number(first.text.substr(1));
    const size_t taken = first.next + length + kEnd.size();
    if (bytes.size() < taken) return 0;
    frame.kind = Frame::Kind::kRecord;
    frame.body = bytes.substr(first.next, length);
    return taken;
  }

  // *3 with "message", channel and body, or with "subscribe", channel and a number.
  size_t Push(std::string_view bytes, const Line& first, Frame& frame) {
    if (first.text != "*3") Fail("unexpected array from redis-server");
    size_t at = first.next;
    std::string_view kind;
    for (int part = 0; part < 2; ++part) {
      const Line size = LineAt(bytes, at);
      if (size.next == std::string_view::npos) return 0;
      const size_t length = Number(size.text.substr(1));
      if (bytes.size() < size.next + length + kEnd.size()) return 0;
      if (part == 0) kind = bytes.substr(size.next, length);
      at = size.next + length + kEnd.size();
    }
    const Line last = LineAt(bytes, at);
    if (last.next == std::string_view::npos) return 0;
    if (kind != "message") {
      frame.kind = Frame::Kind::kGood;
      return last.next;
    }
    last_start_ = bytes.substr(0, last.next);
    last_body_bytes_ = Number(last.text.substr(1));
    return Message(bytes, last_start_.size(), last_body_bytes_, frame);
  }

  static size_t Message(std::string_view bytes, size_t start_bytes, size_t body_bytes,
                        Frame& frame) {
    const size_t taken = start_bytes + body_bytes + kEnd.size();
    if (bytes.size() < taken) return 0;
    frame.kind = Frame::Kind::kMessage;
    frame.head = bytes.substr(0, start_bytes);
    frame.body = bytes.substr(start_bytes, body_bytes);
    return taken;
  }

  std::string last_start_;
  size_t last_body_bytes_ = 0;
};

}  // namespace

std::unique_ptr<Wire> NewRedisWire() { return std::make_unique<RedisWire>(); }

}  // namespace fluxgate::bench
