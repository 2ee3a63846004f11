#include "core/module/loaded_functions.h"

#include <array>
#include <optional>
#include <utility>

#include "amps_udf_module.h"
#include "core/base/error.h"
#include "core/filter/evaluation_context.h"
#include "core/module/amps_values.h"
#include "core/module/announced_function.h"
#include "core/module/kept_text.h"
#include "fmt/format.h"

namespace fluxgate {
namespace {

// One function of a module: what Function::data points to.
struct LoadedFunction {
  std::shared_ptr<Module> module;
  const char* symbol;  // kept for ever: the thread monitor may read it
  amps_udf function;
};

// A registry that keeps what its functions need.
struct Loaded {
  FunctionRegistry registry;
  std::vector<std::unique_ptr<LoadedFunction>> functions;
};

// Calls with at most so many arguments need no memory.
constexpr size_t kArgumentsInPlace = 16;

struct CallOfFunction : amps_udf_call {
  EvaluationContext* context;
};

char* AllocateText(amps_udf_call* call, size_t bytes) {
  return static_cast<CallOfFunction*>(call)->context->text.Allocate(bytes);
}

Value CallLoaded(std::span<const Value> arguments, EvaluationContext& context) {
  const LoadedFunction& loaded = *static_cast<const LoadedFunction*>(context.data);
  std::array<amps_value, kArgumentsInPlace> in_place;
  std::vector<amps_value> many;
  amps_value* values = in_place.data();
  if (arguments.size() > in_place.size()) {
    many.resize(arguments.size());
    values = many.data();
  }
  for (size_t i = 0; i < arguments.size(); ++i) values[i] = ToAmps(arguments[i]);
  CallOfFunction call;
  call.size = sizeof(amps_udf_call);
  call.allocate = &AllocateText;
  call.context = &context;
  amps_value result = {};
  const char* const symbol = loaded.symbol;
  const int code = loaded.module->Call(symbol, int{AMPS_FAILURE}, [&] {
    return loaded.function(&call, values, arguments.size(), &result);
  });
  if (code != AMPS_SUCCESS) return Value::Null();
  const std::optional<Value> value = FromAmps(result);
  if (!value.has_value()) {
    loaded.module->Report(symbol, "gave a value of a type that there is not; taken as NULL");
    return Value::Null();
  }
  if (value->is_string() && value->as_string().size() > EvaluationText::kBytesMax) {
    loaded.module->Report(symbol, "gave text over the limit; taken as NULL");
    return Value::Null();
  }
  return *value;
}

}  // namespace

absl::StatusOr<std::shared_ptr<const FunctionRegistry>> LoadFunctions(
    const ModuleHost& host, std::span<const LoadedFunctionDefinition> definitions) {
  auto loaded = std::make_shared<Loaded>();
  FunctionRegistry names;
  for (const LoadedFunctionDefinition& definition : definitions) {
    if (absl::Status status = AnnounceFunction(definition, names); !status.ok()) return status;
    absl::StatusOr<std::shared_ptr<Module>> module = host.Find(definition.module);
    if (!module.ok()) {
      return MakeError(ErrorCode::kBadOption,
                       fmt::format("function {}: {}", definition.name, ErrorText(module.status())));
    }
    const auto symbol =
        (*module)->EntryPoint<std::remove_pointer_t<amps_udf>>(definition.symbol.c_str());
    if (!symbol.ok()) {
      return MakeError(ErrorCode::kBadOption,
                       fmt::format("function {}: {}", definition.name, ErrorText(symbol.status())));
    }
    Function function = AnnouncedFunction(definition);
    loaded->functions.push_back(std::make_unique<LoadedFunction>(
        LoadedFunction{*std::move(module), KeptText(definition.symbol), *symbol}));
    function.body = &CallLoaded;
    function.data = loaded->functions.back().get();
    if (absl::Status status = loaded->registry.Add(function); !status.ok()) return status;
  }
  return std::shared_ptr<const FunctionRegistry>(loaded, &loaded->registry);
}

}  // namespace fluxgate
