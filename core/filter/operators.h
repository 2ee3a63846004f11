// What the operators of the filter language do to values; the one definition that constant folding
// and evaluation share. Three-valued logic is Kleene's (docs/expressions.md, "Three values").
#ifndef FLUXGATE_CORE_FILTER_OPERATORS_H_
#define FLUXGATE_CORE_FILTER_OPERATORS_H_

#include <cstdint>
#include <string_view>

#include "core/base/regex.h"
#include "core/filter/compare.h"
#include "core/message/value.h"

namespace fluxgate {

enum class Truth : uint8_t { kFalse, kTrue, kNull };

enum class CompareOp : uint8_t { kEqual, kNotEqual, kLess, kLessEqual, kGreater, kGreaterEqual };

enum class ArithmeticOp : uint8_t { kAdd, kSubtract, kMultiply, kDivide, kModulo };

inline Truth TruthOf(bool b) { return b ? Truth::kTrue : Truth::kFalse; }
// A value as a condition: a number is TRUE unless 0; text counts if it spells a number or is
// 'true' or 'false', and is NULL otherwise, as is NaN.
Truth TruthOf(const Value& value);
inline Value ValueOf(Truth truth) {
  return truth == Truth::kNull ? Value::Null() : Value::Bool(truth == Truth::kTrue);
}

inline Truth Not(Truth a) {
  if (a == Truth::kNull) return a;
  return a == Truth::kTrue ? Truth::kFalse : Truth::kTrue;
}
inline Truth And(Truth a, Truth b) {
  if (a == Truth::kFalse || b == Truth::kFalse) return Truth::kFalse;
  return a == Truth::kNull ? a : b;
}
inline Truth Or(Truth a, Truth b) {
  if (a == Truth::kTrue || b == Truth::kTrue) return Truth::kTrue;
  return a == Truth::kNull ? a : b;
}

inline Truth Holds(CompareOp op, Ordering ordering) {
  if (ordering == Ordering::kUnordered) return Truth::kNull;
  switch (op) {
    case CompareOp::kEqual:
      return TruthOf(ordering == Ordering::kEqual);
    case CompareOp::kNotEqual:
      return TruthOf(ordering != Ordering::kEqual);
    case CompareOp::kLess:
      return TruthOf(ordering == Ordering::kLess);
    case CompareOp::kLessEqual:
      return TruthOf(ordering != Ordering::kGreater);
    case CompareOp::kGreater:
      return TruthOf(ordering == Ordering::kGreater);
    case CompareOp::kGreaterEqual:
      return TruthOf(ordering != Ordering::kLess);
  }
  return Truth::kNull;
}

CompareOp Mirrored(CompareOp op);  // a op b = b Mirrored(op) a

// Whether `test` holds for any element of an array, as if they were joined by OR; a value that is
// no array is its own only element.
template <typename Test>
Truth AnyElement(const Value& value, Test&& test) {
  if (!value.is_array()) return test(value);
  Truth truth = Truth::kFalse;
  for (const Value& element : value.as_array()) {
    truth = Or(truth, test(element));
    if (truth == Truth::kTrue) break;
  }
  return truth;
}

// The same for a test of two values; of two arrays the second is its first element, so that the
// work is never more than the elements that are there.
template <typename Test>
Truth AnyElementOfEither(const Value& a, const Value& b, Test&& test) {
  if (a.is_array()) {
    return AnyElement(a, [&](const Value& element) { return test(element, b.first()); });
  }
  return AnyElement(b, [&](const Value& element) { return test(a, element); });
}

// `a op b`, true for any element of an array.
inline Truth CompareAny(CompareOp op, const Value& a, const Value& b) {
  return AnyElementOfEither(
      a, b, [op](const Value& x, const Value& y) { return Holds(op, Compare(x, y)); });
}
// One element of `value` is inside both ends; of the ends the first element counts.
Truth Between(const Value& value, const Value& low, const Value& high);

// What follows takes the first element of an array, except where it says otherwise.

// NULL stays NULL, a boolean is 1 or 0, text is the number it spells, and NaN when it spells none.
Value NumberOf(const Value& value);
// As Int or Uint; as a double when it needs more than 64 bits.
Value IntegerOf(__int128 integer);

// Integers stay integers while the result is one of 64 bits, and become doubles beyond. NULL with
// anything is NULL; text that spells no number is NaN; division by zero is NULL.
Value Arithmetic(ArithmeticOp op, const Value& a, const Value& b);
Value Negate(const Value& a);

// A value as text, for LIKE, BEGINS WITH and ENDS WITH; empty for NULL and NaN, which have none.
struct TextBuffer {
  char bytes[32];
};
std::string_view TextOf(const Value& value, TextBuffer& buffer);

// For any element of an array.
Truth BeginsWith(const Value& value, const Value& prefix);
Truth EndsWith(const Value& value, const Value& suffix);
// For any element of an array. NULL when matching would cost more than `work_left` or the pattern's
// limits; all elements share them.
Truth Like(const Value& value, const Regex& regex, uint64_t& work_left);
inline Truth Like(const Value& value, const Regex& regex) {
  uint64_t work_left = Regex::kWorkMax;
  return Like(value, regex, work_left);
}

bool IsNan(const Value& value);
bool IsFinite(const Value& value);  // false for NaN and infinities only

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_FILTER_OPERATORS_H_
