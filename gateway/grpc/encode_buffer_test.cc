#include "gateway/grpc/encode_buffer.h"

#include <gtest/gtest.h>

#include <cstring>
#include <string>

namespace fluxgate::grpc_api {
namespace {

void Append(EncodeBuffer& buffer, std::string_view text) {
  char* to = buffer.Reserve(text.size());
  std::memcpy(to, text.data(), text.size());
  buffer.Commit(to + text.size());
}

std::string TextOf(grpc::Slice slice) {
  return std::string(reinterpret_cast<const char*>(slice.begin()), slice.size());
}

TEST(EncodeBuffer, CutsWhatWasWritten) {
  EncodeBuffer buffer;
  std::vector<EncodedPiece> pieces;
  buffer.Cut(pieces);
  EXPECT_TRUE(pieces.empty());
  Append(buffer, "one");
  Append(buffer, "two");
  EXPECT_EQ(buffer.size(), 6u);
  buffer.Cut(pieces);
  EXPECT_EQ(buffer.size(), 0u);
  ASSERT_EQ(pieces.size(), 1u);
  EXPECT_EQ(TextOf(pieces[0].Release()), "onetwo");
}

TEST(EncodeBuffer, NeighboursJoin) {
  EncodeBuffer buffer;
  std::vector<EncodedPiece> pieces;
  Append(buffer, std::string(100, 'a'));
  buffer.Cut(pieces);
  Append(buffer, std::string(100, 'b'));
  buffer.Cut(pieces);
  ASSERT_EQ(pieces.size(), 2u);
  EXPECT_TRUE(pieces[0].Join(pieces[1]));
  EXPECT_FALSE(pieces[1].Join(pieces[0]));
  EXPECT_EQ(TextOf(pieces[0].Release()), std::string(100, 'a') + std::string(100, 'b'));
}

TEST(EncodeBuffer, LargeThingsGetABlockOfTheirOwn) {
  EncodeBuffer buffer;
  std::vector<EncodedPiece> pieces;
  Append(buffer, "small");
  Append(buffer, std::string(1 << 20, 'x'));
  Append(buffer, "small");
  EXPECT_EQ(buffer.size(), (1u << 20) + 10);
  buffer.Cut(pieces);
  ASSERT_EQ(pieces.size(), 3u);
  EXPECT_EQ(pieces[1].size(), 1u << 20);
}

// Pieces live on after the buffer, and slices after the pieces.
TEST(EncodeBuffer, PiecesOutliveTheBuffer) {
  std::vector<grpc::Slice> slices;
  std::string expected;
  {
    EncodeBuffer buffer;
    std::vector<EncodedPiece> pieces;
    for (int i = 0; i < 1000; ++i) {
      const std::string text(static_cast<size_t>(i) + 1, static_cast<char>('a' + i % 26));
      expected += text;
      Append(buffer, text);
      if (i % 7 == 0) buffer.Cut(pieces);
    }
    buffer.Cut(pieces);
    for (EncodedPiece& piece : pieces) slices.push_back(piece.Release());
  }
  std::string text;
  for (const grpc::Slice& slice : slices) text += TextOf(slice);
  EXPECT_TRUE(text == expected);
}

}  // namespace
}  // namespace fluxgate::grpc_api
