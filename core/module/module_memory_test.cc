#include "core/module/module_memory.h"

#include <sys/mman.h>

#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace fluxgate {
namespace {

using Fault = OwnedText::Fault;

char* Block(std::string_view text) {
  char* const block = static_cast<char*>(AllocateForModule(text.size() + 1));
  memcpy(block, text.data(), text.size());
  block[text.size()] = '\0';
  return block;
}

TEST(ModuleMemoryTest, BlocksAreAlignedAndNeverBeginAPage) {
  std::vector<OwnedText> kept;
  for (size_t bytes = 0; bytes < 5000; ++bytes) {
    char* const block = static_cast<char*>(AllocateForModule(bytes));
    ASSERT_NE(block, nullptr);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(block) % alignof(std::max_align_t), 0u);
    EXPECT_NE(reinterpret_cast<uintptr_t>(block) % 4096, 0u);
    memset(block, 'x', bytes);
    kept.emplace_back();
    EXPECT_EQ(OwnedText::TakeBytes(block, bytes, bytes, kept.back()), Fault::kNone);
    EXPECT_EQ(kept.back().view(), std::string(bytes, 'x'));
  }
}

TEST(ModuleMemoryTest, TheLargestBlockAndOneAbove) {
  OwnedText owned;
  char* const block = static_cast<char*>(AllocateForModule(kModuleBlockBytesMax));
  ASSERT_NE(block, nullptr);
  EXPECT_EQ(OwnedText::TakeBytes(block, 1, 1, owned), Fault::kNone);
  EXPECT_EQ(AllocateForModule(kModuleBlockBytesMax + 1), nullptr);
  EXPECT_EQ(AllocateForModule(~0ul), nullptr);
}

TEST(ModuleMemoryTest, TextUpToTheLimit) {
  OwnedText owned;
  EXPECT_EQ(OwnedText::TakeText(Block("four"), 4, owned), Fault::kNone);
  EXPECT_EQ(owned.view(), "four");
  EXPECT_EQ(OwnedText::TakeText(Block("fours"), 4, owned), Fault::kOverLimit);
  EXPECT_TRUE(owned.is_null());
  EXPECT_EQ(OwnedText::TakeText(nullptr, 4, owned), Fault::kNone);
  EXPECT_TRUE(owned.is_null());
}

TEST(ModuleMemoryTest, WhatIsNotOursIsFoundAndLeftAlone) {
  OwnedText owned;
  static char fixed[64] = "static";
  for (size_t i = 0; i < sizeof(fixed) - 1; ++i) {
    EXPECT_EQ(OwnedText::TakeText(fixed + i, 100, owned), Fault::kForeign);
  }
  const std::unique_ptr<char[]> heap(new char[100]());
  EXPECT_EQ(OwnedText::TakeText(heap.get(), 100, owned), Fault::kForeign);
  char* const inside = Block("0123456789012345678901234567890123456789");
  EXPECT_EQ(OwnedText::TakeText(inside + 16, 100, owned), Fault::kForeign);
  EXPECT_EQ(OwnedText::TakeText(inside, 100, owned), Fault::kNone);
  // The first page of a mapping: there may be nothing in front of it.
  char* const page = static_cast<char*>(
      mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  EXPECT_EQ(OwnedText::TakeText(page, 100, owned), Fault::kForeign);
  munmap(page, 4096);
}

TEST(ModuleMemoryTest, ABlockIsNotReadBeyondItsEnd) {
  OwnedText owned;
  char* const endless = static_cast<char*>(AllocateForModule(3));
  memcpy(endless, "abc", 3);
  EXPECT_EQ(OwnedText::TakeText(endless, 100, owned), Fault::kTooShort);
  EXPECT_EQ(OwnedText::TakeBytes(Block("abc"), 4, 100, owned), Fault::kNone);
  EXPECT_EQ(OwnedText::TakeBytes(Block("abc"), 5, 100, owned), Fault::kTooShort);
  EXPECT_EQ(OwnedText::TakeBytes(Block("abc"), 3, 2, owned), Fault::kOverLimit);
  EXPECT_EQ(OwnedText::TakeBytes(nullptr, 1, 2, owned), Fault::kTooShort);
}

TEST(ModuleMemoryTest, OwnershipMoves) {
  OwnedText first;
  ASSERT_EQ(OwnedText::TakeText(Block("abc"), 3, first), Fault::kNone);
  OwnedText second(std::move(first));
  EXPECT_EQ(second.view(), "abc");
  OwnedText third;
  third = std::move(second);
  EXPECT_EQ(third.view(), "abc");
}

}  // namespace
}  // namespace fluxgate
