// What it costs to find the filters that a message matches: the filter index against every filter
// in turn, on the workloads of docs/performance.md, in interleaved rounds of one run.
#include <malloc.h>
#include <time.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "core/filter/filter.h"
#include "core/message/field_table.h"
#include "core/message/json_message_type.h"
#include "core/message/value.h"
#include "core/subscription/filter_index.h"
#include "fmt/format.h"
#include "tests/bench/fail.h"
#include "tests/bench/orders.h"

namespace fluxgate::bench {
namespace {

using Random = std::mt19937_64;
using Clock = std::chrono::steady_clock;

double MicrosecondsSince(Clock::time_point start) {
  return std::chrono::duration<double, std::micro>(Clock::now() - start).count();
}

// Of this thread's processor time: other work on the machine does not count.
double ProcessorMicroseconds() {
  timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) * 1e6 + static_cast<double>(t.tv_nsec) / 1e3;
}

// What the allocator has given out.
size_t AllocatedBytes() {
  const struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

constexpr uint32_t kMillion = 1'000'000;

uint64_t Below(Random& random, uint64_t n) { return random() % n; }

// ---- workloads ----------------------------------------------------------------------------------

std::string RangesOnly(Random& random) {
  const uint64_t cents = Below(random, 100'000);
  return fmt::format("/price > {}.{:02} AND /price < {}.{:02} AND /qty < {}", cents / 100,
                     cents % 100, cents / 100 + 1, cents % 100, Below(random, 10'000));
}

static constexpr const char* kCurrencies[] = {
    "USD", "EUR", "GBP", "JPY", "CHF", "AUD", "CAD", "NZD", "SEK", "NOK",
    "DKK", "PLN", "CZK", "HUF", "TRY", "ZAR", "MXN", "BRL", "INR", "CNY",
    "HKD", "SGD", "KRW", "THB", "ILS", "AED", "SAR", "CLP", "COP", "RON"};

std::string OnField(Random& random, uint64_t field) {
  const char op = Below(random, 2) == 0 ? '<' : '>';
  switch (field) {
    case 0:
      return fmt::format("/id {} {}", op, Below(random, 100'000'000));
    case 1:
      return fmt::format("/symbol = 'S{:04}'", Below(random, 1000));
    case 2:
      return fmt::format("/price {} {}.{:02}", op, Below(random, 1000), Below(random, 100));
    case 3:
      return fmt::format("/qty {} {}", op, Below(random, 10'000));
    case 4:
      return fmt::format("/side = '{}'", Below(random, 2) == 0 ? "buy" : "sell");
    case 5:
      return fmt::format("/venue = 'V{:02}'", Below(random, 20));
    case 6:
      return fmt::format("/trader = 'T{:03}'", Below(random, 500));
    case 7:
      return fmt::format("/desk = 'D{:02}'", Below(random, 50));
    case 8:
      return fmt::format("/ts {} 17{:011}", op, Below(random, 1'000'000'000));
    default:
      return fmt::format("/ccy = '{}'", kCurrencies[Below(random, 30)]);
  }
}

std::string RandomFields(Random& random) {
  uint64_t fields[3];
  fields[0] = Below(random, 10);
  do {
    fields[1] = Below(random, 10);
  } while (fields[1] == fields[0]);
  do {
    fields[2] = Below(random, 10);
  } while (fields[2] == fields[0] || fields[2] == fields[1]);
  return fmt::format("{} AND {} AND {}", OnField(random, fields[0]), OnField(random, fields[1]),
                     OnField(random, fields[2]));
}

// A condition that most messages fail, of the kind that an index can look up, or a narrow range.
std::string MixedKey(Random& random) {
  const uint64_t symbol = Below(random, 1000);
  switch (Below(random, 10)) {
    case 0:
      return fmt::format("/symbol IN ('S{:04}', 'S{:04}', 'S{:04}')", symbol, Below(random, 1000),
                         Below(random, 1000));
    case 1:
      return fmt::format("/trader = 'T{:03}'", Below(random, 500));
    case 2:
      return fmt::format("/symbol BEGINS WITH ('S{:03}')", symbol / 10);
    case 3:
      return fmt::format("/symbol LIKE '^S{:03}[{}-9]$'", symbol / 10, 5 + Below(random, 4));
    case 4:
      return fmt::format("(/symbol = 'S{:04}' OR /trader = 'T{:03}')", symbol, Below(random, 500));
    case 5: {
      const uint64_t cents = Below(random, 99'900);
      return fmt::format("/price BETWEEN {}.{:02} AND {}.{:02}", cents / 100, cents % 100,
                         cents / 100 + 1, cents % 100);
    }
    default:
      return fmt::format("/symbol = 'S{:04}'", symbol);
  }
}

// A further condition on one of six fields: equality and ranges more often than the rest, and
// nothing else when `is_selective`.
std::string MixedFurther(Random& random, uint64_t field, bool is_selective) {
  static constexpr const char* kNames[] = {"qty", "id", "venue", "desk", "ccy", "side"};
  static constexpr char kInitials[] = {'V', 'D'};
  const std::string name = kNames[field];
  if (field == 0) return fmt::format("/qty < {}", Below(random, 1000));
  if (field == 1) return fmt::format("/id > {}", 90'000'000 + Below(random, 10'000'000));
  if (field == 5) return Below(random, 2) == 0 ? "/side = 'buy'" : "NOT /side = 'buy'";
  const auto constant = [&]() -> std::string {
    if (field == 4) return kCurrencies[Below(random, 30)];
    return fmt::format("{}{:02}", kInitials[field - 2], Below(random, field == 2 ? 20 : 50));
  };
  switch (is_selective ? 6 : Below(random, 10)) {
    case 0:
      return fmt::format("/{} IN ('{}', '{}', '{}')", name, constant(), constant(), constant());
    case 1:
      return fmt::format("/{} != '{}'", name, constant());
    case 2:
      return fmt::format("/{} NOT IN ('{}', '{}')", name, constant(), constant());
    case 3:
      return fmt::format("/{} IS NOT NULL", name);
    case 4:
      if (field == 4) return fmt::format("/ccy LIKE '^[A-{}]'", "BCDEFGH"[Below(random, 7)]);
      return fmt::format("/{} LIKE '[{}{}]$'", name, Below(random, 10), Below(random, 10));
    case 5:
      return fmt::format("/{} NOT LIKE '{}$'", name, constant().back());
    default:
      return fmt::format("/{} = '{}'", name, constant());
  }
}

// Two to four conditions: a key, one that is selective, and others, on distinct fields.
std::string Mixed(Random& random) {
  constexpr uint64_t kSide = 5;
  std::string text = MixedKey(random);
  uint64_t used = 0;
  const uint64_t count = 1 + Below(random, 3);
  for (uint64_t n = 0; n < count;) {
    const uint64_t field = Below(random, n == 0 ? kSide : kSide + 1);
    if ((used >> field & 1) != 0) continue;
    used |= 1ull << field;
    text += " AND " + MixedFurther(random, field, n == 0);
    ++n;
  }
  return text;
}

struct Workload {
  const char* name;
  std::function<std::string(Random&)> next_filter;
  bool single = false;  // measured with one filter only
};

std::vector<Workload> Workloads() {
  return {
      {"W1", [](Random& r) { return NewEventFilter(r, Selectivity::kW1).Text(); }},
      {"W1s", [](Random& r) { return NewEventFilter(r, Selectivity::kW1s).Text(); }},
      {"W2", RangesOnly},
      {"W3", RandomFields},
      {"MIX", Mixed},
      // What every subscriber of the throughput workloads has.
      {"one", [](Random&) -> std::string { return "/price > 0 AND /symbol != 'ZZZZ'"; }, true},
      // One filter per value, and nothing else in it.
      {"id", [](Random& r) { return fmt::format("/id = {}", Below(r, 100'000'000)); }},
      // A condition that no index can look up, behind an equality.
      {"like",
       [](Random& r) {
         return fmt::format("/symbol = 'S{:04}' AND /venue LIKE '{}$' AND /qty != {}",
                            Below(r, 1000), Below(r, 10), Below(r, 10'000));
       }},
      // A box in two dimensions, each side a hundredth.
      {"box",
       [](Random& r) {
         const uint64_t p = Below(r, 990);
         const uint64_t q = Below(r, 9900);
         return fmt::format("/price BETWEEN {} AND {} AND /qty BETWEEN {} AND {}", p, p + 10, q,
                            q + 100);
       }},
  };
}

// ---- measuring ----------------------------------------------------------------------------------

struct Options {
  std::vector<uint32_t> filters = {1'000, 10'000, 100'000};
  bool million = false;
  uint32_t million_rounds = 5;
  std::vector<std::string> workloads;
  uint32_t rounds = 15;
  uint32_t events = 2'000;
  double in_turn_ms = 30;  // a round of every filter in turn takes about this long
  uint32_t churn = 0;      // times that every filter has been replaced before measuring
  uint64_t seed = 1;
};

struct Samples {
  std::vector<double> us;
  std::string Text() {
    if (us.empty()) return "-";
    std::sort(us.begin(), us.end());
    return fmt::format("{:9.3f} ({:.3f}-{:.3f})", us[us.size() / 2], us.front(), us.back());
  }
};

// Every body with the slack behind it that an extractor may read.
class Bodies {
 public:
  Bodies(Random& random, uint32_t count) {
    for (uint32_t i = 0; i < count; ++i) {
      std::string body = NewEvent(random).body;
      body.reserve(body.size() + kBodyPaddingBytes);
      bodies_.push_back(std::move(body));
    }
  }
  size_t size() const { return bodies_.size(); }
  const std::string& operator[](size_t i) const { return bodies_[i % bodies_.size()]; }

 private:
  std::vector<std::string> bodies_;
};

class Measurement {
 public:
  Measurement(const Workload& workload, uint32_t filters, const Options& options)
      : workload_(workload), options_(options), random_(options.seed) {
    if (filters >= kMillion) options_.rounds = options.million_rounds;
    MeasureCompiling(filters);
    const Bodies bodies(random_, options.events);
    MeasureBuild();
    for (uint64_t n = uint64_t{options.churn} * filters; n > 0; --n) Replace();
    OpenExtractor();
    MeasureMatching(bodies);
    MeasureChanges();
  }

 private:
  using FilterPointer = std::shared_ptr<const Filter>;

  FilterPointer Compile() { return CompileText(workload_.next_filter(random_)); }

  FilterPointer CompileText(const std::string& text) {
    auto filter = Filter::Compile(text, fields_);
    if (!filter.ok()) Fail(std::string(filter.status().message()).c_str());
    return *filter;
  }

  void MeasureCompiling(uint32_t filters) {
    filters_.reserve(filters);
    ids_.reserve(filters);
    std::vector<std::string> texts;
    for (uint32_t i = 0; i < filters; ++i) texts.push_back(workload_.next_filter(random_));
    const size_t before = AllocatedBytes();
    const double start = ProcessorMicroseconds();
    for (const std::string& text : texts) filters_.push_back(CompileText(text));
    compile_us_ = (ProcessorMicroseconds() - start) / static_cast<double>(filters);
    filter_bytes_ = (AllocatedBytes() - before) / filters;
  }

  void MeasureBuild() {
    const size_t before = AllocatedBytes();
    const double start = ProcessorMicroseconds();
    for (const FilterPointer& filter : filters_) ids_.push_back(index_.Add(filter));
    build_us_ = (ProcessorMicroseconds() - start) / static_cast<double>(filters_.size());
    index_bytes_ = (AllocatedBytes() - before) / filters_.size();
  }

  void Replace() {
    const size_t at = Below(random_, filters_.size());
    index_.Remove(ids_[at]);
    filters_[at] = Compile();
    ids_[at] = index_.Add(filters_[at]);
  }

  void OpenExtractor() {
    std::vector<FieldRequest> requests;
    for (const FieldSlot slot : index_.slots()) requests.push_back({fields_.path(slot), slot});
    extractor_ = JsonMessageType().NewExtractor(std::move(requests));
    values_.resize(fields_.slot_end());
  }

  void MeasureMatching(const Bodies& bodies) {
    std::vector<std::vector<Value>> extracted;
    for (size_t i = 0; i < bodies.size(); ++i) {
      if (!extractor_->Extract(bodies[i], values_)) Fail("body refused");
      extracted.push_back(values_);
    }
    Samples matching;
    Samples extracting;
    Samples in_turn;
    uint64_t matches = 0;
    uint64_t expected = 0;
    uint64_t asked = 0;
    uint64_t found = 0;
    size_t next_event = 0;
    for (uint32_t round = 0; round <= options_.rounds; ++round) {
      const bool warm_up = round == 0;
      uint64_t count = 0;
      // Every filter in turn has been through all caches.
      for (const std::vector<Value>& values : extracted) Match(values);
      double start = ProcessorMicroseconds();
      for (const std::vector<Value>& values : extracted) count += Match(values);
      const double bodies_count = static_cast<double>(bodies.size());
      if (!warm_up) matching.us.push_back((ProcessorMicroseconds() - start) / bodies_count);
      matches = count;

      start = ProcessorMicroseconds();
      for (size_t i = 0; i < bodies.size(); ++i) {
        extractor_->Extract(bodies[i], values_);
        count += Match(values_);
      }
      if (!warm_up) extracting.us.push_back((ProcessorMicroseconds() - start) / bodies_count);
      if (count != 2 * matches) Fail("extraction changes the matches");

      if (options_.in_turn_ms <= 0) continue;
      start = ProcessorMicroseconds();
      uint32_t turns = 0;
      do {
        const std::vector<Value>& values = extracted[next_event++ % extracted.size()];
        for (const FilterPointer& filter : filters_) expected += filter->Matches(values);
        ++turns;
      } while (ProcessorMicroseconds() - start < 1000 * options_.in_turn_ms);
      if (!warm_up) in_turn.us.push_back((ProcessorMicroseconds() - start) / turns);
      // The same events once more, to compare.
      for (uint32_t i = 0; i < turns; ++i) {
        found += Match(extracted[(asked + i) % extracted.size()]);
      }
      asked += turns;
    }
    if (found != expected) Fail("the index does not find what every filter in turn finds");
    fmt::print("{:4} {:8} {:10.2f}  {:24} {:24} {:28}", workload_.name, filters_.size(),
               static_cast<double>(matches) / static_cast<double>(bodies.size()), matching.Text(),
               extracting.Text(), in_turn.Text());
  }

  size_t Match(const std::vector<Value>& values) {
    matches_.clear();
    index_.Match(values, true, matches_);
    return matches_.size();
  }

  void MeasureChanges() {
    constexpr uint32_t kChanges = 5000;
    Samples add;
    Samples remove;
    for (uint32_t i = 0; i < kChanges; ++i) {
      const size_t at = Below(random_, filters_.size());
      auto start = Clock::now();
      index_.Remove(ids_[at]);
      remove.us.push_back(MicrosecondsSince(start));
      filters_[at] = Compile();
      start = Clock::now();
      ids_[at] = index_.Add(filters_[at]);
      add.us.push_back(MicrosecondsSince(start));
    }
    const auto text = [](Samples& samples) {
      std::sort(samples.us.begin(), samples.us.end());
      return fmt::format("{:.2f}/{:.2f}/{:.0f}", samples.us[samples.us.size() / 2],
                         samples.us[samples.us.size() * 99 / 100], samples.us.back());
    };
    fmt::print("{:8.2f} {:7.2f} {:7} {:7} {:>16} {:>16}\n", compile_us_, build_us_, filter_bytes_,
               index_bytes_, text(add), text(remove));
    std::fflush(stdout);
  }

  const Workload& workload_;
  Options options_;
  Random random_;
  FieldTable fields_;
  std::vector<FilterPointer> filters_;
  FilterIndex index_;
  std::vector<FilterIndex::Id> ids_;
  std::unique_ptr<Extractor> extractor_;
  std::vector<Value> values_;
  std::vector<FilterIndex::Id> matches_;
  double compile_us_ = 0;
  double build_us_ = 0;
  size_t filter_bytes_ = 0;
  size_t index_bytes_ = 0;
};

int Main(int argc, char** argv) {
  Options options;
  CLI::App app("Matching messages with filters: us per event, median (lowest-highest round)");
  app.add_option("--filters", options.filters, "numbers of filters");
  app.add_flag("--million", options.million, "also a million filters");
  app.add_option("--workloads", options.workloads,
                 "W1, W1s, W2, W3, MIX, one, id, like, box; default all");
  app.add_option("--rounds", options.rounds, "rounds");
  app.add_option("--million-rounds", options.million_rounds, "rounds with a million filters");
  app.add_option("--events", options.events, "events per round");
  app.add_option("--in-turn-ms", options.in_turn_ms,
                 "time for every filter in turn per round; 0: not at all");
  app.add_option("--churn", options.churn, "times every filter is replaced before measuring");
  app.add_option("--seed", options.seed, "of filters and events");
  CLI11_PARSE(app, argc, argv);
  if (options.million) options.filters.push_back(kMillion);

  fmt::print("{:4} {:>8} {:>10}  {:24} {:24} {:28} {:>7} {:>7} {:>7} {:>7} {:>16} {:>16}\n", "",
             "filters", "matches", "index, us", "with JSON, us", "every filter in turn, us",
             "compile", "add", "filter B", "index B", "add med/p99/max", "remove");
  for (const Workload& workload : Workloads()) {
    const auto& chosen = options.workloads;
    if (!chosen.empty() && std::find(chosen.begin(), chosen.end(), workload.name) == chosen.end()) {
      continue;
    }
    if (workload.single) {
      Measurement(workload, 1, options);
      continue;
    }
    for (const uint32_t filters : options.filters) Measurement(workload, filters, options);
  }
  return 0;
}

}  // namespace
}  // namespace fluxgate::bench

int main(int argc, char** argv) { return fluxgate::bench::Main(argc, argv); }
