#include "gateway/amps/amps_encoder.h"

#include <gtest/gtest.h>

#include <string>

namespace fluxgate::amps {
namespace {

// The content of the one frame in `bytes`.
std::string_view Content(std::string_view bytes) {
  const FrameResult result = NextFrame(bytes, {});
  EXPECT_EQ(result.status, FrameStatus::kFrame);
  EXPECT_EQ(result.consumed, bytes.size());
  return result.frame;
}

TEST(AmpsEncoder, PublishAsInTheWorkedExample) {
  std::string out;
  Command publish;
  publish.type = CommandType::kPublish;
  publish.topic = "orders";
  publish.body = R"({"id":1})";
  AppendCommand(publish, &out);
  EXPECT_EQ(out, std::string("\x00\x00\x00\x1e{\"c\":\"p\",\"t\":\"orders\"}{\"id\":1}", 34));
  std::string same;
  AppendWithPrefix(PublishPrefix("orders"), R"({"id":1})", &same);
  EXPECT_EQ(same, out);
}

TEST(AmpsEncoder, LogonAsInTheWorkedExample) {
  Command logon;
  logon.type = CommandType::kLogon;
  logon.command_id = "1";
  logon.client_name = "demo";
  logon.message_type = "json";
  logon.acks.add(AckType::kProcessed);
  logon.version = "x";
  std::string out;
  AppendCommand(logon, &out);
  EXPECT_EQ(out, std::string("\x00\x00\x00\x56", 4) +
                     R"({"c":"logon","cid":"1","client_name":"demo","mt":"json",)"
                     R"("a":"processed","version":"x"})");
}

TEST(AmpsEncoder, AckFieldsInTheOrderOfThePublicLogs) {
  ServerMessage ack;
  ack.type = ServerMessageType::kAck;
  ack.command_id = "1";
  ack.has_sequence = true;
  ack.bookmark = "14872309437|0|";
  ack.client_name = "demo";
  ack.ack.add(AckType::kProcessed);
  ack.status = kStatusSuccess;
  ack.reason = "authentication disabled";
  ack.version = "0.1";
  std::string out;
  AppendServerMessage(ack, &out);
  EXPECT_EQ(Content(out),
            R"({"c":"ack","cid":"1","s":0,"bm":"14872309437|0|","client_name":"demo",)"
            R"("a":"processed","status":"success","reason":"authentication disabled",)"
            R"("version":"0.1"})");
}

TEST(AmpsEncoder, DeliveryFromAPrefixEqualsTheWholeDelivery) {
  const std::string prefix = DeliveryPrefix("orders", "1,2", "corr");
  EXPECT_EQ(prefix.substr(4), R"({"c":"p","t":"orders","sids":"1,2","x":"corr"})");
  std::string cached, whole;
  for (std::string_view body : {"", "x", "a longer body"}) {
    AppendWithPrefix(prefix, body, &cached);
    AppendDelivery("orders", "1,2", "corr", body, &whole);
  }
  EXPECT_EQ(cached, whole);
  EXPECT_EQ(DeliveryPrefix("orders", "1").substr(4), R"({"c":"p","t":"orders","sids":"1"})");
}

TEST(AmpsEncoder, Heartbeat) {
  std::string out;
  AppendHeartbeat(&out);
  EXPECT_EQ(Content(out), R"({"c":"heartbeat"})");
}

TEST(AmpsEncoder, EscapesSurviveTheRoundTrip) {
  std::string text;
  for (int c = 0; c < 128; ++c) text.push_back(static_cast<char>(c));
  text += "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80";
  std::string out;
  Command subscribe;
  subscribe.type = CommandType::kSubscribe;
  subscribe.topic = text;
  subscribe.filter = text;
  AppendCommand(subscribe, &out);
  CommandDecoder decoder;
  ASSERT_EQ(decoder.Decode(Content(out)), DecodeError::kNone);
  EXPECT_EQ(decoder.message().topic, text);
  EXPECT_EQ(decoder.message().filter, text);

  out.clear();
  AppendDelivery(text, text, text, text, &out);
  ServerMessageDecoder server;
  ASSERT_EQ(server.Decode(Content(out)), DecodeError::kNone);
  EXPECT_EQ(server.message().topic, text);
  EXPECT_EQ(server.message().body, text);
}

TEST(AmpsEncoder, EveryCommandFieldComesBack) {
  for (const CommandName& row : kCommandNames) {
    Command sent;
    sent.type = row.type;
    sent.acks.bits = 31;
    sent.has_sequence = true;
    sent.sequence = UINT64_MAX;
    sent.batch_size = 10;
    sent.expiration_s = 0;
    sent.top_n = 5;
    sent.topic = "t";
    sent.command_id = "cid";
    sent.sub_id = "sub";
    sent.query_id = "query";
    sent.filter = "/a > 1";
    sent.options = "o1,o2";
    sent.bookmark = "1|2|";
    sent.sow_key = "k";
    sent.sow_keys = "k1,k2";
    sent.order_by = "/a ASC";
    sent.correlation_id = "x";
    sent.client_name = "name";
    sent.user_id = "user";
    sent.password = "pw";
    sent.message_type = "json";
    sent.version = "v";
    sent.body = "{}";
    std::string out;
    AppendCommand(sent, &out);
    CommandDecoder decoder;
    ASSERT_EQ(decoder.Decode(Content(out)), DecodeError::kNone);
    const Command& got = decoder.message();
    EXPECT_EQ(got.type, sent.type);
    EXPECT_EQ(got.acks.bits, sent.acks.bits);
    EXPECT_TRUE(got.has_sequence);
    EXPECT_EQ(got.sequence, sent.sequence);
    EXPECT_EQ(got.batch_size, sent.batch_size);
    EXPECT_EQ(got.expiration_s, sent.expiration_s);
    EXPECT_EQ(got.top_n, sent.top_n);
    EXPECT_EQ(got.topic, sent.topic);
    EXPECT_EQ(got.command_id, sent.command_id);
    EXPECT_EQ(got.sub_id, sent.sub_id);
    EXPECT_EQ(got.query_id, sent.query_id);
    EXPECT_EQ(got.filter, sent.filter);
    EXPECT_EQ(got.options, sent.options);
    EXPECT_EQ(got.bookmark, sent.bookmark);
    EXPECT_EQ(got.sow_key, sent.sow_key);
    EXPECT_EQ(got.sow_keys, sent.sow_keys);
    EXPECT_EQ(got.order_by, sent.order_by);
    EXPECT_EQ(got.correlation_id, sent.correlation_id);
    EXPECT_EQ(got.client_name, sent.client_name);
    EXPECT_EQ(got.user_id, sent.user_id);
    EXPECT_EQ(got.password, sent.password);
    EXPECT_EQ(got.message_type, sent.message_type);
    EXPECT_EQ(got.version, sent.version);
    EXPECT_EQ(got.body, sent.body);
  }
}

TEST(AmpsEncoder, StatsAckStatesZeroCounts) {
  ServerMessage ack;
  ack.type = ServerMessageType::kAck;
  ack.ack.add(AckType::kStats);
  std::string out;
  AppendServerMessage(ack, &out);
  EXPECT_EQ(Content(out), R"({"c":"ack","a":"stats","matches":0,"topic_matches":0})");
}

TEST(AmpsEncoder, ServerMessagesComeBackByType) {
  for (const ServerMessageName& row : kServerMessageNames) {
    ServerMessage sent;
    sent.type = row.type;
    sent.topic = "t";
    sent.sub_ids = "1,2";
    sent.sub_id = "1";
    sent.query_id = "q";
    sent.sow_key = "k";
    sent.timestamp = "20240321T220952.535075Z";
    sent.lease_period = "20240321T220953Z";
    sent.options = "max_backlog=1";
    sent.user_id = "u";
    sent.password = "p";
    sent.batch_size = 2;
    sent.has_message_length = true;
    sent.message_length = 4;
    sent.records_returned = 1;
    sent.records_inserted = 2;
    sent.records_updated = 3;
    sent.records_deleted = 4;
    sent.body = "body";
    std::string out, again;
    AppendServerMessage(sent, &out);
    ServerMessageDecoder decoder;
    ASSERT_EQ(decoder.Decode(Content(out)), DecodeError::kNone);
    EXPECT_EQ(decoder.message().type, row.type);
    EXPECT_EQ(decoder.message().records_deleted, 4u);
    EXPECT_EQ(decoder.message().body, "body");
    AppendServerMessage(decoder.message(), &again);
    EXPECT_EQ(again, out);
  }
}

}  // namespace
}  // namespace fluxgate::amps
