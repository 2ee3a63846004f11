// What a client sends behind a query that takes more than one slice.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>

#include "gateway/amps/amps_frame.h"
#include "tests/support/raw_client.h"
#include "tests/support/test_gateway.h"

namespace fluxgate::testing {
namespace {

constexpr int kRecords = 20'000;

void DefineTopic(config::Config& config) {
  SowTopicDefinition records;
  records.name = "records";
  records.message_type = "json";
  records.key_fields = {"/id"};
  config.sow = {records};
}

std::string Frame(std::string_view text) {
  std::string bytes(amps::kFramePrefixBytes, '\0');
  amps::StoreFrameLength(static_cast<uint32_t>(text.size()), bytes.data());
  return bytes + std::string(text);
}

class QueryPipelineTest : public ::testing::Test {
 protected:
  void SetUp() override {
    RawClient publisher = RawClient::Tcp(gateway_.tcp_port());
    publisher.Logon("publisher");
    std::string frames;
    for (int id = 0; id < kRecords; ++id) {
      frames += Frame(fmt::format(R"({{"c":"p","t":"records"}}{{"id":{}}})", id));
    }
    frames += Frame(R"({"c":"flush","cid":"f","a":"processed"})");
    ASSERT_TRUE(publisher.Send(frames));
    ASSERT_TRUE(publisher.ReadFrame().has_value());
  }

  // The gateway still answers others.
  void ExpectAlive() {
    RawClient other = RawClient::Tcp(gateway_.tcp_port());
    other.Logon("other");
    ASSERT_TRUE(other.SendFrame(R"({"c":"flush","cid":"f","a":"processed"})"));
    EXPECT_TRUE(other.ReadFrame().has_value());
  }

  TestGateway gateway_{DefineTopic};
};

constexpr char kQuery[] = R"({"c":"sow","cid":"q","t":"records","bs":1000})";
constexpr char kDelete[] = R"({"c":"sow_delete","cid":"d","t":"records","f":"/id >= 0"})";
constexpr char kPublish[] = R"({"c":"p","t":"records"}{"id":1})";

TEST_F(QueryPipelineTest, LaterCommandsAreAnsweredLater) {
  RawClient client = RawClient::Tcp(gateway_.tcp_port());
  client.Logon();
  ASSERT_TRUE(client.Send(Frame(kQuery) + Frame(R"({"c":"flush","cid":"f","a":"processed"})")));
  int records = 0;
  for (;;) {
    const auto frame = client.ReadFrame();
    ASSERT_TRUE(frame.has_value());
    if (frame->find(R"("c":"ack")") != std::string::npos) break;
    if (frame->find(R"("c":"sow")") != std::string::npos) ++records;
  }
  EXPECT_EQ(records, kRecords / 1000);
}

TEST_F(QueryPipelineTest, AnUnknownCommandBehindIt) {
  RawClient client = RawClient::Tcp(gateway_.tcp_port());
  client.Logon();
  ASSERT_TRUE(client.Send(Frame(kQuery) + Frame(R"({"c":"nosuch"})") + Frame(kPublish)));
  EXPECT_TRUE(client.ReadToEnd());
  ExpectAlive();
}

TEST_F(QueryPipelineTest, ABrokenFrameBehindADelete) {
  RawClient client = RawClient::Tcp(gateway_.tcp_port());
  client.Logon();
  ASSERT_TRUE(client.Send(Frame(kDelete) + Frame(kPublish) + Frame("no header")));
  EXPECT_TRUE(client.ReadToEnd());
  ExpectAlive();
}

}  // namespace
}  // namespace fluxgate::testing
