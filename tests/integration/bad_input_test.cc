// What a hostile or broken `amps` client can send: it gets an ack or a closed connection, and a
// bystander who publishes and subscribes at the same time notices nothing.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <optional>
#include <string>
#include <thread>

#include "gateway/amps/amps_frame.h"
#include "tests/support/raw_client.h"
#include "tests/support/test_gateway.h"

namespace fluxgate::testing {
namespace {

constexpr uint64_t kBodyMax = 1 << 20;
constexpr uint64_t kHeaderMax = 64 << 10;
constexpr uint32_t kSubscriptionsMax = 2000;

class BadInputTest : public ::testing::Test {
 protected:
  BadInputTest()
      : gateway_([](config::Config& config) {
          config.limits.message_size_bytes_max = kBodyMax;
          config.limits.header_size_bytes_max = kHeaderMax;
          config.limits.subscriptions_per_client_max = kSubscriptionsMax;
          config.limits.frame_timeout_ns = 300'000'000;
          config.limits.logon_timeout_ns = 300'000'000;
          config.message_memory_limit_bytes = 64 << 20;
        }),
        bystander_(RawClient::Tcp(gateway_.tcp_port())) {
    bystander_.Logon("bystander");
    bystander_.SendFrame(R"({"c":"subscribe","sub_id":"1","t":"bystander","f":"/n > 0"})");
    ExpectOthersUndisturbed();
  }
  ~BadInputTest() override { ExpectOthersUndisturbed(); }

  void ExpectOthersUndisturbed() {
    const std::string body = fmt::format(R"({{"n":{}}})", ++count_);
    ASSERT_TRUE(bystander_.SendFrame(R"({"c":"p","t":"bystander"})" + body));
    EXPECT_EQ(bystander_.ReadFrame(), R"({"c":"p","t":"bystander","sids":"1"})" + body);
  }

  RawClient Connect() { return RawClient::Tcp(gateway_.tcp_port()); }
  RawClient LoggedOn() {
    RawClient client = Connect();
    client.Logon();
    return client;
  }

  // A client that is logged on sends `frame` and is cut off without an answer.
  void ExpectClosed(std::string_view frame) {
    RawClient client = LoggedOn();
    client.SendFrame(frame);
    EXPECT_FALSE(client.ReadFrame().has_value()) << frame.substr(0, 100);
  }

  // A client that is logged on gets a failure with `reason` in it, and goes on.
  void ExpectFailure(std::string_view frame, std::string_view reason) {
    RawClient client = LoggedOn();
    client.SendFrame(frame);
    const std::optional<std::string> ack = client.ReadFrame();
    ASSERT_TRUE(ack.has_value()) << frame.substr(0, 100);
    EXPECT_NE(ack->find(R"("status":"failure")"), std::string::npos) << *ack;
    EXPECT_NE(ack->find(reason), std::string::npos) << *ack;
    ExpectAlive(client);
  }

  static void ExpectAlive(RawClient& client) {
    client.SendFrame(R"({"c":"flush","cid":"alive","a":"processed"})");
    EXPECT_EQ(client.ReadFrame(),
              R"({"c":"ack","cid":"alive","a":"processed","status":"success"})");
  }

  TestGateway gateway_;
  RawClient bystander_;
  int count_ = 0;
};

TEST_F(BadInputTest, MalformedHeaders) {
  ExpectClosed("hello");
  ExpectClosed(R"({"c":"p","t":"x")");
  ExpectClosed(R"({"c":"p","t":"x","t":"y"}{})");
  ExpectClosed(R"({"c":"p","t":"x","topic":"y"}{})");
  ExpectClosed(R"({"c":"p","t":{"nested":1}}{})");
  ExpectClosed(R"({"c":"p","t":["x"]}{})");
  ExpectClosed("{\"c\":\"p\",\"t\":\"\xFF\"}{}");
  ExpectClosed(R"({"c":"p","t":"x","s":"many"}{})");
  ExpectClosed(R"({"c":"p","t":"x","a":"perhaps"}{})");
  ExpectClosed(R"({"t":"x"}{})");
  ExpectClosed("{}");
}

TEST_F(BadInputTest, UnknownHeaderFieldsAreIgnored) {
  RawClient client = LoggedOn();
  client.SendFrame(R"({"c":"flush","cid":"1","a":"processed","color":"blue"})");
  EXPECT_EQ(client.ReadFrame(), R"({"c":"ack","cid":"1","a":"processed","status":"success"})");
}

TEST_F(BadInputTest, BodyAtAndOverTheLimit) {
  RawClient client = LoggedOn();
  client.SendFrame(R"({"c":"subscribe","sub_id":"1","t":"big"})");
  const std::string header = R"({"c":"p","t":"big"})";
  const std::string body(kBodyMax, 'x');
  client.SendFrame(header + body);
  EXPECT_EQ(client.ReadFrame(), R"({"c":"p","t":"big","sids":"1"})" + body);
  client.SendFrame(header + body + "x");
  EXPECT_FALSE(client.ReadFrame().has_value());
}

TEST_F(BadInputTest, HeaderOverTheLimit) {
  ExpectClosed(R"({"c":"p","t":"x","ignored":")" + std::string(kHeaderMax, 'x') + R"("}{})");
}

TEST_F(BadInputTest, LengthPrefixOfOneGigabyteAndMore) {
  for (const char* prefix : {"\x40\x00\x00\x00", "\xFF\xFF\xFF\xFF"}) {
    RawClient client = Connect();
    client.Send({prefix, 4});
    EXPECT_FALSE(client.ReadFrame().has_value());
  }
}

TEST_F(BadInputTest, HalfAFrameThenSilence) {
  RawClient client = LoggedOn();
  client.Send(std::string_view("\x00\x00\x00\x40{\"c\":\"p\",", 13));
  EXPECT_FALSE(client.ReadFrame().has_value());
}

TEST_F(BadInputTest, ConnectedAndSilent) {
  RawClient client = Connect();
  EXPECT_FALSE(client.ReadFrame().has_value());
}

TEST_F(BadInputTest, AnotherProtocol) {
  RawClient http = Connect();
  http.Send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_FALSE(http.ReadFrame().has_value());
  RawClient tls = Connect();
  tls.Send(std::string_view("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11));
  EXPECT_FALSE(tls.ReadFrame().has_value());
}

TEST_F(BadInputTest, FiltersThatDoNotParse) {
  ExpectFailure(R"({"c":"subscribe","cid":"1","t":"x","f":"/a >","a":"processed"})", "bad filter");
  ExpectFailure(R"({"c":"subscribe","cid":"1","t":"x","f":"/a = 'b","a":"processed"})",
                "bad filter");
  ExpectFailure(fmt::format(R"({{"c":"subscribe","cid":"1","t":"x","f":"{}","a":"processed"}})",
                            std::string(50'000, '(')),
                "bad filter");
  std::string nots;
  for (int i = 0; i < 10'000; ++i) nots += "NOT ";
  ExpectFailure(
      fmt::format(R"({{"c":"subscribe","cid":"1","t":"x","f":"{}/a","a":"processed"}})", nots),
      "bad filter");
}

TEST_F(BadInputTest, RegularExpressionsThatExplode) {
  ExpectFailure(R"({"c":"subscribe","cid":"1","t":"(((","a":"processed"})", "bad regex");
  ExpectFailure(R"({"c":"subscribe","cid":"1","t":"x","f":"/a LIKE '('","a":"processed"})",
                "bad filter");
  ExpectFailure(R"({"c":"subscribe","cid":"1","t":"((a{1,100}){1,100}){1,100}","a":"processed"})",
                "bad regex");
  // Back-references need a back-tracking engine: it gives up, and delivery goes on.
  RawClient client = LoggedOn();
  client.SendFrame(
      R"({"c":"subscribe","cid":"1","t":"x","f":"/a LIKE '^(a+)+\\\\1$'","a":"processed"})");
  EXPECT_NE(client.ReadFrame()->find("success"), std::string::npos);
  client.SendFrame(R"({"c":"p","t":"x"}{"a":")" + std::string(5000, 'a') + R"(b"})");
  ExpectAlive(client);
}

TEST_F(BadInputTest, BodiesThatCannotBeRead) {
  RawClient client = LoggedOn();
  client.SendFrame(R"({"c":"subscribe","sub_id":"all","t":"x"})");
  client.SendFrame(R"({"c":"subscribe","sub_id":"some","t":"x","f":"/deep = 1"})");
  const std::string deep = "{\"a\":" + std::string(100'000, '[');
  const std::string utf8 = "{\"deep\":\"\xFF\"}";
  for (const std::string& body :
       {deep, utf8, std::string("\0\0", 2), std::string("{"), std::string("{\"deep\":1e99999x}")}) {
    client.SendFrame(R"({"c":"p","t":"x"})" + body);
    EXPECT_EQ(client.ReadFrame(), R"({"c":"p","t":"x","sids":"all"})" + body);
  }
  ExpectAlive(client);
}

TEST_F(BadInputTest, SubscriptionsAtAndOverTheLimit) {
  RawClient client = LoggedOn();
  for (uint32_t i = 1; i <= kSubscriptionsMax + 1; ++i) {
    client.SendFrame(fmt::format(
        R"({{"c":"subscribe","cid":"{0}","t":"x","f":"/n = {0}","a":"processed"}})", i));
  }
  for (uint32_t i = 1; i <= kSubscriptionsMax; ++i) {
    const std::optional<std::string> ack = client.ReadFrame();
    ASSERT_NE(ack->find("success"), std::string::npos) << *ack;
  }
  EXPECT_NE(client.ReadFrame()->find("at most 2000 subscriptions"), std::string::npos);
  client.SendFrame(R"({"c":"p","t":"x"}{"n":77})");
  EXPECT_EQ(client.ReadFrame(), R"({"c":"p","t":"x","sids":"77"}{"n":77})");
}

TEST_F(BadInputTest, AClientThatNeverReads) {
  RawClient client = LoggedOn();
  const int small = 4096;
  setsockopt(client.fd(), SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
  client.SendFrame(R"({"c":"subscribe","sub_id":"1","t":"flood"})");
  RawClient publisher = LoggedOn();
  const std::string message = R"({"c":"p","t":"flood"})" + std::string(100'000, 'x');
  // A client may hold half of the 64 MB: somewhere before 2,000 messages it is cut off.
  for (int i = 0; i < 2000; ++i) ASSERT_TRUE(publisher.SendFrame(message));
  ExpectAlive(publisher);
  EXPECT_TRUE(client.ReadToEnd());
}

TEST_F(BadInputTest, RandomBytes) {
  uint64_t state = 20240321;
  for (int round = 0; round < 200; ++round) {
    RawClient client = Connect();
    std::string bytes;
    for (int i = 0; i < 300; ++i) {
      state = state * 6364136223846793005u + 1442695040888963407u;
      bytes += static_cast<char>(state >> 56);
    }
    bytes[0] = 0;
    bytes[1] = 0;
    client.Send(bytes);
    shutdown(client.fd(), SHUT_WR);
    EXPECT_TRUE(client.ReadToEnd());
  }
}

}  // namespace
}  // namespace fluxgate::testing
