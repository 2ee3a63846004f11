#include "core/subscription/prefix_table.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace fluxgate {
namespace {

std::vector<std::string> PrefixesOf(const PrefixTable& table, std::string_view text) {
  std::vector<std::string> found;
  table.ForEachOf(text, [&](const Constant& prefix) { found.emplace_back(prefix.text()); });
  return found;
}

using Texts = std::vector<std::string>;

TEST(PrefixTableTest, FindsEveryPrefixOfAText) {
  PrefixTable table;
  for (const char* prefix : {"a", "ab", "abcd", "b"}) table.Acquire(prefix, 0);
  EXPECT_EQ(PrefixesOf(table, "abc"), (Texts{"a", "ab"}));
  EXPECT_EQ(PrefixesOf(table, "abcd"), (Texts{"a", "ab", "abcd"}));
  EXPECT_EQ(PrefixesOf(table, "b"), Texts{"b"});
  EXPECT_EQ(PrefixesOf(table, "c"), Texts{});
  EXPECT_EQ(PrefixesOf(table, ""), Texts{});
  for (const char* prefix : {"a", "ab", "abcd", "b"}) table.Release(prefix);
}

TEST(PrefixTableTest, StaysWhileItIsUsed) {
  PrefixTable table;
  Constant* const first = table.Acquire("xy", 0);
  EXPECT_EQ(table.Acquire("xy", 5), first);
  table.Release("xy");
  EXPECT_EQ(PrefixesOf(table, "xyz"), Texts{"xy"});
  table.Release("xy");
  EXPECT_EQ(PrefixesOf(table, "xyz"), Texts{});
  EXPECT_EQ(table.size(), 0u);
  EXPECT_EQ(table.memory_bytes(), PrefixTable().memory_bytes());
}

TEST(PrefixTableTest, CutsAtItsLimit) {
  const std::string fits(PrefixTable::kBytesMax, 'x');
  EXPECT_EQ(PrefixTable::Cut(fits), fits);
  EXPECT_EQ(PrefixTable::Cut(fits + "y"), fits);
  PrefixTable table;
  table.Acquire(fits, 0);
  EXPECT_EQ(PrefixesOf(table, fits + "z"), Texts{fits});
  table.Release(fits);
}

}  // namespace
}  // namespace fluxgate
