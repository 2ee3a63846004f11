// Publish and PublishStream through a real server.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "gateway/grpc/grpc_test_server.h"

namespace fluxgate::grpc_api {
namespace {

using PublishStreamClient =
    grpc::ClientReaderWriter<v1::PublishStreamRequest, v1::PublishStreamResponse>;

void Add(v1::PublishRequest& request, const std::string& topic, const std::string& payload) {
  v1::Message& message = *request.add_messages();
  message.set_topic(topic);
  message.set_payload(payload);
}

v1::PublishStreamRequest Batch(int messages, const std::string& topic = "orders") {
  v1::PublishStreamRequest request;
  for (int i = 0; i < messages; ++i) {
    request.add_messages()->set_topic(topic);
    request.mutable_messages(i)->set_payload("{\"i\":" + std::to_string(i) + "}");
  }
  return request;
}

// Everything a publish stream said so far.
struct Answers {
  v1::PublishStreamOpened opened;
  uint64_t up_to = 0;
  std::vector<v1::PublishFailure> failures;
  std::vector<uint64_t> flushed;
  bool go_away = false;

  void Add(const v1::PublishStreamResponse& response) {
    if (response.has_opened()) opened = response.opened();
    if (response.ack().up_to_sequence() != 0) up_to = response.ack().up_to_sequence();
    for (const auto& failure : response.ack().failures()) failures.push_back(failure);
    for (const auto& answer : response.flushed()) flushed.push_back(answer.flush_id());
    go_away |= response.has_go_away();
  }
  // Reads until the flush with this id has been answered.
  bool ReadUntilFlushed(PublishStreamClient& stream, uint64_t flush_id) {
    v1::PublishStreamResponse response;
    while (flushed.empty() || flushed.back() != flush_id) {
      if (!stream.Read(&response)) return false;
      Add(response);
    }
    return true;
  }
  void ReadAll(PublishStreamClient& stream) {
    v1::PublishStreamResponse response;
    while (stream.Read(&response)) Add(response);
  }
};

TEST(Publish, EachMessageGetsItsResult) {
  GrpcTestServer server;
  auto stub = server.NewPublisher();
  v1::PublishRequest request;
  Add(request, "orders", "{}");
  Add(request, "", "{}");
  Add(request, "orders", "not json, which only filters would notice");
  Add(request, "orders", "{}");
  (*request.mutable_messages(3)->mutable_headers())["a"] = "b";
  grpc::ClientContext context;
  v1::PublishResponse response;
  const grpc::Status status = stub->Publish(&context, request, &response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  ASSERT_EQ(response.results_size(), 4);
  EXPECT_FALSE(response.results(0).has_error());
  EXPECT_EQ(response.results(1).error().reason(), "TOPIC_INVALID");
  EXPECT_EQ(response.results(1).error().code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_FALSE(response.results(2).has_error());
  EXPECT_EQ(response.results(3).error().reason(), "NOT_BUILT_YET");
  EXPECT_EQ(response.results(3).error().code(), grpc::StatusCode::UNIMPLEMENTED);
  EXPECT_EQ(server.engine().stats().published, 2u);
}

TEST(Publish, AnEmptyCallIsFine) {
  GrpcTestServer server;
  auto stub = server.NewPublisher();
  grpc::ClientContext context;
  v1::PublishResponse response;
  EXPECT_TRUE(stub->Publish(&context, {}, &response).ok());
  EXPECT_EQ(response.results_size(), 0);
}

TEST(Publish, MessagesInOneCallAreLimited) {
  GrpcTestServer::Options options;
  options.grpc.publish_call_messages_max = 10;
  GrpcTestServer server(options);
  auto stub = server.NewPublisher();
  for (const int count : {10, 11}) {
    v1::PublishRequest request;
    for (int i = 0; i < count; ++i) Add(request, "orders", "{}");
    grpc::ClientContext context;
    v1::PublishResponse response;
    const grpc::Status status = stub->Publish(&context, request, &response);
    if (count == 10) {
      EXPECT_TRUE(status.ok());
    } else {
      EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
      EXPECT_EQ(ReasonOf(status), "QUOTA_EXCEEDED");
    }
  }
  EXPECT_EQ(server.engine().stats().published, 10u) << "a refused call publishes nothing";
}

TEST(Publish, PayloadLimit) {
  GrpcTestServer::Options options;
  options.engine.body_bytes_max = 1000;
  GrpcTestServer server(options);
  auto stub = server.NewPublisher();
  v1::PublishRequest request;
  Add(request, "orders", std::string(1000, 'x'));
  Add(request, "orders", std::string(1001, 'x'));
  grpc::ClientContext context;
  v1::PublishResponse response;
  ASSERT_TRUE(stub->Publish(&context, request, &response).ok());
  EXPECT_FALSE(response.results(0).has_error());
  EXPECT_EQ(response.results(1).error().reason(), "MESSAGE_TOO_LARGE");
}

TEST(Publish, RequestLimitIsEnforcedByGrpc) {
  GrpcTestServer::Options options;
  options.grpc.request_bytes_max = 10'000;
  GrpcTestServer server(options);
  auto stub = server.NewPublisher();
  v1::PublishRequest request;
  Add(request, "orders", std::string(5000, 'x'));
  const size_t overhead = request.ByteSizeLong() - 5000;
  for (const size_t size : {size_t{10'000}, size_t{10'001}}) {
    request.mutable_messages(0)->set_payload(std::string(size - overhead, 'x'));
    ASSERT_EQ(request.ByteSizeLong(), size);
    grpc::ClientContext context;
    v1::PublishResponse response;
    const grpc::Status status = stub->Publish(&context, request, &response);
    EXPECT_EQ(status.error_code(),
              size == 10'000 ? grpc::StatusCode::OK : grpc::StatusCode::RESOURCE_EXHAUSTED);
  }
}

TEST(PublishStream, AcksAreCoalesced) {
  GrpcTestServer server;
  auto stub = server.NewPublisher();
  grpc::ClientContext context;
  auto stream = stub->PublishStream(&context);
  v1::PublishStreamRequest first = Batch(10);
  first.mutable_open()->set_publisher_id("me");
  first.mutable_flush()->set_flush_id(1);
  ASSERT_TRUE(stream->Write(first));
  Answers answers;
  ASSERT_TRUE(answers.ReadUntilFlushed(*stream, 1));
  EXPECT_EQ(answers.opened.last_stored_sequence(), 0u);
  EXPECT_EQ(answers.opened.limits().max_message_bytes(), 16u << 20);
  EXPECT_EQ(answers.opened.limits().max_batch_bytes(), 20u << 20);
  EXPECT_EQ(answers.up_to, 10u);

  for (int i = 0; i < 100; ++i) ASSERT_TRUE(stream->Write(Batch(100)));
  v1::PublishStreamRequest flush;
  flush.mutable_flush()->set_flush_id(2);
  ASSERT_TRUE(stream->Write(flush));
  ASSERT_TRUE(answers.ReadUntilFlushed(*stream, 2));
  EXPECT_EQ(answers.up_to, 10'010u);
  EXPECT_TRUE(answers.failures.empty());
  stream->WritesDone();
  answers.ReadAll(*stream);
  EXPECT_TRUE(stream->Finish().ok());
  EXPECT_EQ(server.engine().stats().published, 10'010u);
}

TEST(PublishStream, HalfCloseIsAnsweredWithTheLastAck) {
  GrpcTestServer server;
  auto stub = server.NewPublisher();
  grpc::ClientContext context;
  auto stream = stub->PublishStream(&context);
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(stream->Write(Batch(50)));
  stream->WritesDone();
  Answers answers;
  answers.ReadAll(*stream);
  EXPECT_TRUE(stream->Finish().ok());
  EXPECT_EQ(answers.up_to, 1000u);
}

TEST(PublishStream, FailuresAreNamedAndTheRestGoesOn) {
  GrpcTestServer server;
  auto stub = server.NewPublisher();
  grpc::ClientContext context;
  auto stream = stub->PublishStream(&context);
  v1::PublishStreamRequest request = Batch(6);
  request.mutable_messages(1)->set_topic("");
  (*request.mutable_messages(3)->mutable_headers())["a"] = "b";
  request.mutable_messages(4)->set_message_type("fix");
  ASSERT_TRUE(stream->Write(request));
  stream->WritesDone();
  Answers answers;
  answers.ReadAll(*stream);
  EXPECT_TRUE(stream->Finish().ok());
  EXPECT_EQ(answers.up_to, 6u);
  ASSERT_EQ(answers.failures.size(), 3u);
  EXPECT_EQ(answers.failures[0].sequence(), 2u);
  EXPECT_EQ(answers.failures[0].error().reason(), "TOPIC_INVALID");
  EXPECT_EQ(answers.failures[1].sequence(), 4u);
  EXPECT_EQ(answers.failures[1].error().reason(), "NOT_BUILT_YET");
  EXPECT_EQ(answers.failures[2].sequence(), 5u);
  EXPECT_EQ(answers.failures[2].error().reason(), "MESSAGE_TYPE_UNKNOWN");
  EXPECT_EQ(server.engine().stats().published, 3u);
}

TEST(PublishStream, OwnSequencesCount) {
  GrpcTestServer server;
  auto stub = server.NewPublisher();
  grpc::ClientContext context;
  auto stream = stub->PublishStream(&context);
  v1::PublishStreamRequest request = Batch(4);
  request.mutable_messages(0)->set_sequence(100);
  request.mutable_messages(2)->set_sequence(200);
  request.mutable_messages(3)->set_sequence(200);
  ASSERT_TRUE(stream->Write(request));
  stream->WritesDone();
  Answers answers;
  answers.ReadAll(*stream);
  EXPECT_TRUE(stream->Finish().ok());
  EXPECT_EQ(answers.up_to, 200u);
  ASSERT_EQ(answers.failures.size(), 1u);
  EXPECT_EQ(answers.failures[0].sequence(), 200u);
}

TEST(PublishStream, LevelNoneReportsFailuresOnly) {
  GrpcTestServer server;
  auto stub = server.NewPublisher();
  grpc::ClientContext context;
  auto stream = stub->PublishStream(&context);
  v1::PublishStreamRequest request = Batch(3);
  request.mutable_open()->set_ack_level(v1::ACK_LEVEL_NONE);
  request.mutable_messages(1)->set_topic("");
  request.mutable_flush()->set_flush_id(9);
  ASSERT_TRUE(stream->Write(request));
  stream->WritesDone();
  Answers answers;
  answers.ReadAll(*stream);
  EXPECT_TRUE(stream->Finish().ok());
  EXPECT_EQ(answers.up_to, 0u);
  EXPECT_EQ(answers.failures.size(), 1u);
  EXPECT_EQ(answers.flushed, std::vector<uint64_t>{9});
}

TEST(PublishStream, OpensOnce) {
  GrpcTestServer server;
  auto stub = server.NewPublisher();
  grpc::ClientContext context;
  auto stream = stub->PublishStream(&context);
  ASSERT_TRUE(stream->Write(Batch(2)));
  v1::PublishStreamRequest again;
  again.mutable_open()->set_publisher_id("me");
  ASSERT_TRUE(stream->Write(again));
  Answers answers;
  answers.ReadAll(*stream);
  const grpc::Status status = stream->Finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(BadRequestOf(status).field_violations(0).field(), "open");
  EXPECT_EQ(answers.up_to, 2u) << "what came before is acknowledged";
}

TEST(PublishStream, PublisherIdsAreLimited) {
  GrpcTestServer::Options options;
  options.engine.id_bytes_max = 20;
  GrpcTestServer server(options);
  auto stub = server.NewPublisher();
  for (const size_t size : {size_t{20}, size_t{21}}) {
    grpc::ClientContext context;
    auto stream = stub->PublishStream(&context);
    v1::PublishStreamRequest request;
    request.mutable_open()->set_publisher_id(std::string(size, 'p'));
    ASSERT_TRUE(stream->Write(request));
    stream->WritesDone();
    Answers answers;
    answers.ReadAll(*stream);
    EXPECT_EQ(stream->Finish().error_code(),
              size == 20 ? grpc::StatusCode::OK : grpc::StatusCode::INVALID_ARGUMENT);
  }
}

TEST(PublishStream, UnknownAckLevelIsRefused) {
  GrpcTestServer server;
  auto stub = server.NewPublisher();
  grpc::ClientContext context;
  auto stream = stub->PublishStream(&context);
  v1::PublishStreamRequest request;
  request.mutable_open()->set_ack_level(static_cast<v1::AckLevel>(4));
  ASSERT_TRUE(stream->Write(request));
  Answers answers;
  answers.ReadAll(*stream);
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::INVALID_ARGUMENT);
}

// More in flight than the inbox holds: the publisher waits, nothing is lost.
TEST(PublishStream, ASmallInboxHoldsThePublisherBack) {
  GrpcTestServer::Options options;
  options.grpc.inbox_bytes_max = 1000;
  options.grpc.inbox_requests_max = 2;
  GrpcTestServer server(options);
  auto stub = server.NewPublisher();
  grpc::ClientContext context;
  auto stream = stub->PublishStream(&context);
  for (int i = 0; i < 500; ++i) ASSERT_TRUE(stream->Write(Batch(100)));
  stream->WritesDone();
  Answers answers;
  answers.ReadAll(*stream);
  EXPECT_TRUE(stream->Finish().ok());
  EXPECT_EQ(answers.up_to, 50'000u);
}

// A publisher that never reads its answers is not read either: its failures take bounded memory.
TEST(PublishStream, APublisherThatReadsNoAnswersIsHeldBack) {
  GrpcTestServer::Options options;
  options.grpc.ack_backlog_bytes_max = 64 * 1024;
  options.grpc.end_grace_ns = 200'000'000;
  options.outboxes.client_bytes_max = 1 << 20;
  GrpcTestServer server(options);
  auto stub = server.NewPublisher();
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(2));
  auto stream = stub->PublishStream(&context);
  const v1::PublishStreamRequest refused = Batch(1000, "");
  int taken = 0;
  while (stream->Write(refused)) {
    ++taken;
    server.OnReactor([&] { ASSERT_LE(server.host().budget().total_bytes(), 1u << 20); });
  }
  EXPECT_LT(taken, 1000);
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
}

TEST(NotBuilt, AcknowledgeSaysSo) {
  GrpcTestServer server;
  auto subscriber = server.NewSubscriber();
  grpc::ClientContext context;
  v1::AcknowledgeResponse response;
  const grpc::Status status = subscriber->Acknowledge(&context, {}, &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNIMPLEMENTED);
  EXPECT_EQ(status.error_message(), "Acknowledge is not built yet");
  EXPECT_EQ(ReasonOf(status), "NOT_BUILT_YET");
}

}  // namespace
}  // namespace fluxgate::grpc_api
