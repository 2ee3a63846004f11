#include "client/cpp/amps_client.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "client/cpp/client.h"
#include "client/cpp/fake_gateway.h"
#include "core/base/error.h"
#include "gateway/amps/amps_encoder.h"

namespace fluxgate::client {
namespace {

using std::chrono::milliseconds;

absl::StatusOr<std::unique_ptr<Client>> ConnectTo(const std::string& uri,
                                                  const ClientOptions& options = {}) {
  const auto parsed = Uri::Parse(uri);
  EXPECT_TRUE(parsed.ok()) << parsed.status();
  return Connect(*parsed, options);
}

std::unique_ptr<Client> MustConnect(const std::string& uri, const ClientOptions& options = {}) {
  auto client = ConnectTo(uri, options);
  EXPECT_TRUE(client.ok()) << client.status();
  return client.ok() ? *std::move(client) : nullptr;
}

std::string Delivery(std::string_view topic, std::string_view body, std::string_view ids = "sub1") {
  std::string bytes;
  amps::AppendDelivery(topic, ids, "", body, &bytes);
  return bytes;
}

bool Mentions(const absl::Status& status, std::string_view text) {
  return ErrorText(status).find(text) != std::string::npos;
}

TEST(AmpsClient, LogsOnWithWhatTheUriSays) {
  FakeGateway gateway([](FakeConnection& c) {
    const Command* logon = c.Read();
    ASSERT_NE(logon, nullptr);
    EXPECT_EQ(logon->type, CommandType::kLogon);
    EXPECT_EQ(logon->user_id, "me");
    EXPECT_EQ(logon->password, "secret");
    EXPECT_EQ(logon->message_type, "nvfix");
    EXPECT_EQ(logon->client_name, "tester");
    EXPECT_TRUE(logon->acks.has(AckType::kProcessed));
    c.Ack(*logon);
    EXPECT_EQ(c.Read(), nullptr);
  });
  ClientOptions options;
  options.client_name = "tester";
  const auto client = MustConnect(
      "tcp://me:secret@127.0.0.1:" + std::to_string(gateway.port()) + "/amps/nvfix", options);
  ASSERT_NE(client, nullptr);
  EXPECT_EQ(client->server_version(), "fake 1");
}

TEST(AmpsClient, NobodyListens) {
  // A port that was free a moment ago.
  uint16_t port = 0;
  {
    FakeGateway gateway([](FakeConnection&) {});
    port = gateway.port();
  }
  const auto client = ConnectTo("tcp://127.0.0.1:" + std::to_string(port) + "/amps/json");
  ASSERT_TRUE(absl::IsUnavailable(client.status())) << client.status();
  EXPECT_TRUE(Mentions(client.status(), "127.0.0.1:" + std::to_string(port)));
  EXPECT_TRUE(Mentions(client.status(), "connection refused"));
  EXPECT_TRUE(Mentions(client.status(), "is the gateway running"));
}

TEST(AmpsClient, NoSuchSocketFile) {
  const auto client = ConnectTo("unix://localhost:0/amps/json?path=/nowhere/at/all.sock");
  ASSERT_TRUE(absl::IsUnavailable(client.status())) << client.status();
  EXPECT_TRUE(Mentions(client.status(), "/nowhere/at/all.sock"));
}

TEST(AmpsClient, SocketPathOverTheLimit) {
  const auto client = ConnectTo("unix://localhost:0/amps/json?path=/" + std::string(107, 'x'));
  EXPECT_EQ(ErrorCodeOf(client.status()), ErrorCode::kBadOption) << client.status();
  EXPECT_TRUE(absl::IsUnavailable(
      ConnectTo("unix://localhost:0/amps/json?path=/" + std::string(106, 'x')).status()));
}

TEST(AmpsClient, RefusedLogonSaysWhy) {
  FakeGateway gateway([](FakeConnection& c) { c.Ack(*c.Read(), "auth failure"); });
  const auto client = ConnectTo(gateway.uri());
  ASSERT_TRUE(absl::IsInvalidArgument(client.status())) << client.status();
  EXPECT_TRUE(Mentions(client.status(), "logon refused"));
  EXPECT_TRUE(Mentions(client.status(), "auth failure"));
}

TEST(AmpsClient, GatewayThatNeverAnswers) {
  FakeGateway gateway([](FakeConnection& c) {
    while (c.Read() != nullptr) {
    }
  });
  ClientOptions options;
  options.connect_timeout = milliseconds(100);
  const auto client = ConnectTo(gateway.uri(), options);
  ASSERT_TRUE(absl::IsDeadlineExceeded(client.status())) << client.status();
  EXPECT_TRUE(Mentions(client.status(), "logon was not answered"));
}

TEST(AmpsClient, PeerThatSpeaksSomethingElse) {
  FakeGateway gateway([](FakeConnection& c) {
    c.Send("HTTP/1.1 400 Bad Request\r\n\r\n");
    while (c.Read() != nullptr) {
    }
  });
  const auto client = ConnectTo(gateway.uri());
  ASSERT_TRUE(absl::IsInternal(client.status())) << client.status();
  EXPECT_TRUE(Mentions(client.status(), "is it an amps port?"));
}

TEST(AmpsClient, PublishesArriveInOrderAndFlushWaitsForThem) {
  std::vector<std::string> bodies;
  FakeGateway gateway([&](FakeConnection& c) {
    c.AcceptLogon();
    while (const Command* command = c.Read()) {
      if (command->type == CommandType::kPublish) {
        bodies.push_back(std::string(command->topic) + "=" + std::string(command->body));
      } else {
        EXPECT_EQ(command->type, CommandType::kFlush);
        c.Ack(*command);
      }
    }
  });
  const auto client = MustConnect(gateway.uri());
  ASSERT_NE(client, nullptr);
  std::vector<std::string> expected;
  for (int i = 0; i < 5000; ++i) {
    const std::string topic = i % 3 == 0 ? "a" : "b", body = std::to_string(i);
    ASSERT_TRUE(client->Publish(topic, body).ok());
    expected.push_back(topic + "=" + body);
  }
  ASSERT_TRUE(client->Flush().ok());
  EXPECT_EQ(bodies, expected);
  client->Close();
}

TEST(AmpsClient, PublishCheckedReportsARefusal) {
  FakeGateway gateway([](FakeConnection& c) {
    c.AcceptLogon();
    c.Ack(*c.Read());
    c.Ack(*c.Read(), "invalid topic");
    EXPECT_EQ(c.Read(), nullptr);
  });
  const auto client = MustConnect(gateway.uri());
  ASSERT_NE(client, nullptr);
  EXPECT_TRUE(client->PublishChecked("orders", "{}").ok());
  const absl::Status status = client->PublishChecked("or(ders", "{}");
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
  EXPECT_TRUE(Mentions(status, "invalid topic"));
}

TEST(AmpsClient, SubscribesReceivesAndUnsubscribes) {
  FakeGateway gateway([](FakeConnection& c) {
    c.AcceptLogon();
    const Command* subscribe = c.Read();
    ASSERT_NE(subscribe, nullptr);
    EXPECT_EQ(subscribe->type, CommandType::kSubscribe);
    EXPECT_EQ(subscribe->topic, "orders");
    EXPECT_EQ(subscribe->filter, "/a = \"x\"");
    EXPECT_EQ(subscribe->options, "no_empties");
    const std::string id(subscribe->sub_id);
    // A message ahead of the ack is not lost, nor is one in two pieces.
    const std::string first = Delivery("orders", "1", id);
    c.Send(first.substr(0, 7));
    c.Send(first.substr(7));
    c.Ack(*subscribe);
    c.Send(std::string(8, '\0') + Delivery("orders", "2", id) + Delivery("orders", "", id));
    const Command* unsubscribe = c.Read();
    ASSERT_NE(unsubscribe, nullptr);
    EXPECT_EQ(unsubscribe->type, CommandType::kUnsubscribe);
    EXPECT_EQ(unsubscribe->sub_id, id);
    c.Ack(*unsubscribe);
    EXPECT_EQ(c.Read(), nullptr);
  });
  const auto client = MustConnect(gateway.uri());
  ASSERT_NE(client, nullptr);
  const auto id = client->Subscribe("orders", "/a = \"x\"", "no_empties");
  ASSERT_TRUE(id.ok()) << id.status();
  Message message;
  for (const char* body : {"1", "2", ""}) {
    const auto got = client->Next(&message, milliseconds(5000));
    ASSERT_TRUE(got.ok()) << got.status();
    ASSERT_TRUE(*got);
    EXPECT_EQ(message.topic, "orders");
    EXPECT_EQ(message.body, body);
    EXPECT_EQ(message.subscription_ids, *id);
  }
  EXPECT_TRUE(client->Unsubscribe(*id).ok());
  const auto none = client->Next(&message, milliseconds(20));
  ASSERT_TRUE(none.ok()) << none.status();
  EXPECT_FALSE(*none);
}

TEST(AmpsClient, RefusedSubscriptionLeavesTheClientUsable) {
  FakeGateway gateway([](FakeConnection& c) {
    c.AcceptLogon();
    c.Ack(*c.Read(), "bad filter: unexpected end at 4");
    c.AckEverything();
  });
  const auto client = MustConnect(gateway.uri());
  ASSERT_NE(client, nullptr);
  const auto id = client->Subscribe("orders", "/a =");
  ASSERT_FALSE(id.ok());
  EXPECT_TRUE(Mentions(id.status(), "bad filter: unexpected end at 4"));
  EXPECT_TRUE(Mentions(id.status(), "orders"));
  EXPECT_TRUE(client->Ping().ok());
}

TEST(AmpsClient, LostConnectionIsReportedAfterWhatHadArrived) {
  FakeGateway gateway([](FakeConnection& c) {
    c.AcceptLogon();
    c.Ack(*c.Read());
    c.Send(Delivery("t", "last words"));
  });
  const auto client = MustConnect(gateway.uri());
  ASSERT_NE(client, nullptr);
  ASSERT_TRUE(client->Subscribe("t", "").ok());
  Message message;
  const auto first = client->Next(&message, milliseconds(5000));
  ASSERT_TRUE(first.ok() && *first) << first.status();
  EXPECT_EQ(message.body, "last words");
  const auto second = client->Next(&message, milliseconds(5000));
  ASSERT_TRUE(absl::IsUnavailable(second.status())) << second.status();
  EXPECT_TRUE(Mentions(second.status(), "closed the connection"));
  EXPECT_TRUE(absl::IsUnavailable(client->Publish("t", "x")));
}

TEST(AmpsClient, ReceivesWhileItCannotSend) {
  // The gateway sends much and reads nothing until the client has taken it: sockets are full both
  // ways, and only a client that goes on receiving gets out of it.
  constexpr int kMessages = 2000;
  const std::string body(10'000, 'x');
  FakeGateway gateway([&](FakeConnection& c) {
    c.AcceptLogon();
    std::string bytes;
    for (int i = 0; i < kMessages; ++i) bytes += Delivery("t", body);
    c.Send(bytes);
    c.AckEverything();
  });
  const auto client = MustConnect(gateway.uri());
  ASSERT_NE(client, nullptr);
  for (int i = 0; i < kMessages; ++i) ASSERT_TRUE(client->Publish("t", body).ok());
  ASSERT_TRUE(client->Flush().ok());
  Message message;
  for (int i = 0; i < kMessages; ++i) {
    const auto got = client->Next(&message, milliseconds(5000));
    ASSERT_TRUE(got.ok() && *got) << i << ": " << got.status();
    ASSERT_EQ(message.body, body);
  }
}

TEST(AmpsClient, UnreadMessagesAreBounded) {
  FakeGateway gateway([&](FakeConnection& c) {
    c.AcceptLogon();
    const Command* flush = c.Read();
    ASSERT_NE(flush, nullptr);
    std::string bytes;
    for (int i = 0; i < 1000; ++i) bytes += Delivery("t", std::string(4000, 'x'));
    c.Send(bytes);
    c.Ack(*flush);
    EXPECT_EQ(c.Read(), nullptr);
  });
  ClientOptions options;
  options.unread_bytes_max = 1 << 20;
  const auto client = MustConnect(gateway.uri(), options);
  ASSERT_NE(client, nullptr);
  const absl::Status status = client->Flush();
  EXPECT_TRUE(absl::IsResourceExhausted(status)) << status;
  // Reading makes room again.
  Message message;
  for (int i = 0; i < 1000; ++i) {
    const auto got = client->Next(&message, milliseconds(5000));
    ASSERT_TRUE(got.ok() && *got) << i << ": " << got.status();
  }
}

TEST(AmpsClient, PublishOptionsAreSent) {
  FakeGateway gateway([](FakeConnection& c) {
    c.AcceptLogon();
    const Command* publish = c.Read();
    ASSERT_NE(publish, nullptr);
    EXPECT_EQ(publish->type, CommandType::kPublish);
    EXPECT_EQ(publish->sow_key, "a");
    EXPECT_EQ(publish->expiration_s, 0);
    publish = c.Read();
    ASSERT_NE(publish, nullptr);
    EXPECT_EQ(publish->type, CommandType::kDeltaPublish);
    EXPECT_EQ(publish->sow_key, "");
    EXPECT_EQ(publish->expiration_s, 60);
    EXPECT_EQ(publish->body, "{}");
    c.Ack(*publish);
    publish = c.Read();
    ASSERT_NE(publish, nullptr);
    EXPECT_EQ(publish->type, CommandType::kPublish);
    EXPECT_EQ(publish->expiration_s, -1);
    EXPECT_EQ(c.Read(), nullptr);
  });
  const auto client = MustConnect(gateway.uri());
  ASSERT_NE(client, nullptr);
  PublishOptions keyed, merged;
  keyed.sow_key = "a";
  keyed.expiration_s = 0;
  merged.delta = true;
  merged.expiration_s = 60;
  EXPECT_TRUE(client->Publish("t", "{}", keyed).ok());
  EXPECT_TRUE(client->PublishChecked("t", "{}", merged).ok());
  EXPECT_TRUE(client->Publish("t", "{}").ok());
  client->Close();
}

TEST(AmpsClient, ClosedClientRefusesEverything) {
  FakeGateway gateway([](FakeConnection& c) {
    c.AcceptLogon();
    const Command* publish = c.Read();
    ASSERT_NE(publish, nullptr);
    EXPECT_EQ(publish->body, "queued");
    EXPECT_EQ(c.Read(), nullptr);
  });
  const auto client = MustConnect(gateway.uri());
  ASSERT_NE(client, nullptr);
  ASSERT_TRUE(client->Publish("t", "queued").ok());
  client->Close();
  client->Close();
  EXPECT_TRUE(absl::IsFailedPrecondition(client->Publish("t", "x")));
  EXPECT_TRUE(absl::IsFailedPrecondition(client->Flush()));
  Message message;
  EXPECT_TRUE(absl::IsFailedPrecondition(client->Next(&message, milliseconds(1)).status()));
  EXPECT_TRUE(absl::IsFailedPrecondition(client->Subscribe("t", "").status()));
  QueryRequest query;
  query.topic = "t";
  EXPECT_TRUE(
      absl::IsFailedPrecondition(client->Query(query, [](const Message&) { return true; })));
  DeleteSelector selector;
  selector.filter = "/a = 1";
  EXPECT_TRUE(absl::IsFailedPrecondition(client->Delete("t", selector).status()));
}

}  // namespace
}  // namespace fluxgate::client
