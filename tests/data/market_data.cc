#include "tests/data/market_data.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

namespace fluxgate::testdata {
namespace {

// SplitMix64 (public domain algorithm by Sebastiano Vigna): its numbers are fixed by its
// definition.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}

  uint64_t Next() {
    uint64_t z = (state_ += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }

  // Below `n`. The bias is of no account here.
  uint64_t Below(uint64_t n) { return Next() % n; }
  int64_t Between(int64_t low, int64_t high) {
    return low + static_cast<int64_t>(Below(static_cast<uint64_t>(high - low + 1)));
  }
  bool OneIn(uint64_t n) { return Below(n) == 0; }

  template <typename T, size_t n>
  const T& Pick(const T (&choices)[n]) {
    return choices[Below(n)];
  }

 private:
  uint64_t state_;
};

struct Instrument {
  std::string_view symbol;
  std::string_view ccy;
  int64_t price_cents;
};

constexpr Instrument kInstruments[] = {
    {"AAPL", "USD", 17125},     {"MSFT", "USD", 42850},    {"IBM", "USD", 19140},
    {"GOOG", "USD", 14890},     {"AMZN", "USD", 17815},    {"NVDA", "USD", 91435},
    {"JPM", "USD", 19665},      {"XOM", "USD", 11520},     {"KO", "USD", 6035},
    {"F", "USD", 1310},         {"VOD.L", "GBP", 6912},    {"HSBA.L", "GBP", 61260},
    {"BP.L", "GBP", 49285},     {"AZN.L", "GBP", 103480},  {"SAP.DE", "EUR", 17760},
    {"SIE.DE", "EUR", 17702},   {"BMW.DE", "EUR", 10598},  {"ALV.DE", "EUR", 27545},
    {"NESN.SW", "CHF", 9525},   {"UBSG.SW", "CHF", 2777},  {"7203.T", "JPY", 377300},
    {"6758.T", "JPY", 1302500}, {"9984.T", "JPY", 905900}, {"ZURN.SW", "CHF", 48690},
};

constexpr std::string_view kVenues[] = {"XNYS", "XNAS", "BATS", "XLON", "XETR", "XSWX", "XTKS"};
constexpr std::string_view kTraders[] = {"adams",  "baker", "chen", "dubois", "evans", "fischer",
                                         "garcia", "huber", "ito",  "jansen", "kaur",  "lopez"};
constexpr std::string_view kDesks[] = {"equity-emea", "equity-us", "equity-apac",
                                       "delta-one",   "program",   "etf"};
constexpr std::string_view kRegions[] = {"EMEA", "US", "APAC"};
constexpr std::string_view kAccounts[] = {"ACC-1001", "ACC-1002", "ACC-2044", "ACC-3310",
                                          "ACC-4711", "ACC-5150", "ACC-6007", "ACC-7777"};
constexpr std::string_view kFeeds[] = {"A", "B"};
constexpr std::string_view kNotes[] = {
    "work carefully", "client says \"at best\"", "Z\xc3\xbcrich, before 17:00",
    "fill or kill",   "path C:\\blotter\\today", "do not exceed 10% of volume",
};
constexpr int kRoundLots[] = {100, 200, 300, 500, 1000, 2000, 5000, 10000};

constexpr int64_t kOpenMs = 1711008000000;  // 21 March 2024, 08:00 UTC

// Prices walk from where they opened, each instrument on its own.
class Market {
 public:
  explicit Market(uint64_t seed) : random_(seed) {
    std::transform(std::begin(kInstruments), std::end(kInstruments), prices_.begin(),
                   [](const Instrument& i) { return i.price_cents; });
  }

  Random& random() { return random_; }
  int64_t Tick() { return now_ms_ += random_.Between(0, 40); }

  size_t PickInstrument() { return random_.Below(std::size(kInstruments)); }
  int64_t MovePrice(size_t instrument) {
    int64_t& price = prices_[instrument];
    const int64_t step = std::max<int64_t>(price / 500, 1);
    price = std::max<int64_t>(price + random_.Between(-step, step), 1);
    return price;
  }

 private:
  Random random_;
  int64_t now_ms_ = kOpenMs;
  std::array<int64_t, std::size(kInstruments)> prices_{};
};

std::string Price(int64_t cents) { return fmt::format("{}.{:02}", cents / 100, cents % 100); }

void AppendJsonText(std::string_view text, std::string* out) {
  for (const char c : text) {
    if (c == '"' || c == '\\') out->push_back('\\');
    out->push_back(c);
  }
}

}  // namespace

std::vector<Order> MakeOrders(size_t count, uint64_t seed) {
  Market market(seed);
  Random& random = market.random();
  std::vector<Order> orders(count);
  uint64_t id = 0;
  for (Order& order : orders) {
    const size_t instrument = market.PickInstrument();
    order.id = ++id;
    order.symbol = kInstruments[instrument].symbol;
    order.ccy = kInstruments[instrument].ccy;
    order.price_cents = market.MovePrice(instrument);
    order.qty = random.OneIn(5) ? static_cast<int>(random.Between(1, 99)) : random.Pick(kRoundLots);
    order.side = random.OneIn(2) ? "buy" : "sell";
    order.venue = random.Pick(kVenues);
    order.trader = random.Pick(kTraders);
    order.desk = random.Pick(kDesks);
    order.ts_ms = market.Tick();
    order.order_type = random.OneIn(4) ? "market" : "limit";
    if (random.OneIn(3)) {
      ClientAccount client;
      client.id = random.Pick(kAccounts);
      client.region = random.Pick(kRegions);
      client.tier = static_cast<int>(random.Between(1, 3));
      order.client = client;
    }
    if (random.OneIn(10)) order.note = random.Pick(kNotes);
  }
  return orders;
}

std::vector<Quote> MakeQuotes(size_t count, uint64_t seed) {
  // Not the numbers of the orders.
  Market market(seed ^ 0x5155'4f54'4553ull);
  Random& random = market.random();
  std::vector<Quote> quotes(count);
  uint64_t id = 0;
  for (Quote& quote : quotes) {
    const size_t instrument = market.PickInstrument();
    const int64_t middle = market.MovePrice(instrument);
    const int64_t half_spread = random.Between(1, std::max<int64_t>(middle / 2000, 2));
    quote.id = ++id;
    quote.symbol = kInstruments[instrument].symbol;
    quote.ccy = kInstruments[instrument].ccy;
    quote.bid_cents = std::max<int64_t>(middle - half_spread, 1);
    quote.ask_cents = middle + half_spread;
    quote.bid_size = static_cast<int>(random.Between(1, 100)) * 100;
    quote.ask_size = static_cast<int>(random.Between(1, 100)) * 100;
    quote.venue = random.Pick(kVenues);
    quote.ts_ms = market.Tick();
    quote.feed = random.Pick(kFeeds);
    quote.feed_seq = 1'000'000 + id * 3;
  }
  return quotes;
}

std::string ToJson(const Order& order) {
  std::string json = fmt::format(
      R"({{"id":{},"symbol":"{}","price":{},"qty":{},"side":"{}","type":"{}","venue":"{}",)"
      R"("trader":"{}","desk":"{}","ccy":"{}","ts":{})",
      order.id, order.symbol, Price(order.price_cents), order.qty, order.side, order.order_type,
      order.venue, order.trader, order.desk, order.ccy, order.ts_ms);
  if (order.client) {
    json += fmt::format(R"(,"client":{{"account":"{}","region":"{}","tier":{}}})", order.client->id,
                        order.client->region, order.client->tier);
  }
  if (!order.note.empty()) {
    json += R"(,"note":")";
    AppendJsonText(order.note, &json);
    json += '"';
  }
  json += '}';
  return json;
}

std::string ToJson(const Quote& quote) {
  return fmt::format(
      R"({{"id":{},"symbol":"{}","bid":{},"ask":{},"bid_size":{},"ask_size":{},"venue":"{}",)"
      R"("ccy":"{}","ts":{},"source":{{"feed":"{}","seq":{}}}}})",
      quote.id, quote.symbol, Price(quote.bid_cents), Price(quote.ask_cents), quote.bid_size,
      quote.ask_size, quote.venue, quote.ccy, quote.ts_ms, quote.feed, quote.feed_seq);
}

}  // namespace fluxgate::testdata
