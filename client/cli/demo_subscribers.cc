#include "client/cli/demo_subscribers.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

namespace fluxgate::cli {
namespace {

using testdata::Order;
using testdata::Quote;

// Both protocols get different filters, and one the same.
struct OrderCase {
  std::string_view protocol;
  std::string_view filter;
  bool (*is_wanted)(const Order&);
};
constexpr OrderCase kOrderCases[] = {
    {"tcp", "", [](const Order&) { return true; }},
    {"tcp", "/price > 100 AND /side = 'buy'",
     [](const Order& o) { return o.price_cents > 10000 && o.side == "buy"; }},
    {"tcp", "/symbol IN ('IBM', 'MSFT', 'AAPL')",
     [](const Order& o) { return o.symbol == "IBM" || o.symbol == "MSFT" || o.symbol == "AAPL"; }},
    {"tcp", "/client/region = 'EMEA' AND /client/tier <= 2",
     [](const Order& o) { return o.client && o.client->region == "EMEA" && o.client->tier <= 2; }},
    {"grpc", "/client/region = 'EMEA' AND /client/tier <= 2",
     [](const Order& o) { return o.client && o.client->region == "EMEA" && o.client->tier <= 2; }},
    {"grpc", "/qty BETWEEN 200 AND 1000",
     [](const Order& o) { return o.qty >= 200 && o.qty <= 1000; }},
    {"grpc", "/client/account IS NULL AND NOT (/ccy = 'USD' OR /ccy = 'EUR')",
     [](const Order& o) { return !o.client && o.ccy != "USD" && o.ccy != "EUR"; }},
    {"grpc", "/symbol LIKE '\\.DE$' AND /qty * /price >= 100000",
     // In hundredths on both sides; no product of the data lies at the limit.
     [](const Order& o) { return o.symbol.ends_with(".DE") && o.qty * o.price_cents >= 10000000; }},
};

struct QuoteCase {
  std::string_view protocol;
  std::string_view filter;
  bool (*is_wanted)(const Quote&);
};
constexpr QuoteCase kQuoteCases[] = {
    {"tcp", "/source/feed = 'A' AND /ccy != 'USD'",
     [](const Quote& q) { return q.feed == "A" && q.ccy != "USD"; }},
    {"tcp", "/bid_size > /ask_size", [](const Quote& q) { return q.bid_size > q.ask_size; }},
    {"grpc", "", [](const Quote&) { return true; }},
    {"grpc", "/venue = 'XLON' OR /bid >= 1000",
     [](const Quote& q) { return q.venue == "XLON" || q.bid_cents >= 100000; }},
};

// Short, so that Stop is noticed.
constexpr std::chrono::milliseconds kReceiveSlice(100);

// The number after {"id":, which all bodies begin with; 0 when there is none.
uint64_t IdOf(std::string_view body) {
  constexpr std::string_view kStart = R"({"id":)";
  uint64_t id = 0;
  if (body.starts_with(kStart)) {
    std::from_chars(body.data() + kStart.size(), body.data() + body.size(), id);
  }
  return id;
}

}  // namespace

DemoData::DemoData(size_t order_count, size_t quote_count)
    : orders(testdata::MakeOrders(order_count)), quotes(testdata::MakeQuotes(quote_count)) {
  for (const Order& order : orders) order_bodies.push_back(ToJson(order));
  for (const Quote& quote : quotes) quote_bodies.push_back(ToJson(quote));
}

DemoSubscriber::DemoSubscriber(std::string_view protocol, std::string_view topic,
                               std::string_view filter, const std::vector<std::string>& bodies,
                               std::vector<bool> wanted)
    : protocol_(protocol),
      topic_(topic),
      filter_(filter),
      bodies_(bodies),
      wanted_(std::move(wanted)),
      expected_(static_cast<uint64_t>(std::count(wanted_.begin(), wanted_.end(), true))),
      seen_(wanted_.size()) {}

absl::Status DemoSubscriber::Subscribe(std::unique_ptr<client::Client> client) {
  client_ = std::move(client);
  if (auto id = client_->Subscribe(topic_, filter_); !id.ok()) return id.status();
  return client_->Subscribe(kDemoEnd, "").status();
}

void DemoSubscriber::ReceiveUntil(std::chrono::steady_clock::time_point deadline) {
  while (!stopped_ && !ended_ && std::chrono::steady_clock::now() < deadline) {
    client::Message message;
    const auto got = client_->Next(&message, kReceiveSlice);
    if (!got.ok()) {
      status_ = got.status();
      return;
    }
    if (!*got) continue;
    if (message.topic == kDemoEnd) {
      ended_ = true;
    } else {
      Check(message.topic == topic_ ? message.body : std::string_view());
    }
  }
}

void DemoSubscriber::Check(std::string_view body) {
  ++delivered_;
  const uint64_t row = IdOf(body) - 1;
  if (row >= bodies_.size() || !wanted_[row] || seen_[row] || body != bodies_[row]) {
    ++wrong_;
    return;
  }
  seen_[row] = true;
}

bool DemoSubscriber::ok() const {
  return status_.ok() && ended_ && wrong_ == 0 && delivered_ == expected_;
}

std::string DemoSubscriber::Verdict() const {
  if (ok()) return "ok";
  if (!status_.ok()) return "MISMATCH: connection lost";
  if (wrong_ != 0) return fmt::format("MISMATCH: {} wrong or doubled", wrong_);
  if (!ended_) return "MISMATCH: not finished in time";
  return "MISMATCH";
}

std::vector<std::unique_ptr<DemoSubscriber>> MakeDemoSubscribers(const DemoData& data) {
  std::vector<std::unique_ptr<DemoSubscriber>> subscribers;
  const auto add = [&](const auto& cases, const auto& rows, std::string_view topic,
                       const std::vector<std::string>& bodies) {
    for (const auto& c : cases) {
      std::vector<bool> wanted;
      for (const auto& row : rows) wanted.push_back(c.is_wanted(row));
      subscribers.push_back(
          std::make_unique<DemoSubscriber>(c.protocol, topic, c.filter, bodies, std::move(wanted)));
    }
  };
  add(kOrderCases, data.orders, kDemoOrders, data.order_bodies);
  add(kQuoteCases, data.quotes, kDemoQuotes, data.quote_bodies);
  return subscribers;
}

}  // namespace fluxgate::cli
