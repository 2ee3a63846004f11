// Stored topics through the client, against a real gateway: the same over every protocol.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "client/cpp/client.h"
#include "core/base/error.h"
#include "tests/support/test_gateway.h"

namespace fluxgate::client {
namespace {

using testing::TestGateway;
using Strings = std::vector<std::string>;

constexpr milliseconds kLong(20'000);

class ClientSowTest : public ::testing::TestWithParam<Scheme> {
 protected:
  ClientSowTest() : gateway_(testing::DefineStateTopics) {
    client_ = MustConnect();
    publisher_ = MustConnect();
  }

  void SetUp() override { ASSERT_TRUE(client_ && publisher_); }

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
    auto client = Connect(*Uri::Parse(uri()));
    EXPECT_TRUE(client.ok()) << client.status();
    return client.ok() ? *std::move(client) : nullptr;
  }

  void Publish(const std::string& topic, const std::string& body, const PublishOptions& how = {}) {
    const absl::Status status = publisher_->PublishChecked(topic, body, how);
    EXPECT_TRUE(status.ok()) << status;
  }

  static PublishOptions Key(std::string_view key) {
    PublishOptions options;
    options.sow_key = key;
    return options;
  }

  Strings Query(const QueryRequest& query) {
    Strings bodies;
    const absl::Status status = client_->Query(query, [&](const Message& record) {
      EXPECT_EQ(record.kind, MessageKind::kRecord);
      EXPECT_FALSE(record.sow_key.empty());
      bodies.emplace_back(record.body);
      return true;
    });
    EXPECT_TRUE(status.ok()) << status;
    return bodies;
  }

  static QueryRequest QueryOf(std::string topic, std::string filter = "") {
    QueryRequest query;
    query.topic = std::move(topic);
    query.filter = std::move(filter);
    return query;
  }

  // The next message as one text: "record b {...}", "message b {...}", "oof deleted b {...}",
  // "end of snapshot".
  std::string Next(bool with_key = true) {
    Message message;
    const auto got = client_->Next(&message, kLong);
    EXPECT_TRUE(got.ok()) << got.status();
    if (!got.ok() || !*got) return "nothing";
    const std::string record =
        (with_key ? std::string(message.sow_key) + " " : "") + std::string(message.body);
    switch (message.kind) {
      case MessageKind::kMessage:
        return "message " + record;
      case MessageKind::kRecord:
        return "record " + record;
      case MessageKind::kEndOfSnapshot:
        return "end of snapshot";
      case MessageKind::kOutOfFocus:
        return "oof " + std::string(message.reason) + " " + record;
    }
    return "";
  }

  TestGateway gateway_;
  std::unique_ptr<Client> client_, publisher_;
};

INSTANTIATE_TEST_SUITE_P(Protocols, ClientSowTest,
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

TEST_P(ClientSowTest, QueriesSelectOrderAndCut) {
  for (const char* body : {R"({"id":1,"p":10})", R"({"id":2,"p":30})", R"({"id":3,"p":20})",
                           R"({"id":4,"p":5})", R"({"id":1,"p":11})"}) {
    Publish("state/x", body);
  }
  QueryRequest query = QueryOf("state/x", "/p > 5");
  query.order_by = "/p DESC";
  EXPECT_EQ(Query(query),
            (Strings{R"({"id":2,"p":30})", R"({"id":3,"p":20})", R"({"id":1,"p":11})"}));
  query.top_n = 2;
  EXPECT_EQ(Query(query), (Strings{R"({"id":2,"p":30})", R"({"id":3,"p":20})"}));
  query.skip_n = 1;
  EXPECT_EQ(Query(query), (Strings{R"({"id":3,"p":20})", R"({"id":1,"p":11})"}));
  query.fields = {"/p"};
  EXPECT_EQ(Query(query), (Strings{R"({"p":20})", R"({"p":11})"}));
  query.skip_n = 3;
  EXPECT_EQ(Query(query), Strings{});
  query.top_n = 0;
  query.skip_n = 2;
  EXPECT_EQ(Query(query), Strings{R"({"p":11})"});
}

TEST_P(ClientSowTest, RecordsTellTheirTopicAndKey) {
  Publish("named", R"({"v":1})", Key("a"));
  Publish("state/x", R"({"id":1})");
  Strings topics;
  std::string key;
  const absl::Status status = client_->Query(QueryOf("^(named|state/)"), [&](const Message& m) {
    topics.emplace_back(m.topic);
    if (m.topic == "named") key = m.sow_key;
    return true;
  });
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(topics.size(), 2u);
  EXPECT_EQ(key, "a");
}

TEST_P(ClientSowTest, ManyRecordsWhileMessagesArrive) {
  constexpr size_t kRecords = 5000;
  ASSERT_TRUE(client_->Subscribe("live", "").ok());
  for (size_t i = 0; i < kRecords; ++i) {
    ASSERT_TRUE(publisher_->Publish("state/x", "{\"id\":" + std::to_string(i) + "}").ok());
    ASSERT_TRUE(publisher_->Publish("live", std::to_string(i)).ok());
  }
  ASSERT_TRUE(publisher_->Flush().ok());
  EXPECT_EQ(Query(QueryOf("state/x")).size(), kRecords);
  for (size_t i = 0; i < kRecords; ++i) ASSERT_EQ(Next(), "message  " + std::to_string(i));
}

TEST_P(ClientSowTest, WhoHasSeenEnoughGetsNoMore) {
  for (int i = 0; i < 1000; ++i) {
    ASSERT_TRUE(publisher_->Publish("state/x", "{\"id\":" + std::to_string(i) + "}").ok());
  }
  ASSERT_TRUE(publisher_->Flush().ok());
  int records = 0;
  const absl::Status status =
      client_->Query(QueryOf("state/x"), [&](const Message&) { return ++records < 3; });
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(records, 3);
  EXPECT_EQ(Query(QueryOf("state/x")).size(), 1000u);
}

TEST_P(ClientSowTest, RefusalsSayWhyAndLeaveTheClientUsable) {
  const auto refusal = [&](const QueryRequest& query) {
    const absl::Status status = client_->Query(query, [](const Message&) { return true; });
    EXPECT_FALSE(status.ok());
    return ErrorText(status);
  };
  EXPECT_NE(refusal(QueryOf("state/x", "/p >")).find("query of 'state/x' refused"),
            std::string::npos);
  EXPECT_NE(refusal(QueryOf("orders")).find("not stored"), std::string::npos);
  DeleteSelector all;
  all.filter = "/p >";
  EXPECT_FALSE(client_->Delete("state/x", all).ok());
  EXPECT_FALSE(publisher_->PublishChecked("named", "{}").ok()) << "without the key";
  EXPECT_FALSE(publisher_->PublishChecked("state/x", R"({"p":1})").ok()) << "no key field";
  Publish("state/x", R"({"id":1})");
  EXPECT_EQ(Query(QueryOf("state/x")), Strings{R"({"id":1})"});
}

TEST_P(ClientSowTest, DeltasAreMerged) {
  Publish("named", R"({"x":1,"y":1})", Key("a"));
  PublishOptions delta = Key("a");
  delta.delta = true;
  Publish("named", R"({"y":2})", delta);
  EXPECT_EQ(Query(QueryOf("named")), Strings{R"({"x":1,"y":2})"});
}

TEST_P(ClientSowTest, DeletesByFilterAndByKey) {
  for (const char* key : {"a", "b", "c", "d"}) {
    Publish("named", "{\"v\":\"" + std::string(key) + "\"}", Key(key));
  }
  DeleteSelector by_filter, by_keys;
  by_filter.filter = "/v >= 'c'";
  by_keys.keys = {"a", "nobody"};
  const auto filtered = client_->Delete("named", by_filter);
  ASSERT_TRUE(filtered.ok()) << filtered.status();
  EXPECT_EQ(*filtered, 2u);
  const auto named = client_->Delete("named", by_keys);
  ASSERT_TRUE(named.ok()) << named.status();
  EXPECT_EQ(*named, 1u);
  EXPECT_EQ(Query(QueryOf("named")), Strings{R"({"v":"b"})"});
}

TEST_P(ClientSowTest, SnapshotChangesAndWhatLeaves) {
  Publish("named", R"({"p":1})", Key("a"));
  Publish("named", R"({"p":2})", Key("b"));
  SubscribeRequest request;
  request.topic = "named";
  request.filter = "/p > 0";
  request.with_snapshot = request.out_of_focus = true;
  request.order_by = "/p DESC";
  ASSERT_TRUE(client_->Subscribe(request).ok());
  Publish("named", R"({"p":3})", Key("c"));
  Publish("named", R"({"p":0})", Key("a"));
  DeleteSelector b;
  b.keys = {"b"};
  ASSERT_TRUE(publisher_->Delete("named", b).ok());
  PublishOptions brief = Key("d");
  brief.expiration_s = 1;
  Publish("named", R"({"p":4})", brief);
  for (const char* expected :
       {R"(record b {"p":2})", R"(record a {"p":1})", "end of snapshot", R"(message c {"p":3})",
        R"(oof match a {"p":0})", R"(oof deleted b {"p":2})", R"(message d {"p":4})",
        R"(oof expired d {"p":4})"}) {
    EXPECT_EQ(Next(), expected);
  }
}

TEST_P(ClientSowTest, SnapshotIsCutAndFieldsAreChosen) {
  for (int i = 1; i <= 3; ++i) {
    Publish("state/x", "{\"id\":" + std::to_string(i) + ",\"p\":" + std::to_string(10 * i) + "}");
  }
  SubscribeRequest request;
  request.topic = "state/x";
  request.with_snapshot = true;
  request.order_by = "/p DESC";
  request.top_n = 1;
  request.fields = {"/p"};
  ASSERT_TRUE(client_->Subscribe(request).ok());
  Publish("state/x", R"({"id":1,"p":11})");
  EXPECT_EQ(Next(false), R"(record {"p":30})");
  EXPECT_EQ(Next(false), "end of snapshot");
  EXPECT_EQ(Next(false), R"(message {"p":11})");
}

TEST_P(ClientSowTest, DeltaSubscriptionGetsWhatChanges) {
  Publish("state/x", R"({"id":1,"x":1,"y":1})");
  SubscribeRequest request;
  request.topic = "state/x";
  request.with_snapshot = request.delta = true;
  ASSERT_TRUE(client_->Subscribe(request).ok());
  Publish("state/x", R"({"id":1,"x":1,"y":2})");
  EXPECT_EQ(Next(false), R"(record {"id":1,"x":1,"y":1})");
  EXPECT_EQ(Next(false), "end of snapshot");
  EXPECT_EQ(Next(false), R"(message {"id":1,"y":2})");
}

TEST_P(ClientSowTest, QueryByKeys) {
  for (const char* key : {"a", "b", "c"}) Publish("named", R"({"v":1})", Key(key));
  QueryRequest query = QueryOf("named");
  query.keys = {"c", "a", "nobody"};
  Strings keys;
  const absl::Status status = client_->Query(query, [&](const Message& record) {
    keys.emplace_back(record.sow_key);
    return true;
  });
  if (GetParam() == Scheme::kGrpc) {
    EXPECT_EQ(ErrorCodeOf(status), ErrorCode::kNotBuilt) << status;
  } else {
    ASSERT_TRUE(status.ok()) << status;
    EXPECT_EQ(keys, (Strings{"c", "a"}));
  }
}

TEST_P(ClientSowTest, EarlierTimesNeedHistory) {
  Publish("state/x", R"({"id":1})");
  QueryRequest query = QueryOf("state/x");
  for (const char* time : {"20261122T093000Z", "20261122T093000.25"}) {
    query.as_of = time;
    const absl::Status status = client_->Query(query, [](const Message&) { return true; });
    EXPECT_NE(ErrorText(status).find("keeps no history"), std::string::npos) << status;
  }
  for (const char* time : {"yesterday", "20261122T0930", "20261122T093000.", "20261122T093000.x"}) {
    query.as_of = time;
    EXPECT_FALSE(client_->Query(query, [](const Message&) { return true; }).ok()) << time;
  }
}

}  // namespace
}  // namespace fluxgate::client
