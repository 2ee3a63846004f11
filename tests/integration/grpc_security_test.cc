// Who gRPC callers are, and what they may do: every kind of call, with and without credentials.
#include <fmt/format.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "fluxgate/v1/gateway.grpc.pb.h"
#include "tests/support/raw_client.h"
#include "tests/support/test_gateway.h"

namespace fluxgate::testing {
namespace {

using Code = grpc::StatusCode;
using Lines = std::vector<std::string>;

void UseTestingModule(config::Config& config) {
  DefineStateTopics(config);
  config::ModuleConfig module;
  module.name = "testing";
  module.library = "./tests/integration/libtesting_module.so";
  config.modules = {module};
  config.authentication.module = "testing";
  config.entitlement.module = "testing";
}

std::string Basic(const std::string& user, const std::string& password) {
  return "Basic " + absl::Base64Escape(user + ":" + password);
}

class GrpcSecurityTest : public ::testing::Test {
 protected:
  // A context of a call by the bearer of `authorization`; empty: of nobody.
  static std::unique_ptr<grpc::ClientContext> Context(const std::string& authorization) {
    auto context = std::make_unique<grpc::ClientContext>();
    context->set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
    if (!authorization.empty()) context->AddMetadata("authorization", authorization);
    return context;
  }

  grpc::Status Publish(const std::string& authorization, const std::string& topic,
                       const std::string& payload, v1::PublishResponse* response) {
    const auto context = Context(authorization);
    v1::PublishRequest request;
    auto& message = *request.add_messages();
    message.set_topic(topic);
    message.set_payload(payload);
    return publisher_->Publish(context.get(), request, response);
  }
  Code PublishCode(const std::string& authorization, const std::string& topic) {
    v1::PublishResponse response;
    return Publish(authorization, topic, "{}", &response).error_code();
  }

  grpc::Status Query(const std::string& authorization, const std::string& topic,
                     const std::string& filter, Lines& payloads) {
    const auto context = Context(authorization);
    v1::QueryRequest request;
    request.set_topic(topic);
    request.set_filter(filter);
    const auto reader = subscriber_->Query(context.get(), request);
    v1::QueryResponse response;
    while (reader->Read(&response)) {
      for (const auto& message : response.batch().messages()) {
        payloads.push_back(message.payload());
      }
    }
    return reader->Finish();
  }

  TestGateway gateway_{UseTestingModule};
  std::shared_ptr<grpc::Channel> channel_ = grpc::CreateChannel(
      fmt::format("127.0.0.1:{}", gateway_.grpc_port()), grpc::InsecureChannelCredentials());
  std::unique_ptr<v1::PublisherService::Stub> publisher_ = v1::PublisherService::NewStub(channel_);
  std::unique_ptr<v1::SubscriberService::Stub> subscriber_ =
      v1::SubscriberService::NewStub(channel_);
  const std::string ann_ = Basic("ann", "right");
  const std::string bob_ = Basic("bob", "right");
};

TEST_F(GrpcSecurityTest, WhoIsLetIn) {
  EXPECT_EQ(PublishCode(ann_, "open"), Code::OK);
  EXPECT_EQ(PublishCode("bearer right", "open"), Code::OK);
  EXPECT_EQ(PublishCode("", "open"), Code::UNAUTHENTICATED);
  EXPECT_EQ(PublishCode(Basic("ann", "wrong"), "open"), Code::UNAUTHENTICATED);
  EXPECT_EQ(PublishCode("Basic !", "open"), Code::UNAUTHENTICATED);
  EXPECT_EQ(PublishCode("Basic " + absl::Base64Escape("right"), "open"), Code::UNAUTHENTICATED);
  EXPECT_EQ(PublishCode("Digest right", "open"), Code::UNAUTHENTICATED);
  EXPECT_EQ(PublishCode(Basic("riddle", "that!"), "open"), Code::UNAUTHENTICATED)
      << "there is no way to ask again in a call";
}

TEST_F(GrpcSecurityTest, EveryKindOfCallIsAsked) {
  Lines payloads;
  EXPECT_EQ(Query("", "named", "", payloads).error_code(), Code::UNAUTHENTICATED);
  {
    const auto context = Context("");
    v1::DeleteRequest request;
    request.set_topic("named");
    request.set_filter("1=1");
    v1::DeleteResponse response;
    EXPECT_EQ(publisher_->Delete(context.get(), request, &response).error_code(),
              Code::UNAUTHENTICATED);
  }
  {
    const auto context = Context("");
    v1::SubscribeRequest request;
    request.mutable_spec()->set_topic("open");
    const auto reader = subscriber_->Subscribe(context.get(), request);
    v1::SubscribeResponse response;
    EXPECT_FALSE(reader->Read(&response));
    EXPECT_EQ(reader->Finish().error_code(), Code::UNAUTHENTICATED);
  }
  {
    const auto context = Context("");
    const auto stream = subscriber_->SubscribeStream(context.get());
    v1::SubscribeStreamResponse response;
    EXPECT_FALSE(stream->Read(&response));
    EXPECT_EQ(stream->Finish().error_code(), Code::UNAUTHENTICATED);
  }
  {
    const auto context = Context("");
    const auto stream = publisher_->PublishStream(context.get());
    v1::PublishStreamRequest request;
    request.mutable_open();
    stream->Write(request);
    v1::PublishStreamResponse response;
    EXPECT_FALSE(stream->Read(&response));
    EXPECT_EQ(stream->Finish().error_code(), Code::UNAUTHENTICATED);
  }
}

TEST_F(GrpcSecurityTest, StreamsEndWhenTheirLogonExpires) {
  const auto lasting_context = Context(ann_), brief_context = Context(Basic("brief", "right"));
  v1::SubscribeRequest request;
  request.mutable_spec()->set_topic("open");
  const auto lasting = subscriber_->Subscribe(lasting_context.get(), request);
  const auto brief = subscriber_->Subscribe(brief_context.get(), request);
  v1::SubscribeResponse response;
  ASSERT_TRUE(lasting->Read(&response));
  ASSERT_TRUE(brief->Read(&response));  // it stands
  EXPECT_FALSE(brief->Read(&response));
  const grpc::Status status = brief->Finish();
  EXPECT_EQ(status.error_code(), Code::UNAUTHENTICATED);
  EXPECT_EQ(status.error_message(), "what this stream was opened with has expired");
  // Its next logon is asked for again; the others go on.
  EXPECT_EQ(PublishCode(Basic("brief", "right"), "open"), Code::OK);
  EXPECT_TRUE(lasting->Read(&response));
  lasting_context->TryCancel();
}

TEST(GrpcLogonTimeoutTest, CallsDoNotWaitForAModuleThatHangs) {
  TestGateway gateway([](config::Config& config) {
    UseTestingModule(config);
    config.limits.logon_timeout_ns = 50'000'000;  // "slow" takes a second
  });
  const auto channel = grpc::CreateChannel(fmt::format("127.0.0.1:{}", gateway.grpc_port()),
                                           grpc::InsecureChannelCredentials());
  const auto context_of = [](const std::string& user) {
    auto context = std::make_unique<grpc::ClientContext>();
    context->set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
    context->AddMetadata("authorization", Basic(user, "right"));
    return context;
  };
  const auto stream_context = context_of("slow");
  const auto stream =
      v1::SubscriberService::NewStub(channel)->SubscribeStream(stream_context.get());
  const auto call_context = context_of("slow");
  v1::PublishResponse response;
  const grpc::Status call = v1::PublisherService::NewStub(channel)->Publish(
      call_context.get(), v1::PublishRequest(), &response);
  EXPECT_EQ(call.error_code(), Code::RESOURCE_EXHAUSTED) << call.error_message();
  EXPECT_EQ(call.error_message(), "authentication takes too long; try again");
  v1::SubscribeStreamResponse nothing;
  EXPECT_FALSE(stream->Read(&nothing));
  EXPECT_EQ(stream->Finish().error_code(), Code::RESOURCE_EXHAUSTED);
}

TEST_F(GrpcSecurityTest, WhatAUserMayPublish) {
  v1::PublishResponse response;
  ASSERT_TRUE(Publish(ann_, "secret1", "{}", &response).ok());
  EXPECT_EQ(response.results(0).error().reason(), "NOT_ENTITLED");
  ASSERT_TRUE(Publish(ann_, "owned", R"({"owner":"bob"})", &response).ok());
  EXPECT_EQ(response.results(0).error().reason(), "NOT_ENTITLED");
  ASSERT_TRUE(Publish(bob_, "owned", R"({"owner":"bob"})", &response).ok());
  EXPECT_FALSE(response.results(0).has_error());

  const auto context = Context(ann_);
  const auto stream = publisher_->PublishStream(context.get());
  v1::PublishStreamRequest request;
  request.mutable_open();
  for (const std::string topic : {"open", "secret2", "open"}) {
    auto& message = *request.add_messages();
    message.set_topic(topic);
    message.set_payload("{}");
  }
  request.mutable_flush()->set_flush_id(1);
  ASSERT_TRUE(stream->Write(request));
  stream->WritesDone();
  uint64_t up_to = 0;
  Lines failures;
  v1::PublishStreamResponse answer;
  while (stream->Read(&answer)) {
    up_to = std::max<uint64_t>(up_to, answer.ack().up_to_sequence());
    for (const auto& failure : answer.ack().failures()) {
      failures.push_back(fmt::format("{} {}", failure.sequence(), failure.error().reason()));
    }
  }
  EXPECT_TRUE(stream->Finish().ok());
  EXPECT_EQ(up_to, 3u);
  EXPECT_EQ(failures, Lines({"2 NOT_ENTITLED"}));
}

TEST_F(GrpcSecurityTest, WhatAUserMaySee) {
  v1::PublishResponse published;
  ASSERT_TRUE(Publish(ann_, "state/hidden", R"({"id":1,"pin":7})", &published).ok());
  Lines payloads;
  EXPECT_TRUE(Query(bob_, "state/hidden", "", payloads).ok());
  EXPECT_EQ(payloads, Lines({R"({"id":1})"}));
  EXPECT_EQ(Query(bob_, "state/hidden", "/pin = 7", payloads).error_code(),
            Code::PERMISSION_DENIED);
  EXPECT_EQ(Query(bob_, "secret/x", "", payloads).error_code(), Code::PERMISSION_DENIED);

  const auto context = Context(ann_);
  v1::SubscribeRequest request;
  request.mutable_spec()->set_topic("owned");
  const auto reader = subscriber_->Subscribe(context.get(), request);
  v1::SubscribeResponse response;
  ASSERT_TRUE(reader->Read(&response));
  ASSERT_TRUE(Publish(bob_, "owned", R"({"owner":"bob"})", &published).ok());
  ASSERT_TRUE(Publish(ann_, "owned", R"({"owner":"ann"})", &published).ok());
  Lines seen;
  while (seen.empty() && reader->Read(&response)) {
    for (const auto& event : response.events()) {
      for (const auto& message : event.messages().messages()) seen.push_back(message.payload());
    }
  }
  EXPECT_EQ(seen, Lines({R"({"owner":"ann"})"}));
  context->TryCancel();
}

// Credentials that were found good are not asked for again with each call.
TEST_F(GrpcSecurityTest, ASlowModuleIsAskedOnce) {
  const auto begin = std::chrono::steady_clock::now();
  constexpr int kCalls = 200;
  for (int i = 0; i < kCalls; ++i) EXPECT_EQ(PublishCode(Basic("slow", "right"), "open"), Code::OK);
  // The module takes a second for each logon.
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(kCalls / 2));
}

}  // namespace
}  // namespace fluxgate::testing
