#include "tests/data/market_data.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <string>

namespace fluxgate::testdata {
namespace {

constexpr size_t kSampleOrders = 300;

std::string Sample() {
  std::ifstream file("tests/data/orders.jsonl", std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

TEST(MarketData, GeneratesTheSampleFileByteForByte) {
  std::string generated;
  for (const Order& order : MakeOrders(kSampleOrders)) generated += ToJson(order) + "\n";
  const std::string sample = Sample();
  ASSERT_FALSE(sample.empty());
  EXPECT_EQ(generated, sample);
}

TEST(MarketData, ALongerRunBeginsLikeAShorterOne) {
  const auto few = MakeQuotes(10);
  const auto many = MakeQuotes(20);
  for (size_t i = 0; i < few.size(); ++i) EXPECT_EQ(ToJson(few[i]), ToJson(many[i]));
}

TEST(MarketData, AnotherSeedGivesOtherData) {
  EXPECT_NE(ToJson(MakeOrders(1, 1)[0]), ToJson(MakeOrders(1, 2)[0]));
}

TEST(MarketData, HasWhatFiltersAskFor) {
  const auto orders = MakeOrders(2000);
  const auto count = [&](auto&& is) { return std::count_if(orders.begin(), orders.end(), is); };
  EXPECT_GT(count([](const Order& o) { return o.client.has_value(); }), 500);
  EXPECT_GT(count([](const Order& o) { return !o.client.has_value(); }), 1000);
  EXPECT_GT(count([](const Order& o) { return !o.note.empty(); }), 100);
  EXPECT_GT(count([](const Order& o) { return o.symbol == "IBM"; }), 40);
  EXPECT_TRUE(std::all_of(orders.begin(), orders.end(), [](const Order& o) {
    return o.price_cents > 0 && o.qty > 0 && (o.side == "buy" || o.side == "sell");
  }));
  for (const Quote& quote : MakeQuotes(2000)) EXPECT_LT(quote.bid_cents, quote.ask_cents);
}

}  // namespace
}  // namespace fluxgate::testdata
