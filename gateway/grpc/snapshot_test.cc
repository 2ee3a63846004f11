// Subscriptions to stored topics, through a real server: snapshots, deltas, out of focus, pages.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <deque>
#include <string>
#include <vector>

#include "gateway/grpc/grpc_test_server.h"

namespace fluxgate::grpc_api {
namespace {

using Lines = std::vector<std::string>;

v1::SubscriptionSpec Snapshot(const std::string& filter = "") {
  v1::SubscriptionSpec spec;
  spec.set_topic("orders");
  spec.set_filter(filter);
  spec.set_with_snapshot(true);
  return spec;
}

std::string ReasonText(v1::OutOfFocusReason reason) {
  return v1::OutOfFocusReason_Name(reason).substr(std::string("OUT_OF_FOCUS_REASON_").size());
}

// What an event says, a line for each message.
void AppendLines(const v1::SubscriptionEvent& event, Lines& lines) {
  using Event = v1::SubscriptionEvent;
  switch (event.event_case()) {
    case Event::kStarted:
      lines.push_back("started");
      break;
    case Event::kSnapshot:
      for (const auto& message : event.snapshot().messages()) {
        EXPECT_FALSE(message.key().empty());
        lines.push_back("record " + message.payload());
      }
      break;
    case Event::kSnapshotEnd:
      lines.push_back(fmt::format("end {}", event.snapshot_end().record_count()));
      break;
    case Event::kMessages:
      for (const auto& message : event.messages().messages()) {
        lines.push_back("message " + message.payload());
      }
      break;
    case Event::kOutOfFocus:
      EXPECT_FALSE(event.out_of_focus().message().key().empty());
      EXPECT_EQ(event.out_of_focus().message().topic(), "orders");
      lines.push_back(fmt::format("{} {}", ReasonText(event.out_of_focus().reason()),
                                  event.out_of_focus().message().payload()));
      break;
    case Event::kFilterReplaced:
      lines.push_back("filter " + event.filter_replaced().filter());
      break;
    case Event::kEnded:
      lines.push_back("ended " + event.ended().error().reason());
      break;
    default:
      lines.push_back("other");
  }
}

class StoredTopic : public testing::Test {
 protected:
  static GrpcTestServer::Options WithOrders() {
    GrpcTestServer::Options options;
    options.sow = Stored("orders");
    return options;
  }

  void Publish(int id, int price) {
    server.Publish("orders", fmt::format(R"({{"id":{},"price":{}}})", id, price));
  }
  void Delete(const std::string& filter) {
    auto stub = server.NewPublisher();
    grpc::ClientContext context;
    v1::DeleteRequest request;
    request.set_topic("orders");
    request.set_filter(filter);
    v1::DeleteResponse response;
    ASSERT_TRUE(stub->Delete(&context, request, &response).ok());
  }

  GrpcTestServer server{WithOrders()};
};

// A stream whose events are read as lines; with more than one subscription their ids go first.
class Stream {
 public:
  explicit Stream(GrpcTestServer& server) : stub_(server.NewSubscriber()) {
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(30));
    stream_ = stub_->SubscribeStream(&context);
  }
  ~Stream() { context.TryCancel(); }

  v1::StreamCommand& NewCommand() { return *request_.add_commands(); }
  v1::AddSubscription& Add(uint32_t id, const v1::SubscriptionSpec& spec) {
    v1::AddSubscription& add = *NewCommand().mutable_add();
    add.set_subscription_id(id);
    *add.mutable_spec() = spec;
    return add;
  }
  void Send() {
    EXPECT_TRUE(stream_->Write(request_));
    request_.Clear();
  }
  void Grant(uint32_t id, uint64_t messages) {
    v1::GrantCredit& grant = *NewCommand().mutable_credit();
    grant.set_subscription_id(id);
    grant.mutable_credit()->set_messages(messages);
    Send();
  }
  void ReplaceFilter(uint32_t id, const std::string& filter) {
    NewCommand().mutable_replace_filter()->set_subscription_id(id);
    request_.mutable_commands(0)->mutable_replace_filter()->set_filter(filter);
    Send();
  }

  // The next `count` lines; fewer when the stream has ended.
  Lines Read(size_t count) {
    while (lines_.size() < count) {
      v1::SubscribeStreamResponse response;
      if (!stream_->Read(&response)) break;
      for (const v1::StreamEvent& event : response.events()) {
        if (event.has_limits()) continue;
        Lines lines;
        if (event.has_command_failed()) {
          lines.push_back("failed " + event.command_failed().error().reason());
        } else {
          AppendLines(event.subscription(), lines);
        }
        for (const std::string& line : lines) {
          if (with_ids) {
            lines_.push_back(fmt::format("{}: {}", fmt::join(event.subscription_ids(), ","), line));
          } else {
            lines_.push_back(line);
          }
        }
      }
    }
    count = std::min(count, lines_.size());
    Lines read(lines_.begin(), lines_.begin() + static_cast<ptrdiff_t>(count));
    lines_.erase(lines_.begin(), lines_.begin() + static_cast<ptrdiff_t>(count));
    return read;
  }
  grpc::Status Finish() { return stream_->Finish(); }

  grpc::ClientContext context;
  bool with_ids = false;

 private:
  std::unique_ptr<v1::SubscriberService::Stub> stub_;
  v1::SubscribeStreamRequest request_;
  std::unique_ptr<grpc::ClientReaderWriter<v1::SubscribeStreamRequest, v1::SubscribeStreamResponse>>
      stream_;
  Lines lines_;
};

TEST_F(StoredTopic, SubscribeSendsTheSnapshotThenWhatChanges) {
  Publish(1, 10);
  Publish(2, 20);
  auto stub = server.NewSubscriber();
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
  v1::SubscribeRequest request;
  *request.mutable_spec() = Snapshot("/price > 15");
  request.mutable_spec()->set_out_of_focus(true);
  auto reader = stub->Subscribe(&context, request);
  Lines lines;
  const auto read = [&](size_t count) {
    v1::SubscribeResponse response;
    while (lines.size() < count && reader->Read(&response)) {
      for (const auto& event : response.events()) AppendLines(event, lines);
    }
    return std::exchange(lines, {});
  };
  EXPECT_EQ(read(3), (Lines{"started", R"(record {"id":2,"price":20})", "end 1"}));
  Publish(1, 30);
  Publish(2, 5);
  EXPECT_EQ(read(2), (Lines{R"(message {"id":1,"price":30})", R"(NO_MATCH {"id":2,"price":5})"}));
  Delete("/id = 1");
  EXPECT_EQ(read(1), Lines{R"(DELETED {"id":1,"price":30})"});
  context.TryCancel();
}

TEST_F(StoredTopic, ASnapshotThatIsEmptyEnds) {
  Stream stream(server);
  stream.Add(1, Snapshot());
  stream.Send();
  EXPECT_EQ(stream.Read(2), (Lines{"started", "end 0"}));
}

TEST_F(StoredTopic, LiveMessagesCarryTheKey) {
  auto stub = server.NewSubscriber();
  grpc::ClientContext context;
  v1::SubscribeRequest request;
  request.mutable_spec()->set_topic("orders|other");
  auto reader = stub->Subscribe(&context, request);
  v1::SubscribeResponse response;
  ASSERT_TRUE(reader->Read(&response));
  Publish(1, 10);
  ASSERT_TRUE(reader->Read(&response));
  EXPECT_FALSE(response.events(0).messages().messages(0).key().empty());
  server.Publish("other", "{}", "c");
  ASSERT_TRUE(reader->Read(&response));
  EXPECT_EQ(response.events(0).messages().messages(0).key(), "");
  EXPECT_EQ(response.events(0).messages().messages(0).correlation_id(), "c");
  context.TryCancel();
}

TEST_F(StoredTopic, OrderAndTopNCutTheSnapshotOnly) {
  for (int id = 1; id <= 5; ++id) Publish(id, id * 10);
  Stream stream(server);
  v1::SubscriptionSpec spec = Snapshot();
  spec.set_order_by("/price DESC");
  spec.set_top_n(2);
  stream.Add(1, spec);
  stream.Send();
  EXPECT_EQ(stream.Read(4), (Lines{"started", R"(record {"id":5,"price":50})",
                                   R"(record {"id":4,"price":40})", "end 2"}));
  Publish(1, 11);
  EXPECT_EQ(stream.Read(1), Lines{R"(message {"id":1,"price":11})"});
}

TEST_F(StoredTopic, APageIsKept) {
  for (int id = 1; id <= 4; ++id) Publish(id, id * 10);
  Stream stream(server);
  v1::SubscriptionSpec spec = Snapshot();
  spec.set_order_by("/price DESC");
  spec.set_skip_n(1);
  spec.set_top_n(2);
  spec.set_paginated(true);
  spec.set_out_of_focus(true);
  stream.Add(1, spec);
  stream.Send();
  EXPECT_EQ(stream.Read(4), (Lines{"started", R"(record {"id":3,"price":30})",
                                   R"(record {"id":2,"price":20})", "end 2"}));
  Publish(1, 35);  // second now: 2 has left the page
  Lines lines = stream.Read(2);
  std::ranges::sort(lines);
  EXPECT_EQ(lines, (Lines{R"(NO_MATCH {"id":2,"price":20})", R"(message {"id":1,"price":35})"}));
}

TEST_F(StoredTopic, APageHasALimit) {
  v1::SubscriptionSpec spec = Snapshot();
  spec.set_paginated(true);
  spec.set_top_n(EngineLimits{}.page_records_max);
  Stream stream(server);
  stream.Add(1, spec);
  spec.set_skip_n(1);
  stream.Add(2, spec);
  stream.Send();
  EXPECT_EQ(stream.Read(3), (Lines{"started", "end 0", "ended QUOTA_EXCEEDED"}));
}

TEST_F(StoredTopic, DeltasHoldWhatChanged) {
  server.Publish("orders", R"({"id":1,"a":1,"b":1})");
  Stream stream(server);
  v1::SubscriptionSpec spec = Snapshot();
  spec.set_delta(true);
  stream.Add(1, spec);
  stream.Send();
  EXPECT_EQ(stream.Read(3), (Lines{"started", R"(record {"id":1,"a":1,"b":1})", "end 1"}));
  server.Publish("orders", R"({"id":1,"a":2,"b":1})");
  EXPECT_EQ(stream.Read(1), Lines{R"(message {"id":1,"a":2})"});
  server.Publish("orders", R"({"id":2,"a":2,"b":1})");
  EXPECT_EQ(stream.Read(1), Lines{R"(message {"id":2,"a":2,"b":1})"});
}

TEST_F(StoredTopic, DeltasWithoutSnapshotBeginWithTheWholeRecord) {
  server.Publish("orders", R"({"id":1,"a":1,"b":1})");
  Stream stream(server);
  v1::SubscriptionSpec spec;
  spec.set_topic("orders");
  spec.set_delta(true);
  stream.Add(1, spec);
  stream.Send();
  EXPECT_EQ(stream.Read(1), Lines{"started"});
  server.Publish("orders", R"({"id":1,"a":2,"b":1})");
  server.Publish("orders", R"({"id":1,"a":3,"b":1})");
  EXPECT_EQ(stream.Read(2),
            (Lines{R"(message {"id":1,"a":2,"b":1})", R"(message {"id":1,"a":3})"}));
}

TEST_F(StoredTopic, FieldsAreChosen) {
  server.Publish("orders", R"({"id":1,"a":1,"b":1})");
  Stream stream(server);
  v1::SubscriptionSpec spec = Snapshot();
  spec.add_fields("/id");
  spec.add_fields("/b");
  stream.Add(1, spec);
  stream.Send();
  EXPECT_EQ(stream.Read(3), (Lines{"started", R"(record {"id":1,"b":1})", "end 1"}));
  server.Publish("orders", R"({"id":2,"a":1,"b":2})");
  EXPECT_EQ(stream.Read(1), Lines{R"(message {"id":2,"b":2})"});
}

TEST_F(StoredTopic, ConflationKeepsTheLatest) {
  Stream stream(server);
  v1::SubscriptionSpec spec;
  spec.set_topic("orders");
  spec.mutable_conflation_interval()->set_nanos(50'000'000);
  spec.set_conflation_key("/id");
  stream.Add(1, spec);
  stream.Send();
  EXPECT_EQ(stream.Read(1), Lines{"started"});
  // In one call, and so in one interval.
  auto stub = server.NewPublisher();
  v1::PublishRequest request;
  for (int i = 1; i <= 5; ++i) {
    v1::Message& message = *request.add_messages();
    message.set_topic("orders");
    message.set_payload(fmt::format(R"({{"id":{},"price":{}}})", i % 2, i));
  }
  grpc::ClientContext context;
  v1::PublishResponse response;
  ASSERT_TRUE(stub->Publish(&context, request, &response).ok());
  Lines lines = stream.Read(2);
  std::ranges::sort(lines);
  EXPECT_EQ(lines, (Lines{R"(message {"id":0,"price":4})", R"(message {"id":1,"price":5})"}));
}

TEST_F(StoredTopic, ConflationHasAShortestInterval) {
  Stream stream(server);
  v1::SubscriptionSpec spec = Snapshot();
  spec.mutable_conflation_interval()->set_nanos(SubscribeOptions::kConflationMinNs);
  stream.Add(1, spec);
  spec.mutable_conflation_interval()->set_nanos(SubscribeOptions::kConflationMinNs - 1);
  stream.Add(2, spec);
  stream.Send();
  EXPECT_EQ(stream.Read(3), (Lines{"started", "end 0", "ended OPTION_INVALID"}));
}

TEST_F(StoredTopic, OneRecordThatLeavesSeveralSubscriptionsIsToldOnce) {
  Publish(1, 10);
  Stream stream(server);
  stream.with_ids = true;
  v1::SubscriptionSpec spec = Snapshot("/price = 10");
  spec.set_out_of_focus(true);
  stream.Add(1, spec);
  stream.Add(300, spec);
  stream.Send();
  EXPECT_EQ(stream.Read(6).size(), 6u);
  Publish(1, 11);
  EXPECT_EQ(stream.Read(1), Lines{R"(1,300: NO_MATCH {"id":1,"price":11})"});
}

TEST_F(StoredTopic, AReplacedFilterTellsWhatIsNewAndWhatHasLeft) {
  for (int id = 1; id <= 4; ++id) Publish(id, id * 10);
  Stream stream(server);
  v1::SubscriptionSpec spec = Snapshot("/price <= 20");
  spec.set_out_of_focus(true);
  stream.Add(1, spec);
  stream.Send();
  EXPECT_EQ(stream.Read(4).back(), "end 2");
  stream.ReplaceFilter(1, "/price >= 20 AND /price < 40");
  EXPECT_EQ(stream.Read(4),
            (Lines{"filter /price >= 20 AND /price < 40", R"(record {"id":3,"price":30})", "end 1",
                   R"(NO_MATCH {"id":1,"price":10})"}));
  Publish(2, 25);
  Publish(3, 99);
  EXPECT_EQ(stream.Read(2),
            (Lines{R"(message {"id":2,"price":25})", R"(NO_MATCH {"id":3,"price":99})"}));
  stream.ReplaceFilter(1, "/price >");
  EXPECT_EQ(stream.Read(1), Lines{"failed FILTER_SYNTAX"});
  Publish(2, 26);
  EXPECT_EQ(stream.Read(1), Lines{R"(message {"id":2,"price":26})"});
}

TEST_F(StoredTopic, AReplacedFilterKeepsWhatElseWasAskedFor) {
  Stream stream(server);
  v1::SubscriptionSpec spec;
  spec.set_topic("orders");
  spec.add_fields("/id");
  stream.Add(1, spec);
  stream.Send();
  stream.ReplaceFilter(1, "/price > 10");
  EXPECT_EQ(stream.Read(2), (Lines{"started", "filter /price > 10"}));
  Publish(1, 10);
  Publish(2, 11);
  EXPECT_EQ(stream.Read(1), Lines{R"(message {"id":2})"});
}

// Records, their end, live messages and records that leave come in order, one for each credit.
TEST_F(StoredTopic, CreditHoldsTheSnapshotAndWhatFollows) {
  for (int id = 1; id <= 3; ++id) Publish(id, id * 10);
  Stream stream(server);
  v1::SubscriptionSpec spec = Snapshot("/price < 100");
  spec.set_out_of_focus(true);
  spec.set_order_by("/id");
  stream.Add(1, spec).mutable_initial_credit()->set_messages(1);
  stream.Send();
  EXPECT_EQ(stream.Read(2), (Lines{"started", R"(record {"id":1,"price":10})"}));
  Publish(1, 11);
  Publish(2, 100);
  Publish(4, 40);
  stream.Grant(1, 2);
  EXPECT_EQ(stream.Read(3),
            (Lines{R"(record {"id":2,"price":20})", R"(record {"id":3,"price":30})", "end 3"}));
  stream.Grant(1, 1);
  EXPECT_EQ(stream.Read(1), Lines{R"(message {"id":1,"price":11})"});
  // No credit: it waits, and the answer behind it. What was held back comes with the new snapshot.
  stream.ReplaceFilter(1, "/price < 50");
  stream.Grant(1, 100);
  EXPECT_EQ(stream.Read(6), (Lines{R"(NO_MATCH {"id":2,"price":100})", "filter /price < 50",
                                   R"(record {"id":1,"price":11})", R"(record {"id":3,"price":30})",
                                   R"(record {"id":4,"price":40})", "end 3"}));
}

TEST_F(StoredTopic, PauseHoldsTheSnapshotButNotThoseOfOthers) {
  for (int id = 1; id <= 2; ++id) Publish(id, id * 10);
  Stream stream(server);
  stream.with_ids = true;
  v1::SubscriptionSpec spec = Snapshot();
  spec.set_order_by("/id");
  stream.Add(1, spec).mutable_initial_credit()->set_messages(0);
  stream.Add(2, spec);
  stream.Send();
  EXPECT_EQ(stream.Read(5), (Lines{"1: started", "2: started", R"(2: record {"id":1,"price":10})",
                                   R"(2: record {"id":2,"price":20})", "2: end 2"}));
  stream.Grant(1, 3);
  EXPECT_EQ(stream.Read(3), (Lines{R"(1: record {"id":1,"price":10})",
                                   R"(1: record {"id":2,"price":20})", "1: end 2"}));
  Publish(1, 11);
  EXPECT_EQ(stream.Read(1), Lines{R"(1,2: message {"id":1,"price":11})"});
}

// What waits without credit is little, however large the snapshot.
TEST_F(StoredTopic, ALargeSnapshotWithoutCreditWaitsWhereItIsStored) {
  constexpr int kRecords = 5000;
  for (int id = 0; id < kRecords; ++id) Publish(id, id);
  Stream stream(server);
  v1::SubscriptionSpec spec = Snapshot();
  spec.set_max_buffer_bytes(1000);
  stream.Add(1, spec).mutable_initial_credit()->set_messages(10);
  stream.Send();
  EXPECT_EQ(stream.Read(11).size(), 11u);
  EXPECT_TRUE(server.Eventually([&] { return server.host().budget().total_bytes() < 1000; }));
  for (int i = 0; i < 10; ++i) {
    stream.Grant(1, kRecords / 10);
    EXPECT_EQ(stream.Read(kRecords / 10 - 1).size(), kRecords / 10 - 1u);
  }
  EXPECT_EQ(stream.Read(1), Lines{fmt::format("end {}", kRecords)});
}

TEST_F(StoredTopic, ASlowReaderOfALargeSnapshotGetsEverything) {
  constexpr int kRecords = 20'000;
  GrpcTestServer::Options options = WithOrders();
  options.grpc.query_backlog_bytes_max = 64 << 10;
  GrpcTestServer slow(options);
  const std::string filler(1000, 'x');
  auto stub = slow.NewPublisher();
  for (int begin = 0; begin < kRecords; begin += 1000) {
    v1::PublishRequest request;
    for (int id = begin; id < begin + 1000; ++id) {
      v1::Message& message = *request.add_messages();
      message.set_topic("orders");
      message.set_payload(fmt::format(R"({{"id":{},"filler":"{}"}})", id, filler));
    }
    grpc::ClientContext context;
    v1::PublishResponse response;
    ASSERT_TRUE(stub->Publish(&context, request, &response).ok());
  }
  Stream stream(slow);
  stream.Add(1, Snapshot());
  stream.Send();
  EXPECT_EQ(stream.Read(1), Lines{"started"});
  uint64_t waiting = 0;
  int unchanged = 0;
  ASSERT_TRUE(slow.Eventually([&] {
    const uint64_t now = slow.host().budget().total_bytes();
    unchanged = now == waiting ? unchanged + 1 : 0;
    waiting = now;
    EXPECT_LT(now, (64u << 10) + (512u << 10) + 2000u);
    return unchanged > 20;
  }));
  // It happens while the snapshot waits, and comes after it.
  slow.Publish("orders", R"({"id":0,"filler":"new"})");
  EXPECT_EQ(stream.Read(kRecords).size(), static_cast<size_t>(kRecords));
  EXPECT_EQ(stream.Read(2),
            (Lines{fmt::format("end {}", kRecords), R"(message {"id":0,"filler":"new"})"}));
}

TEST_F(StoredTopic, TooMuchBehindASnapshotEndsThatSubscriptionOnly) {
  GrpcTestServer::Options options = WithOrders();
  options.engine.query_held_bytes_max = 20'000;
  GrpcTestServer small(options);
  small.Publish("orders", R"({"id":1})");
  small.Publish("orders", R"({"id":2})");
  Stream stream(small);
  stream.with_ids = true;
  stream.Add(1, Snapshot()).mutable_initial_credit()->set_messages(0);
  stream.Add(2, Snapshot("/id = 2"));
  stream.Send();
  EXPECT_EQ(stream.Read(4).back(), "2: end 1");
  for (int i = 0; i < 20; ++i) {
    small.Publish("orders", fmt::format(R"({{"id":1,"text":"{}"}})", std::string(2000, 'x')));
  }
  EXPECT_EQ(stream.Read(1), Lines{"1: ended SLOW_CONSUMER"});
  small.Publish("orders", R"({"id":2,"a":1})");
  EXPECT_EQ(stream.Read(1), Lines{R"(2: message {"id":2,"a":1})"});
}

TEST_F(StoredTopic, TooMuchConflatedEndsASubscribeCall) {
  GrpcTestServer::Options options = WithOrders();
  options.engine.query_held_bytes_max = 20'000;
  GrpcTestServer small(options);
  auto stub = small.NewSubscriber();
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
  v1::SubscribeRequest request;
  request.mutable_spec()->set_topic("orders");
  request.mutable_spec()->mutable_conflation_interval()->set_seconds(3600);
  auto reader = stub->Subscribe(&context, request);
  v1::SubscribeResponse response;
  ASSERT_TRUE(reader->Read(&response));
  for (int id = 0; id < 20; ++id) {
    small.Publish("orders", fmt::format(R"({{"id":{},"text":"{}"}})", id, std::string(2000, 'x')));
  }
  EXPECT_FALSE(reader->Read(&response));
  const grpc::Status status = reader->Finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(ReasonOf(status), "SLOW_CONSUMER");
}

TEST_F(StoredTopic, SnapshotsUnderWayAreLimited) {
  GrpcTestServer::Options options = WithOrders();
  options.engine.queries_per_session_max = 2;
  GrpcTestServer small(options);
  small.Publish("orders", R"({"id":1})");
  Stream stream(small);
  stream.with_ids = true;
  for (const uint32_t id : {1u, 2u, 3u}) {
    stream.Add(id, Snapshot()).mutable_initial_credit()->set_messages(0);
  }
  stream.Send();
  EXPECT_EQ(stream.Read(3), (Lines{"1: started", "2: started", "3: ended QUOTA_EXCEEDED"}));
  stream.Grant(1, 10);
  EXPECT_EQ(stream.Read(2), (Lines{R"(1: record {"id":1})", "1: end 1"}));
}

TEST_F(StoredTopic, RemovingASubscriptionInTheMiddleOfItsSnapshot) {
  for (int id = 1; id <= 3; ++id) Publish(id, id * 10);
  Stream stream(server);
  stream.Add(1, Snapshot()).mutable_initial_credit()->set_messages(1);
  stream.Send();
  EXPECT_EQ(stream.Read(2).front(), "started");
  stream.NewCommand().mutable_remove()->set_subscription_id(1);
  stream.Send();
  EXPECT_EQ(stream.Read(1), Lines{"ended "});
  stream.Add(1, Snapshot("/id = 2"));
  stream.Send();
  EXPECT_EQ(stream.Read(3), (Lines{"started", R"(record {"id":2,"price":20})", "end 1"}));
}

}  // namespace
}  // namespace fluxgate::grpc_api
