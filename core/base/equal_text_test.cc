#include "core/base/equal_text.h"

#include <gtest/gtest.h>

#include <string>

namespace fluxgate {
namespace {

TEST(EqualTextTest, SeesEveryDifferentByteOfEverySize) {
  constexpr size_t kSizeMax = 40;
  for (size_t size = 0; size <= kSizeMax; ++size) {
    std::string text;
    for (size_t i = 0; i < size; ++i) text += static_cast<char>('a' + i % 26);
    const std::string same = text;
    EXPECT_TRUE(EqualText(text, same)) << size;
    for (size_t i = 0; i < size; ++i) {
      std::string other = text;
      other[i] = static_cast<char>(other[i] ^ 0x80);
      EXPECT_FALSE(EqualText(text, other)) << size << " bytes, byte " << i;
    }
  }
}

TEST(EqualTextTest, DifferentSizesDiffer) {
  const std::string text(33, 'x');
  for (size_t size = 0; size < text.size(); ++size) {
    EXPECT_FALSE(EqualText(text, std::string_view(text).substr(0, size))) << size;
    EXPECT_FALSE(EqualText(std::string_view(text).substr(0, size), text)) << size;
  }
}

TEST(EqualTextTest, ReadsNothingBehindTheTexts) {
  EXPECT_TRUE(EqualText(std::string_view("abcdeX", 5), std::string_view("abcdeY", 5)));
  EXPECT_TRUE(EqualText(std::string_view("abcdefghijX", 10), std::string_view("abcdefghijY", 10)));
}

}  // namespace
}  // namespace fluxgate
