// Every message type in a running gateway: its filters read the bodies that clients publish.
#include <fmt/format.h>
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/timestamp.pb.h>
#include <gtest/gtest.h>

#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "gateway/config/config_loader.h"
#include "gateway/server/gateway.h"
#include "tests/support/raw_client.h"
#include "tests/support/test_gateway.h"

namespace fluxgate::testing {
namespace {

using namespace std::string_literals;

// Two parts: json, then binary.
constexpr char kLocal[] = "parts";
constexpr char kGlobal[] = "parts-global";

std::unique_ptr<TestGateway> StartGateway() {
  return std::make_unique<TestGateway>([](config::Config& config) {
    config.message_types.push_back(
        {.name = kLocal, .module = "composite-local", .parts = {"json", "binary"}});
    config.message_types.push_back(
        {.name = kGlobal, .module = "composite-global", .parts = {"json", "json"}});
    config.message_types.push_back({.name = "bars", .module = "fix", .field_separator = '|'});
    for (config::Transport& transport : config.transports) transport.message_type.clear();
  });
}

// Logged on with that message type.
RawClient Connect(const TestGateway& gateway, std::string_view type) {
  RawClient client = RawClient::Tcp(gateway.tcp_port());
  client.SendFrame(fmt::format(R"({{"c":"logon","cid":"l","a":"processed","mt":"{}"}})", type));
  const std::string ack = client.ReadFrame().value_or("closed");
  EXPECT_NE(ack.find(R"("status":"success")"), std::string::npos) << ack;
  return client;
}

std::string Subscribe(RawClient& client, std::string_view filter) {
  client.SendFrame(fmt::format(
      R"({{"c":"subscribe","cid":"s","t":"t","sub_id":"s","filter":"{}","a":"processed"}})",
      filter));
  return client.ReadFrame().value_or("closed");
}

// The bodies that a subscription with `filter` gets; the last of them matches.
std::vector<std::string> Matching(std::string_view type, std::string_view filter,
                                  const std::vector<std::string>& bodies) {
  const auto gateway = StartGateway();
  RawClient client = Connect(*gateway, type);
  const std::string ack = Subscribe(client, filter);
  EXPECT_NE(ack.find(R"("status":"success")"), std::string::npos) << ack;
  for (const std::string& body : bodies) {
    client.SendFrame(R"({"c":"p","t":"t"})" + body);
  }
  std::vector<std::string> matching;
  while (matching.empty() || matching.back() != bodies.back()) {
    const auto frame = client.ReadFrame();
    if (!frame) break;
    matching.push_back(frame->substr(frame->find('}') + 1));
  }
  return matching;
}

// {n: number} as BSON and MessagePack.
std::string Bson(char n) { return "\x0c\0\0\0\x10n\0"s + n + "\0\0\0\0"s; }
std::string Msgpack(char n) { return "\x81\xa1n"s + n; }

std::string Parts(std::string_view first, std::string_view second) {
  std::string body;
  for (const std::string_view part : {first, second}) {
    body += "\0\0\0"s + static_cast<char>(part.size());
    body += part;
  }
  return body;
}

using Bodies = std::vector<std::string>;

TEST(MessageTypes, Bson) {
  EXPECT_EQ(Matching("bson", "/n > 2", {Bson(1), Bson(3), "no bson", Bson(2), Bson(4)}),
            (Bodies{Bson(3), Bson(4)}));
}

TEST(MessageTypes, Msgpack) {
  EXPECT_EQ(Matching("msgpack", "/n > 2", {Msgpack(1), Msgpack(3), "no map", Msgpack(4)}),
            (Bodies{Msgpack(3), Msgpack(4)}));
}

TEST(MessageTypes, Fix) {
  EXPECT_EQ(Matching("fix", "/44 > 2", {"44=1\x01", "44=3\x01", "no fix", "44=4\x01"}),
            (Bodies{"44=3\x01", "44=4\x01"}));
}

TEST(MessageTypes, FixWithOtherSeparators) {
  EXPECT_EQ(Matching("bars", "/44 > 2", {"44=1|55=x|", "44=3|55=x|"}), (Bodies{"44=3|55=x|"}));
}

TEST(MessageTypes, Nvfix) {
  EXPECT_EQ(Matching("nvfix", "/n > 2", {"n=1\x01", "n=3\x01"}), (Bodies{"n=3\x01"}));
}

TEST(MessageTypes, Xml) {
  EXPECT_EQ(Matching("xml", "/o/n > 2", {"<o><n>1</n></o>", "no xml", "<o><n>3</n></o>"}),
            (Bodies{"<o><n>3</n></o>"}));
}

TEST(MessageTypes, Protobuf) {
  google::protobuf::FileDescriptorSet set;
  google::protobuf::Timestamp::descriptor()->file()->CopyTo(set.add_file());
  const std::string file = ::testing::TempDir() + "/timestamp.binpb";
  std::ofstream(file, std::ios::binary) << set.SerializeAsString();
  const auto gateway = std::make_unique<TestGateway>([&file](config::Config& config) {
    config.message_types.push_back({.name = "times",
                                    .module = "protobuf",
                                    .descriptor_set_file = file,
                                    .type = "google.protobuf.Timestamp"});
    for (config::Transport& transport : config.transports) transport.message_type = "times";
  });
  RawClient client = Connect(*gateway, "times");
  EXPECT_NE(Subscribe(client, "/seconds > 2").find("success"), std::string::npos);
  google::protobuf::Timestamp time;
  for (const int64_t seconds : {1, 3}) {
    time.set_seconds(seconds);
    client.SendFrame(R"({"c":"p","t":"t"})" + time.SerializeAsString());
  }
  const std::string frame = client.ReadFrame().value_or("closed");
  EXPECT_EQ(frame.substr(frame.find('}') + 1), time.SerializeAsString());
}

TEST(MessageTypes, CompositeLocal) {
  const std::string no = Parts(R"({"n":1})", "\xff\xd8");
  const std::string yes = Parts(R"({"n":3})", "\xff\xd8");
  EXPECT_EQ(Matching(kLocal, "/0/n > 2", {no, "short", yes}), (Bodies{yes}));
}

TEST(MessageTypes, CompositeGlobal) {
  const std::string no = Parts(R"({"m":3})", R"({"n":2})");
  const std::string yes = Parts(R"({"m":1})", R"({"n":3})");
  EXPECT_EQ(Matching(kGlobal, "/n > 2", {no, yes}), (Bodies{yes}));
}

TEST(MessageTypes, BinaryIsCarriedButHasNoFields) {
  EXPECT_EQ(Matching("binary", "", {"\0any\xff"s}), (Bodies{"\0any\xff"s}));
  const auto gateway = StartGateway();
  RawClient client = Connect(*gateway, "binary");
  EXPECT_NE(Subscribe(client, "/n > 2").find("message type binary has no fields"),
            std::string::npos);
}

TEST(MessageTypes, ADescriptorSetThatIsNotThereIsAnErrorOfTheConfiguration) {
  config::LoadOptions options;
  options.known = Gateway::KnownNames();
  const auto config = config::LoadText(
      "<FluxgateConfig><MessageTypes><MessageType><Name>orders</Name><Module>protobuf</Module>\n"
      "<ProtobufDescriptorSet>/nowhere</ProtobufDescriptorSet><Type>m.M</Type></MessageType>"
      "</MessageTypes><Transports><Transport><Name>t</Name><Type>tcp</Type>"
      "<MessageType>orders</MessageType><InetAddr>0</InetAddr></Transport></Transports>"
      "</FluxgateConfig>",
      "file.xml", options);
  EXPECT_EQ(ErrorText(config.status()),
            "file.xml:2: <ProtobufDescriptorSet>: file /nowhere cannot be read");
}

}  // namespace
}  // namespace fluxgate::testing
