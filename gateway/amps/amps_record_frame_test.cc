#include "gateway/amps/amps_record_frame.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace fluxgate::amps {
namespace {

using Result = RecordFrame::Result;
using Records = std::vector<std::pair<std::string, std::string>>;

// Keys and bodies; a last pair "bad" if the frame ends in something else.
Records Read(std::string_view text) {
  RecordFrame frame(text);
  Records records;
  RecordFrame::Record record;
  while (true) {
    switch (frame.Next(&record)) {
      case Result::kRecord:
        records.emplace_back(record.sow_key, record.body);
        break;
      case Result::kEnd:
        return records;
      case Result::kBad:
        EXPECT_EQ(frame.Next(&record), Result::kEnd) << "nothing follows what is bad";
        records.emplace_back("bad", "");
        return records;
    }
  }
}

TEST(RecordFrame, RecordsInTheirOrder) {
  EXPECT_EQ(Read(R"({"k":"a","l":8}{"id":1}{"k":"b","l":8}{"id":2})"),
            (Records{{"a", R"({"id":1})"}, {"b", R"({"id":2})"}}));
}

TEST(RecordFrame, EmptyFrameAndEmptyBodies) {
  EXPECT_EQ(Read(""), Records{});
  EXPECT_EQ(Read(R"({"k":"a","l":0}{"k":"b","l":0})"), (Records{{"a", ""}, {"b", ""}}));
}

TEST(RecordFrame, WithoutKeyAndWithTime) {
  EXPECT_EQ(Read(R"({"l":1}x{"k":"7","ts":"20261122T093000.000000Z","l":1}y)"),
            (Records{{"", "x"}, {"7", "y"}}));
}

TEST(RecordFrame, BodiesMayHoldAnything) {
  const std::string body(R"("},{"l":3}{)");
  EXPECT_EQ(Read(R"({"k":"a","l":)" + std::to_string(body.size()) + "}" + body + R"({"l":1}z)"),
            (Records{{"a", body}, {"", "z"}}));
}

TEST(RecordFrame, WhatIsNoRecordEndsIt) {
  for (const char* text : {
           "x",
           "{",
           "{}",
           R"({"k":"a"}x)",
           R"({"l":2}x)",
           R"({"l":"1"}x)",
           R"({"l":1)",
           R"({"l":-1}x)",
           R"({"l":99999999999999999999}x)",
           R"({"l":1,"l":1}x)",
           R"({"k":a,"l":1}x)",
           R"({"k":"a\"","l":1}x)",
           R"({"k":"a,"l":1}x)",
           R"({"l":1,}x)",
           R"({"k" "a","l":1}x)",
       }) {
    EXPECT_EQ(Read(text), (Records{{"bad", ""}})) << text;
  }
  EXPECT_EQ(Read(R"({"k":"a","l":1}x{"l":1})"), (Records{{"a", "x"}, {"bad", ""}}));
}

}  // namespace
}  // namespace fluxgate::amps
