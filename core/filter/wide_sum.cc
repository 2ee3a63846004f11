#include "core/filter/wide_sum.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

namespace fluxgate {
namespace {

using Wide = unsigned __int128;

// `limbs` * 2^exponent.
ScaledDouble Round(std::span<const uint64_t> limbs, int exponent) {
  size_t top = limbs.size();
  while (top > 0 && limbs[top - 1] == 0) --top;
  if (top == 0) return {};
  const uint64_t high = limbs[top - 1];
  const uint64_t next = top > 1 ? limbs[top - 2] : 0;
  const int shift = std::countl_zero(high);
  uint64_t bits = shift == 0 ? high : high << shift | next >> (64 - shift);
  const bool is_more = (next << shift) != 0 ||
                       std::any_of(limbs.begin(), limbs.begin() + std::max<ptrdiff_t>(0, top - 2),
                                   [](uint64_t limb) { return limb != 0; });
  // What is below the 64 bits can only matter as the difference between a tie and more than one.
  if (is_more) bits |= 1;
  return {static_cast<double>(bits), exponent + 64 * static_cast<int>(top - 1) - shift};
}

// sums[at ..] += a * b, or -=, for one limb `b`.
void AddProduct(std::span<uint64_t> sums, std::span<const uint64_t> a, uint64_t b) {
  uint64_t carry = 0;
  size_t i = 0;
  for (; i < a.size(); ++i) {
    const Wide product = Wide{a[i]} * b + sums[i] + carry;
    sums[i] = static_cast<uint64_t>(product);
    carry = static_cast<uint64_t>(product >> 64);
  }
  for (; carry != 0; ++i) carry = __builtin_add_overflow(sums[i], carry, &sums[i]);
}

// a -= b, which is no more than a.
void Subtract(std::span<uint64_t> a, std::span<const uint64_t> b) {
  uint64_t borrow = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    const Wide difference = Wide{a[i]} - (i < b.size() ? b[i] : 0) - borrow;
    a[i] = static_cast<uint64_t>(difference);
    borrow = static_cast<uint64_t>(difference >> 64) & 1;
  }
}

}  // namespace

double ScaledDouble::ToDouble() const { return std::ldexp(mantissa, exponent); }

void WideSum::Add(Magnitude magnitude, int exponent, bool is_negative) {
  if (magnitude == 0) return;
  const int position = exponent + kOneLimb * kLimbBits;
  const int begin = position / kLimbBits;
  const int shift = position % kLimbBits;
  const Wide low = Wide{static_cast<uint64_t>(magnitude)} << shift;
  const Wide high = (magnitude >> kLimbBits << shift) + (low >> kLimbBits);
  const uint64_t addend[] = {static_cast<uint64_t>(low), static_cast<uint64_t>(high),
                             static_cast<uint64_t>(high >> kLimbBits)};
  int count = 3;
  while (addend[count - 1] == 0) --count;
  Cover(begin, begin + count + 1);

  uint64_t* limb = limbs_.data() + (begin - begin_);
  uint64_t* const end = limbs_.data() + limbs_.size();
  bool carry = false;
  if (is_negative) {
    for (int i = 0; i < count; ++i, ++limb) {
      const bool first = __builtin_sub_overflow(*limb, addend[i], limb);
      carry = __builtin_sub_overflow(*limb, uint64_t{carry}, limb) || first;
    }
    for (; carry && limb != end; ++limb) carry = (*limb)-- == 0;
  } else {
    for (int i = 0; i < count; ++i, ++limb) {
      const bool first = __builtin_add_overflow(*limb, addend[i], limb);
      carry = __builtin_add_overflow(*limb, uint64_t{carry}, limb) || first;
    }
    for (; carry && limb != end; ++limb) carry = ++*limb == 0;
  }
}

void WideSum::Cover(int begin, int end) {
  if (limbs_.empty()) {
    begin_ = begin;
    limbs_.resize(static_cast<size_t>(end - begin), 0);
    return;
  }
  if (begin < begin_) {
    limbs_.insert(limbs_.begin(), static_cast<size_t>(begin_ - begin), 0);
    begin_ = begin;
  }
  const auto size = static_cast<size_t>(end - begin_);
  if (size > limbs_.size()) limbs_.resize(size, is_negative() ? UINT64_MAX : 0);
}

absl::InlinedVector<uint64_t, 4> WideSum::Absolute() const {
  auto limbs = limbs_;
  if (!is_negative()) return limbs;
  bool carry = true;
  for (uint64_t& limb : limbs) {
    limb = ~limb;
    if (carry) carry = ++limb == 0;
  }
  return limbs;
}

ScaledDouble WideSum::Rounded() const {
  ScaledDouble result = Round(Absolute(), (begin_ - kOneLimb) * kLimbBits);
  if (is_negative()) result.mantissa = -result.mantissa;
  return result;
}

ScaledDouble WideSum::Spread(uint64_t count, const WideSum& squares, const WideSum& sum) {
  const auto square_limbs = squares.Absolute();
  const auto sum_limbs = sum.Absolute();
  // Both sides from the lower of the two beginnings on, one limb more for the carries.
  const int squares_begin = squares.begin_ - kOneLimb;
  const int sum_begin = 2 * (sum.begin_ - kOneLimb);
  const int begin = std::min(squares_begin, sum_begin);
  const auto squares_offset = static_cast<size_t>(squares_begin - begin);
  const auto sum_offset = static_cast<size_t>(sum_begin - begin);
  const size_t size =
      std::max(squares_offset + square_limbs.size(), sum_offset + 2 * sum_limbs.size()) + 1;
  std::vector<uint64_t> spread(size);
  AddProduct(std::span(spread).subspan(squares_offset), square_limbs, count);
  std::vector<uint64_t> square(size);
  for (size_t i = 0; i < sum_limbs.size(); ++i) {
    AddProduct(std::span(square).subspan(sum_offset + i), sum_limbs, sum_limbs[i]);
  }
  Subtract(spread, square);
  return Round(spread, begin * kLimbBits);
}

}  // namespace fluxgate
