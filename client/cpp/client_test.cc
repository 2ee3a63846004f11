// The client against a real gateway: the same over every protocol.
#include "client/cpp/client.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "core/base/error.h"
#include "tests/support/test_gateway.h"

namespace fluxgate::client {
namespace {

using std::chrono::milliseconds;
using testing::TestGateway;

constexpr milliseconds kLong(20'000);

class ClientTest : public ::testing::TestWithParam<Scheme> {
 protected:
  std::string uri() const {
    switch (GetParam()) {
      case Scheme::kTcp:
        return gateway_.tcp_uri();
      case Scheme::kUnix:
        return gateway_.unix_uri();
      case Scheme::kGrpc:
        return gateway_.grpc_uri();
    }
    return "";
  }

  std::unique_ptr<Client> MustConnect() {
    const auto parsed = Uri::Parse(uri());
    EXPECT_TRUE(parsed.ok()) << parsed.status();
    auto client = Connect(*parsed);
    EXPECT_TRUE(client.ok()) << client.status();
    return client.ok() ? *std::move(client) : nullptr;
  }

  // The bodies of the next `count` messages, or fewer when no more come.
  static std::vector<std::string> Receive(Client& client, size_t count) {
    std::vector<std::string> bodies;
    Message message;
    while (bodies.size() < count) {
      const auto got = client.Next(&message, kLong);
      EXPECT_TRUE(got.ok()) << got.status();
      if (!got.ok() || !*got) break;
      bodies.emplace_back(message.body);
    }
    return bodies;
  }

  TestGateway gateway_;
};

INSTANTIATE_TEST_SUITE_P(Protocols, ClientTest,
                         ::testing::Values(Scheme::kTcp, Scheme::kUnix, Scheme::kGrpc),
                         [](const auto& info) -> std::string {
                           switch (info.param) {
                             case Scheme::kTcp:
                               return "Tcp";
                             case Scheme::kUnix:
                               return "Unix";
                             case Scheme::kGrpc:
                               return "Grpc";
                           }
                           return "";
                         });

TEST_P(ClientTest, FilteredMessagesArriveInOrder) {
  const auto subscriber = MustConnect(), publisher = MustConnect();
  ASSERT_TRUE(subscriber && publisher);
  const auto id = subscriber->Subscribe("orders", "/id > 10 AND /side = 'buy'");
  ASSERT_TRUE(id.ok()) << id.status();
  std::vector<std::string> expected;
  for (int i = 0; i < 3000; ++i) {
    const std::string body =
        "{\"id\":" + std::to_string(i) + ",\"side\":\"" + (i % 2 == 0 ? "buy" : "sell") + "\"}";
    if (i > 10 && i % 2 == 0) expected.push_back(body);
    ASSERT_TRUE(publisher->Publish("orders", body).ok());
  }
  ASSERT_TRUE(publisher->Flush().ok());
  EXPECT_EQ(Receive(*subscriber, expected.size()), expected);
  Message message;
  const auto none = subscriber->Next(&message, milliseconds(20));
  ASSERT_TRUE(none.ok()) << none.status();
  EXPECT_FALSE(*none);
}

TEST_P(ClientTest, AMessageNamesEverySubscriptionItMatched) {
  const auto client = MustConnect();
  ASSERT_TRUE(client);
  const auto all = client->Subscribe("t", ""), some = client->Subscribe("t", "/a = 1");
  ASSERT_TRUE(all.ok() && some.ok());
  ASSERT_TRUE(client->Publish("t", R"({"a":1})").ok());
  ASSERT_TRUE(client->Publish("t", R"({"a":2})").ok());
  ASSERT_TRUE(client->Flush().ok());
  Message message;
  ASSERT_TRUE(*client->Next(&message, kLong));
  EXPECT_EQ(message.topic, "t");
  EXPECT_EQ(message.subscription_ids, *all + "," + *some);
  ASSERT_TRUE(*client->Next(&message, kLong));
  EXPECT_EQ(message.subscription_ids, *all);
}

TEST_P(ClientTest, NothingComesAfterUnsubscribe) {
  const auto client = MustConnect();
  ASSERT_TRUE(client);
  const auto first = client->Subscribe("a", ""), second = client->Subscribe("b", "");
  ASSERT_TRUE(first.ok() && second.ok());
  const absl::Status status = client->Unsubscribe(*first);
  ASSERT_TRUE(status.ok()) << status;
  ASSERT_TRUE(client->Publish("a", "{\"n\":1}").ok());
  ASSERT_TRUE(client->Publish("b", "{\"n\":2}").ok());
  ASSERT_TRUE(client->Flush().ok());
  EXPECT_EQ(Receive(*client, 1), std::vector<std::string>{"{\"n\":2}"});
  EXPECT_FALSE(client->Unsubscribe(*first).ok());
}

TEST_P(ClientTest, RefusalsSayWhyAndLeaveTheClientUsable) {
  const auto client = MustConnect();
  ASSERT_TRUE(client);
  const auto id = client->Subscribe("t", "/a = ");
  ASSERT_TRUE(absl::IsInvalidArgument(id.status())) << id.status();
  EXPECT_NE(ErrorText(id.status()).find("subscription to 't' refused"), std::string::npos)
      << id.status();
  const absl::Status published = client->PublishChecked("t(", "{}");
  EXPECT_TRUE(absl::IsInvalidArgument(published)) << published;
  ASSERT_TRUE(client->Subscribe("t", "").ok());
  const absl::Status good = client->PublishChecked("t", "{\"a\":1}");
  EXPECT_TRUE(good.ok()) << good;
  EXPECT_EQ(Receive(*client, 1).size(), 1u);
}

TEST_P(ClientTest, BodiesOfEverySize) {
  const auto client = MustConnect();
  ASSERT_TRUE(client);
  ASSERT_TRUE(client->Subscribe("t", "").ok());
  std::vector<std::string> bodies;
  for (const size_t size : {size_t{0}, size_t{1}, size_t{1000}, size_t{65536}, size_t{3'000'000}}) {
    bodies.push_back("\"" + std::string(size, 'x') + "\"");
    ASSERT_TRUE(client->Publish("t", bodies.back()).ok());
  }
  const absl::Status status = client->Flush();
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(Receive(*client, bodies.size()), bodies);
}

TEST_P(ClientTest, OneClientPublishesAndReceivesMuch) {
  const auto client = MustConnect();
  ASSERT_TRUE(client);
  ASSERT_TRUE(client->Subscribe("t", "").ok());
  constexpr int kMessages = 50'000;
  const std::string body = "{\"pad\":\"" + std::string(200, 'x') + "\"}";
  for (int i = 0; i < kMessages; ++i) ASSERT_TRUE(client->Publish("t", body).ok());
  const absl::Status status = client->Flush();
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(Receive(*client, kMessages).size(), static_cast<size_t>(kMessages));
}

TEST_P(ClientTest, Pings) {
  const auto client = MustConnect();
  ASSERT_TRUE(client);
  const auto time = client->Ping();
  ASSERT_TRUE(time.ok()) << time.status();
  EXPECT_GT(time->count(), 0);
}

TEST_P(ClientTest, LosesTheConnectionWhenTheGatewayEnds) {
  const auto client = MustConnect();
  ASSERT_TRUE(client);
  ASSERT_TRUE(client->Subscribe("t", "").ok());
  ASSERT_TRUE(gateway_.Stop());
  Message message;
  const auto got = client->Next(&message, kLong);
  EXPECT_TRUE(absl::IsUnavailable(got.status())) << got.status();
  EXPECT_FALSE(client->Flush().ok());
}

TEST_P(ClientTest, TextInTopicsSurvives) {
  const auto client = MustConnect();
  ASSERT_TRUE(client);
  const std::string topic = "Z\xc3\xbcrich \"quoted\" / x";
  ASSERT_TRUE(client->Subscribe(topic, "").ok());
  const absl::Status status = client->PublishChecked(topic, "{}");
  ASSERT_TRUE(status.ok()) << status;
  Message message;
  ASSERT_TRUE(*client->Next(&message, kLong));
  EXPECT_EQ(message.topic, topic);
}

TEST(Client, BothProtocolsMeet) {
  TestGateway gateway;
  const auto tcp = Connect(*Uri::Parse(gateway.tcp_uri()));
  const auto grpc = Connect(*Uri::Parse(gateway.grpc_uri()));
  ASSERT_TRUE(tcp.ok() && grpc.ok()) << tcp.status() << grpc.status();
  ASSERT_TRUE((*tcp)->Subscribe("t", "/from = 'grpc'").ok());
  ASSERT_TRUE((*grpc)->Subscribe("t", "/from = 'tcp'").ok());
  for (Client* client : {tcp->get(), grpc->get()}) {
    ASSERT_TRUE(client->Publish("t", R"({"from":"tcp"})").ok());
    ASSERT_TRUE(client->Publish("t", R"({"from":"grpc"})").ok());
    ASSERT_TRUE(client->Flush().ok());
  }
  for (int i = 0; i < 2; ++i) {
    Message message;
    ASSERT_TRUE(*(*tcp)->Next(&message, kLong));
    EXPECT_EQ(message.body, R"({"from":"grpc"})");
    ASSERT_TRUE(*(*grpc)->Next(&message, kLong));
    EXPECT_EQ(message.body, R"({"from":"tcp"})");
  }
}

TEST(Client, NobodyThereOverGrpc) {
  std::string uri;
  {
    TestGateway gateway;
    uri = gateway.grpc_uri();
  }
  const auto client = Connect(*Uri::Parse(uri));
  ASSERT_TRUE(absl::IsUnavailable(client.status())) << client.status();
  EXPECT_NE(ErrorText(client.status()).find("is the gateway running"), std::string::npos);
  EXPECT_NE(ErrorText(client.status()).find(uri.substr(7)), std::string::npos) << client.status();
}

TEST(Client, OptionsOverGrpcAreNotBuilt) {
  TestGateway gateway;
  const auto client = Connect(*Uri::Parse(gateway.grpc_uri()));
  ASSERT_TRUE(client.ok()) << client.status();
  EXPECT_EQ(ErrorCodeOf((*client)->Subscribe("t", "", "oof").status()), ErrorCode::kNotBuilt);
  EXPECT_EQ(ErrorCodeOf((*client)->Unsubscribe("7")), ErrorCode::kSubscriptionUnknown);
}

}  // namespace
}  // namespace fluxgate::client
