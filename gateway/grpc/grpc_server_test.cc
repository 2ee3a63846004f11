// The server around the calls: health, reflection, malformed requests, connections, drain.
#include "gateway/grpc/grpc_server.h"

#include <arpa/inet.h>
#include <grpcpp/generic/generic_stub.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstring>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "gateway/grpc/grpc_test_server.h"
#include "grpc/health/v1/health.grpc.pb.h"

namespace fluxgate::grpc_api {
namespace {

using grpc::health::v1::Health;
using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;

constexpr int64_t kSecondNs = 1'000'000'000;

TEST(GrpcServer, HealthOfEachService) {
  GrpcTestServer server;
  auto stub = Health::NewStub(server.NewChannel());
  for (const std::string service :
       {"", "fluxgate.v1.PublisherService", "fluxgate.v1.SubscriberService"}) {
    grpc::ClientContext context;
    HealthCheckRequest request;
    request.set_service(service);
    HealthCheckResponse response;
    ASSERT_TRUE(stub->Check(&context, request, &response).ok()) << service;
    EXPECT_EQ(response.status(), HealthCheckResponse::SERVING);
  }
}

TEST(GrpcServer, HealthTurnsWhenItDrains) {
  GrpcTestServer server;
  auto stub = Health::NewStub(server.NewChannel());
  grpc::ClientContext context;
  auto watch = stub->Watch(&context, {});
  HealthCheckResponse response;
  ASSERT_TRUE(watch->Read(&response));
  EXPECT_EQ(response.status(), HealthCheckResponse::SERVING);
  EXPECT_LT(server.Drain(10 * kSecondNs), 5);
  ASSERT_TRUE(watch->Read(&response));
  EXPECT_EQ(response.status(), HealthCheckResponse::NOT_SERVING);
  while (watch->Read(&response)) {
  }
  watch->Finish();
}

// Any bytes as a request of any method. What comes back is appended to `answer`.
grpc::Status CallRaw(GrpcTestServer& server, const std::string& method, const std::string& bytes,
                     std::string* answer = nullptr) {
  grpc::GenericStub stub(server.NewChannel());
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
  grpc::CompletionQueue queue;
  const grpc::Slice slice(bytes);
  const grpc::ByteBuffer request(&slice, 1);
  grpc::ByteBuffer response;
  grpc::Status status;
  auto call = stub.PrepareCall(&context, method, &queue);
  void* tag;
  bool ok;
  call->StartCall(&queue);
  queue.Next(&tag, &ok);
  call->WriteLast(request, {}, nullptr);
  queue.Next(&tag, &ok);
  do {
    call->Read(&response, nullptr);
    queue.Next(&tag, &ok);
    grpc::Slice whole;
    if (ok && answer != nullptr && response.DumpToSingleSlice(&whole).ok()) {
      answer->append(reinterpret_cast<const char*>(whole.begin()), whole.size());
    }
  } while (ok);
  call->Finish(&status, nullptr);
  queue.Next(&tag, &ok);
  return status;
}

TEST(GrpcServer, ReflectionDescribesEverything) {
  GrpcTestServer server;
  const std::string method = "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo";
  std::string services;
  ASSERT_TRUE(CallRaw(server, method, "\x3A\x01*", &services).ok());  // list_services
  for (const char* name :
       {"fluxgate.v1.PublisherService", "fluxgate.v1.SubscriberService", "grpc.health.v1.Health"}) {
    EXPECT_NE(services.find(name), std::string::npos) << name;
    std::string file;  // file_containing_symbol
    const std::string request = "\x22" + std::string(1, static_cast<char>(strlen(name))) + name;
    ASSERT_TRUE(CallRaw(server, method, request, &file).ok());
    EXPECT_NE(file.find("proto3"), std::string::npos) << name;
  }
}

TEST(GrpcServer, MalformedRequestsAreRefused) {
  GrpcTestServer server;
  for (const std::string method :
       {"PublisherService/Publish", "PublisherService/PublishStream", "SubscriberService/Subscribe",
        "SubscriberService/SubscribeStream"}) {
    const grpc::Status status =
        CallRaw(server, "/fluxgate.v1." + method, std::string("\x0A\x7F\x12\xFF\xFF", 5));
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT) << method;
    EXPECT_EQ(ReasonOf(status), "COMMAND_INVALID") << method;
  }
  EXPECT_EQ(server.engine().stats().published, 0u);
}

TEST(GrpcServer, AMalformedMessageAfterGoodOnesEndsTheStream) {
  GrpcTestServer server;
  v1::PublishStreamRequest request;
  request.add_messages()->set_topic("orders");
  const grpc::Status status =
      CallRaw(server, "/fluxgate.v1.PublisherService/PublishStream",
              request.SerializeAsString() + std::string("\x12\x02\x0A\x05", 4));
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(server.engine().stats().published, 1u);
}

TEST(GrpcServer, UnknownMethodsAreUnimplemented) {
  GrpcTestServer server;
  EXPECT_EQ(CallRaw(server, "/fluxgate.v1.PublisherService/Nothing", "").error_code(),
            grpc::StatusCode::UNIMPLEMENTED);
}

TEST(GrpcServer, GarbageOnTheConnectionHarmsNobody) {
  GrpcTestServer server;
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(server.port());
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_EQ(connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  const std::string garbage(1000, 'g');
  ASSERT_EQ(write(fd, garbage.data(), garbage.size()), 1000);
  char buffer[4096];
  while (read(fd, buffer, sizeof buffer) > 0) {
  }
  close(fd);
  EXPECT_TRUE(server.Eventually([&] { return server.gate().connections() == 0; }));
  auto stub = server.NewPublisher();
  grpc::ClientContext context;
  v1::PublishResponse response;
  EXPECT_TRUE(stub->Publish(&context, {}, &response).ok());
}

TEST(GrpcServer, StreamsPerConnectionAreLimited) {
  GrpcTestServer::Options options;
  options.grpc.streams_per_connection_max = 2;
  GrpcTestServer server(options);
  auto stub = server.NewSubscriber();
  v1::SubscribeRequest request;
  request.mutable_spec()->set_topic("orders");
  grpc::ClientContext contexts[3];
  std::vector<std::unique_ptr<grpc::ClientReader<v1::SubscribeResponse>>> readers;
  v1::SubscribeResponse response;
  for (int i = 0; i < 2; ++i) {
    readers.push_back(stub->Subscribe(&contexts[i], request));
    ASSERT_TRUE(readers.back()->Read(&response));
  }
  // The third waits for one of them to end.
  contexts[2].set_deadline(std::chrono::system_clock::now() + std::chrono::milliseconds(300));
  auto third = stub->Subscribe(&contexts[2], request);
  EXPECT_FALSE(third->Read(&response));
  EXPECT_EQ(third->Finish().error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  for (int i = 0; i < 2; ++i) {
    contexts[i].TryCancel();
    while (readers[static_cast<size_t>(i)]->Read(&response)) {
    }
    readers[static_cast<size_t>(i)]->Finish();
  }
}

TEST(GrpcServer, DrainsAtOnceWithoutCalls) {
  GrpcTestServer server;
  EXPECT_LT(server.Drain(10 * kSecondNs), 1);
}

TEST(GrpcServer, DrainEndsSubscriptionsAfterWhatWasSent) {
  GrpcTestServer server;
  auto stub = server.NewSubscriber();
  grpc::ClientContext context;
  v1::SubscribeRequest request;
  request.mutable_spec()->set_topic("orders");
  auto reader = stub->Subscribe(&context, request);
  v1::SubscribeResponse response;
  ASSERT_TRUE(reader->Read(&response));
  for (int i = 0; i < 1000; ++i) server.Publish("orders", "1");
  std::thread drain([&] { EXPECT_LT(server.Drain(10 * kSecondNs), 5); });
  int messages = 0;
  bool go_away = false;
  while (reader->Read(&response)) {
    go_away |= response.has_go_away();
    for (const auto& event : response.events()) messages += event.messages().messages_size();
  }
  const grpc::Status status = reader->Finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(ReasonOf(status), "DRAINING");
  EXPECT_TRUE(go_away);
  EXPECT_EQ(messages, 1000);
  drain.join();
}

// Every message that the client knows to be acknowledged has been published, and the other way
// round.
TEST(GrpcServer, DrainAcknowledgesWhatWasAccepted) {
  GrpcTestServer server;
  auto stub = server.NewPublisher();
  grpc::ClientContext context;
  auto stream = stub->PublishStream(&context);
  v1::PublishStreamRequest request;
  for (int i = 0; i < 100; ++i) request.add_messages()->set_topic("orders");
  ASSERT_TRUE(stream->Write(request));
  v1::PublishStreamResponse response;
  ASSERT_TRUE(stream->Read(&response));
  std::thread writer([&] {
    while (stream->Write(request)) {
    }
  });
  std::thread drain([&] { EXPECT_LT(server.Drain(10 * kSecondNs), 5); });
  uint64_t up_to = 0;
  bool go_away = false;
  while (stream->Read(&response)) {
    go_away |= response.has_go_away();
    if (response.ack().up_to_sequence() != 0) up_to = response.ack().up_to_sequence();
  }
  writer.join();
  const grpc::Status status = stream->Finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(ReasonOf(status), "DRAINING");
  EXPECT_TRUE(go_away);
  drain.join();
  EXPECT_EQ(up_to, server.engine().stats().published);
}

// A client that reads nothing does not keep the gateway from stopping in time.
TEST(GrpcServer, DrainEndsInTime) {
  GrpcTestServer server;
  auto stub = server.NewSubscriber();
  grpc::ClientContext context;
  v1::SubscribeRequest request;
  request.mutable_spec()->set_topic("orders");
  auto reader = stub->Subscribe(&context, request);
  v1::SubscribeResponse response;
  ASSERT_TRUE(reader->Read(&response));
  const std::string body = "\"" + std::string(100'000, 'x') + "\"";
  for (int i = 0; i < 100; ++i) server.Publish("orders", body);
  EXPECT_LT(server.Drain(kSecondNs), 2);
  context.TryCancel();
  while (reader->Read(&response)) {
  }
  reader->Finish();
}

TEST(GrpcServer, NewCallsAreRefusedWhileDraining) {
  GrpcTestServer::Options options;
  options.grpc.drain_grace_ns = kSecondNs;
  GrpcTestServer server(options);
  auto subscriber = server.NewSubscriber();
  auto publisher = server.NewPublisher();
  grpc::ClientContext warm_up;
  v1::PublishResponse published;
  ASSERT_TRUE(publisher->Publish(&warm_up, {}, &published).ok());
  grpc::ClientContext context;
  v1::SubscribeRequest request;
  request.mutable_spec()->set_topic("orders");
  auto reader = subscriber->Subscribe(&context, request);
  v1::SubscribeResponse response;
  ASSERT_TRUE(reader->Read(&response));
  std::thread drain([&] { server.Drain(10 * kSecondNs); });
  ASSERT_TRUE(reader->Read(&response));
  EXPECT_TRUE(response.has_go_away());
  EXPECT_LE(response.go_away().grace().seconds(), 1);
  {
    grpc::ClientContext late;
    const grpc::Status status = publisher->Publish(&late, {}, &published);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
    EXPECT_EQ(ReasonOf(status), "DRAINING");
  }
  {
    grpc::ClientContext late;
    auto stream = publisher->PublishStream(&late);
    v1::PublishStreamResponse ignored;
    while (stream->Read(&ignored)) {
    }
    const grpc::Status status = stream->Finish();
    EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
    EXPECT_EQ(ReasonOf(status), "DRAINING");
  }
  while (reader->Read(&response)) {
  }
  reader->Finish();
  drain.join();
}

// Stopping without a drain cuts everything off and leaves nothing behind.
TEST(GrpcServer, StopsWithCallsOpen) {
  grpc::ClientContext contexts[2];
  std::unique_ptr<grpc::ClientReader<v1::SubscribeResponse>> reader;
  std::unique_ptr<grpc::ClientReaderWriter<v1::PublishStreamRequest, v1::PublishStreamResponse>>
      stream;
  std::unique_ptr<v1::SubscriberService::Stub> subscriber;
  std::unique_ptr<v1::PublisherService::Stub> publisher;
  v1::SubscribeResponse response;
  {
    GrpcTestServer server;
    subscriber = server.NewSubscriber();
    publisher = server.NewPublisher();
    v1::SubscribeRequest request;
    request.mutable_spec()->set_topic("orders");
    reader = subscriber->Subscribe(&contexts[0], request);
    ASSERT_TRUE(reader->Read(&response));
    stream = publisher->PublishStream(&contexts[1]);
    v1::PublishStreamRequest publish;
    publish.add_messages()->set_topic("orders");
    ASSERT_TRUE(stream->Write(publish));
  }
  while (reader->Read(&response)) {
  }
  EXPECT_FALSE(reader->Finish().ok());
  v1::PublishStreamResponse ignored;
  while (stream->Read(&ignored)) {
  }
  EXPECT_FALSE(stream->Finish().ok());
}

// What one client of ManyClientsAtOnce does, as its random numbers say.
void Misbehave(GrpcTestServer& server, uint32_t seed) {
  std::mt19937 random(seed);
  const auto below = [&](uint32_t end) { return static_cast<int>(random() % end); };
  const auto channel = server.NewChannel();
  auto publisher = v1::PublisherService::NewStub(channel);
  auto subscriber = v1::SubscriberService::NewStub(channel);
  for (int round = 0; round < 40; ++round) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() +
                         std::chrono::milliseconds(5 + below(200)));
    switch (below(3)) {
      case 0: {
        v1::SubscribeRequest request;
        request.mutable_spec()->set_topic(below(4) == 0 ? "" : "orders");
        auto reader = subscriber->Subscribe(&context, request);
        v1::SubscribeResponse response;
        for (int i = below(5); i > 0 && reader->Read(&response); --i) {
        }
        context.TryCancel();
        while (reader->Read(&response)) {
        }
        reader->Finish();
        break;
      }
      case 1: {
        auto stream = subscriber->SubscribeStream(&context);
        v1::SubscribeStreamRequest request;
        for (int i = below(20); i >= 0; --i) {
          v1::AddSubscription& add = *request.add_commands()->mutable_add();
          add.set_subscription_id(static_cast<uint32_t>(i));
          add.mutable_spec()->set_topic("orders");
          if (below(2) == 0) add.mutable_initial_credit()->set_messages(3);
          if (below(3) == 0) request.add_commands()->mutable_remove()->set_subscription_id(1);
        }
        stream->Write(request);
        v1::SubscribeStreamResponse response;
        for (int i = below(5); i > 0 && stream->Read(&response); --i) {
        }
        if (below(2) == 0) stream->WritesDone();
        if (below(2) == 0) context.TryCancel();
        while (stream->Read(&response)) {
        }
        stream->Finish();
        break;
      }
      default: {
        auto stream = publisher->PublishStream(&context);
        v1::PublishStreamRequest request;
        for (int i = 0; i < 100; ++i) {
          request.add_messages()->set_topic(below(50) == 0 ? "" : "orders");
          request.mutable_messages(i)->set_payload(
              std::string(static_cast<size_t>(below(300)), '1'));
        }
        for (int i = below(20); i > 0 && stream->Write(request); --i) {
        }
        if (below(2) == 0) stream->WritesDone();
        if (below(2) == 0) context.TryCancel();
        v1::PublishStreamResponse response;
        while (stream->Read(&response)) {
        }
        stream->Finish();
      }
    }
  }
}

// Calls that begin, end, fail, expire and are cancelled at any moment leave nothing behind.
TEST(GrpcServer, ManyClientsAtOnce) {
  GrpcTestServer server;
  std::vector<std::thread> clients;
  for (uint32_t seed = 1; seed <= 6; ++seed) {
    clients.emplace_back([&server, seed] { Misbehave(server, seed); });
  }
  for (std::thread& client : clients) client.join();
  EXPECT_TRUE(server.Eventually([&] {
    return server.server().stream_count() == 0 && server.engine().subscription_count() == 0 &&
           server.host().budget().total_bytes() == 0 && server.gate().connections() == 0;
  }));
}

TEST(GrpcServer, ManyConnectionsComeAndGo) {
  GrpcTestServer server;
  for (int i = 0; i < 50; ++i) {
    auto stub = server.NewPublisher();
    grpc::ClientContext context;
    v1::PublishResponse response;
    ASSERT_TRUE(stub->Publish(&context, {}, &response).ok());
  }
  EXPECT_TRUE(server.Eventually(
      [&] { return server.gate().connections() == 0 && server.server().connection_count() == 0; }));
}

}  // namespace
}  // namespace fluxgate::grpc_api
