// What it costs that a module does it: a user-defined function in a filter against the same
// function built in, a loaded message type against the built-in one of nearly the same format.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "core/filter/value_expression.h"
#include "core/message/fix_message_type.h"
#include "core/module/loaded_functions.h"
#include "core/module/loaded_message_type.h"
#include "core/module/module_host.h"
#include "tests/bench/module_bench.h"

namespace fluxgate {
namespace {

std::shared_ptr<Module> Sample(const std::string& path) {
  return OrDie(Module::Load({"sample", SamplePath(path), {}}, {}));
}

// As modules/samples/functions has it, without a module around it.
Value IsReverse(std::span<const Value> arguments, EvaluationContext&) {
  if (!arguments[0].is_string() || !arguments[1].is_string()) return Value::Null();
  const std::string_view a = arguments[0].as_string();
  const std::string_view b = arguments[1].as_string();
  return Value::Bool(std::equal(a.begin(), a.end(), b.rbegin(), b.rend()));
}

void BM_FunctionInFilter(benchmark::State& state) {
  ModuleHost host({});
  std::shared_ptr<const FunctionRegistry> functions;
  if (state.range(0) == kLoaded) {
    const ModuleDefinition module{"functions", SamplePath("functions/functions.so"), {}};
    OrDie(host.Load(std::span(&module, 1)));
    const LoadedFunctionDefinition function{"ISREVERSE", "functions", "isreverse", 2};
    functions = OrDie(LoadFunctions(host, std::span(&function, 1)));
  } else {
    auto registry = std::make_shared<FunctionRegistry>();
    const Function function{
        .name = "ISREVERSE", .arguments_min = 2, .arguments_max = 2, .body = &IsReverse};
    if (!registry->Add(function).ok()) std::exit(1);
    functions = registry;
  }
  FieldTable fields;
  const auto filter = OrDie(
      ValueExpression::Compile("ISREVERSE(/a, /b)", fields, {}, {.functions = functions.get()}));
  const std::vector<Value> values = {Value::String("abcdefgh"), Value::String("hgfedcba")};
  EvaluationInput input;
  input.values = values;
  EvaluationContext context;
  for (auto _ : state) {
    context.Begin();
    benchmark::DoNotOptimize(filter->Evaluate(input, context));
  }
}
BENCHMARK(BM_FunctionInFilter)
    ->Name("function in a filter")
    ->ArgName("loaded")
    ->Arg(kBuiltIn)
    ->Arg(kLoaded);

std::unique_ptr<MessageType> Rows(int64_t how) {
  if (how == kLoaded) {
    return OrDie(LoadedMessageType::Create("rows", Sample("message-type/message_type.so"), {}, {}));
  }
  FixOptions options;
  options.field_separator = ';';
  options.value_separator = '=';
  return std::make_unique<FixMessageType>(FixMessageType::Names::kText, options);
}

std::string Body() {
  std::string body = "id=4711;symbol=XYZ;side=buy;qty=100;price=101.25";
  for (int i = 0; i < 15; ++i) body += ";field" + std::to_string(i) + "=value" + std::to_string(i);
  return body;
}

void BM_ExtractThreeFields(benchmark::State& state) {
  const std::unique_ptr<MessageType> type = Rows(state.range(0));
  const std::unique_ptr<Extractor> extractor = type->NewExtractor(
      {{FieldPath{{"symbol"}}, 0}, {FieldPath{{"qty"}}, 1}, {FieldPath{{"field9"}}, 2}});
  std::string body = Body();
  const size_t size = body.size();
  body.append(kBodyPaddingBytes, '\0');
  std::vector<Value> values(3);
  for (auto _ : state) {
    if (!extractor->Extract({body.data(), size}, values)) std::exit(1);
    benchmark::DoNotOptimize(values.data());
  }
}
BENCHMARK(BM_ExtractThreeFields)
    ->Name("three fields")
    ->ArgName("loaded")
    ->Arg(kBuiltIn)
    ->Arg(kLoaded);

void BM_MergeDelta(benchmark::State& state) {
  const std::unique_ptr<MessageType> type = Rows(state.range(0));
  const std::string body = Body();
  std::string merged;
  for (auto _ : state) {
    merged.clear();
    if (!type->Merge(body, "qty=200;price=102.5", merged).ok()) std::exit(1);
    benchmark::DoNotOptimize(merged.data());
  }
}
BENCHMARK(BM_MergeDelta)->Name("delta merged")->ArgName("loaded")->Arg(kBuiltIn)->Arg(kLoaded);

}  // namespace
}  // namespace fluxgate

BENCHMARK_MAIN();
