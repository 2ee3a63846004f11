// Market data that is always the same: orders and quotes as they occur in a trading house, from a
// fixed seed and a generator of random numbers of our own, so that neither the library nor the
// machine can change them. For demonstrations, benchmarks and tests that count.
#ifndef FLUXGATE_TESTS_DATA_MARKET_DATA_H_
#define FLUXGATE_TESTS_DATA_MARKET_DATA_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fluxgate::testdata {

// Where an order comes from; only client orders have it.
struct ClientAccount {
  std::string_view id;      // "/client/account"
  std::string_view region;  // "/client/region"
  int tier = 0;             // "/client/tier", 1 to 3
};

struct Order {
  uint64_t id = 0;  // from 1, without gaps
  std::string_view symbol;
  int64_t price_cents = 0;  // "price", with two decimals
  int qty = 0;
  std::string_view side;  // "buy", "sell"
  std::string_view venue;
  std::string_view trader;
  std::string_view desk;
  std::string_view ccy;
  int64_t ts_ms = 0;            // since 1970
  std::string_view order_type;  // "limit", "market"
  std::optional<ClientAccount> client;
  std::string_view note;  // not in the message when empty
};

struct Quote {
  uint64_t id = 0;
  std::string_view symbol;
  int64_t bid_cents = 0;
  int64_t ask_cents = 0;
  int bid_size = 0;
  int ask_size = 0;
  std::string_view venue;
  std::string_view ccy;
  int64_t ts_ms = 0;
  std::string_view feed;  // "/source/feed"
  uint64_t feed_seq = 0;  // "/source/seq"
};

inline constexpr uint64_t kMarketDataSeed = 20240321;

// The first `count` orders or quotes of a seed. Text in them lives for ever.
std::vector<Order> MakeOrders(size_t count, uint64_t seed = kMarketDataSeed);
std::vector<Quote> MakeQuotes(size_t count, uint64_t seed = kMarketDataSeed);

// The message body.
std::string ToJson(const Order& order);
std::string ToJson(const Quote& quote);

}  // namespace fluxgate::testdata

#endif  // FLUXGATE_TESTS_DATA_MARKET_DATA_H_
