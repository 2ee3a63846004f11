#include "core/base/crc32c.h"

#include <gtest/gtest.h>

#include <string>

namespace fluxgate {
namespace {

TEST(Crc32cTest, CheckValues) {
  EXPECT_EQ(Crc32c(""), 0u);
  EXPECT_EQ(Crc32c("123456789"), 0xe3069283);
  // RFC 3720, B.4: 32 bytes of zeros, of ones.
  EXPECT_EQ(Crc32c(std::string(32, '\0')), 0x8a9136aa);
  EXPECT_EQ(Crc32c(std::string(32, '\xff')), 0x62a8ab43);
}

TEST(Crc32cTest, TablesAndInstructionAgreeOnEverySizeAndStart) {
  std::string bytes;
  for (int i = 0; i < 64; ++i) bytes += static_cast<char>(i * 37 + 11);
  for (size_t start = 0; start < 9; ++start) {
    for (size_t size = 0; start + size <= bytes.size(); ++size) {
      const auto part = std::string_view(bytes).substr(start, size);
      EXPECT_EQ(ExtendCrc32cByTables(start, part), ExtendCrc32c(start, part));
    }
  }
}

TEST(Crc32cTest, OfPartsIsOfTheWhole) {
  const std::string_view whole = "the quick brown fox jumps over the lazy dog";
  for (size_t cut = 0; cut <= whole.size(); ++cut) {
    EXPECT_EQ(ExtendCrc32c(Crc32c(whole.substr(0, cut)), whole.substr(cut)), Crc32c(whole));
  }
}

}  // namespace
}  // namespace fluxgate
