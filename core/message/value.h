// One field's value as filters see it. Text and elements are views: of the message body or of the
// extractor's scratch, valid until the next extraction. 16 bytes, trivially copyable.
//
// Semantics (docs/expressions.md): an empty string is NULL; a missing field is NULL; JSON booleans
// keep their kind, compare as 1 / 0 with numbers and as 'true' / 'false' with strings. An array has
// two elements or more, none of them an array: an array of one is that element, an empty one NULL.
#ifndef FLUXGATE_CORE_MESSAGE_VALUE_H_
#define FLUXGATE_CORE_MESSAGE_VALUE_H_

#include <cstdint>
#include <span>
#include <string_view>

namespace fluxgate {

class Value {
 public:
  enum class Kind : uint8_t { kNull, kBool, kInt, kUint, kDouble, kString, kArray };

  constexpr Value() : kind_(Kind::kNull), size_(0), int_(0) {}
  static constexpr Value Null() { return Value(); }
  static constexpr Value Bool(bool b) {
    Value v(Kind::kBool);
    v.int_ = b ? 1 : 0;
    return v;
  }
  static constexpr Value Int(int64_t i) {
    Value v(Kind::kInt);
    v.int_ = i;
    return v;
  }
  // Only for values above the int64 range; Int holds the rest, so that a number has one form.
  static constexpr Value Uint(uint64_t u) {
    if (u <= static_cast<uint64_t>(INT64_MAX)) return Int(static_cast<int64_t>(u));
    Value v(Kind::kUint);
    v.uint_ = u;
    return v;
  }
  static constexpr Value Double(double d) {
    Value v(Kind::kDouble);
    v.double_ = d;
    return v;
  }
  // Empty text gives NULL. At most 4 GiB.
  static constexpr Value String(std::string_view s) {
    if (s.empty()) return Null();
    Value v(Kind::kString);
    v.size_ = static_cast<uint32_t>(s.size());
    v.data_ = s.data();
    return v;
  }

  // Not nested: no element is an array. At most 2^32 - 1 elements.
  static constexpr Value Array(std::span<const Value> elements) {
    if (elements.empty()) return Null();
    if (elements.size() == 1) return elements[0];
    Value v(Kind::kArray);
    v.size_ = static_cast<uint32_t>(elements.size());
    v.elements_ = elements.data();
    return v;
  }

  constexpr Kind kind() const { return kind_; }
  constexpr bool is_null() const { return kind_ == Kind::kNull; }
  constexpr bool is_string() const { return kind_ == Kind::kString; }
  constexpr bool is_array() const { return kind_ == Kind::kArray; }
  constexpr bool is_number() const { return kind_ >= Kind::kInt && kind_ <= Kind::kDouble; }

  // Each only for its kind.
  constexpr bool as_bool() const { return int_ != 0; }
  constexpr int64_t as_int() const { return int_; }
  constexpr uint64_t as_uint() const { return uint_; }
  constexpr double as_double() const { return double_; }
  constexpr std::string_view as_string() const { return {data_, size_}; }
  constexpr std::span<const Value> as_array() const { return {elements_, size_}; }

  // Where one value is wanted, the first element stands for an array.
  constexpr const Value& first() const { return is_array() ? elements_[0] : *this; }
  // The elements of an array; of anything else the value itself; none of NULL.
  constexpr std::span<const Value> elements() const {
    if (is_array()) return as_array();
    return {this, is_null() ? size_t{0} : size_t{1}};
  }

 private:
  constexpr explicit Value(Kind kind) : kind_(kind), size_(0), int_(0) {}

  Kind kind_;
  uint32_t size_;
  union {
    int64_t int_;
    uint64_t uint_;
    double double_;
    const char* data_;
    const Value* elements_;
  };
};

static_assert(sizeof(Value) == 16);

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_MESSAGE_VALUE_H_
