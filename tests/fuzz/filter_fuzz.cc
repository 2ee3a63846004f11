// Filter text: whatever the bytes are, compiling ends with a filter or an error that points into
// the text; and what compiles says the same as a whole, in parts, and in its canonical form.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iterator>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/filter/filter.h"
#include "core/filter/filter_in_parts.h"

namespace fluxgate {
namespace {

void Check(bool holds) {
  if (!holds) std::abort();
}

// Values for the fields of a filter, picked by slot and round.
Value ValueFor(size_t pick) {
  const Value values[] = {
      Value::Null(),         Value::Bool(true),
      Value::Int(0),         Value::Int(1),
      Value::Int(-7),        Value::Int(INT64_MIN),
      Value::Int(INT64_MAX), Value::Uint(UINT64_MAX),
      Value::Double(0.5),    Value::Double(-1e308),
      Value::String("a"),    Value::String("abc"),
      Value::String("1"),    Value::String("1.0"),
      Value::String("true"), Value::String("\xff\x01"),
      Value::String("-1e9"),
  };
  return values[pick % std::size(values)];
}

}  // namespace
}  // namespace fluxgate

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace fluxgate;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  FieldTable fields(64);
  FilterLimits limits;
  limits.regex.match_steps_max = 2'000;
  {
    const auto filter = Filter::Compile(text, fields, limits);
    if (!filter.ok()) {
      const ErrorCode code = ErrorCodeOf(filter.status());
      Check(code == ErrorCode::kBadFilter || code == ErrorCode::kQuotaExceeded);
      if (code == ErrorCode::kBadFilter) {
        const int64_t offset = ErrorOffsetOf(filter.status());
        Check(offset >= 0 && offset <= static_cast<int64_t>(size));
      }
      Check(fields.in_use() == 0);
      return 0;
    }
    // Canonical text may be longer and nest deeper: signs turn into parentheses.
    FilterLimits wide = limits;
    wide.text_bytes_max *= 16;
    wide.depth_max *= 4;
    wide.nodes_max *= 4;
    const auto canonical = Filter::Compile((*filter)->canonical(), fields, wide);
    Check(canonical.ok());
    Check((*canonical)->canonical() == (*filter)->canonical());

    std::vector<Value> values(fields.slot_end());
    for (size_t round = 0; round < 24; ++round) {
      for (size_t slot = 0; slot < values.size(); ++slot) {
        values[slot] = ValueFor(round * 7 + slot * (round + 3) + size);
      }
      const bool matches = (*filter)->Matches(values);
      Check(MatchesInParts(**filter, values) == matches);
      Check((*canonical)->Matches(values) == matches);
    }
  }
  Check(fields.in_use() == 0);
  return 0;
}
