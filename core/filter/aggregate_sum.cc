#include "core/filter/aggregate_sum.h"

#include <bit>
#include <cmath>
#include <limits>

#include "core/filter/operators.h"

namespace fluxgate {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

// magnitude * 2^exponent, with its sign.
struct Parts {
  uint64_t magnitude;
  int exponent;
  bool is_negative;
};

// Of a finite double.
Parts PartsOf(double d) {
  constexpr int kFractionBits = 52;
  constexpr int kExponentMask = 0x7ff;
  constexpr int kExponentBias = 1023 + kFractionBits;
  const auto bits = std::bit_cast<uint64_t>(d);
  const int exponent = static_cast<int>(bits >> kFractionBits) & kExponentMask;
  const uint64_t fraction = bits & ((uint64_t{1} << kFractionBits) - 1);
  const bool is_negative = bits >> 63 != 0;
  if (exponent == 0) return {fraction, 1 - kExponentBias, is_negative};
  return {fraction | uint64_t{1} << kFractionBits, exponent - kExponentBias, is_negative};
}

Parts PartsOf(const Value& finite) {
  switch (finite.kind()) {
    case Value::Kind::kInt: {
      const int64_t i = finite.as_int();
      return {i < 0 ? -static_cast<uint64_t>(i) : static_cast<uint64_t>(i), 0, i < 0};
    }
    case Value::Kind::kUint:
      return {finite.as_uint(), 0, false};
    default:
      return PartsOf(finite.as_double());
  }
}

void Count(uint64_t& count, bool is_removed) { count += is_removed ? uint64_t(-1) : 1; }

}  // namespace

void NumberSum::Change(const Value& number, bool is_removed) {
  if (number.kind() != Value::Kind::kDouble) {
    const __int128 integer =
        number.kind() == Value::Kind::kInt ? __int128{number.as_int()} : __int128{number.as_uint()};
    integers_ += is_removed ? -integer : integer;
    return;
  }
  const double d = number.as_double();
  Count(double_count_, is_removed);
  if (std::isnan(d)) {
    Count(nans_, is_removed);
  } else if (std::isinf(d)) {
    Count(infinities_[d < 0 ? 1 : 0], is_removed);
  } else {
    const Parts parts = PartsOf(d);
    doubles_.Add(parts.magnitude, parts.exponent, parts.is_negative != is_removed);
  }
}

double NumberSum::Special() const {
  if (nans_ != 0 || (infinities_[0] != 0 && infinities_[1] != 0)) return kNan;
  return infinities_[0] != 0 ? kInfinity : -kInfinity;
}

ScaledDouble NumberSum::Total() const {
  if (double_count_ == 0) return {static_cast<double>(integers_), 0};
  if (integers_ == 0) return doubles_.Rounded();
  WideSum total = doubles_;
  const bool is_negative = integers_ < 0;
  const auto bits = static_cast<WideSum::Magnitude>(integers_);
  total.Add(is_negative ? -bits : bits, 0, is_negative);
  return total.Rounded();
}

Value NumberSum::Result() const {
  if (double_count_ == 0) return IntegerOf(integers_);
  return Value::Double(has_special() ? Special() : Total().ToDouble());
}

double NumberSum::Average(uint64_t count) const {
  if (has_special()) return Special();
  // Before it is brought into the range of doubles: the sum may be beyond it.
  ScaledDouble average = Total();
  average.mantissa /= static_cast<double>(count);
  return average.ToDouble();
}

void NumberSpread::Change(const Value& number, bool is_removed) {
  Count(count_, is_removed);
  if (!IsFinite(number)) {
    Count(not_finite_, is_removed);
    return;
  }
  const Parts parts = PartsOf(number);
  sum_.Add(parts.magnitude, parts.exponent, parts.is_negative != is_removed);
  squares_.Add(WideSum::Magnitude{parts.magnitude} * parts.magnitude, 2 * parts.exponent,
               is_removed);
}

double NumberSpread::Deviation(uint64_t degrees) const {
  if (not_finite_ != 0) return kNan;
  ScaledDouble spread = WideSum::Spread(count_, squares_, sum_);
  if (spread.exponent % 2 != 0) {
    spread.mantissa *= 2;
    --spread.exponent;
  }
  const double variance =
      spread.mantissa / (static_cast<double>(count_) * static_cast<double>(degrees));
  return std::ldexp(std::sqrt(variance), spread.exponent / 2);
}

}  // namespace fluxgate
