// What an AmpsClient asks of stored topics and what it makes of the answers, frame by frame.
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "client/cpp/amps_client.h"
#include "client/cpp/fake_gateway.h"
#include "core/base/error.h"
#include "gateway/amps/amps_encoder.h"

namespace fluxgate::client {
namespace {

using amps::ServerMessage;
using amps::ServerMessageType;

constexpr milliseconds kLong(5000);

std::unique_ptr<Client> MustConnect(const FakeGateway& gateway, const ClientOptions& options = {}) {
  auto client = Connect(*Uri::Parse(gateway.uri()), options);
  EXPECT_TRUE(client.ok()) << client.status();
  return client.ok() ? *std::move(client) : nullptr;
}

std::string Frame(const ServerMessage& message) {
  std::string bytes;
  amps::AppendServerMessage(message, &bytes);
  return bytes;
}

std::string Group(ServerMessageType type, std::string_view query_id) {
  ServerMessage message;
  message.type = type;
  message.query_id = query_id;
  return Frame(message);
}

std::string Begin(std::string_view query_id) {
  return Group(ServerMessageType::kGroupBegin, query_id);
}
std::string End(std::string_view query_id) { return Group(ServerMessageType::kGroupEnd, query_id); }

// `records` with their headers.
std::string Sow(std::string_view query_id, std::string_view records) {
  ServerMessage message;
  message.type = ServerMessageType::kSow;
  message.query_id = query_id;
  message.topic = "t";
  message.batch_size = 1;
  message.body = records;
  return Frame(message);
}

std::string Delivery(std::string_view body) {
  std::string bytes;
  amps::AppendDelivery("t", "sub9", "", body, &bytes);
  return bytes;
}

std::string Oof(std::string_view id, std::string_view reason, std::string_view key,
                std::string_view body) {
  ServerMessage message;
  message.type = ServerMessageType::kOof;
  message.topic = "t";
  message.sub_ids = id;
  message.reason = reason;
  message.sow_key = key;
  message.body = body;
  return Frame(message);
}

std::string StatsAck(const Command& command, uint64_t deleted) {
  ServerMessage message;
  message.type = ServerMessageType::kAck;
  message.command_id = command.command_id;
  message.ack.add(AckType::kStats);
  message.status = amps::kStatusSuccess;
  message.matches = deleted + 1;
  message.records_deleted = deleted;
  return Frame(message);
}

QueryRequest QueryOf(std::string topic) {
  QueryRequest query;
  query.topic = std::move(topic);
  return query;
}

// "key=body" of each record.
absl::Status Collect(Client& client, const QueryRequest& query, std::vector<std::string>* records) {
  return client.Query(query, [&](const Message& record) {
    EXPECT_EQ(record.kind, MessageKind::kRecord);
    EXPECT_EQ(record.topic, "t");
    EXPECT_EQ(record.subscription_ids, "");
    records->push_back(std::string(record.sow_key) + "=" + std::string(record.body));
    return true;
  });
}

std::string NextBody(Client& client) {
  Message message;
  const auto got = client.Next(&message, kLong);
  EXPECT_TRUE(got.ok() && *got) << got.status();
  return got.ok() && *got ? std::string(message.body) : "";
}

TEST(AmpsClientQuery, SaysWhatIsAskedFor) {
  FakeGateway gateway([](FakeConnection& c) {
    c.AcceptLogon();
    const Command* sow = c.Read();
    ASSERT_NE(sow, nullptr);
    EXPECT_EQ(sow->type, CommandType::kSow);
    EXPECT_EQ(sow->topic, "t");
    EXPECT_EQ(sow->filter, "/a > 1");
    EXPECT_EQ(sow->order_by, "/a DESC");
    EXPECT_EQ(sow->top_n, 0u) << "in the options";
    EXPECT_EQ(sow->batch_size, QueryRequest::kBatchSizeDefault);
    EXPECT_EQ(sow->options, "select=[-/,+/a,+/b/c],top_n=7,skip_n=3");
    EXPECT_EQ(sow->sow_keys, "k1,k2");
    EXPECT_EQ(sow->bookmark, "20261122T093000Z");
    c.Ack(*sow);
    c.Send(Begin(sow->query_id) + End(sow->query_id));
    EXPECT_EQ(c.Read(), nullptr);
  });
  const auto client = MustConnect(gateway);
  ASSERT_NE(client, nullptr);
  QueryRequest query = QueryOf("t");
  query.filter = "/a > 1";
  query.order_by = "/a DESC";
  query.top_n = 7;
  query.skip_n = 3;
  query.fields = {"/a", "/b/c"};
  query.keys = {"k1", "k2"};
  query.as_of = "20261122T093000Z";
  std::vector<std::string> records;
  EXPECT_TRUE(Collect(*client, query, &records).ok());
  EXPECT_EQ(records, std::vector<std::string>{});
  client->Close();
}

TEST(AmpsClientQuery, MessagesThatComeMeanwhileWaitInTheirOrder) {
  FakeGateway gateway([](FakeConnection& c) {
    c.AcceptLogon();
    const Command* sow = c.Read();
    ASSERT_NE(sow, nullptr);
    const std::string id(sow->query_id);
    c.Send(Delivery("1"));
    c.Ack(*sow);
    const std::string records = Sow(id, R"({"k":"a","l":1}x{"k":"b","l":0}{"l":2}yz)");
    c.Send(Delivery("2") + Begin(id) + Delivery("3") + records.substr(0, 9));
    c.Send(records.substr(9) + Delivery("4") + Sow(id, R"({"k":"c","l":1}!)") + End(id) +
           Delivery("5"));
    EXPECT_EQ(c.Read(), nullptr);
  });
  const auto client = MustConnect(gateway);
  ASSERT_NE(client, nullptr);
  std::vector<std::string> records;
  const absl::Status status = Collect(*client, QueryOf("t"), &records);
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(records, (std::vector<std::string>{"a=x", "b=", "=yz", "c=!"}));
  for (const char* body : {"1", "2", "3", "4", "5"}) EXPECT_EQ(NextBody(*client), body);
  client->Close();
}

TEST(AmpsClientQuery, RefusedQueryLeavesTheClientUsable) {
  FakeGateway gateway([](FakeConnection& c) {
    c.AcceptLogon();
    c.Ack(*c.Read(), "topic t is not stored");
    c.AckEverything();
  });
  const auto client = MustConnect(gateway);
  ASSERT_NE(client, nullptr);
  std::vector<std::string> records;
  const absl::Status status = Collect(*client, QueryOf("t"), &records);
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
  EXPECT_EQ(ErrorText(status).substr(0, 22), "query of 't' refused b");
  EXPECT_NE(ErrorText(status).find("topic t is not stored"), std::string::npos) << status;
  EXPECT_TRUE(client->Ping().ok());
}

TEST(AmpsClientQuery, WhoHasSeenEnoughGetsNoMore) {
  FakeGateway gateway([](FakeConnection& c) {
    c.AcceptLogon();
    const Command* sow = c.Read();
    ASSERT_NE(sow, nullptr);
    const std::string id(sow->query_id);
    c.Ack(*sow);
    c.Send(Begin(id) + Sow(id, R"({"k":"a","l":1}1{"k":"b","l":1}2{"k":"c","l":1}3)"));
    const Command* cancel = c.Read();
    ASSERT_NE(cancel, nullptr);
    EXPECT_EQ(cancel->type, CommandType::kUnsubscribe);
    EXPECT_EQ(cancel->query_id, id);
    EXPECT_EQ(cancel->sub_id, "");
    c.Send(Sow(id, R"({"k":"d","l":1}4)") + End(id) + Delivery("live"));
    c.AckEverything();
  });
  const auto client = MustConnect(gateway);
  ASSERT_NE(client, nullptr);
  int records = 0;
  EXPECT_TRUE(client->Query(QueryOf("t"), [&](const Message&) { return ++records < 2; }).ok());
  EXPECT_EQ(records, 2);
  EXPECT_EQ(NextBody(*client), "live");
  EXPECT_TRUE(client->Ping().ok());
}

TEST(AmpsClientQuery, DamagedRecordsEndTheConnection) {
  FakeGateway gateway([](FakeConnection& c) {
    c.AcceptLogon();
    const Command* sow = c.Read();
    ASSERT_NE(sow, nullptr);
    c.Ack(*sow);
    c.Send(Sow(sow->query_id, R"({"k":"a","l":5}x)"));
    EXPECT_EQ(c.Read(), nullptr);
  });
  const auto client = MustConnect(gateway);
  ASSERT_NE(client, nullptr);
  std::vector<std::string> records;
  EXPECT_TRUE(absl::IsInternal(Collect(*client, QueryOf("t"), &records)));
  EXPECT_TRUE(absl::IsInternal(client->Flush()));
  client->Close();
}

TEST(AmpsClientQuery, MessagesKeptMeanwhileAreBounded) {
  constexpr int kMessages = 1000;
  FakeGateway gateway([](FakeConnection& c) {
    c.AcceptLogon();
    const Command* sow = c.Read();
    ASSERT_NE(sow, nullptr);
    const std::string id(sow->query_id);
    c.Ack(*sow);
    std::string bytes = Begin(id);
    for (int i = 0; i < kMessages; ++i) bytes += Delivery(std::string(4000, 'x'));
    c.Send(bytes + Sow(id, R"({"k":"a","l":1}1)") + End(id) + Delivery("last"));
    EXPECT_EQ(c.Read(), nullptr);
  });
  ClientOptions options;
  options.unread_bytes_max = 1 << 20;
  const auto client = MustConnect(gateway, options);
  ASSERT_NE(client, nullptr);
  std::vector<std::string> records;
  const absl::Status status = Collect(*client, QueryOf("t"), &records);
  EXPECT_TRUE(absl::IsResourceExhausted(status)) << status;
  // Nothing is lost, and what is left of the answer is nobody's.
  for (int i = 0; i < kMessages; ++i) ASSERT_EQ(NextBody(*client).size(), 4000u) << i;
  EXPECT_EQ(NextBody(*client), "last");
  client->Close();
}

TEST(AmpsClientQuery, NobodyAnswers) {
  FakeGateway gateway([](FakeConnection& c) {
    c.AcceptLogon();
    const Command* sow = c.Read();
    ASSERT_NE(sow, nullptr);
    c.Ack(*sow);
    EXPECT_EQ(c.Read(), nullptr);
  });
  ClientOptions options;
  options.command_timeout = milliseconds(50);
  const auto client = MustConnect(gateway, options);
  ASSERT_NE(client, nullptr);
  std::vector<std::string> records;
  EXPECT_TRUE(absl::IsDeadlineExceeded(Collect(*client, QueryOf("t"), &records)));
  client->Close();
}

TEST(AmpsClientQuery, WhatIsNoFieldOrKeyIsNotSent) {
  FakeGateway gateway([](FakeConnection& c) {
    c.AcceptLogon();
    EXPECT_EQ(c.Read(), nullptr);
  });
  const auto client = MustConnect(gateway);
  ASSERT_NE(client, nullptr);
  std::vector<std::string> records;
  for (const char* field : {"", "a", "/a,/b", "/a]"}) {
    QueryRequest query = QueryOf("t");
    query.fields = {field};
    EXPECT_EQ(ErrorCodeOf(Collect(*client, query, &records)), ErrorCode::kBadOption) << field;
  }
  for (const char* key : {"", "a,b"}) {
    QueryRequest query = QueryOf("t");
    query.keys = {key};
    EXPECT_EQ(ErrorCodeOf(Collect(*client, query, &records)), ErrorCode::kBadOption) << key;
  }
  DeleteSelector both;
  both.filter = "/a = 1";
  both.keys = {"k"};
  EXPECT_EQ(ErrorCodeOf(client->Delete("t", both).status()), ErrorCode::kBadOption);
  EXPECT_EQ(ErrorCodeOf(client->Delete("t", {}).status()), ErrorCode::kBadOption);
  SubscribeRequest ordered;
  ordered.topic = "t";
  ordered.order_by = "/a";
  EXPECT_EQ(ErrorCodeOf(client->Subscribe(ordered).status()), ErrorCode::kBadOption);
  client->Close();
}

TEST(AmpsClientQuery, DeleteTellsHowManyRecords) {
  FakeGateway gateway([](FakeConnection& c) {
    c.AcceptLogon();
    const Command* by_filter = c.Read();
    ASSERT_NE(by_filter, nullptr);
    EXPECT_EQ(by_filter->type, CommandType::kSowDelete);
    EXPECT_EQ(by_filter->filter, "/a = 1");
    EXPECT_EQ(by_filter->sow_keys, "");
    EXPECT_TRUE(by_filter->acks.has(AckType::kStats));
    const std::string stats = StatsAck(*by_filter, 3);
    c.Ack(*by_filter);
    c.Send(Delivery("meanwhile") + stats);
    const Command* by_keys = c.Read();
    ASSERT_NE(by_keys, nullptr);
    EXPECT_EQ(by_keys->filter, "");
    EXPECT_EQ(by_keys->sow_keys, "k1,k2");
    c.Ack(*by_keys, "topic t keeps no records");
    EXPECT_EQ(c.Read(), nullptr);
  });
  const auto client = MustConnect(gateway);
  ASSERT_NE(client, nullptr);
  DeleteSelector by_filter, by_keys;
  by_filter.filter = "/a = 1";
  by_keys.keys = {"k1", "k2"};
  const auto deleted = client->Delete("t", by_filter);
  ASSERT_TRUE(deleted.ok()) << deleted.status();
  EXPECT_EQ(*deleted, 3u);
  EXPECT_EQ(NextBody(*client), "meanwhile");
  EXPECT_TRUE(absl::IsInvalidArgument(client->Delete("t", by_keys).status()));
  client->Close();
}

TEST(AmpsClientSubscribe, SnapshotThenWhatBecomesOfIt) {
  FakeGateway gateway([](FakeConnection& c) {
    c.AcceptLogon();
    const Command* subscribe = c.Read();
    ASSERT_NE(subscribe, nullptr);
    EXPECT_EQ(subscribe->type, CommandType::kSowAndDeltaSubscribe);
    EXPECT_EQ(subscribe->options, "no_empties,oof,select=[-/,+/a]");
    EXPECT_EQ(subscribe->order_by, "/a");
    EXPECT_EQ(subscribe->top_n, 5u);
    EXPECT_EQ(subscribe->query_id, subscribe->sub_id);
    const std::string id(subscribe->sub_id);
    c.Ack(*subscribe);
    c.Send(Begin(id) + Sow(id, R"({"k":"a","l":1}1{"k":"b","l":1}2)") + End(id) +
           Oof(id, "deleted", "a", "1"));
    c.AckEverything();
  });
  const auto client = MustConnect(gateway);
  ASSERT_NE(client, nullptr);
  SubscribeRequest request;
  request.topic = "t";
  request.options = "no_empties";
  request.with_snapshot = request.delta = request.out_of_focus = true;
  request.order_by = "/a";
  request.top_n = 5;
  request.fields = {"/a"};
  const auto id = client->Subscribe(request);
  ASSERT_TRUE(id.ok()) << id.status();
  struct Expected {
    MessageKind kind;
    const char *topic, *key, *body, *reason;
  };
  for (const Expected& expected : {Expected{MessageKind::kRecord, "t", "a", "1", ""},
                                   Expected{MessageKind::kRecord, "t", "b", "2", ""},
                                   Expected{MessageKind::kEndOfSnapshot, "", "", "", ""},
                                   Expected{MessageKind::kOutOfFocus, "t", "a", "1", "deleted"}}) {
    Message message;
    const auto got = client->Next(&message, kLong);
    ASSERT_TRUE(got.ok() && *got) << got.status();
    EXPECT_EQ(message.kind, expected.kind);
    EXPECT_EQ(message.topic, expected.topic);
    EXPECT_EQ(message.sow_key, expected.key);
    EXPECT_EQ(message.body, expected.body);
    EXPECT_EQ(message.reason, expected.reason);
    EXPECT_EQ(message.subscription_ids, *id);
    // Receiving in between does not disturb the records that are still to come.
    EXPECT_TRUE(client->Flush().ok());
  }
}

}  // namespace
}  // namespace fluxgate::client
