// Query through a real server.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "gateway/grpc/grpc_test_server.h"

namespace fluxgate::grpc_api {
namespace {

using Payloads = std::vector<std::string>;

GrpcTestServer::Options WithOrders() {
  GrpcTestServer::Options options;
  options.sow = Stored("orders");
  return options;
}

v1::QueryRequest Request(const std::string& topic, const std::string& filter = "") {
  v1::QueryRequest request;
  request.set_topic(topic);
  request.set_filter(filter);
  return request;
}

// One Query call.
class Query {
 public:
  Query(GrpcTestServer& server, const v1::QueryRequest& request)
      : stub_(server.NewSubscriber()), reader_(stub_->Query(Start(), request)) {}
  ~Query() { context.TryCancel(); }

  // The next response; not set when the stream has ended.
  v1::QueryResponse Next() {
    v1::QueryResponse response;
    if (!reader_->Read(&response)) response.Clear();
    return response;
  }
  // Everything that is left, until the end.
  Payloads ReadAll() {
    Payloads payloads;
    for (;;) {
      const v1::QueryResponse response = Next();
      if (response.response_case() == v1::QueryResponse::RESPONSE_NOT_SET) break;
      EXPECT_EQ(ends, 0) << "the end comes last";
      if (response.has_end()) {
        ++ends;
        record_count = response.end().record_count();
        continue;
      }
      ++batches;
      batch_max = std::max(batch_max, response.batch().messages_size());
      for (const v1::Message& message : response.batch().messages()) {
        payloads.push_back(message.payload());
        last = message;
      }
    }
    return payloads;
  }
  grpc::Status Finish() { return reader_->Finish(); }

  grpc::ClientContext context;
  v1::Message last;
  int ends = 0;
  int batches = 0;
  int batch_max = 0;
  uint64_t record_count = 0;

 private:
  grpc::ClientContext* Start() {
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
    return &context;
  }

  std::unique_ptr<v1::SubscriberService::Stub> stub_;
  std::unique_ptr<grpc::ClientReader<v1::QueryResponse>> reader_;
};

grpc::Status StatusOf(GrpcTestServer& server, const v1::QueryRequest& request) {
  Query query(server, request);
  EXPECT_TRUE(query.ReadAll().empty());
  EXPECT_EQ(query.ends, 0);
  return query.Finish();
}

TEST(Query, RecordsThatMatchThenTheirNumber) {
  GrpcTestServer server(WithOrders());
  server.Publish("orders", R"({"id":1,"price":10})");
  server.Publish("orders", R"({"id":2,"price":20})");
  server.Publish("orders", R"({"id":3,"price":30})");
  server.Publish("orders", R"({"id":2,"price":25})");
  v1::QueryRequest request = Request("orders", "/price > 10");
  request.set_order_by("/price DESC");
  Query query(server, request);
  EXPECT_EQ(query.ReadAll(), (Payloads{R"({"id":3,"price":30})", R"({"id":2,"price":25})"}));
  EXPECT_EQ(query.record_count, 2u);
  EXPECT_EQ(query.ends, 1);
  EXPECT_EQ(query.last.topic(), "orders");
  EXPECT_FALSE(query.last.key().empty());
  EXPECT_TRUE(query.Finish().ok());
  EXPECT_TRUE(server.Eventually([&] { return server.engine().session_count() == 1; }))
      << "the query's session is gone";
}

TEST(Query, NothingMatches) {
  GrpcTestServer server(WithOrders());
  Query query(server, Request("orders"));
  EXPECT_TRUE(query.ReadAll().empty());
  EXPECT_EQ(query.ends, 1);
  EXPECT_EQ(query.record_count, 0u);
  EXPECT_TRUE(query.Finish().ok());
}

TEST(Query, TopNAndFields) {
  GrpcTestServer server(WithOrders());
  for (int i = 1; i <= 5; ++i) {
    server.Publish("orders", fmt::format(R"({{"id":{},"a":{{"b":1,"c":2}},"d":3}})", i));
  }
  v1::QueryRequest request = Request("orders");
  request.set_order_by("/id");
  request.set_top_n(2);
  request.add_fields("/id");
  request.add_fields("/a/b");
  Query query(server, request);
  EXPECT_EQ(query.ReadAll(), (Payloads{R"({"id":1,"a":{"b":1}})", R"({"id":2,"a":{"b":1}})"}));
  EXPECT_EQ(query.record_count, 2u);
}

TEST(Query, BatchesHoldNoMoreThanAsked) {
  GrpcTestServer server(WithOrders());
  for (int i = 0; i < 25; ++i) server.Publish("orders", fmt::format(R"({{"id":{}}})", i));
  v1::QueryRequest request = Request("orders");
  request.set_batch_size(10);
  Query query(server, request);
  EXPECT_EQ(query.ReadAll().size(), 25u);
  EXPECT_EQ(query.batch_max, 10);
  EXPECT_GE(query.batches, 3);
  request.set_batch_size(1);
  Query one_by_one(server, request);
  EXPECT_EQ(one_by_one.ReadAll().size(), 25u);
  EXPECT_EQ(one_by_one.batches, 25);
}

TEST(Query, BatchSizeHasALimit) {
  GrpcTestServer server(WithOrders());
  v1::QueryRequest request = Request("orders");
  request.set_batch_size(EngineLimits{}.batch_records_max);
  Query query(server, request);
  query.ReadAll();
  EXPECT_TRUE(query.Finish().ok());
  request.set_batch_size(EngineLimits{}.batch_records_max + 1);
  EXPECT_EQ(ReasonOf(StatusOf(server, request)), "COMMAND_INVALID");
}

TEST(Query, ErrorsNameWhatIsWrong) {
  GrpcTestServer server(WithOrders());
  struct Row {
    v1::QueryRequest request;
    grpc::StatusCode code;
    std::string reason, field;
  };
  v1::QueryRequest order_by = Request("orders"), both = Request("orders", "/a >");
  order_by.set_order_by("/a +");
  both.set_order_by("/a");
  v1::QueryRequest field = Request("orders"), no_slash = field, comma = field, as_of = field,
                   earliest = field, bookmark = field, time = field;
  no_slash.add_fields("id");
  comma.add_fields("/a,+/b");
  as_of.mutable_as_of()->mutable_at_time()->set_seconds(-1);
  time.mutable_as_of()->mutable_at_time()->set_seconds(1'700'000'000);
  earliest.mutable_as_of()->set_earliest(true);
  bookmark.mutable_as_of()->set_after_bookmark("b");
  using enum grpc::StatusCode;
  const std::vector<Row> rows = {
      {Request("other"), FAILED_PRECONDITION, "TOPIC_NOT_STORED", ""},
      {Request(""), INVALID_ARGUMENT, "TOPIC_INVALID", "topic"},
      {Request("orders", "/a >"), INVALID_ARGUMENT, "FILTER_SYNTAX", "filter"},
      {order_by, INVALID_ARGUMENT, "FILTER_SYNTAX", "order_by"},
      {both, INVALID_ARGUMENT, "FILTER_SYNTAX", ""},
      {no_slash, INVALID_ARGUMENT, "OPTION_INVALID", "fields"},
      {comma, INVALID_ARGUMENT, "OPTION_INVALID", "fields"},
      {as_of, INVALID_ARGUMENT, "OPTION_INVALID", "as_of"},
      {time, INVALID_ARGUMENT, "BOOKMARK_INVALID", "as_of"},
      {earliest, UNIMPLEMENTED, "NOT_BUILT_YET", ""},
      {bookmark, UNIMPLEMENTED, "NOT_BUILT_YET", ""},
  };
  for (const Row& row : rows) {
    const grpc::Status status = StatusOf(server, row.request);
    EXPECT_EQ(status.error_code(), row.code) << status.error_message();
    EXPECT_EQ(ReasonOf(status), row.reason) << status.error_message();
    const google::rpc::BadRequest bad = BadRequestOf(status);
    EXPECT_EQ(bad.field_violations_size() == 0 ? "" : bad.field_violations(0).field(), row.field)
        << status.error_message();
  }
  EXPECT_TRUE(server.Eventually([&] { return server.engine().session_count() == 1; }));
}

TEST(Query, StateAsOfATime) {
  GrpcTestServer::Options options = WithOrders();
  auto& orders = std::get<SowTopicDefinition>(options.sow[0]);
  orders.expires = false;
  orders.history_window_ns = 60'000'000'000;
  GrpcTestServer server(options);
  server.Publish("orders", R"({"id":1,"v":"old"})");
  std::this_thread::sleep_for(std::chrono::milliseconds(2));
  const auto between = std::chrono::system_clock::now().time_since_epoch();
  std::this_thread::sleep_for(std::chrono::milliseconds(2));
  server.Publish("orders", R"({"id":1,"v":"new"})");
  v1::QueryRequest request = Request("orders");
  const auto ns = std::chrono::nanoseconds(between).count();
  request.mutable_as_of()->mutable_at_time()->set_seconds(ns / 1'000'000'000);
  request.mutable_as_of()->mutable_at_time()->set_nanos(static_cast<int>(ns % 1'000'000'000));
  Query then(server, request);
  EXPECT_EQ(then.ReadAll(), Payloads{R"({"id":1,"v":"old"})"});
  request.mutable_as_of()->set_now(true);
  Query now(server, request);
  EXPECT_EQ(now.ReadAll(), Payloads{R"({"id":1,"v":"new"})"});
}

constexpr int kManyRecords = 20'000;
constexpr size_t kRecordBytes = 1000;

void PublishMany(GrpcTestServer& server) {
  const std::string filler(kRecordBytes, 'x');
  for (int begin = 0; begin < kManyRecords; begin += 1000) {
    auto stub = server.NewPublisher();
    v1::PublishRequest request;
    for (int i = begin; i < begin + 1000; ++i) {
      v1::Message& message = *request.add_messages();
      message.set_topic("orders");
      message.set_payload(fmt::format(R"({{"id":{},"filler":"{}"}})", i, filler));
    }
    grpc::ClientContext context;
    v1::PublishResponse response;
    ASSERT_TRUE(stub->Publish(&context, request, &response).ok());
  }
}

// 20 MB for a client that stops to read: most of it stays where it is stored.
TEST(Query, ASlowReaderGetsEverythingAndLittleWaitsForIt) {
  GrpcTestServer::Options options = WithOrders();
  options.grpc.query_backlog_bytes_max = 256 << 10;
  GrpcTestServer server(options);
  PublishMany(server);
  Query query(server, Request("orders"));
  v1::QueryResponse first = query.Next();
  ASSERT_TRUE(first.has_batch());
  uint64_t waiting = 0, largest = 0;
  // The query has stopped when nothing changes any more.
  int unchanged = 0;
  ASSERT_TRUE(server.Eventually([&] {
    const uint64_t now = server.host().budget().total_bytes();
    unchanged = now == waiting ? unchanged + 1 : 0;
    waiting = now;
    largest = std::max(largest, now);
    return unchanged > 20;
  }));
  const uint64_t slice = 512 << 10;  // what one go of the engine adds at most, and one record
  EXPECT_LT(largest, options.grpc.query_backlog_bytes_max + slice + 2 * kRecordBytes);
  EXPECT_GT(waiting, 0u);
  // Others are served meanwhile.
  Query other(server, Request("orders", "/id = 7"));
  EXPECT_EQ(other.ReadAll().size(), 1u);
  const size_t rest = query.ReadAll().size();
  EXPECT_EQ(rest + static_cast<size_t>(first.batch().messages_size()), kManyRecords);
  EXPECT_EQ(query.record_count, static_cast<uint64_t>(kManyRecords));
  EXPECT_TRUE(query.Finish().ok());
}

TEST(Query, CancellingInTheMiddleEndsIt) {
  GrpcTestServer::Options options = WithOrders();
  options.grpc.query_backlog_bytes_max = 64 << 10;
  GrpcTestServer server(options);
  PublishMany(server);
  {
    Query query(server, Request("orders"));
    ASSERT_TRUE(query.Next().has_batch());
  }
  EXPECT_TRUE(server.Eventually([&] {
    // The test's and that of calls.
    return server.engine().session_count() == 2 && server.host().budget().total_bytes() == 0;
  }));
}

TEST(Query, DrainingEndsOneThatIsNotRead) {
  GrpcTestServer::Options options = WithOrders();
  options.grpc.query_backlog_bytes_max = 64 << 10;
  options.grpc.end_grace_ns = 100'000'000;
  GrpcTestServer server(options);
  PublishMany(server);
  Query query(server, Request("orders"));
  ASSERT_TRUE(query.Next().has_batch());
  server.Drain(500'000'000);
  query.ReadAll();
  EXPECT_EQ(query.ends, 0);
  EXPECT_EQ(query.Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
}

}  // namespace
}  // namespace fluxgate::grpc_api
