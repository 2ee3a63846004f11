// nats-server's client protocol: lines of text, a payload after MSG and PUB.
// Source: docs.nats.io, "Client Protocol".
#include <charconv>
#include <cstring>

#include "fmt/format.h"
#include "tests/bench/fail.h"
#include "tests/bench/wire.h"

namespace fluxgate::bench {
namespace {

constexpr std::string_view kEnd = "\r\n";

class NatsWire final : public Wire {
 public:
  std::string Logon(std::string_view client_name, bool /*publisher*/) const override {
    return fmt::format(
        "CONNECT "
        "{{\"verbose\":false,\"pedantic\":false,\"protocol\":1,\"name\":\"{}\"}}\r\nPING\r\n",
        client_name);
  }
  size_t logon_answers(bool /*publisher*/) const override { return 1; }

  // verbose is off: a PING behind each SUB brings the one answer.
  std::string Subscribe(uint64_t id, std::string_view topic,
                        std::string_view /*filter*/) const override {
    return fmt::format("SUB {} {}\r\nPING\r\n", topic, id);
  }
  bool subscribe_answers() const override { return true; }

  std::string Publish(std::string_view topic, std::string_view body) const override {
    return fmt::format("PUB {} {}\r\n{}\r\n", topic, body.size(), body);
  }

  size_t Next(std::string_view bytes, Frame& frame) override {
    // Messages of one subscription and one size all start alike: remember the last MSG line.
    if (!last_line_.empty() && bytes.size() >= last_line_.size() &&
        std::memcmp(bytes.data(), last_line_.data(), last_line_.size()) == 0) {
      return Message(bytes, last_line_.size(), last_body_bytes_, frame);
    }
    const size_t end = bytes.find(kEnd);
    if (end == std::string_view::npos) return 0;
    const std::string_view line = bytes.substr(0, end);
    const size_t line_bytes = end + kEnd.size();
    frame.head = line;
    frame.body = {};
    if (line.starts_with("MSG ")) {
      const std::string_view size = line.substr(line.rfind(' ') + 1);
      if (std::from_chars(size.data(), size.data() + size.size(), last_body_bytes_).ec !=
          std::errc()) {
        Fail("bad MSG line from nats-server");
      }
      last_line_ = bytes.substr(0, line_bytes);
      return Message(bytes, line_bytes, last_body_bytes_, frame);
    }
    if (line == "PONG" || line == "+OK") {
      frame.kind = Frame::Kind::kGood;
    } else if (line.starts_with("-ERR")) {
      frame.kind = Frame::Kind::kBad;
    } else {
      frame.kind = Frame::Kind::kOther;
    }
    return line_bytes;
  }

  size_t Count(std::string_view bytes, uint64_t& messages, std::string_view& first_body) override {
    return CountFrames(*this, Frame::Kind::kMessage, bytes, messages, first_body);
  }

 private:
  static size_t Message(std::string_view bytes, size_t line_bytes, size_t body_bytes,
                        Frame& frame) {
    const size_t taken = line_bytes + body_bytes + kEnd.size();
    if (bytes.size() < taken) return 0;
    frame.kind = Frame::Kind::kMessage;
    frame.head = bytes.substr(0, line_bytes);
    frame.body = bytes.substr(line_bytes, body_bytes);
    return taken;
  }

  std::string last_line_;
  size_t last_body_bytes_ = 0;
};

}  // namespace

std::unique_ptr<Wire> NewNatsWire() { return std::make_unique<NatsWire>(); }

}  // namespace fluxgate::bench
