#include "gateway/security/logon_cache.h"

#include <gtest/gtest.h>

#include <string>

namespace fluxgate {
namespace {

Credentials Of(const std::string& user, const std::string& password) {
  Credentials credentials;
  credentials.user_id = user;
  credentials.password = password;
  return credentials;
}

TEST(LogonCacheTest, KnowsWhatWasGoodForItsTime) {
  LogonCache cache(100, 10);
  const std::string key = cache.KeyOf(Of("ann", "x"));
  EXPECT_FALSE(cache.Find(key, 0).has_value());
  cache.Add(key, {"ann"}, 0);
  EXPECT_EQ(cache.Find(key, 99)->user_id, "ann");
  EXPECT_FALSE(cache.Find(key, 100).has_value());
}

TEST(LogonCacheTest, WhatExpiresIsNotKnownForLonger) {
  LogonCache cache(100, 10);
  cache.Add("1", {"ann", 7}, 0, 50);
  EXPECT_EQ(cache.Find("1", 49), (LogonCache::Known{"ann", 7}));
  EXPECT_FALSE(cache.Find("1", 50).has_value());
  cache.Add("2", {"ann", 7}, 0, 0);
  EXPECT_FALSE(cache.Find("2", 0).has_value()) << "expired when it came";
}

TEST(LogonCacheTest, EverythingThatWasShownCounts) {
  const LogonCache cache(100, 10);
  const Credentials shown = Of("ann", "x");
  const std::string key = cache.KeyOf(shown);
  EXPECT_EQ(key, cache.KeyOf(shown));
  EXPECT_NE(key, cache.KeyOf(Of("ann", "y")));
  EXPECT_NE(key, cache.KeyOf(Of("bob", "x")));
  EXPECT_NE(cache.KeyOf(Of("a", "bx")), cache.KeyOf(Of("ab", "x")));
  Credentials token = shown;
  token.method = Credentials::Method::kBearer;
  EXPECT_NE(key, cache.KeyOf(token));
  Credentials with_certificate = shown;
  with_certificate.certificate_pem = "pem";
  EXPECT_NE(key, cache.KeyOf(with_certificate));
  EXPECT_NE(key, LogonCache(100, 10).KeyOf(shown)) << "a secret of its own";
}

TEST(LogonCacheTest, EntriesAtTheLimitAndAbove) {
  LogonCache cache(1000, 3);
  for (int i = 0; i < 3; ++i) cache.Add(std::to_string(i), {"u"}, i);
  EXPECT_EQ(cache.size(), 3u);
  cache.Add("3", {"u"}, 3);
  EXPECT_EQ(cache.size(), 3u);
  EXPECT_FALSE(cache.Find("0", 3).has_value()) << "the oldest has gone";
  EXPECT_TRUE(cache.Find("3", 3).has_value());
}

TEST(LogonCacheTest, ClearedAndSwitchedOff) {
  LogonCache cache(1000, 3);
  cache.Add("1", {"u"}, 0);
  cache.Clear();
  EXPECT_FALSE(cache.Find("1", 0).has_value());
  LogonCache off(0, 3);
  off.Add("1", {"u"}, 0);
  EXPECT_EQ(off.size(), 0u);
}

}  // namespace
}  // namespace fluxgate
