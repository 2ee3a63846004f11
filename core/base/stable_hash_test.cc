#include "core/base/stable_hash.h"

#include <gtest/gtest.h>

#include <string>

namespace fluxgate {
namespace {

// The first vectors of the SipHash paper's reference: key 00..0f, input 00, 00 01, ...
TEST(StableHashTest, IsSipHash24) {
  constexpr uint64_t kKey0 = 0x0706050403020100;
  constexpr uint64_t kKey1 = 0x0f0e0d0c0b0a0908;
  std::string input;
  for (char c = 0; c < 15; ++c) input.push_back(c);
  EXPECT_EQ(SipHash24("", kKey0, kKey1), 0x726fdb47dd0e0e31u);
  EXPECT_EQ(SipHash24(input, kKey0, kKey1), 0xa129ca6149be45e5u);
}

TEST(StableHashTest, NeverChanges) {
  // Stored keys depend on it.
  EXPECT_EQ(StableHash("orders"), 6949891849853913206u);
  EXPECT_NE(StableHash("orders"), StableHash("order"));
  EXPECT_NE(StableHash(std::string(8, '\0')), StableHash(std::string(9, '\0')));
}

}  // namespace
}  // namespace fluxgate
