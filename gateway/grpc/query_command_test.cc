#include "gateway/grpc/query_command.h"

#include <gtest/gtest.h>

#include "core/base/error.h"

namespace fluxgate::grpc_api {
namespace {

TEST(QueryCommand, CarriesTheFields) {
  v1::QueryRequest request;
  request.set_topic("orders");
  request.set_filter("/a = 1");
  request.set_order_by("/b");
  request.set_top_n(5);
  request.set_batch_size(7);
  request.add_fields("/a");
  request.add_fields("/b/c");
  QueryCommandText text;
  const auto command = QueryCommand(request, text);
  ASSERT_TRUE(command.ok());
  EXPECT_EQ(command->type, CommandType::kSow);
  EXPECT_EQ(command->topic, "orders");
  EXPECT_EQ(command->filter, "/a = 1");
  EXPECT_EQ(command->order_by, "/b");
  EXPECT_EQ(command->top_n, 5u);
  EXPECT_EQ(command->batch_size, 7u);
  EXPECT_EQ(command->options, "select=[-/,+/a,+/b/c]");
  EXPECT_EQ(command->bookmark, "");
}

TEST(QueryCommand, ATimeIsABookmark) {
  struct Row {
    int64_t seconds;
    int32_t nanos;
    const char* bookmark;  // null: refused
  };
  for (const Row& row :
       {Row{0, 0, "19700101T000000.000000Z"},
        Row{1'711'058'992, 535'075'999, "20240321T220952.535075Z"},
        Row{1'709'251'199, 0, "20240229T235959.000000Z"},
        Row{9'000'000'000, 0, "22550314T160000.000000Z"}, Row{9'000'000'001, 0, nullptr},
        Row{-1, 0, nullptr}, Row{0, -1, nullptr}, Row{0, 1'000'000'000, nullptr}}) {
    v1::QueryRequest request;
    request.mutable_as_of()->mutable_at_time()->set_seconds(row.seconds);
    request.mutable_as_of()->mutable_at_time()->set_nanos(row.nanos);
    QueryCommandText text;
    const auto command = QueryCommand(request, text);
    EXPECT_EQ(command.ok(), row.bookmark != nullptr) << row.seconds;
    if (command.ok()) {
      EXPECT_EQ(command->bookmark, row.bookmark);
    } else {
      EXPECT_EQ(ErrorCodeOf(command.status()), ErrorCode::kBadOption);
    }
  }
}

}  // namespace
}  // namespace fluxgate::grpc_api
