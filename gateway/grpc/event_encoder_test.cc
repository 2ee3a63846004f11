#include "gateway/grpc/event_encoder.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "gateway/grpc/encode_buffer.h"

namespace fluxgate::grpc_api {
namespace {

using Ids = std::vector<uint32_t>;

class Encoding {
 public:
  explicit Encoding(EventEncoder::Form form) : encoder(form, buffer) {}

  // Everything since the last call, as gRPC would send it.
  std::string Take() {
    encoder.EndRun();
    std::vector<EncodedPiece> pieces;
    const size_t size = buffer.size();
    buffer.Cut(pieces);
    std::string bytes;
    for (EncodedPiece& piece : pieces) {
      const grpc::Slice slice = piece.Release();
      bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
    }
    EXPECT_EQ(bytes.size(), size);
    return bytes;
  }

  v1::SubscribeStreamResponse TakeStream() {
    v1::SubscribeStreamResponse response;
    EXPECT_TRUE(response.ParseFromString(Take()));
    return response;
  }

  v1::SubscribeResponse TakeSubscribe() {
    v1::SubscribeResponse response;
    EXPECT_TRUE(response.ParseFromString(Take()));
    return response;
  }

  void Message(const Ids& ids, const std::string& payload, uint32_t batch_max = 4096) {
    encoder.AddMessage(ids, batch_max, DeliveredMessage("orders", payload, ""));
  }

  EncodeBuffer buffer;
  EventEncoder encoder;
};

TEST(EventEncoder, MessagesForTheSameSubscriptionsShareOneEvent) {
  Encoding e(EventEncoder::Form::kSubscribeStream);
  e.Message({1, 300}, "a");
  e.Message({1, 300}, "b");
  e.Message({300}, "c");
  e.Message({1, 300}, "d");
  const v1::SubscribeStreamResponse response = e.TakeStream();
  ASSERT_EQ(response.events_size(), 3);
  const v1::StreamEvent& first = response.events(0);
  EXPECT_EQ(Ids(first.subscription_ids().begin(), first.subscription_ids().end()), (Ids{1, 300}));
  ASSERT_EQ(first.subscription().messages().messages_size(), 2);
  EXPECT_EQ(first.subscription().messages().messages(0).payload(), "a");
  EXPECT_EQ(first.subscription().messages().messages(1).payload(), "b");
  EXPECT_EQ(response.events(1).subscription_ids_size(), 1);
  EXPECT_EQ(response.events(2).subscription().messages().messages(0).payload(), "d");
}

TEST(EventEncoder, EventsEndTheRun) {
  Encoding e(EventEncoder::Form::kSubscribe);
  e.Message({}, "a");
  v1::SubscriptionEvent event;
  event.mutable_heartbeat()->mutable_server_time()->set_seconds(7);
  e.encoder.AddEvent({}, event);
  e.Message({}, "b");
  const v1::SubscribeResponse response = e.TakeSubscribe();
  ASSERT_EQ(response.events_size(), 3);
  EXPECT_EQ(response.events(0).messages().messages(0).payload(), "a");
  EXPECT_EQ(response.events(1).heartbeat().server_time().seconds(), 7);
  EXPECT_EQ(response.events(2).messages().messages(0).payload(), "b");
}

TEST(EventEncoder, BatchesHoldNoMoreThanAsked) {
  Encoding e(EventEncoder::Form::kSubscribe);
  for (int i = 0; i < 7; ++i) e.Message({}, "x", 3);
  const v1::SubscribeResponse response = e.TakeSubscribe();
  ASSERT_EQ(response.events_size(), 3);
  EXPECT_EQ(response.events(0).messages().messages_size(), 3);
  EXPECT_EQ(response.events(2).messages().messages_size(), 1);
}

TEST(EventEncoder, FieldsOfAMessage) {
  Encoding e(EventEncoder::Form::kSubscribe);
  e.encoder.AddMessage({}, 10, DeliveredMessage("t", "", ""));
  e.encoder.AddMessage({}, 10, DeliveredMessage("t", std::string(200, 'p'), "c"));
  e.encoder.AddWritten({}, 10, DeliveredMessage("u", "v", "w").ToString());
  const v1::SubscribeResponse response = e.TakeSubscribe();
  ASSERT_EQ(response.events_size(), 1);
  const v1::MessageBatch& batch = response.events(0).messages();
  ASSERT_EQ(batch.messages_size(), 3);
  EXPECT_EQ(batch.messages(0).topic(), "t");
  EXPECT_EQ(batch.messages(0).payload(), "");
  EXPECT_EQ(batch.messages(1).payload().size(), 200u);
  EXPECT_EQ(batch.messages(1).correlation_id(), "c");
  EXPECT_EQ(batch.messages(2).topic(), "u");
  EXPECT_EQ(batch.messages(2).payload(), "v");
  EXPECT_EQ(batch.messages(2).correlation_id(), "w");
}

TEST(EventEncoder, GoAway) {
  v1::GoAway go_away;
  go_away.set_reason("r");
  Encoding one(EventEncoder::Form::kSubscribe);
  one.encoder.AddGoAway(go_away);
  EXPECT_EQ(one.TakeSubscribe().go_away().reason(), "r");
  Encoding many(EventEncoder::Form::kSubscribeStream);
  many.encoder.AddGoAway(go_away);
  EXPECT_EQ(many.TakeStream().events(0).go_away().reason(), "r");
}

// Any sequence, across blocks of the buffer and cuts at any place, comes out as it went in.
TEST(EventEncoder, RandomSequences) {
  std::mt19937 random(5);
  const auto below = [&](uint32_t end) { return static_cast<uint32_t>(random() % end); };
  for (int round = 0; round < 50; ++round) {
    Encoding e(EventEncoder::Form::kSubscribeStream);
    std::vector<std::pair<Ids, std::string>> expected;
    std::vector<std::pair<Ids, std::string>> received;
    const auto take = [&] {
      const v1::SubscribeStreamResponse response = e.TakeStream();
      for (const v1::StreamEvent& event : response.events()) {
        const Ids ids(event.subscription_ids().begin(), event.subscription_ids().end());
        for (const v1::Message& message : event.subscription().messages().messages()) {
          received.emplace_back(ids, message.payload());
        }
        if (event.subscription().has_filter_replaced()) {
          received.emplace_back(ids, event.subscription().filter_replaced().filter());
        }
      }
    };
    for (int i = 0; i < 400; ++i) {
      Ids ids;
      for (uint32_t n = 1 + below(3); n > 0; --n) ids.push_back(1 + below(1 << below(20)));
      const std::string payload(below(50) == 0 ? below(200'000) : below(300),
                                static_cast<char>('a' + below(26)));
      if (below(20) == 0) {
        v1::SubscriptionEvent event;
        event.mutable_filter_replaced()->set_filter(payload);
        e.encoder.AddEvent(ids, event);
      } else {
        e.Message(ids, payload, 1 + below(50));
      }
      expected.emplace_back(ids, payload);
      if (below(60) == 0) take();
    }
    take();
    ASSERT_EQ(received.size(), expected.size());
    EXPECT_TRUE(received == expected);
  }
}

}  // namespace
}  // namespace fluxgate::grpc_api
