// Delete, and publishing with delta, ttl and key, through a real server.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "gateway/grpc/grpc_test_server.h"

namespace fluxgate::grpc_api {
namespace {

class Delete : public testing::Test {
 protected:
  static GrpcTestServer::Options WithOrders() {
    GrpcTestServer::Options options;
    options.sow = Stored("orders");
    return options;
  }

  // Publishes one message; the reason it was refused with.
  std::string Publish(const std::string& payload,
                      const std::function<void(v1::Message&)>& change = {}) {
    v1::PublishRequest request;
    v1::Message& message = *request.add_messages();
    message.set_topic("orders");
    message.set_payload(payload);
    if (change) change(message);
    grpc::ClientContext context;
    v1::PublishResponse response;
    EXPECT_TRUE(publisher->Publish(&context, request, &response).ok());
    return response.results(0).error().reason();
  }

  std::vector<v1::Message> Records(const std::string& filter = "") {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
    v1::QueryRequest request;
    request.set_topic("orders");
    request.set_filter(filter);
    request.set_order_by("/id");
    auto reader = subscriber->Query(&context, request);
    std::vector<v1::Message> records;
    v1::QueryResponse response;
    while (reader->Read(&response)) {
      for (const auto& message : response.batch().messages()) records.push_back(message);
    }
    EXPECT_TRUE(reader->Finish().ok());
    return records;
  }

  grpc::Status Run(const v1::DeleteRequest& request) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
    response.Clear();
    return publisher->Delete(&context, request, &response);
  }

  static v1::DeleteRequest Of(const std::string& topic) {
    v1::DeleteRequest request;
    request.set_topic(topic);
    return request;
  }

  GrpcTestServer server{WithOrders()};
  std::unique_ptr<v1::PublisherService::Stub> publisher = server.NewPublisher();
  std::unique_ptr<v1::SubscriberService::Stub> subscriber = server.NewSubscriber();
  v1::DeleteResponse response;
};

TEST_F(Delete, ByFilterInMoreThanOneGo) {
  for (int i = 0; i < 1000; ++i) Publish(fmt::format(R"({{"id":{}}})", i));
  v1::DeleteRequest request = Of("orders");
  request.set_filter("/id < 600");
  ASSERT_TRUE(Run(request).ok());
  EXPECT_EQ(response.matched_count(), 600u);
  EXPECT_EQ(response.deleted_count(), 600u);
  EXPECT_EQ(Records().size(), 400u);
  EXPECT_TRUE(server.Eventually([&] { return server.engine().session_count() == 2; }))
      << "the test's and that of calls";
}

TEST_F(Delete, ByKeys) {
  for (int i = 0; i < 4; ++i) Publish(fmt::format(R"({{"id":{}}})", i));
  const std::vector<v1::Message> records = Records();
  v1::DeleteRequest request = Of("orders");
  request.mutable_keys()->add_keys(records[0].key());
  request.mutable_keys()->add_keys(records[2].key());
  request.mutable_keys()->add_keys("12345");
  ASSERT_TRUE(Run(request).ok());
  EXPECT_EQ(response.matched_count(), 2u);
  EXPECT_EQ(response.deleted_count(), 2u);
  ASSERT_EQ(Records().size(), 2u);
  EXPECT_EQ(Records()[0].payload(), R"({"id":1})");
}

TEST_F(Delete, ByExample) {
  Publish(R"({"id":1,"v":1})");
  Publish(R"({"id":2,"v":1})");
  v1::DeleteRequest request = Of("orders");
  request.set_example(R"({"v":7,"id":1})");
  ASSERT_TRUE(Run(request).ok());
  EXPECT_EQ(response.deleted_count(), 1u);
  ASSERT_EQ(Records().size(), 1u);
  EXPECT_EQ(Records()[0].payload(), R"({"id":2,"v":1})");
}

TEST_F(Delete, ErrorsNameWhatIsWrong) {
  Publish(R"({"id":1})");
  struct Row {
    v1::DeleteRequest request;
    grpc::StatusCode code;
    std::string reason, field;
  };
  v1::DeleteRequest other = Of("other"), pattern = Of("or.*"), filter = Of("orders"),
                    empty = Of("orders"), comma = Of("orders"), example = Of("orders");
  other.set_filter("/id = 1");
  pattern.set_filter("/id = 1");
  filter.set_filter("/id = ");
  empty.set_filter("");
  comma.mutable_keys()->add_keys("1,2");
  example.set_example("[");
  using enum grpc::StatusCode;
  for (const Row& row : {Row{other, FAILED_PRECONDITION, "TOPIC_NOT_STORED", ""},
                         Row{pattern, FAILED_PRECONDITION, "TOPIC_NOT_STORED", ""},
                         Row{filter, INVALID_ARGUMENT, "FILTER_SYNTAX", "filter"},
                         Row{Of("orders"), INVALID_ARGUMENT, "COMMAND_INVALID", ""},
                         Row{empty, INVALID_ARGUMENT, "COMMAND_INVALID", ""},
                         Row{comma, INVALID_ARGUMENT, "COMMAND_INVALID", ""},
                         Row{example, INVALID_ARGUMENT, "MESSAGE_MALFORMED", "example"}}) {
    const grpc::Status status = Run(row.request);
    EXPECT_EQ(status.error_code(), row.code) << status.error_message();
    EXPECT_EQ(ReasonOf(status), row.reason) << status.error_message();
    const google::rpc::BadRequest bad = BadRequestOf(status);
    EXPECT_EQ(bad.field_violations_size() == 0 ? "" : bad.field_violations(0).field(), row.field)
        << status.error_message();
  }
  EXPECT_EQ(Records().size(), 1u);
  EXPECT_TRUE(server.Eventually([&] { return server.engine().session_count() == 2; }));
}

TEST_F(Delete, RequestsHaveALimit) {
  const size_t bytes_max = GrpcOptions{}.command_request_bytes_max;
  v1::DeleteRequest request = Of("orders");
  request.set_example("");
  // Its length takes two bytes more when it is long.
  request.set_example(std::string(bytes_max - request.ByteSizeLong() - 2, ' '));
  ASSERT_EQ(request.ByteSizeLong(), bytes_max);
  EXPECT_EQ(ReasonOf(Run(request)), "MESSAGE_MALFORMED") << "it has been looked at";
  request.mutable_example()->push_back(' ');
  EXPECT_EQ(ReasonOf(Run(request)), "QUOTA_EXCEEDED");
}

TEST_F(Delete, ADeltaChangesWhatItNames) {
  Publish(R"({"id":1,"a":1,"b":1})");
  EXPECT_EQ(Publish(R"({"id":1,"b":2})", [](v1::Message& m) { m.set_delta(true); }), "");
  ASSERT_EQ(Records().size(), 1u);
  EXPECT_EQ(Records()[0].payload(), R"({"id":1,"a":1,"b":2})");
}

TEST_F(Delete, ARecordWithATtlExpires) {
  Publish(R"({"id":1})", [](v1::Message& m) { m.mutable_ttl()->set_nanos(1); });
  Publish(R"({"id":2})");
  EXPECT_EQ(Publish(R"({"id":3})", [](v1::Message& m) { m.mutable_ttl()->set_seconds(-1); }),
            "COMMAND_INVALID");
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (Records().size() != 1 && std::chrono::steady_clock::now() < end) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  ASSERT_EQ(Records().size(), 1u);
  EXPECT_EQ(Records()[0].payload(), R"({"id":2})");
}

TEST_F(Delete, CancellingLeavesNoSession) {
  for (int i = 0; i < 1000; ++i) Publish(fmt::format(R"({{"id":{}}})", i));
  for (int i = 0; i < 20; ++i) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::microseconds(100 * i));
    v1::DeleteRequest request = Of("orders");
    request.set_filter("/id >= 0");
    const grpc::Status status = publisher->Delete(&context, request, &response);
    EXPECT_TRUE(status.ok() || status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED);
  }
  EXPECT_TRUE(server.Eventually([&] { return server.engine().session_count() == 2; }));
}

TEST_F(Delete, DrainingWaitsForTheAnswer) {
  Publish(R"({"id":1})");
  v1::DeleteRequest request = Of("orders");
  request.set_filter("/id = 1");
  ASSERT_TRUE(Run(request).ok());
  EXPECT_LT(server.Drain(5'000'000'000), 4.0);
}

}  // namespace
}  // namespace fluxgate::grpc_api
