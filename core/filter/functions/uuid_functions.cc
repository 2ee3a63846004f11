// Unique identifiers.
#include <cmath>

#include "core/filter/compare.h"
#include "core/filter/functions/arguments.h"
#include "core/filter/functions/builtin_functions.h"

namespace fluxgate {
namespace {

// splitmix64: not for secrets, and repeatable from one state.
uint64_t Random(uint64_t& state) {
  state += 0x9e3779b97f4a7c15;
  uint64_t mixed = state;
  mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
  mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
  return mixed ^ (mixed >> 31);
}

// RFC 9562, section 5.7. NULL for a time that it cannot hold: before 1970 or after 10889.
Value Uuid7(std::span<const Value> arguments, EvaluationContext& context) {
  const Value time = NumberOf(arguments[0]);
  if (time.is_null()) return time;
  constexpr double kMillisecondsEnd = 281474976710656.0;  // 48 bits
  // To the microsecond first, as near as a double knows today's: .123 is not to become .122.
  const double milliseconds = std::floor(std::round(ToDouble(time) * 1e6) / 1e3);
  if (!(milliseconds >= 0 && milliseconds < kMillisecondsEnd)) return Value::Null();

  const uint64_t random = Random(context.random_state);
  const uint64_t high = (static_cast<uint64_t>(milliseconds) << 16) | 0x7000 | (random & 0xfff);
  const uint64_t low = (uint64_t{2} << 62) | (Random(context.random_state) >> 2);
  constexpr size_t kBytes = 36;
  char* const text = context.text.Allocate(kBytes);
  if (text == nullptr) return Value::Null();
  char* place = text;
  for (int digit = 0; digit < 32; ++digit) {
    if (digit == 8 || digit == 12 || digit == 16 || digit == 20) *place++ = '-';
    const uint64_t half = digit < 16 ? high : low;
    *place++ = "0123456789abcdef"[(half >> (60 - 4 * (digit % 16))) & 15];
  }
  return Value::String({text, kBytes});
}

}  // namespace

std::span<const Function> UuidFunctions() {
  static constexpr Function kFunctions[] = {
      {.name = "UUID7",
       .arguments_min = 1,
       .arguments_max = 1,
       .body = Uuid7,
       .deterministic = false,
       .takes_time = true},
  };
  return kFunctions;
}

}  // namespace fluxgate
