#include "core/subscription/value_dictionary.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>
#include <string>

namespace fluxgate {
namespace {

TEST(ValueDictionaryTest, NumbersOfAllKindsAreOneConstant) {
  ValueDictionary dictionary;
  Constant* hundred = dictionary.Acquire(Value::Int(100), 0);
  EXPECT_EQ(dictionary.Acquire(Value::Double(100), 0), hundred);
  EXPECT_EQ(dictionary.FindNumber(Value::Int(100)), hundred);
  EXPECT_EQ(dictionary.FindNumber(Value::Double(100.5)), nullptr);
  EXPECT_EQ(dictionary.FindText("100"), nullptr);
  dictionary.Release(hundred);
  dictionary.Release(hundred);
  EXPECT_EQ(dictionary.FindNumber(Value::Int(100)), nullptr);
}

TEST(ValueDictionaryTest, LargeIntegersStayApart) {
  ValueDictionary dictionary;
  const int64_t edge = int64_t{1} << 53;
  Constant* even = dictionary.Acquire(Value::Double(static_cast<double>(edge)), 0);
  EXPECT_EQ(dictionary.FindNumber(Value::Int(edge)), even);
  EXPECT_EQ(dictionary.FindNumber(Value::Int(edge + 1)), nullptr);
  Constant* top = dictionary.Acquire(Value::Uint(UINT64_MAX), 0);
  EXPECT_EQ(dictionary.FindNumber(Value::Double(18446744073709551616.0)), nullptr);
  EXPECT_EQ(dictionary.FindNumber(Value::Int(-1)), nullptr);
  Constant* zero = dictionary.Acquire(Value::Double(-0.0), 0);
  EXPECT_EQ(dictionary.FindNumber(Value::Int(0)), zero);
  for (Constant* constant : {even, top, zero}) dictionary.Release(constant);
}

TEST(ValueDictionaryTest, OneSpellingStandsForTheOthers) {
  ValueDictionary dictionary;
  Constant* plain = dictionary.Acquire(Value::String("100"), 0);
  Constant* dotted = dictionary.Acquire(Value::String("100.0"), 0);
  EXPECT_FALSE(plain->is_second_spelling());
  EXPECT_TRUE(dotted->is_second_spelling());
  Constant* number = dictionary.FindNumber(Value::Int(100));
  ASSERT_NE(number, nullptr);
  EXPECT_EQ(number->speller, plain);
  EXPECT_EQ(dictionary.number_uses(), 0u);  // nobody asked for it as a number
  // It stays for as long as another depends on it.
  dictionary.Release(plain);
  EXPECT_EQ(dictionary.FindText("100"), plain);
  dictionary.Release(dotted);
  EXPECT_EQ(dictionary.FindText("100"), nullptr);
  EXPECT_EQ(dictionary.FindNumber(Value::Int(100)), nullptr);
  EXPECT_EQ(dictionary.memory_bytes(), 0u);
}

TEST(ValueDictionaryTest, SmallIdentitiesAreUsedAgain) {
  ValueDictionary dictionary;
  std::map<int, Constant*> constants;
  for (int i = 0; i <= static_cast<int>(kBitIdentities); ++i) {
    constants[i] = dictionary.Acquire(Value::Int(i), 0);
    EXPECT_EQ(constants[i]->identity, static_cast<uint64_t>(i));
  }
  dictionary.Release(constants[7]);
  constants[7] = dictionary.Acquire(Value::Int(700), 0);
  EXPECT_EQ(constants[7]->identity, 7u);
  for (const auto& [i, constant] : constants) dictionary.Release(constant);
}

// Grows and shrinks past several sizes of the hash tables, which move over bit by bit.
TEST(ValueDictionaryTest, KeepsAllConstantsWhileItGrowsAndShrinks) {
  ValueDictionary dictionary;
  std::mt19937_64 random(1);
  std::map<int, Constant*> held;
  std::set<uint64_t> identities;
  const auto text = [](int n) { return fmt::format("text {}", n); };
  for (int step = 0; step < 60'000; ++step) {
    const int n = static_cast<int>(random() % 20'000);
    const bool growing = step / 15'000 % 2 == 0;
    const auto it = held.find(n);
    if (it == held.end()) {
      EXPECT_EQ(dictionary.FindText(text(n)), nullptr);
      if (!growing) continue;
      held[n] = dictionary.Acquire(Value::String(text(n)), 0);
      EXPECT_TRUE(identities.insert(held[n]->identity).second);
    } else {
      EXPECT_EQ(dictionary.FindText(text(n)), it->second);
      if (growing) continue;
      identities.erase(it->second->identity);
      dictionary.Release(it->second);
      held.erase(it);
    }
    ASSERT_EQ(dictionary.text_count(), held.size());
  }
  for (const auto& [n, constant] : held) {
    EXPECT_EQ(dictionary.FindText(text(n)), constant);
    dictionary.Release(constant);
  }
  EXPECT_EQ(dictionary.memory_bytes(), 0u);
}

}  // namespace
}  // namespace fluxgate
