// What evaluating one filter costs, without extraction and without an index: ten typical filters
// over the fields of an order, about half of the evaluations TRUE where the filter allows it.
// Names: evaluate/<number> and compile/<number>; the label is the filter.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <cstdlib>
#include <deque>
#include <iterator>
#include <string>
#include <vector>

#include "core/filter/filter.h"
#include "tests/bench/fail.h"

namespace fluxgate::bench {
namespace {

constexpr const char* kFilters[] = {
    "/symbol = 'S0001'",
    "/price > 500",
    "/price BETWEEN 250 AND 750 AND /qty >= 100",
    "/symbol IN ('S0001', 'S0003', 'S0005', 'S0007') AND /side = 'buy'",
    "/symbol != 'S0002' AND /note IS NOT NULL",
    "/symbol BEGINS WITH ('S00', 'T')",
    "/note LIKE '^(urgent|normal) order [0-9]+$'",
    "/price * /qty > 50000",
    "UPPER(/side) = 'BUY' OR LENGTH(/note) > 100",
    "IF(/side = 'buy', /price, -/price) > 0 AND /tags = 'b'",
};

constexpr size_t kRows = 64;

// Rows of values by slot, and what they point to.
struct Orders {
  std::vector<std::vector<Value>> rows;
  std::deque<std::string> text;
  std::deque<std::vector<Value>> arrays;
};

Value FieldOf(const std::string& name, size_t i, Orders& orders) {
  const auto text = [&orders](std::string s) {
    return Value::String(orders.text.emplace_back(std::move(s)));
  };
  if (name == "/symbol") return text(fmt::format("S{:04}", i % 2 == 0 ? 1 : 2 + i % 7));
  if (name == "/price") return Value::Double(static_cast<double>(i * 997 % 1000) + 0.5);
  if (name == "/qty") return Value::Int(static_cast<int64_t>(i * 31 % 200));
  if (name == "/side") return text(i % 3 == 0 ? "buy" : "sell");
  if (name == "/note") return text(i % 2 == 0 ? fmt::format("urgent order {}", i) : "call me");
  if (name == "/tags") {
    return Value::Array(orders.arrays.emplace_back(
        std::vector<Value>{Value::String("a"), Value::String(i % 2 == 0 ? "b" : "c")}));
  }
  Fail("no such field in the bench: " + name);
}

void Evaluate(benchmark::State& state, const char* text) {
  FieldTable fields;
  const auto filter = Filter::Compile(text, fields);
  if (!filter.ok()) Fail(std::string(filter.status().message()));
  Orders orders;
  for (size_t i = 0; i < kRows; ++i) {
    std::vector<Value>& row = orders.rows.emplace_back(fields.slot_end());
    for (const FieldSlot slot : (*filter)->slots()) {
      row[slot] = FieldOf(fields.path(slot).ToString(), i, orders);
    }
  }
  size_t i = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize((*filter)->Matches(orders.rows[i]));
    i = (i + 1) % kRows;
  }
  state.SetLabel(text);
}

void Compile(benchmark::State& state, const char* text) {
  FieldTable fields;
  for (auto _ : state) benchmark::DoNotOptimize(Filter::Compile(text, fields));
  state.SetLabel(text);
}

}  // namespace
}  // namespace fluxgate::bench

int main(int argc, char** argv) {
  using namespace fluxgate::bench;
  for (size_t i = 0; i < std::size(kFilters); ++i) {
    const char* const text = kFilters[i];
    benchmark::RegisterBenchmark(fmt::format("evaluate/{}", i).c_str(),
                                 [text](benchmark::State& s) { Evaluate(s, text); });
    benchmark::RegisterBenchmark(fmt::format("compile/{}", i).c_str(),
                                 [text](benchmark::State& s) { Compile(s, text); });
  }
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
