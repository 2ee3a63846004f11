#include "core/subscription/value_dictionary.h"

#include <bit>
#include <cmath>
#include <cstring>
#include <new>
#include <utility>

#include "absl/hash/hash.h"
#include "core/base/strings.h"
#include "core/filter/compare.h"

namespace fluxgate {
namespace {

constexpr double kTwo63 = 9223372036854775808.0;
constexpr double kTwo64 = 18446744073709551616.0;

ExactNumber Exact(const Value& number) {
  switch (number.kind()) {
    case Value::Kind::kInt:
      return {Value::Kind::kInt, static_cast<uint64_t>(number.as_int())};
    case Value::Kind::kUint:
      return {Value::Kind::kUint, number.as_uint()};
    default:
      break;
  }
  const double d = number.as_double();
  if (d == std::trunc(d)) {
    if (d >= -kTwo63 && d < kTwo63) {
      return {Value::Kind::kInt, static_cast<uint64_t>(static_cast<int64_t>(d))};
    }
    if (d >= kTwo63 && d < kTwo64) return {Value::Kind::kUint, static_cast<uint64_t>(d)};
  }
  return {Value::Kind::kDouble, std::bit_cast<uint64_t>(d)};
}

uint64_t HashOf(std::string_view text) { return StringHash()(text); }
uint64_t HashOf(const ExactNumber& number) {
  return absl::Hash<std::pair<uint8_t, uint64_t>>()(
      {static_cast<uint8_t>(number.kind), number.bits});
}

}  // namespace

Constant* Constant::New(std::string_view text) {
  auto* constant = new (::operator new(sizeof(Constant) + text.size())) Constant();
  constant->text_size = static_cast<uint32_t>(text.size());
  if (!text.empty()) {
    std::memcpy(reinterpret_cast<char*>(constant + 1), text.data(), text.size());
  }
  return constant;
}

void Constant::Delete(Constant* constant) {
  constant->~Constant();
  ::operator delete(constant);
}

ValueDictionary::~ValueDictionary() = default;

Constant* ValueDictionary::Find(const Value& value) const {
  return value.is_string() ? FindText(value.as_string()) : FindNumber(value);
}

Constant* ValueDictionary::FindText(std::string_view text) const {
  return texts_.Find(HashOf(text), [&](const Constant& c) { return c.text() == text; });
}

Constant* ValueDictionary::FindNumber(const Value& number) const {
  const ExactNumber exact = Exact(number);
  return numbers_.Find(HashOf(exact), [&](const Constant& c) { return c.number == exact; });
}

Constant* ValueDictionary::Acquire(const Value& value, uint64_t now) {
  if (value.is_string()) return AcquireText(value.as_string(), now);
  ++number_uses_;
  return AcquireNumber(value, now);
}

void ValueDictionary::Release(Constant* constant) {
  if (constant->is_text()) {
    ReleaseText(constant);
  } else {
    --number_uses_;
    ReleaseNumber(constant);
  }
}

Constant* ValueDictionary::AcquireText(std::string_view text, uint64_t now) {
  Constant* constant = FindText(text);
  if (constant == nullptr) {
    constant = New(text, now);
    texts_.Insert(HashOf(text), constant);
    const std::optional<Value> number = ParseNumber(text);
    if (number.has_value()) {
      constant->spelled = AcquireNumber(*number, now);
      Constant*& speller = constant->spelled->speller;
      if (speller == nullptr) speller = constant;
      // The text that stands for the others stays as long as they do.
      if (speller != constant) ++speller->uses;
    }
  }
  ++constant->uses;
  return constant;
}

void ValueDictionary::ReleaseText(Constant* constant) {
  if (--constant->uses > 0) return;
  if (constant->spelled != nullptr) {
    if (constant->is_second_spelling()) {
      ReleaseText(constant->spelled->speller);
    } else {
      constant->spelled->speller = nullptr;
    }
    ReleaseNumber(constant->spelled);
  }
  texts_.Erase(HashOf(constant->text()), constant);
  Delete(constant);
}

Constant* ValueDictionary::AcquireNumber(const Value& number, uint64_t now) {
  Constant* constant = FindNumber(number);
  if (constant == nullptr) {
    constant = New({}, now);
    constant->number = Exact(number);
    numbers_.Insert(HashOf(constant->number), constant);
  }
  ++constant->uses;
  return constant;
}

void ValueDictionary::ReleaseNumber(Constant* constant) {
  if (--constant->uses > 0) return;
  numbers_.Erase(HashOf(constant->number), constant);
  Delete(constant);
}

uint64_t ValueDictionary::NewIdentity(bool is_text) {
  const uint64_t free = ~small_identities_[is_text];
  if (free == 0) return next_identity_[is_text]++;
  small_identities_[is_text] |= free & -free;
  return static_cast<uint64_t>(std::countr_zero(free));
}

Constant* ValueDictionary::New(std::string_view text, uint64_t now) {
  Constant* constant = Constant::New(text);
  constant_bytes_ += constant->bytes();
  constant->identity = NewIdentity(!text.empty());
  constant->since = now;
  return constant;
}

void ValueDictionary::Delete(Constant* constant) {
  if (constant->identity < kBitIdentities) {
    small_identities_[constant->is_text()] &= ~(1ull << constant->identity);
  }
  constant_bytes_ -= constant->bytes();
  Constant::Delete(constant);
}

size_t ValueDictionary::memory_bytes() const {
  return texts_.memory_bytes() + numbers_.memory_bytes() + constant_bytes_;
}

}  // namespace fluxgate
