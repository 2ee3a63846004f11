#include "gateway/amps/amps_decoder.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <tuple>
#include <vector>

namespace fluxgate::amps {
namespace {

// Decodes from memory of exactly the frame's size, so that a sanitizer sees any byte too far.
DecodeError DecodeExact(CommandDecoder& decoder, std::string_view frame,
                        std::vector<std::unique_ptr<char[]>>& keep) {
  keep.push_back(std::make_unique<char[]>(frame.size()));
  std::copy(frame.begin(), frame.end(), keep.back().get());
  return decoder.Decode({keep.back().get(), frame.size()});
}

DecodeError ErrorOf(std::string_view frame, const FrameLimits& limits = {}) {
  CommandDecoder decoder(limits);
  std::vector<std::unique_ptr<char[]>> keep;
  return DecodeExact(decoder, frame, keep);
}

TEST(AmpsDecoder, ReadsTheWorkedExamples) {
  CommandDecoder decoder;
  ASSERT_EQ(decoder.Decode(R"({"c":"p","t":"orders"}{"id":1})"), DecodeError::kNone);
  EXPECT_EQ(decoder.message().type, CommandType::kPublish);
  EXPECT_EQ(decoder.message().topic, "orders");
  EXPECT_EQ(decoder.message().body, R"({"id":1})");

  ASSERT_EQ(decoder.Decode(R"({"c":"logon","cid":"1","client_name":"demo","mt":"json",)"
                           R"("a":"processed","version":"x"})"),
            DecodeError::kNone);
  EXPECT_EQ(decoder.message().type, CommandType::kLogon);
  EXPECT_EQ(decoder.message().command_id, "1");
  EXPECT_EQ(decoder.message().client_name, "demo");
  EXPECT_EQ(decoder.message().message_type, "json");
  EXPECT_EQ(decoder.message().version, "x");
  EXPECT_TRUE(decoder.message().acks.has(AckType::kProcessed));
  EXPECT_FALSE(decoder.message().acks.has(AckType::kReceived));
  EXPECT_EQ(decoder.message().body, "");

  ServerMessageDecoder server;
  ASSERT_EQ(server.Decode(R"({"c":"ack","cid":"1","a":"processed","s":0,"client_name":"demo",)"
                          R"("status":"success","version":"0.1"})"),
            DecodeError::kNone);
  const ServerMessage& ack = server.message();
  EXPECT_EQ(ack.type, ServerMessageType::kAck);
  EXPECT_TRUE(ack.ack.has(AckType::kProcessed));
  EXPECT_TRUE(ack.has_sequence);
  EXPECT_EQ(ack.sequence, 0u);
  EXPECT_TRUE(ack.ok());
  EXPECT_EQ(ack.version, "0.1");

  ASSERT_EQ(server.Decode(R"({"c":"sow","query_id":"7","t":"orders","bs":2}{"k":"11","l":8})"),
            DecodeError::kNone);
  EXPECT_EQ(server.message().type, ServerMessageType::kSow);
  EXPECT_EQ(server.message().batch_size, 2u);
  EXPECT_EQ(server.message().body, R"({"k":"11","l":8})");
}

struct FieldCase {
  const char* name;
  std::string_view Command::*view;
};

TEST(AmpsDecoder, EveryTextFieldOfACommandByEveryName) {
  const FieldCase cases[] = {
      {"t", &Command::topic},
      {"topic", &Command::topic},
      {"cid", &Command::command_id},
      {"cmd_id", &Command::command_id},
      {"sub_id", &Command::sub_id},
      {"query_id", &Command::query_id},
      {"f", &Command::filter},
      {"filter", &Command::filter},
      {"o", &Command::options},
      {"opts", &Command::options},
      {"bm", &Command::bookmark},
      {"bookmark", &Command::bookmark},
      {"k", &Command::sow_key},
      {"sow_key", &Command::sow_key},
      {"sow_keys", &Command::sow_keys},
      {"orderby", &Command::order_by},
      {"order_by", &Command::order_by},
      {"x", &Command::correlation_id},
      {"correlation_id", &Command::correlation_id},
      {"client_name", &Command::client_name},
      {"user_id", &Command::user_id},
      {"pw", &Command::password},
      {"password", &Command::password},
      {"mt", &Command::message_type},
      {"message_type", &Command::message_type},
      {"v", &Command::version},
      {"version", &Command::version},
  };
  for (const char* command : {"c", "cmd"}) {
    for (const FieldCase& c : cases) {
      CommandDecoder decoder;
      const std::string frame =
          std::string("{\"") + command + "\":\"sow\",\"" + c.name + "\":\"some text\"}body";
      ASSERT_EQ(decoder.Decode(frame), DecodeError::kNone) << c.name;
      EXPECT_EQ(decoder.message().type, CommandType::kSow);
      EXPECT_EQ(decoder.message().*c.view, "some text") << c.name;
      EXPECT_EQ(decoder.message().body, "body");
    }
  }
}

TEST(AmpsDecoder, EveryNumberOfACommandByEveryName) {
  for (const char* value : {"17", "\"17\""}) {
    for (const char* name : {"s", "seq", "bs", "batch_size", "e", "expiration", "top_n"}) {
      CommandDecoder decoder;
      const std::string frame = std::string("{\"c\":\"sow\",\"") + name + "\":" + value + "}";
      ASSERT_EQ(decoder.Decode(frame), DecodeError::kNone) << frame;
      const Command& m = decoder.message();
      EXPECT_EQ(m.sequence + m.batch_size + static_cast<uint64_t>(m.expiration_s + 1) + m.top_n,
                std::string_view(name).starts_with('e') ? 18u : 17u)
          << frame;
      EXPECT_EQ(m.has_sequence, name[0] == 's') << frame;
    }
  }
}

TEST(AmpsDecoder, EveryNameInTheTableIsKnownAndOnce) {
  for (const HeaderKeyName& a : kHeaderKeyNames) {
    for (const HeaderKeyName& b : kHeaderKeyNames) {
      if (&a != &b) {
        EXPECT_NE(a.name, b.name);
      }
      CommandDecoder decoder;
      const std::string frame = std::string("{\"") + std::string(a.name) + "\":\"1\",\"" +
                                std::string(b.name) + "\":\"1\",\"c\":\"p\"}";
      const DecodeError error = decoder.Decode(frame);
      if (a.key == b.key) {
        EXPECT_EQ(error, a.key == HeaderKey::kAckType ? DecodeError::kBadAckList
                                                      : DecodeError::kDuplicateField)
            << frame;
      }
    }
  }
}

TEST(AmpsDecoder, EveryCommandName) {
  for (const CommandName& row : kCommandNames) {
    CommandDecoder decoder;
    const std::string frame = "{\"c\":\"" + std::string(row.name) + "\"}";
    ASSERT_EQ(decoder.Decode(frame), DecodeError::kNone);
    EXPECT_EQ(decoder.message().type, row.type);
    EXPECT_EQ(decoder.name(), row.name);
  }
}

TEST(AmpsDecoder, UnknownCommandKeepsItsName) {
  CommandDecoder decoder;
  ASSERT_EQ(decoder.Decode(R"({"c":"teleport","t":"x"})"), DecodeError::kNone);
  EXPECT_EQ(decoder.message().type, CommandType::kUnknown);
  EXPECT_EQ(decoder.name(), "teleport");
}

TEST(AmpsDecoder, EveryFieldOfAServerMessage) {
  ServerMessageDecoder decoder;
  ASSERT_EQ(decoder.Decode(R"({"c":"ack","cid":"1","query_id":"2","t":"3","s":4,"bm":"5|6|",)"
                           R"("client_name":"7","a":"stats","status":"failure","reason":"8",)"
                           R"("version":"9","sub_id":"10","sids":"11,12","k":"13","x":"14",)"
                           R"("user_id":"15","pw":"16","ts":"17","lp":"18","o":"19","bs":20,)"
                           R"("matches":21,"topic_matches":22,"records_returned":23,)"
                           R"("records_inserted":24,"records_updated":25,"records_deleted":26,)"
                           R"("l":27}28)"),
            DecodeError::kNone);
  const ServerMessage& m = decoder.message();
  EXPECT_EQ(m.command_id, "1");
  EXPECT_EQ(m.query_id, "2");
  EXPECT_EQ(m.topic, "3");
  EXPECT_EQ(m.sequence, 4u);
  EXPECT_EQ(m.bookmark, "5|6|");
  EXPECT_EQ(m.client_name, "7");
  EXPECT_TRUE(m.ack.has(AckType::kStats));
  EXPECT_FALSE(m.ok());
  EXPECT_EQ(m.reason, "8");
  EXPECT_EQ(m.version, "9");
  EXPECT_EQ(m.sub_id, "10");
  EXPECT_EQ(m.sub_ids, "11,12");
  EXPECT_EQ(m.sow_key, "13");
  EXPECT_EQ(m.correlation_id, "14");
  EXPECT_EQ(m.user_id, "15");
  EXPECT_EQ(m.password, "16");
  EXPECT_EQ(m.timestamp, "17");
  EXPECT_EQ(m.lease_period, "18");
  EXPECT_EQ(m.options, "19");
  EXPECT_EQ(m.batch_size, 20u);
  EXPECT_EQ(m.matches, 21u);
  EXPECT_EQ(m.topic_matches, 22u);
  EXPECT_EQ(m.records_returned, 23u);
  EXPECT_EQ(m.records_inserted, 24u);
  EXPECT_EQ(m.records_updated, 25u);
  EXPECT_EQ(m.records_deleted, 26u);
  EXPECT_EQ(m.message_length, 27u);
  EXPECT_EQ(m.body, "28");
}

TEST(AmpsDecoder, WhiteSpaceAndEmptyHeaders) {
  CommandDecoder decoder;
  ASSERT_EQ(decoder.Decode("  { \"c\" :\t\"p\" ,\r\n \"t\": \"a b\" } x"), DecodeError::kNone);
  EXPECT_EQ(decoder.message().topic, "a b");
  EXPECT_EQ(decoder.message().body, " x");
  EXPECT_EQ(ErrorOf("{}"), DecodeError::kNoCommand);
  EXPECT_EQ(ErrorOf(R"({"t":"x"}y)"), DecodeError::kNoCommand);
}

TEST(AmpsDecoder, BareValuesStandForText) {
  CommandDecoder decoder;
  ASSERT_EQ(decoder.Decode(R"({"c":"sow","cid":12,"send_oof":true,"x":-1.5e+3,"t":false})"),
            DecodeError::kNone);
  EXPECT_EQ(decoder.message().command_id, "12");
  EXPECT_EQ(decoder.message().correlation_id, "-1.5e+3");
  EXPECT_EQ(decoder.message().topic, "false");
}

TEST(AmpsDecoder, EscapesAreResolved) {
  CommandDecoder decoder;
  ASSERT_EQ(decoder.Decode(R"({"c":"sow","f":"/a = \"x\\y\"\n\t\u0041\u00e9\u20ac\ud83d\ude00",)"
                           R"("t":"plain","x":"\/\b\f\r"})"),
            DecodeError::kNone);
  EXPECT_EQ(decoder.message().filter, "/a = \"x\\y\"\n\tA\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80");
  EXPECT_EQ(decoder.message().topic, "plain");
  EXPECT_EQ(decoder.message().correlation_id, "/\b\f\r");
}

TEST(AmpsDecoder, QuotesAndBracesInsideTextDoNotEndTheHeader) {
  CommandDecoder decoder;
  ASSERT_EQ(decoder.Decode(R"({"c":"p","t":"a}b\"}c"}{"q":"}"})"), DecodeError::kNone);
  EXPECT_EQ(decoder.message().topic, "a}b\"}c");
  EXPECT_EQ(decoder.message().body, R"({"q":"}"})");
}

TEST(AmpsDecoder, UnknownFieldsAreIgnoredButChecked) {
  CommandDecoder decoder;
  ASSERT_EQ(
      decoder.Decode(R"({"c":"p","colour":"red","a_name_longer_than_any":1,"t":"x","":true})"),
      DecodeError::kNone);
  EXPECT_EQ(decoder.message().topic, "x");
  EXPECT_EQ(ErrorOf(R"({"c":"p","colour":{}})"), DecodeError::kNested);
  EXPECT_EQ(ErrorOf("{\"c\":\"p\",\"colour\":\"\xff\"}"), DecodeError::kNotUtf8);
  EXPECT_EQ(ErrorOf(R"({"c":"p","colour":"\q"})"), DecodeError::kSyntax);
}

TEST(AmpsDecoder, Refusals) {
  const std::tuple<std::string, DecodeError> cases[] = {
      {R"([1])", DecodeError::kSyntax},
      {R"(x)", DecodeError::kSyntax},
      {R"({"c":"p" "t":"x"})", DecodeError::kSyntax},
      {R"({,"c":"p"})", DecodeError::kSyntax},
      {R"({"c":"p",})", DecodeError::kSyntax},
      {R"({"c"="p"})", DecodeError::kSyntax},
      {R"({c:"p"})", DecodeError::kSyntax},
      {R"({"c":"p","t":null})", DecodeError::kSyntax},
      {R"({"c":"p","t":truefalse})", DecodeError::kSyntax},
      {R"({"c":"p","s":1.})", DecodeError::kSyntax},
      {R"({"c":"p","s":--1})", DecodeError::kSyntax},
      {R"({"c":"p","s":})", DecodeError::kSyntax},
      {R"({"\u0063":"p"})", DecodeError::kSyntax},
      {"{\"c\":\"p\",\"t\":\"a\x01\"}", DecodeError::kSyntax},
      {std::string("{\"c\":\"p\",\"t\":\"a\0\"}", 17), DecodeError::kSyntax},
      {R"({"c":"p","t":"\u12g4"})", DecodeError::kSyntax},
      {R"({"c":"p","t":"\u12"})", DecodeError::kSyntax},
      {R"({"c":"p","t":"\ud83d"})", DecodeError::kNotUtf8},
      {R"({"c":"p","t":"\ude00"})", DecodeError::kNotUtf8},
      {R"({"c":"p","t":"\ud83d\u0041"})", DecodeError::kNotUtf8},
      {R"({"c":"p","t":{"a":1}})", DecodeError::kNested},
      {R"({"c":"p","t":["a"]})", DecodeError::kNested},
      {R"({"c":"p","t":"a","t":"b"})", DecodeError::kDuplicateField},
      {R"({"c":"p","t":"a","topic":"a"})", DecodeError::kDuplicateField},
      {"{\"c\":\"p\",\"t\":\"\xff\"}", DecodeError::kNotUtf8},
      {"{\"c\":\"p\",\"t\":\"\xc0\x80\"}", DecodeError::kNotUtf8},
      {"{\"c\":\"p\",\"t\":\"\xed\xa0\x80\"}", DecodeError::kNotUtf8},
      {"{\"c\":\"p\",\"t\":\"\xf4\x90\x80\x80\"}", DecodeError::kNotUtf8},
      {"{\"c\":\"p\",\"t\":\"\xe2\x82\"}", DecodeError::kNotUtf8},
      {"{\"c\":\"p\",\"\xff\":\"x\"}", DecodeError::kNotUtf8},
      {R"({"c":"p","s":-1})", DecodeError::kBadNumber},
      {R"({"c":"p","s":18446744073709551616})", DecodeError::kBadNumber},
      {R"({"c":"p","s":1.5})", DecodeError::kBadNumber},
      {R"({"c":"p","s":""})", DecodeError::kBadNumber},
      {R"({"c":"p","s":" 1"})", DecodeError::kBadNumber},
      {R"({"c":"p","s":true})", DecodeError::kBadNumber},
      {R"({"c":"sow","bs":4294967296})", DecodeError::kBadNumber},
      {R"({"c":"p","e":-1})", DecodeError::kBadNumber},
      {R"({"c":"p","a":"processed,precessed"})", DecodeError::kBadAckList},
      {R"({"c":"p","a":"processed,"})", DecodeError::kBadAckList},
  };
  for (const auto& [frame, error] : cases) EXPECT_EQ(ErrorOf(frame), error) << frame;
}

TEST(AmpsDecoder, NumbersAtTheirLimits) {
  CommandDecoder decoder;
  ASSERT_EQ(decoder.Decode(R"({"c":"p","s":18446744073709551615,"bs":4294967295,)"
                           R"("e":9223372036854775807})"),
            DecodeError::kNone);
  EXPECT_EQ(decoder.message().sequence, UINT64_MAX);
  EXPECT_EQ(decoder.message().batch_size, UINT32_MAX);
  EXPECT_EQ(decoder.message().expiration_s, INT64_MAX);
}

TEST(AmpsDecoder, AckLists) {
  CommandDecoder decoder;
  ASSERT_EQ(decoder.Decode(R"({"c":"p","a":"received,processed,persisted,completed,stats"})"),
            DecodeError::kNone);
  EXPECT_EQ(decoder.message().acks.bits, 31);
  ASSERT_EQ(decoder.Decode(R"({"c":"p","a":"none"})"), DecodeError::kNone);
  EXPECT_TRUE(decoder.message().acks.empty());
  ASSERT_EQ(decoder.Decode(R"({"c":"p","a":""})"), DecodeError::kNone);
  EXPECT_TRUE(decoder.message().acks.empty());
}

TEST(AmpsDecoder, ErrorsNameTheField) {
  CommandDecoder decoder;
  ASSERT_NE(decoder.Decode(R"({"c":"p","t":"a","topic":"a"})"), DecodeError::kNone);
  EXPECT_EQ(decoder.ErrorText(), "duplicate header field topic");
  EXPECT_EQ(decoder.message().topic, "");
  ASSERT_NE(decoder.Decode(R"({"c":"p","bs":"many"})"), DecodeError::kNone);
  EXPECT_EQ(decoder.ErrorText(), "bad number in header field batch_size");
  ASSERT_NE(decoder.Decode("{"), DecodeError::kNone);
  EXPECT_EQ(decoder.ErrorText(), "header not closed");
}

TEST(AmpsDecoder, EveryTruncationIsAnError) {
  const std::string_view header =
      R"({"c":"sow", "cid":12,"t":"a\u00e9\"}","f":"/price > 10 AND /id < 20","x":true})";
  ASSERT_EQ(ErrorOf(header), DecodeError::kNone);
  for (size_t n = 0; n < header.size(); ++n) {
    EXPECT_EQ(ErrorOf(header.substr(0, n)), DecodeError::kTruncated) << n;
  }
}

TEST(AmpsDecoder, HeaderAndBodyAtTheirLimitsAndAbove) {
  const std::string header = R"({"c":"p","t":"orders"})";
  const FrameLimits limits{.header_bytes_max = header.size(), .body_bytes_max = 10};
  EXPECT_EQ(ErrorOf(header + "0123456789", limits), DecodeError::kNone);
  EXPECT_EQ(ErrorOf(header + "0123456789a", limits), DecodeError::kBodyTooLarge);
  const FrameLimits less{.header_bytes_max = header.size() - 1, .body_bytes_max = 10};
  EXPECT_EQ(ErrorOf(header + "0123456789", less), DecodeError::kHeaderTooLarge);
  EXPECT_EQ(ErrorOf(R"({"c":"p")", limits), DecodeError::kTruncated);
}

TEST(AmpsDecoder, BodyLimitHoldsForRepeatedHeadersToo) {
  CommandDecoder decoder({.header_bytes_max = 100, .body_bytes_max = 4});
  EXPECT_EQ(decoder.Decode(R"({"c":"p","t":"x"}1234)"), DecodeError::kNone);
  EXPECT_EQ(decoder.Decode(R"({"c":"p","t":"x"}1234)"), DecodeError::kNone);
  EXPECT_EQ(decoder.Decode(R"({"c":"p","t":"x"}12345)"), DecodeError::kBodyTooLarge);
  EXPECT_EQ(decoder.message().body, "");
  EXPECT_EQ(decoder.Decode(R"({"c":"p","t":"x"}12)"), DecodeError::kNone);
  EXPECT_EQ(decoder.message().body, "12");
}

TEST(AmpsDecoder, FieldsAtTheLimitAndAbove) {
  std::string header = R"({"c":"p")";
  for (int i = 1; i < kHeaderFieldsMax; ++i) header += ",\"unknown\":1";
  EXPECT_EQ(ErrorOf(header + "}"), DecodeError::kNone);
  EXPECT_EQ(ErrorOf(header + ",\"unknown\":1}"), DecodeError::kTooManyFields);
}

TEST(AmpsDecoder, RepeatedHeadersGiveTheSameCommandWithTheNewBody) {
  CommandDecoder decoder;
  std::vector<std::unique_ptr<char[]>> keep;
  for (int i = 0; i < 3; ++i) {
    const std::string body = "{\"id\":" + std::to_string(i) + "}";
    ASSERT_EQ(DecodeExact(decoder, R"({"c":"p","t":"a \"quoted\" topic","x":"corr"})" + body, keep),
              DecodeError::kNone);
    // The first frame is gone when the second one is read.
    std::fill(keep.front().get(), keep.front().get() + 20, 'z');
    if (i > 0) {
      keep.erase(keep.begin());
    }
    if (i == 0) continue;
    EXPECT_EQ(decoder.message().topic, "a \"quoted\" topic");
    EXPECT_EQ(decoder.message().correlation_id, "corr");
    EXPECT_EQ(decoder.name(), "p");
    EXPECT_EQ(decoder.message().body, body);
  }
}

TEST(AmpsDecoder, ALongerHeaderWithTheSameStartIsNotARepetition) {
  CommandDecoder decoder;
  ASSERT_EQ(decoder.Decode(R"({"c":"p","t":"orders"}body)"), DecodeError::kNone);
  ASSERT_EQ(decoder.Decode(R"({"c":"p","t":"orders","x":"1"}body)"), DecodeError::kNone);
  EXPECT_EQ(decoder.message().correlation_id, "1");
  ASSERT_EQ(decoder.Decode(R"({"c":"p","t":"orders"}body)"), DecodeError::kNone);
  EXPECT_EQ(decoder.message().correlation_id, "");
  ASSERT_EQ(decoder.Decode(R"({"c":"p","t":"order"})"), DecodeError::kNone);
  EXPECT_EQ(decoder.message().topic, "order");
}

TEST(AmpsDecoder, AnErrorIsNotRemembered) {
  CommandDecoder decoder;
  ASSERT_EQ(decoder.Decode(R"({"c":"p","t":"orders"}1)"), DecodeError::kNone);
  EXPECT_EQ(decoder.Decode(R"({"c":"p","t":"orders)"), DecodeError::kTruncated);
  ASSERT_EQ(decoder.Decode(R"({"c":"p","t":"orders"}2)"), DecodeError::kNone);
  EXPECT_EQ(decoder.message().topic, "orders");
  EXPECT_EQ(decoder.message().body, "2");
}

}  // namespace
}  // namespace fluxgate::amps
