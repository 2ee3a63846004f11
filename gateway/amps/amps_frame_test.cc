#include "gateway/amps/amps_frame.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace fluxgate::amps {
namespace {

std::string Framed(std::string_view content) {
  std::string out(kFramePrefixBytes, '\0');
  StoreFrameLength(static_cast<uint32_t>(content.size()), out.data());
  return out.append(content);
}

// What a receiver sees of `stream` when it arrives in the given pieces.
std::vector<std::string> Receive(const std::vector<std::string_view>& pieces) {
  std::vector<std::string> frames;
  std::string buffer;
  for (std::string_view piece : pieces) {
    buffer.append(piece);
    while (true) {
      const FrameResult result = NextFrame(buffer, {});
      EXPECT_NE(result.status, FrameStatus::kError);
      if (result.status == FrameStatus::kFrame) frames.emplace_back(result.frame);
      buffer.erase(0, result.consumed);
      if (result.status == FrameStatus::kNeedMore) {
        EXPECT_GT(result.wanted_bytes, buffer.size());
        break;
      }
    }
  }
  EXPECT_EQ(buffer, "");
  return frames;
}

TEST(AmpsFrame, ReadsTheWorkedPublishExample) {
  const std::string bytes("\x00\x00\x00\x1e{\"c\":\"p\",\"t\":\"orders\"}{\"id\":1}", 34);
  const FrameResult result = NextFrame(bytes, {});
  ASSERT_EQ(result.status, FrameStatus::kFrame);
  EXPECT_EQ(result.frame, R"({"c":"p","t":"orders"}{"id":1})");
  EXPECT_EQ(result.consumed, bytes.size());
  EXPECT_EQ(result.length, 0x1eu);
}

TEST(AmpsFrame, SameFramesHoweverTheStreamIsCut) {
  const std::string stream =
      Framed("first") + Framed("") + Framed("a longer second one") + Framed("") + Framed("3");
  const std::vector<std::string> expected = {"first", "a longer second one", "3"};
  const std::string_view view = stream;
  EXPECT_EQ(Receive({view}), expected);
  for (size_t cut = 0; cut <= view.size(); ++cut) {
    EXPECT_EQ(Receive({view.substr(0, cut), view.substr(cut)}), expected) << cut;
  }
  std::vector<std::string_view> bytes;
  for (size_t i = 0; i < view.size(); ++i) bytes.push_back(view.substr(i, 1));
  EXPECT_EQ(Receive(bytes), expected);
}

TEST(AmpsFrame, EmptyFramesAreConsumedWithoutAFrame) {
  const FrameResult result = NextFrame(Framed("") + Framed("") + std::string("\0\0", 2), {});
  EXPECT_EQ(result.status, FrameStatus::kNeedMore);
  EXPECT_EQ(result.consumed, 8u);
  EXPECT_EQ(result.wanted_bytes, 4u);
}

TEST(AmpsFrame, SaysHowMuchIsMissing) {
  const std::string bytes = Framed("0123456789");
  const FrameResult result = NextFrame(std::string_view(bytes).substr(0, 6), {});
  EXPECT_EQ(result.status, FrameStatus::kNeedMore);
  EXPECT_EQ(result.consumed, 0u);
  EXPECT_EQ(result.wanted_bytes, 14u);
}

TEST(AmpsFrame, LengthAtTheLimitAndAboveIt) {
  const FrameLimits limits{.header_bytes_max = 6, .body_bytes_max = 4};
  EXPECT_EQ(NextFrame(Framed("0123456789"), limits).status, FrameStatus::kFrame);
  // Refused on its length alone: none of its content has arrived.
  const std::string above("\x00\x00\x00\x0b", 4);
  const FrameResult result = NextFrame(above, limits);
  EXPECT_EQ(result.status, FrameStatus::kError);
  EXPECT_EQ(result.length, 11u);
  EXPECT_EQ(result.consumed, 0u);
}

TEST(AmpsFrame, LengthsAreUnsigned) {
  const FrameResult result = NextFrame("\xff\xff\xff\xff", {});
  EXPECT_EQ(result.status, FrameStatus::kError);
  EXPECT_EQ(result.length, 0xffffffffu);
}

}  // namespace
}  // namespace fluxgate::amps
