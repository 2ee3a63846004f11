// What a view costs beside its source: changes of one record, with few and many groups and records,
// each brought into the view (and its record entered) before the next, or many at a time.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/base/clock.h"
#include "core/message/json_message_type.h"
#include "core/sow/view.h"

namespace fluxgate {
namespace {

class Entered final : public DerivedOutput {
 public:
  Entered(SowTopic& topic, uint64_t& sequence) : topic_(topic), sequence_(sequence) {}
  void Put(RecordRef record) override {
    record.mutable_record()->sequence = ++sequence_;
    ++entered;
    benchmark::DoNotOptimize(
        topic_.PutRecord(std::move(record), topic_.name(), readers_, false, scratch_).ok());
  }
  void Remove(uint64_t key, OutOfFocusReason reason) override {
    topic_.Remove(key, reason, readers_, false, scratch_);
  }

  uint64_t entered = 0;

 private:
  SowTopic& topic_;
  uint64_t& sequence_;
  RecordReaders readers_;
  SowScratch scratch_;
};

// Arguments: records, groups, changes before the view gets on; 1: with the view.
void BM_Change(benchmark::State& state) {
  const auto records = static_cast<uint64_t>(state.range(0));
  const auto groups = static_cast<uint64_t>(state.range(1));
  const auto together = static_cast<uint64_t>(state.range(2));
  const JsonMessageType json;
  const ManualClock clock;
  FieldTable fields;
  uint64_t sequence = 0;
  SowContext context{json, fields, clock, {}, "here", sequence};
  SowTopicDefinition source_definition;
  source_definition.name = "orders";
  source_definition.key_fields = {"/id"};
  const auto source = *SowTopic::Create(source_definition, context);
  ViewDefinition definition;
  definition.name = "view";
  definition.source = "orders";
  definition.projection = {"/group", "SUM(/qty) AS /qty", "COUNT(/id) AS /n",
                           "SUM(/qty * /price) / SUM(/qty) AS /price"};
  definition.grouping = {"/group"};
  auto plan = *ViewPlan::Compile(
      definition, context, [&](auto, auto) -> absl::StatusOr<SowTopic*> { return source.get(); });
  const auto output = *SowTopic::Create(plan->OutputDefinition(), context, SowTopic::Kind::kView);
  std::unique_ptr<View> view;
  if (state.range(3) != 0) view = std::make_unique<View>(std::move(plan), *output);
  Entered entered(*output, sequence);

  RecordReaders readers{FieldReader(json, fields, source->slots()), {}};
  SowScratch scratch;
  std::vector<std::string> bodies;
  for (uint64_t i = 0; i < records; ++i) {
    bodies.push_back(fmt::format(
        R"({{"id":{},"group":"group-{}","qty":{},"price":{}.25,"trader":"someone","venue":"XNAS"}})",
        i, i % groups, i % 100 + 1, i % 50));
    bodies.back().append(kBodyPaddingBytes, '\0');
  }
  uint64_t changes = 0;
  const auto change = [&](uint64_t record) {
    SowPublish publish;
    publish.topic = "orders";
    publish.body =
        std::string_view(bodies[record]).substr(0, bodies[record].size() - kBodyPaddingBytes);
    benchmark::DoNotOptimize(source->Put(publish, readers, false, scratch).ok());
    ++changes;
  };
  const auto drain = [&] {
    while (view != nullptr && view->RunSlice(entered)) {
    }
  };
  for (uint64_t i = 0; i < records; ++i) change(i);
  drain();
  changes = 0;
  uint64_t next = 0;
  for (auto _ : state) {
    // Another body under the same key: the group's sums change.
    for (uint64_t i = 0; i < together; ++i) {
      std::string& body = bodies[next];
      const size_t digit = body.find(R"(.25,)") + 1;
      body[digit] = body[digit] == '2' ? '7' : '2';
      change(next);
      next = (next + 7919) % records;
    }
    drain();
  }
  state.SetItemsProcessed(static_cast<int64_t>(changes));
  if (view != nullptr) {
    state.counters["view_bytes_per_record"] =
        static_cast<double>(view->bytes()) / static_cast<double>(records);
  }
}

BENCHMARK(BM_Change)
    ->ArgNames({"records", "groups", "together", "view"})
    ->Args({100'000, 1000, 1, 0})
    ->Args({100'000, 1000, 1, 1})
    ->Args({1'000'000, 1000, 1, 1})
    ->Args({100'000, 100'000, 1, 1})
    ->Args({100'000, 1000, 200, 1})
    ->Args({100'000, 10, 200, 1});

}  // namespace
}  // namespace fluxgate
