// Expressions: the compiled program gives the same value as walking the parsed tree does, whatever
// the expression and whatever the fields hold, arrays included.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iterator>
#include <string_view>
#include <vector>

#include "core/filter/parser.h"
#include "core/filter/tree_evaluator.h"
#include "core/filter/value_expression.h"
#include "core/message/message_testing.h"

namespace fluxgate {
namespace {

void Check(bool holds) {
  if (!holds) std::abort();
}

const Value kElements[] = {
    Value::Null(),         Value::Bool(true),  Value::Int(0),           Value::Int(1),
    Value::Int(-7),        Value::Double(2.5), Value::Uint(UINT64_MAX), Value::String("a"),
    Value::String("abcb"), Value::String("1"), Value::String("\xff/"),  Value::Double(-1e308),
};

// One value or some neighbours as an array.
Value ValueFor(size_t pick) {
  const size_t count = pick % 3 == 0 ? 1 + pick / 3 % 4 : 1;
  const size_t first = pick % (std::size(kElements) - count + 1);
  return Value::Array(std::span(kElements).subspan(first, count));
}

}  // namespace
}  // namespace fluxgate

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace fluxgate;
  // Longer ones take long, and say nothing new.
  if (size > 1024) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  FilterLimits limits;
  limits.regex.match_steps_max = 2'000;
  // What gives another value each time cannot be compared.
  const ExpressionScope scope{.records = true, .deterministic_only = true};
  const auto tree = ParseExpression(text, limits, scope);
  FieldTable fields(64);
  const auto expression = ValueExpression::Compile(text, fields, limits, scope);
  if (!tree.ok() || !expression.ok()) return 0;

  std::vector<Value> values(fields.slot_end());
  std::vector<Value> previous(fields.slot_end());
  EvaluationContext context;
  for (size_t round = 0; round < 16; ++round) {
    for (size_t slot = 0; slot < values.size(); ++slot) {
      values[slot] = ValueFor(round * 7 + slot * (round + 3) + size);
      previous[slot] = ValueFor(round * 5 + slot * (round + 1) + size);
    }
    EvaluationInput input;
    input.values = values;
    input.current = values;
    input.previous = previous;
    context.text.Reset();
    const Value compiled = (*expression)->Evaluate(input, context);
    TreeEvaluator simple(*tree, [&](const FieldReference& reference) {
      const auto slot = fields.Acquire(reference.path);
      Check(slot.ok());
      fields.Release(*slot);
      return reference.version == FieldVersion::kPrevious ? previous[*slot] : values[*slot];
    });
    const Value walked = simple.Evaluate();
    // The two make different amounts of text on the way, of which there is a limit.
    if (context.text.bytes() + simple.text_bytes() > EvaluationText::kBytesMax / 2) return 0;
    Check(ValueText(compiled) == ValueText(walked));
  }
  return 0;
}
