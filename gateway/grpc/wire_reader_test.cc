#include "gateway/grpc/wire_reader.h"

#include <gtest/gtest.h>

#include <string>

#include "gateway/grpc/wire_writer.h"

namespace fluxgate::grpc_api {
namespace {

using namespace std::string_view_literals;

std::string Varint(uint64_t value) {
  char bytes[kVarintBytesMax];
  return std::string(bytes, WriteVarint(value, bytes));
}

TEST(WireReader, ReadsWhatTheWriterWrites) {
  for (const uint64_t value : {uint64_t{0}, uint64_t{1}, uint64_t{127}, uint64_t{128},
                               uint64_t{16383}, uint64_t{16384}, uint64_t{1} << 32, UINT64_MAX}) {
    const std::string bytes = Varint(value);
    EXPECT_EQ(bytes.size(), VarintSize(value)) << value;
    WireReader reader(bytes);
    uint64_t read = 0;
    EXPECT_TRUE(reader.ReadVarint(read));
    EXPECT_EQ(read, value);
    EXPECT_TRUE(reader.AtEnd());
  }
}

TEST(WireReader, TruncatedVarintIsMalformed) {
  const std::string bytes = Varint(UINT64_MAX);
  for (size_t size = 0; size < bytes.size(); ++size) {
    WireReader reader(std::string_view(bytes).substr(0, size));
    uint64_t value;
    EXPECT_FALSE(reader.ReadVarint(value)) << size;
  }
}

TEST(WireReader, VarintOfElevenBytesIsMalformed) {
  WireReader ten("\x81\x80\x80\x80\x80\x80\x80\x80\x80\x00"sv);
  uint64_t value;
  EXPECT_TRUE(ten.ReadVarint(value));
  EXPECT_EQ(value, 1u);
  WireReader eleven("\x81\x80\x80\x80\x80\x80\x80\x80\x80\x80\x00"sv);
  EXPECT_FALSE(eleven.ReadVarint(value));
}

TEST(WireReader, BytesBeyondTheEndAreMalformed) {
  std::string_view bytes;
  WireReader fits(
      "\x03"
      "abc"sv);
  EXPECT_TRUE(fits.ReadBytes(bytes));
  EXPECT_EQ(bytes, "abc");
  WireReader beyond(
      "\x04"
      "abc"sv);
  EXPECT_FALSE(beyond.ReadBytes(bytes));
  // A length that would wrap around as a pointer.
  const std::string wraps = Varint(UINT64_MAX) + "abc";
  WireReader huge(wraps);
  EXPECT_FALSE(huge.ReadBytes(bytes));
}

TEST(WireReader, FieldNumberZeroIsMalformed) {
  uint32_t tag;
  EXPECT_FALSE(WireReader("\x02"sv).ReadTag(tag));
  EXPECT_TRUE(WireReader("\x0A"sv).ReadTag(tag));
  EXPECT_EQ(tag, Tag(1, WireType::kBytes));
}

TEST(WireReader, TagBeyond32BitsIsMalformed) {
  uint32_t tag;
  const std::string fits = Varint(UINT32_MAX), beyond = Varint(uint64_t{UINT32_MAX} + 1);
  EXPECT_TRUE(WireReader(fits).ReadTag(tag));
  EXPECT_FALSE(WireReader(beyond).ReadTag(tag));
}

bool SkipsWhole(std::string_view bytes) {
  WireReader reader(bytes);
  uint32_t tag;
  return reader.ReadTag(tag) && reader.Skip(tag) && reader.AtEnd();
}

TEST(WireReader, SkipsEveryWireType) {
  EXPECT_TRUE(SkipsWhole("\x50\x96\x01"sv));  // varint
  EXPECT_TRUE(
      SkipsWhole("\x51"
                 "12345678"sv));  // fixed64
  EXPECT_TRUE(
      SkipsWhole("\x52\x03"
                 "abc"sv));  // bytes
  EXPECT_TRUE(
      SkipsWhole("\x55"
                 "1234"sv));                      // fixed32
  EXPECT_TRUE(SkipsWhole("\x53\x08\x01\x54"sv));  // group
  EXPECT_FALSE(
      SkipsWhole("\x51"
                 "1234567"sv));
  EXPECT_FALSE(
      SkipsWhole("\x55"
                 "123"sv));
  EXPECT_FALSE(SkipsWhole("\x53\x08\x01"sv));      // no end
  EXPECT_FALSE(SkipsWhole("\x53\x08\x01\x5C"sv));  // end of another group
  EXPECT_FALSE(SkipsWhole("\x54"sv));              // end without a beginning
  EXPECT_FALSE(SkipsWhole("\x56"sv));              // no such type
}

TEST(WireReader, GroupsNestAHundredDeep) {
  const auto nested = [](int depth) {
    std::string bytes;
    for (int i = 0; i < depth; ++i) bytes += '\x53';
    for (int i = 0; i < depth; ++i) bytes += '\x54';
    return bytes;
  };
  EXPECT_TRUE(SkipsWhole(nested(100)));
  EXPECT_FALSE(SkipsWhole(nested(101)));
}

TEST(WireWriter, LengthIsAVarintOfFourBytes) {
  for (const size_t length : {size_t{0}, size_t{5}, size_t{127}, size_t{128}, kLengthMax}) {
    char bytes[kLengthBytes];
    WriteLength(length, bytes);
    WireReader reader({bytes, kLengthBytes});
    uint64_t read;
    EXPECT_TRUE(reader.ReadVarint(read));
    EXPECT_EQ(read, length);
    EXPECT_TRUE(reader.AtEnd());
  }
}

}  // namespace
}  // namespace fluxgate::grpc_api
