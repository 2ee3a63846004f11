// What the broker sends must be counted exactly, however the bytes are cut.
#include "tests/bench/wire.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace fluxgate::bench {
namespace {

std::string AmpsFrame(std::string_view content) {
  std::string frame(4, '\0');
  frame[2] = static_cast<char>(content.size() >> 8);
  frame[3] = static_cast<char>(content.size() & 0xff);
  return frame + std::string(content);
}

struct Case {
  const char* wire;
  std::string bytes;
  std::vector<std::string> bodies;  // of the messages in it
  size_t good = 0;
  size_t bad = 0;
};

std::vector<Case> Cases() {
  return {
      {"amps",
       AmpsFrame("{\"c\":\"ack\",\"cid\":\"0\",\"a\":\"processed\",\"status\":\"success\"}") +
           AmpsFrame("{\"c\":\"p\",\"t\":\"orders\",\"sids\":\"1\"}{\"id\":1}") +
           AmpsFrame("{\"c\":\"p\",\"t\":\"or}\\\"ders\",\"sids\":\"1,2\"}{\"id\":22}") +
           AmpsFrame("{\"c\":\"heartbeat\"}") +
           AmpsFrame("{\"c\":\"ack\",\"status\":\"failure\",\"reason\":\"bad filter\"}") +
           AmpsFrame("{\"c\":\"publish\",\"t\":\"orders\"}{\"id\":333}"),
       {"{\"id\":1}", "{\"id\":22}", "{\"id\":333}"},
       1,
       1},
      {"nats",
       "INFO {\"max_payload\":1}\r\nPONG\r\nMSG orders 1 8\r\n{\"id\":1}\r\n"
       "MSG orders 1 8\r\n{\"i\r\n:22\r\nPING\r\nMSG orders 1 9\r\n{\"id\":33}\r\n"
       "-ERR 'Unknown'\r\n",
       {"{\"id\":1}", "{\"i\r\n:22", "{\"id\":33}"},
       1,
       1},
      {"redis",
       "+OK\r\n*3\r\n$9\r\nsubscribe\r\n$6\r\norders\r\n:1\r\n"
       "*3\r\n$7\r\nmessage\r\n$6\r\norders\r\n$8\r\n{\"id\":1}\r\n"
       "*3\r\n$7\r\nmessage\r\n$6\r\norders\r\n$8\r\n{\"i\r\n:22\r\n"
       "*3\r\n$7\r\nmessage\r\n$6\r\norders\r\n$9\r\n{\"id\":33}\r\n-ERR no\r\n",
       {"{\"id\":1}", "{\"i\r\n:22", "{\"id\":33}"},
       2,
       1},
  };
}

TEST(WireTest, ReadsEveryFrame) {
  for (const Case& c : Cases()) {
    SCOPED_TRACE(c.wire);
    const auto wire = NewWire(c.wire);
    std::vector<std::string> bodies;
    size_t good = 0;
    size_t bad = 0;
    std::string_view rest = c.bytes;
    Frame frame;
    while (const size_t taken = wire->Next(rest, frame)) {
      if (frame.kind == Frame::Kind::kMessage) bodies.emplace_back(frame.body);
      if (frame.kind == Frame::Kind::kGood) ++good;
      if (frame.kind == Frame::Kind::kBad) ++bad;
      rest.remove_prefix(taken);
    }
    EXPECT_TRUE(rest.empty());
    EXPECT_EQ(bodies, c.bodies);
    EXPECT_EQ(good, c.good);
    EXPECT_EQ(bad, c.bad);
  }
}

TEST(WireTest, CountsTheSameHoweverTheBytesAreCut) {
  for (const Case& c : Cases()) {
    for (size_t cut = 0; cut <= c.bytes.size(); ++cut) {
      SCOPED_TRACE(std::string(c.wire) + " cut at " + std::to_string(cut));
      const auto wire = NewWire(c.wire);
      const std::string_view bytes = c.bytes;
      uint64_t messages = 0;
      std::string_view first_body;
      const size_t used = wire->Count(bytes.substr(0, cut), messages, first_body);
      ASSERT_LE(used, cut);
      if (messages > 0) {
        EXPECT_EQ(first_body, c.bodies[0]);
      }
      const uint64_t before = messages;
      EXPECT_EQ(used + wire->Count(bytes.substr(used), messages, first_body), bytes.size());
      EXPECT_EQ(messages, c.bodies.size());
      if (messages > before) {
        EXPECT_EQ(first_body, c.bodies[before]);
      }
    }
  }
}

TEST(WireTest, CountsMergedSubscriptions) {
  const auto wire = NewWire("amps");
  EXPECT_EQ(wire->SubscriptionCount("{\"c\":\"p\",\"sids\":\"7,8,9\",\"t\":\"a,b\"}"), 3u);
  EXPECT_EQ(wire->SubscriptionCount("{\"c\":\"p\",\"t\":\"a,b\",\"sids\":\"7\"}"), 1u);
}

TEST(WireTest, FramesPublishAsDocumented) {
  EXPECT_EQ(NewWire("amps")->Publish("orders", "{\"id\":1}"),
            AmpsFrame("{\"c\":\"p\",\"t\":\"orders\"}{\"id\":1}"));
  EXPECT_EQ(NewWire("nats")->Publish("orders", "{\"id\":1}"), "PUB orders 8\r\n{\"id\":1}\r\n");
  EXPECT_EQ(NewWire("redis")->Publish("orders", "{\"id\":1}"),
            "*3\r\n$7\r\nPUBLISH\r\n$6\r\norders\r\n$8\r\n{\"id\":1}\r\n");
}

}  // namespace
}  // namespace fluxgate::bench
