#include "gateway/grpc/event_encoder.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "gateway/grpc/encode_buffer.h"
#include "gateway/grpc/query_encoder.h"

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

TEST(EventEncoder, SnapshotsAndMessagesDoNotShareABatch) {
  using Batch = EventEncoder::Batch;
  for (const auto form : {EventEncoder::Form::kSubscribe, EventEncoder::Form::kSubscribeStream}) {
    Encoding e(form);
    const Ids ids = form == EventEncoder::Form::kSubscribe ? Ids{} : Ids{1, 300};
    e.encoder.AddRecord(ids, 10, DeliveredRecord("t", "a", "c", "k"), Batch::kSnapshot);
    e.encoder.AddWritten(ids, 10, DeliveredRecord("t", "b", "", "l").ToString(), Batch::kSnapshot);
    e.encoder.AddRecord(ids, 10, DeliveredRecord("t", "d", "", "m"), Batch::kMessages);
    e.Message(ids, "e");
    e.encoder.AddRecord(ids, 1, DeliveredRecord("t", "f", "", "n"), Batch::kSnapshot);
    e.encoder.AddRecord(ids, 1, DeliveredRecord("t", "g", "", "o"), Batch::kSnapshot);
    std::vector<v1::SubscriptionEvent> events;
    if (form == EventEncoder::Form::kSubscribe) {
      const v1::SubscribeResponse response = e.TakeSubscribe();
      events.assign(response.events().begin(), response.events().end());
    } else {
      const v1::SubscribeStreamResponse response = e.TakeStream();
      for (const auto& event : response.events()) {
        EXPECT_EQ(Ids(event.subscription_ids().begin(), event.subscription_ids().end()), ids);
        events.push_back(event.subscription());
      }
    }
    ASSERT_EQ(events.size(), 4u);
    ASSERT_EQ(events[0].snapshot().messages_size(), 2);
    EXPECT_EQ(events[0].snapshot().messages(0).key(), "k");
    EXPECT_EQ(events[0].snapshot().messages(0).correlation_id(), "c");
    EXPECT_EQ(events[0].snapshot().messages(1).payload(), "b");
    EXPECT_EQ(events[0].snapshot().messages(1).key(), "l");
    ASSERT_EQ(events[1].messages().messages_size(), 2);
    EXPECT_EQ(events[1].messages().messages(0).key(), "m");
    EXPECT_EQ(events[1].messages().messages(1).payload(), "e");
    EXPECT_EQ(events[2].snapshot().messages(0).payload(), "f");
    EXPECT_EQ(events[3].snapshot().messages(0).payload(), "g");
  }
}

TEST(QueryEncoder, EachPieceIsAResponse) {
  EncodeBuffer buffer;
  QueryEncoder encoder(buffer);
  encoder.set_batch_max(3);
  std::vector<std::string> sent;
  for (int i = 0; i < 400; ++i) {
    sent.push_back(std::string(static_cast<size_t>(i * i), 'x'));
    encoder.AddRecord({"t", sent.back(), "", "k"});
  }
  v1::SnapshotEnd end;
  end.set_record_count(400);
  encoder.AddEnd(end);
  std::vector<EncodedPiece> pieces;
  buffer.Cut(pieces);
  std::vector<std::string> received;
  int ends = 0;
  for (EncodedPiece& piece : pieces) {
    const grpc::Slice slice = piece.Release();
    v1::QueryResponse response;
    ASSERT_TRUE(response.ParseFromArray(slice.begin(), static_cast<int>(slice.size())));
    EXPECT_EQ(ends, 0);
    if (response.has_end()) {
      ++ends;
      EXPECT_EQ(response.end().record_count(), 400u);
      continue;
    }
    EXPECT_LE(response.batch().messages_size(), 3);
    for (const auto& message : response.batch().messages()) {
      EXPECT_EQ(message.key(), "k");
      received.push_back(message.payload());
    }
  }
  EXPECT_EQ(ends, 1);
  EXPECT_TRUE(received == sent);
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
