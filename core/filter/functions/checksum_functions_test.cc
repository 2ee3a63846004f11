#include <gtest/gtest.h>

#include <string>

#include "core/filter/functions/function_testing.h"

namespace fluxgate {
namespace {

TEST(ChecksumFunctionsTest, CheckValues) {
  EXPECT_EQ(Call("CRC32", {"123456789"}), std::to_string(0xe3069283));
  EXPECT_EQ(Call("CRC64", {"123456789"}), std::to_string(0xe9c6d914c4b8d9ca));
  // RFC 3720, B.4: 32 bytes of zeros.
  EXPECT_EQ(Call("CRC32", {std::string(32, '\0')}), std::to_string(0x8a9136aa));
}

TEST(ChecksumFunctionsTest, NumbersAreTakenAsTheirText) {
  EXPECT_EQ(Call("CRC32", {123456789}), Call("CRC32", {"123456789"}));
  EXPECT_EQ(Call("CRC64", {123456789}), Call("CRC64", {"123456789"}));
}

TEST(ChecksumFunctionsTest, NullIsZero) {
  EXPECT_EQ(Call("CRC32", {nullptr}), "0");
  EXPECT_EQ(Call("CRC64", {nullptr}), "0");
}

TEST(ChecksumFunctionsTest, Md5IsLowerCaseHex) {
  // RFC 1321, A.5.
  EXPECT_EQ(Call("MD5", {"abc"}), "'900150983cd24fb0d6963f7d28e17f72'");
  EXPECT_EQ(Call("MD5", {"message digest"}), "'f96b697d7cb7938d525a2f31aaf161d0'");
  EXPECT_EQ(Call("MD5", {nullptr}), "NULL");
}

}  // namespace
}  // namespace fluxgate
