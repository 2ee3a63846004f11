// The constants that filters compare one field with for equality, numbered, each with the bucket of
// the filters that are filed under it. A message's value is looked up here once, whatever the
// number of filters; a value that is not here equals no constant.
//
// Equality crosses kinds (core/filter/compare.h): '100' equals 100, 100 equals '100' and '100.0',
// which do not equal each other; true equals 1 and 'true', which do not equal each other. So:
//
//   a text       finds the constant of the same text, and the number that it spells
//   a number     finds the same number, and the texts that spell it, by way of one of them, which
//                stands for all (Constant::speller); filters with another spelling are filed under
//                that one too and are checked
//   true, false  finds a bucket of its own, where all filters are filed whose constant equals it
//
// Reactor thread only.
#ifndef FLUXGATE_CORE_SUBSCRIPTION_VALUE_DICTIONARY_H_
#define FLUXGATE_CORE_SUBSCRIPTION_VALUE_DICTIONARY_H_

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/message/value.h"
#include "core/subscription/constant_table.h"
#include "core/subscription/filter_bucket.h"

namespace fluxgate {

// A number in the one form that equal numbers share, whatever their kind.
struct ExactNumber {
  Value::Kind kind;
  uint64_t bits;
  friend bool operator==(const ExactNumber&, const ExactNumber&) = default;
};

// One text or number that filters are filed under, allocated together with its text.
struct Constant {
  FilterBucket bucket;
  uint64_t identity;  // distinct among the texts, and among the numbers, of a field
  uint64_t hits = 0;  // messages that had this value ..
  uint64_t since;     // .. since this one
  uint32_t uses = 0;
  uint32_t text_size;           // 0: a number
  ExactNumber number;           // a number only
  Constant* spelled = nullptr;  // of a text: the number it spells; null: none
  Constant* speller = nullptr;  // of a number: the text that stands for all that spell it, or null

  // Of a text, or of a number when it is empty.
  static Constant* New(std::string_view text);
  static void Delete(Constant* constant);
  size_t bytes() const { return sizeof(Constant) + text_size; }

  bool is_text() const { return text_size > 0; }
  std::string_view text() const { return {reinterpret_cast<const char*>(this + 1), text_size}; }
  // A text that spells a number, and another one stands for that number.
  bool is_second_spelling() const { return spelled != nullptr && spelled->speller != this; }
};

class ValueDictionary {
 public:
  ValueDictionary() = default;
  ~ValueDictionary();  // all constants have been released
  ValueDictionary(const ValueDictionary&) = delete;
  ValueDictionary& operator=(const ValueDictionary&) = delete;

  // `value` is a text or a number, not NaN. One use more. `now`: messages so far.
  Constant* Acquire(const Value& value, uint64_t now);
  void Release(Constant* constant);

  // Null: no filter asks for it.
  Constant* Find(const Value& value) const;
  Constant* FindText(std::string_view text) const;
  Constant* FindNumber(const Value& number) const;

  // Filed under true or false.
  FilterBucket& bool_bucket(bool b) { return bool_buckets_[b ? 1 : 0]; }

  size_t text_count() const { return texts_.size(); }
  size_t number_count() const { return numbers_.size(); }
  // Numbers that filters name as numbers, times used. When there are none, texts of messages need
  // not be read as numbers.
  size_t number_uses() const { return number_uses_; }
  size_t memory_bytes() const;

 private:
  Constant* New(std::string_view text, uint64_t now);
  void Delete(Constant* constant);
  Constant* AcquireText(std::string_view text, uint64_t now);
  Constant* AcquireNumber(const Value& number, uint64_t now);
  void ReleaseText(Constant* constant);
  void ReleaseNumber(Constant* constant);
  uint64_t NewIdentity(bool is_text);

  ConstantTable texts_;
  ConstantTable numbers_;
  FilterBucket bool_buckets_[2];
  size_t number_uses_ = 0;
  size_t constant_bytes_ = 0;
  // By is_text: identities below kBitIdentities in use, and the next one above.
  uint64_t small_identities_[2] = {~0ull << kBitIdentities, ~0ull << kBitIdentities};
  uint64_t next_identity_[2] = {kBitIdentities, kBitIdentities};
};

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_SUBSCRIPTION_VALUE_DICTIONARY_H_
