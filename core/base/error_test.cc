#include "core/base/error.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace fluxgate {
namespace {

constexpr int kLastCode = static_cast<int>(ErrorCode::kInternal);

TEST(ErrorTest, EveryCodeSurvivesTheStatus) {
  for (int i = 1; i <= kLastCode; ++i) {
    const auto code = static_cast<ErrorCode>(i);
    const absl::Status status = MakeError(code, "what went wrong");
    EXPECT_FALSE(status.ok());
    EXPECT_EQ(ErrorCodeOf(status), code);
    EXPECT_EQ(ErrorText(status), "what went wrong");
    EXPECT_EQ(ErrorOffsetOf(status), -1);
  }
}

TEST(ErrorTest, EveryCodeHasItsOwnReason) {
  std::set<std::string_view> reasons;
  for (int i = 0; i <= kLastCode; ++i) {
    const std::string_view reason = ErrorReason(static_cast<ErrorCode>(i));
    EXPECT_FALSE(reason.empty());
    EXPECT_TRUE(reasons.insert(reason).second) << reason;
  }
}

TEST(ErrorTest, OffsetIsKept) {
  EXPECT_EQ(ErrorOffsetOf(MakeErrorAt(ErrorCode::kBadFilter, "x", 0)), 0);
  EXPECT_EQ(ErrorOffsetOf(MakeErrorAt(ErrorCode::kBadFilter, "x", 65535)), 65535);
  EXPECT_EQ(ErrorCodeOf(MakeErrorAt(ErrorCode::kBadFilter, "x", 7)), ErrorCode::kBadFilter);
}

TEST(ErrorTest, StatusesFromElsewhereAreInternal) {
  EXPECT_EQ(ErrorCodeOf(absl::OkStatus()), ErrorCode::kNone);
  EXPECT_EQ(ErrorCodeOf(absl::UnavailableError("no")), ErrorCode::kInternal);
  EXPECT_EQ(ErrorOffsetOf(absl::UnavailableError("no")), -1);
}

TEST(ErrorTest, TextMayBeEmptyOrHoldAnyByte) {
  using namespace std::string_view_literals;
  EXPECT_EQ(ErrorText(MakeError(ErrorCode::kBadTopic, "")), "");
  EXPECT_EQ(ErrorText(MakeError(ErrorCode::kBadTopic, "a\0b"sv)), "a\0b"sv);
}

}  // namespace
}  // namespace fluxgate
