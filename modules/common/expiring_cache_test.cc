#include "modules/common/expiring_cache.h"

#include <gtest/gtest.h>

#include "modules/testing/threads.h"

namespace fluxgate::modules {
namespace {

using std::chrono_literals::operator""ms;
using Cache = ExpiringCache<int>;

TEST(ExpiringCache, GivesBackUntilItExpires) {
  Cache cache(10ms, 4);
  const Cache::Time start{};
  cache.Put("a", 1, start);
  EXPECT_EQ(cache.Get("a", start + 9ms), 1);
  EXPECT_EQ(cache.Get("b", start), std::nullopt);
  EXPECT_EQ(cache.Get("a", start + 10ms), std::nullopt);
  EXPECT_EQ(cache.size(), 0u);
}

TEST(ExpiringCache, TheOldestMakesRoom) {
  Cache cache(10ms, 2);
  const Cache::Time start{};
  cache.Put("a", 1, start);
  cache.Put("b", 2, start);
  EXPECT_EQ(cache.size(), 2u);
  cache.Put("c", 3, start);
  EXPECT_EQ(cache.size(), 2u);
  EXPECT_EQ(cache.Get("a", start), std::nullopt);
  EXPECT_EQ(cache.Get("b", start), 2);
  EXPECT_EQ(cache.Get("c", start), 3);
}

TEST(ExpiringCache, PuttingAgainRenews) {
  Cache cache(10ms, 2);
  const Cache::Time start{};
  cache.Put("a", 1, start);
  cache.Put("b", 2, start);
  cache.Put("a", 3, start + 5ms);
  EXPECT_EQ(cache.Get("a", start + 12ms), 3);
  cache.Put("c", 4, start + 5ms);  // b is the oldest now
  EXPECT_EQ(cache.Get("b", start + 5ms), std::nullopt);
  EXPECT_EQ(cache.Get("a", start + 5ms), 3);
}

TEST(ExpiringCache, LifeOfZeroKeepsNothing) {
  Cache cache(0ms, 2);
  cache.Put("a", 1, {});
  EXPECT_EQ(cache.size(), 0u);
}

TEST(ExpiringCache, ManyThreads) {
  ExpiringCache<std::string> cache(10ms, 8);
  const auto start = ExpiringCache<std::string>::Time{};
  testing::InThreads(8, [&](int thread) {
    for (int i = 0; i < 2000; ++i) {
      const std::string key = std::to_string((i + thread) % 16);
      cache.Put(key, key, start + std::chrono::milliseconds(i / 100));
      const auto value = cache.Get(key, start + std::chrono::milliseconds(i / 100));
      if (value.has_value()) {
        EXPECT_EQ(*value, key);
      }
    }
  });
  EXPECT_LE(cache.size(), 8u);
}

}  // namespace
}  // namespace fluxgate::modules
