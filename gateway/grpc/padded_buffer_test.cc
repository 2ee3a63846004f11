#include "gateway/grpc/padded_buffer.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "core/message/message_type.h"

namespace fluxgate::grpc_api {
namespace {

grpc::ByteBuffer InPieces(const std::string& text, size_t piece) {
  std::vector<grpc::Slice> slices;
  for (size_t at = 0; at < text.size(); at += piece) slices.emplace_back(text.substr(at, piece));
  return grpc::ByteBuffer(slices.data(), slices.size());
}

std::string Text(size_t size) {
  std::string text(size, ' ');
  for (size_t i = 0; i < size; ++i) text[i] = static_cast<char>('a' + i % 26);
  return text;
}

TEST(PaddedBuffer, JoinsThePiecesAndPads) {
  PaddedBufferPool pool;
  for (const size_t size : {size_t{0}, size_t{1}, size_t{5000}, size_t{300'000}}) {
    const std::string text = Text(size);
    const PaddedBuffer buffer = pool.Copy(InPieces(text, 1000));
    EXPECT_EQ(buffer.size(), size);
    EXPECT_TRUE(buffer.bytes() == text);
    for (size_t i = 0; i < kBodyPaddingBytes; ++i) EXPECT_EQ(buffer.bytes().data()[size + i], 0);
  }
}

TEST(PaddedBuffer, AnEmptyMessageHasNoBytes) {
  PaddedBufferPool pool;
  EXPECT_EQ(pool.Copy(grpc::ByteBuffer()).size(), 0u);
}

TEST(PaddedBuffer, MemoryIsUsedAgain) {
  PaddedBufferPool pool;
  PaddedBuffer first = pool.Copy(InPieces(Text(20'000), 1000));
  const char* memory = first.bytes().data();
  pool.GiveBack(std::move(first));
  const std::string text = Text(18'000);
  const PaddedBuffer second = pool.Copy(InPieces(text, 1000));
  EXPECT_EQ(second.bytes().data(), memory);
  EXPECT_TRUE(second.bytes() == text);
  EXPECT_NE(pool.Copy(InPieces(text, 1000)).bytes().data(), memory);
}

TEST(PaddedBuffer, SparesThatAreTooSmallStay) {
  PaddedBufferPool pool;
  pool.GiveBack(pool.Copy(InPieces(Text(5000), 1000)));
  const std::string text = Text(100'000);
  EXPECT_TRUE(pool.Copy(InPieces(text, 1000)).bytes() == text);
}

}  // namespace
}  // namespace fluxgate::grpc_api
