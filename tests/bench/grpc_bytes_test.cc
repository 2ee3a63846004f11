#include "tests/bench/grpc_bytes.h"

#include <gtest/gtest.h>

#include "fluxgate/v1/gateway.pb.h"
#include "tests/bench/orders.h"

namespace fluxgate::bench {
namespace {

TEST(GrpcBytesTest, CountsMessagesOfAResponse) {
  uint64_t messages = 0;
  std::string_view first_body;
  const std::string response = EncodeOrders(Envelope::kSubscribeResponse, 7, 100, 128);
  ASSERT_TRUE(CountMessages(response, messages, first_body));
  EXPECT_EQ(messages, 100u);
  EXPECT_EQ(OrderNumber(first_body), 7u);
}

TEST(GrpcBytesTest, CountsAcrossEventsAndSkipsOthers) {
  v1::SubscribeResponse response;
  response.add_events()->mutable_started()->set_server_subscription_id("x");
  for (int event = 0; event < 3; ++event) {
    auto* batch = response.add_events()->mutable_messages();
    for (int i = 0; i < 5; ++i) {
      v1::Message* message = batch->add_messages();
      message->set_topic("orders");
      message->set_sequence(300);
      message->set_payload(NewOrderBody(static_cast<uint64_t>(event * 5 + i), 128));
    }
  }
  response.mutable_go_away()->set_reason("soon");
  uint64_t messages = 10;
  std::string_view first_body;
  const std::string bytes = response.SerializeAsString();
  ASSERT_TRUE(CountMessages(bytes, messages, first_body));
  EXPECT_EQ(messages, 25u);
  EXPECT_EQ(OrderNumber(first_body), 0u);
}

TEST(GrpcBytesTest, RefusesWhatIsCutShort) {
  const std::string response = EncodeOrders(Envelope::kSubscribeResponse, 0, 2, 128);
  for (size_t size = 1; size < response.size(); ++size) {
    uint64_t messages = 0;
    std::string_view first_body;
    EXPECT_FALSE(CountMessages(std::string_view(response).substr(0, size), messages, first_body));
  }
}

TEST(GrpcBytesTest, ControlRequestsAreSmallAndBatchesAreNot) {
  EXPECT_LT(EncodeOpen().size(), kControlBytesMax);
  EXPECT_LT(EncodeFlush(UINT64_MAX - 1).size(), kControlBytesMax);
  EXPECT_GE(EncodeOrders(Envelope::kPublishRequest, 0, 1, kOrderBytesMin).size(), kControlBytesMax);
  EXPECT_EQ(FlushId(EncodeFlush(77)), 77u);
  EXPECT_EQ(FlushId(EncodeOpen()), UINT64_MAX);
}

TEST(GrpcBytesTest, JoinsPieces) {
  const grpc::Slice pieces[2] = {grpc::Slice("abc", 3), grpc::Slice("defg", 4)};
  std::vector<grpc::Slice> slices;
  std::string joined;
  EXPECT_EQ(OnePiece(grpc::ByteBuffer(pieces, 2), slices, joined), "abcdefg");
  EXPECT_EQ(OnePiece(ToBuffer("abc"), slices, joined), "abc");
}

}  // namespace
}  // namespace fluxgate::bench
