// What reading fields out of a JSON body costs.
#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "core/message/json_message_type.h"

namespace fluxgate {
namespace {

constexpr std::string_view kOrder =
    R"({"symbol":"AAPL","price":187.25,"qty":300,"side":"buy","venue":"XNAS","account":"A-1047",)"
    R"("id":90412377,"ts":1718000000123,"type":"limit","tif":"day"})";

constexpr std::string_view kSpaced = R"({
  "symbol": "AAPL",
  "price": 187.25,
  "qty": 300,
  "side": "buy",
  "venue": "XNAS",
  "account": "A-1047",
  "id": 90412377,
  "ts": 1718000000123,
  "type": "limit",
  "tif": "day"
})";

constexpr std::string_view kNested =
    R"({"header":{"source":"oms-7","sent":1718000000123,"tags":["a","b","c"],"route":{"from":1,)"
    R"("to":2}},"legs":[{"id":1,"px":1.5},{"id":2,"px":2.5}],"order":{"id":90412377,"client":{)"
    R"("name":"Z\u00fcrich \"A\"","tier":3}},"note":"plain text that nobody filters on at all"})";

std::vector<FieldRequest> Requests(std::initializer_list<std::vector<FieldStep>> paths) {
  std::vector<FieldRequest> requests;
  for (const auto& path : paths) {
    requests.push_back({{.steps = path}, static_cast<FieldSlot>(requests.size())});
  }
  return requests;
}

void Run(benchmark::State& state, std::string_view text,
         std::initializer_list<std::vector<FieldStep>> paths) {
  std::string body(text);
  body.reserve(body.size() + kBodyPaddingBytes);
  const auto extractor = JsonMessageType().NewExtractor(Requests(paths));
  std::vector<Value> values(paths.size());
  bool ok = true;
  for (auto _ : state) {
    benchmark::DoNotOptimize(body.data());
    ok &= extractor->Extract({body.data(), body.size()}, values);
    benchmark::DoNotOptimize(values.data());
    benchmark::ClobberMemory();
  }
  if (!ok) state.SkipWithError("body refused");
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(body.size()));
}

void BM_FirstField(benchmark::State& state) { Run(state, kOrder, {{"symbol"}}); }
void BM_SecondField(benchmark::State& state) { Run(state, kOrder, {{"price"}}); }
void BM_LastField(benchmark::State& state) { Run(state, kOrder, {{"tif"}}); }
void BM_MissingField(benchmark::State& state) { Run(state, kOrder, {{"none"}}); }
void BM_ThreeFields(benchmark::State& state) {
  Run(state, kOrder, {{"symbol"}, {"qty"}, {"type"}});
}
void BM_ThreeNumbers(benchmark::State& state) { Run(state, kOrder, {{"price"}, {"qty"}, {"ts"}}); }
void BM_TenFields(benchmark::State& state) {
  Run(state, kOrder,
      {{"symbol"},
       {"price"},
       {"qty"},
       {"side"},
       {"venue"},
       {"account"},
       {"id"},
       {"ts"},
       {"type"},
       {"tif"}});
}
void BM_ThreeFieldsSpaced(benchmark::State& state) {
  Run(state, kSpaced, {{"symbol"}, {"qty"}, {"type"}});
}
void BM_ThreeFieldsNested(benchmark::State& state) {
  Run(state, kNested, {{"header", "source"}, {"order", "client", "name"}, {"order", "id"}});
}
BENCHMARK(BM_FirstField);
BENCHMARK(BM_SecondField);
BENCHMARK(BM_LastField);
BENCHMARK(BM_MissingField);
BENCHMARK(BM_ThreeFields);
BENCHMARK(BM_ThreeNumbers);
BENCHMARK(BM_TenFields);
BENCHMARK(BM_ThreeFieldsSpaced);
BENCHMARK(BM_ThreeFieldsNested);

// Three of a hundred members: passing over the others.
void BM_ThreeOfHundred(benchmark::State& state) {
  constexpr const char* kNames[] = {"symbol",  "price", "qty",        "side", "venue",
                                    "account", "id",    "trade_time", "type", "tif"};
  std::string text = "{";
  for (int i = 0; i < 100; ++i) {
    text += '"' + std::string(kNames[i % 10]) + '_' + std::to_string(i / 10) + "\":";
    text += i % 5 == 1   ? std::to_string(100 + i) + ".25,"
            : i % 5 == 3 ? std::to_string(90412377 + i) + ','
                         : "\"text " + std::to_string(i) + "\",";
  }
  text.back() = '}';
  Run(state, text, {{"tif_0"}, {"tif_4"}, {"tif_8"}});
}
BENCHMARK(BM_ThreeOfHundred);

// A large body of which the last member is wanted: what skipping costs.
void BM_SkipLargeArray(benchmark::State& state) {
  std::string text = R"({"rows":[)";
  for (int i = 0; i < 2000; ++i) {
    text += R"({"id":)" + std::to_string(i) + R"(,"name":"row number )" + std::to_string(i) +
            R"(","v":[1,2,3]},)";
  }
  text.back() = ']';
  text += R"(,"last":1})";
  Run(state, text, {{"last"}});
}
BENCHMARK(BM_SkipLargeArray);

}  // namespace
}  // namespace fluxgate
