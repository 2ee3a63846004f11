#include "tests/bench/orders.h"

#include <charconv>
#include <cstdio>
#include <cstring>

#include "tests/bench/fail.h"

namespace fluxgate::bench {
namespace {

constexpr std::string_view kOrderStart = "{\"id\":";
constexpr uint64_t kFirstId = 10'000'000;  // so that every id has eight digits
constexpr size_t kIdDigits = 8;
constexpr size_t kTimeAt = kOrderStart.size() + kIdDigits + std::string_view(",\"ts\":").size();
constexpr size_t kTimeDigits = 19;
constexpr int64_t kTimeZero = 1'000'000'000'000'000'000;  // so that every time has 19 digits

int Uniform(std::mt19937_64& random, int below) {
  return static_cast<int>(random() % static_cast<uint64_t>(below));
}

template <typename... Args>
std::string Format(const char* format, Args... args) {
  char text[512];
  const int length = std::snprintf(text, sizeof(text), format, args...);
  if (length < 0 || static_cast<size_t>(length) >= sizeof(text)) Fail("text too long");
  return std::string(text, static_cast<size_t>(length));
}

}  // namespace

std::string NewOrderBody(uint64_t number, size_t bytes) {
  const auto n = static_cast<unsigned>(number);
  std::string body = Format(
      "{\"id\":%u,\"ts\":%lld,\"symbol\":\"S%04u\",\"price\":%u.%02u,\"qty\":%u,\"side\":\"%s\","
      "\"note\":\"",
      static_cast<unsigned>(kFirstId) + n, static_cast<long long>(kTimeZero), n % 1000,
      100 + n % 900, n % 100, 1000 + n % 9000, n % 2 == 0 ? "buy" : "sell");
  if (bytes < kOrderBytesMin || body.size() + 2 > bytes) Fail("body size too small for an order");
  body.append(bytes - 2 - body.size(), 'x');
  body += "\"}";
  return body;
}

uint64_t OrderNumber(std::string_view body) {
  if (body.size() < kOrderStart.size() + kIdDigits || !body.starts_with(kOrderStart)) {
    return UINT64_MAX;
  }
  uint64_t id = 0;
  const char* from = body.data() + kOrderStart.size();
  const auto [last, error] = std::from_chars(from, from + kIdDigits, id);
  if (error != std::errc() || last != from + kIdDigits) return UINT64_MAX;
  return id - kFirstId;
}

void SetOrderTime(char* body, int64_t monotonic_ns) {
  std::to_chars(body + kTimeAt, body + kTimeAt + kTimeDigits, kTimeZero + monotonic_ns);
}

int64_t OrderTime(std::string_view body) {
  int64_t time = 0;
  const char* from = body.data() + kTimeAt;
  if (body.size() < kTimeAt + kTimeDigits) Fail("order without a time");
  const auto [last, error] = std::from_chars(from, from + kTimeDigits, time);
  if (error != std::errc() || last != from + kTimeDigits) Fail("order without a time");
  return time - kTimeZero;
}

Event NewEvent(std::mt19937_64& random) {
  static constexpr const char* kCurrencies[] = {
      "USD", "EUR", "GBP", "JPY", "CHF", "AUD", "CAD", "NZD", "SEK", "NOK",
      "DKK", "PLN", "CZK", "HUF", "TRY", "ZAR", "MXN", "BRL", "INR", "CNY",
      "HKD", "SGD", "KRW", "THB", "ILS", "AED", "SAR", "CLP", "COP", "RON"};
  Event event;
  const int id = Uniform(random, 100'000'000);
  event.symbol = Uniform(random, 1000);
  event.price_cents = Uniform(random, 100'000);
  event.qty = Uniform(random, 10'000);
  const char* side = Uniform(random, 2) == 0 ? "buy" : "sell";
  const int venue = Uniform(random, 20);
  const int trader = Uniform(random, 500);
  const int desk = Uniform(random, 50);
  const int time = Uniform(random, 1'000'000'000);
  const char* currency = kCurrencies[Uniform(random, 30)];
  event.body = Format(
      "{\"id\":%d,\"symbol\":\"S%04d\",\"price\":%d.%02d,\"qty\":%d,\"side\":\"%s\","
      "\"venue\":\"V%02d\",\"trader\":\"T%03d\",\"desk\":\"D%02d\",\"ts\":17%011d,"
      "\"ccy\":\"%s\"}",
      id, event.symbol, event.price_cents / 100, event.price_cents % 100, event.qty, side, venue,
      trader, desk, time, currency);
  return event;
}

std::string EventFilter::Text() const {
  return Format("/symbol = 'S%04d' AND /price > %d.%02d AND /qty < %d", symbol, price_cents / 100,
                price_cents % 100, qty);
}

EventFilter NewEventFilter(std::mt19937_64& random, Selectivity selectivity) {
  EventFilter filter;
  filter.symbol = Uniform(random, 1000);
  if (selectivity == Selectivity::kW1) {
    filter.price_cents = Uniform(random, 100'000);
    filter.qty = Uniform(random, 10'000);
  } else {
    filter.price_cents = 90'000 + Uniform(random, 10'000);
    filter.qty = Uniform(random, 1'000);
  }
  return filter;
}

}  // namespace fluxgate::bench
