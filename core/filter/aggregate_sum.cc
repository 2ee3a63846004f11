#include "core/filter/aggregate_sum.h"

#include <cmath>

#include "core/filter/functions/arguments.h"

namespace fluxgate {

void NumberSum::Add(const Value& number) {
  if (number.kind() == Value::Kind::kInt) {
    integers_ += number.as_int();
    return;
  }
  if (number.kind() == Value::Kind::kUint) {
    integers_ += number.as_uint();
    return;
  }
  has_doubles_ = true;
  const double d = number.as_double();
  const double sum = doubles_ + d;
  // Of infinities nothing is lost, but the difference would be NaN.
  if (std::isfinite(sum)) {
    lost_ += std::abs(doubles_) >= std::abs(d) ? (doubles_ - sum) + d : (d - sum) + doubles_;
  }
  doubles_ = sum;
}

Value NumberSum::Result() const {
  return has_doubles_ ? Value::Double(AsDouble()) : IntegerOf(integers_);
}

double NumberSum::AsDouble() const { return static_cast<double>(integers_) + doubles_ + lost_; }

}  // namespace fluxgate
