#include "core/filter/aggregate.h"

#include <algorithm>
#include <compare>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "core/base/strings.h"
#include "core/filter/aggregate_counts.h"
#include "core/filter/aggregate_sum.h"
#include "core/filter/aggregate_value.h"
#include "core/filter/compare.h"
#include "core/filter/functions/arguments.h"
#include "core/filter/operators.h"
#include "core/filter/value_order.h"

namespace fluxgate {
namespace {

class Count final : public Aggregate {
 public:
  void Add(const Value& value) override { count_ += value.first().is_null() ? 0 : 1; }
  void Remove(const Value& value) override { count_ -= value.first().is_null() ? 0 : 1; }
  Value Result(EvaluationContext&) const override { return Value::Int(count_); }
  void Clear() override { count_ = 0; }

 private:
  int64_t count_ = 0;
};

template <bool is_average>
class SumOrAverage final : public Aggregate {
 public:
  void Add(const Value& value) override {
    const Value number = NumberOf(value);
    if (number.is_null()) return;
    sum_.Add(number);
    ++count_;
  }
  void Remove(const Value& value) override {
    const Value number = NumberOf(value);
    if (number.is_null()) return;
    sum_.Remove(number);
    --count_;
  }
  Value Result(EvaluationContext&) const override {
    if (count_ == 0) return Value::Null();
    return is_average ? Value::Double(sum_.Average(count_)) : sum_.Result();
  }
  void Clear() override { *this = {}; }

 private:
  NumberSum sum_;
  uint64_t count_ = 0;
};

template <bool is_sample>
class StandardDeviation final : public Aggregate {
 public:
  void Add(const Value& value) override {
    const Value number = NumberOf(value);
    if (!number.is_null()) spread_.Add(number);
  }
  void Remove(const Value& value) override {
    const Value number = NumberOf(value);
    if (!number.is_null()) spread_.Remove(number);
  }
  Value Result(EvaluationContext&) const override {
    constexpr uint64_t kLost = is_sample ? 1 : 0;
    if (spread_.count() <= kLost) return Value::Null();
    return Value::Double(spread_.Deviation(spread_.count() - kLost));
  }
  void Clear() override { *this = {}; }

 private:
  NumberSpread spread_;
};

bool IsTooLong(const Value& value) {
  return value.is_string() && value.as_string().size() > Aggregate::kBytesMax;
}

// What ANY, MIN, MAX and UNIQUE have in common: one of the values.
class OneValue : public Aggregate {
 public:
  void Add(const Value& value) final {
    const Value& one = value.first();
    if (one.is_null() || is_given_up_) return;
    if (IsTooLong(one)) {
      GiveUp();
    } else if (Replaces(one)) {
      kept_.Set(one);
    }
  }
  void Remove(const Value&) final {}
  Value Result(EvaluationContext&) const final {
    return is_given_up_ ? Value::Null() : kept_.value();
  }
  void Clear() final {
    kept_.Clear();
    is_given_up_ = false;
  }

 protected:
  // Whether `value` takes the place of the one kept, which may be NULL.
  virtual bool Replaces(const Value& value) = 0;
  Value kept() const { return kept_.value(); }
  void GiveUp() {
    kept_.Clear();
    is_given_up_ = true;
  }

 private:
  KeptValue kept_;
  bool is_given_up_ = false;
};

class Any final : public OneValue {
  bool Replaces(const Value&) override { return kept().is_null(); }
};

template <Ordering wanted>
class Extreme final : public OneValue {
  bool Replaces(const Value& value) override {
    const PlacedValue placed(value);
    if (!kept().is_null()) {
      if (IsNan(kept())) return false;
      kept_place_.value = kept();
      const std::weak_ordering order = CompareFully(placed, kept_place_);
      const bool is_wanted = wanted == Ordering::kLess ? order < 0 : order > 0;
      if (!is_wanted && !IsNan(value)) return false;
    }
    kept_place_.number = placed.number;
    return true;
  }

  PlacedValue kept_place_;
};

class Unique final : public OneValue {
  bool Replaces(const Value& value) override {
    if (kept().is_null()) return true;
    if (value.is_string() && kept().is_string()) {
      if (value.as_string() != kept().as_string()) GiveUp();
    } else if (IdentityOf(value) != IdentityOf(kept())) {
      GiveUp();
    } else {
      return CompareFully(PlacedValue(value), PlacedValue(kept())) < 0;
    }
    return false;
  }
};

// The same where values are removed: all of them are kept.
class OneOfAll : public Aggregate {
 public:
  void Add(const Value& value) final {
    const Value& one = value.first();
    if (one.is_null()) return;
    if (IsTooLong(one)) {
      ++too_long_;
      return;
    }
    counts_.Add(one);
    Added(one);
  }
  void Remove(const Value& value) final {
    const Value& one = value.first();
    if (one.is_null()) return;
    if (IsTooLong(one)) {
      --too_long_;
      return;
    }
    counts_.Remove(one);
    Removed(one);
  }
  Value Result(EvaluationContext&) const final {
    return too_long_ != 0 || counts_.is_empty() ? Value::Null() : Choose();
  }
  void Clear() final {
    counts_.Clear();
    too_long_ = 0;
    Cleared();
  }

 protected:
  virtual void Added(const Value&) {}
  virtual void Removed(const Value&) {}
  virtual void Cleared() {}
  // There are values, and none is too long.
  virtual Value Choose() const = 0;
  const ValueCounts& counts() const { return counts_; }

 private:
  ValueCounts counts_;
  uint64_t too_long_ = 0;
};

// Stays with one value for as long as it is there: who sees the result should not see it change for
// nothing.
class AnyOfAll final : public OneOfAll {
  void Added(const Value& value) override {
    if (kept_.is_null()) kept_.Set(value);
  }
  void Removed(const Value& value) override {
    if (CompareFully(PlacedValue(value), PlacedValue(kept_.value())) != 0) return;
    if (counts().Contains(value)) return;
    kept_.Set(counts().is_empty() ? Value::Null() : counts().least());
  }
  void Cleared() override { kept_.Clear(); }
  Value Choose() const override { return kept_.value(); }

  KeptValue kept_;
};

template <Ordering wanted>
class ExtremeOfAll final : public OneOfAll {
  Value Choose() const override {
    if (counts().has_nan()) return NanValue();
    return wanted == Ordering::kLess ? counts().least() : counts().greatest();
  }
};

class UniqueOfAll final : public OneOfAll {
  // What is between two values that are the same is the same.
  Value Choose() const override {
    const Value least = counts().least();
    return IdentityOf(least) == IdentityOf(counts().greatest()) ? least : Value::Null();
  }
};

// Different texts in the order in which they came, within the limits.
class DistinctTexts {
 public:
  void Add(std::string_view text) {
    ++texts_;
    if (is_over_) return;
    const auto found = entries_.find(text);
    if (found != entries_.end()) {
      ++found->second.count;
      return;
    }
    if (entries_.size() == Aggregate::kDistinctValuesMax ||
        text.size() > Aggregate::kBytesMax - bytes_) {
      // The memory is of no more use.
      entries_ = {};
      is_over_ = true;
      return;
    }
    bytes_ += text.size();
    entries_.emplace(text, Entry{1, next_order_++});
  }
  void Remove(std::string_view text) {
    if (--texts_ == 0) {
      Clear();
      return;
    }
    const auto found = entries_.find(text);
    if (found == entries_.end() || --found->second.count != 0) return;
    bytes_ -= text.size();
    entries_.erase(found);
  }
  void Clear() { *this = {}; }
  bool is_over() const { return is_over_; }
  size_t size() const { return entries_.size(); }
  size_t bytes() const { return bytes_; }
  std::vector<std::string_view> InOrder() const {
    std::vector<std::string_view> texts(entries_.size());
    if (next_order_ == entries_.size()) {  // none is missing
      for (const auto& [text, entry] : entries_) texts[entry.order] = text;
      return texts;
    }
    std::vector<std::pair<uint64_t, std::string_view>> ordered;
    ordered.reserve(entries_.size());
    for (const auto& [text, entry] : entries_) ordered.emplace_back(entry.order, text);
    std::sort(ordered.begin(), ordered.end());
    for (size_t i = 0; i < ordered.size(); ++i) texts[i] = ordered[i].second;
    return texts;
  }

 private:
  struct Entry {
    uint64_t count;
    uint64_t order;
  };

  StringMap<Entry> entries_;
  uint64_t next_order_ = 0;
  uint64_t texts_ = 0;  // added and not removed
  size_t bytes_ = 0;    // of the different ones
  bool is_over_ = false;
};

class CountDistinct final : public Aggregate {
 public:
  void Add(const Value& value) override {
    if (!value.first().is_null()) values_.Add(IdentityOf(value));
  }
  void Remove(const Value& value) override {
    if (!value.first().is_null()) values_.Remove(IdentityOf(value));
  }
  Value Result(EvaluationContext&) const override {
    return values_.is_over() ? Value::Null() : Value::Int(static_cast<int64_t>(values_.size()));
  }
  void Clear() override { values_.Clear(); }

 private:
  DistinctTexts values_;
};

class GroupConcat final : public Aggregate {
 public:
  explicit GroupConcat(std::string_view delimiter) : delimiter_(delimiter) {}

  // NaN has no text.
  void Add(const Value& value) override {
    TextBuffer buffer;
    const std::string_view text = TextOf(value, buffer);
    if (!text.empty()) texts_.Add(text);
  }
  void Remove(const Value& value) override {
    TextBuffer buffer;
    const std::string_view text = TextOf(value, buffer);
    if (!text.empty()) texts_.Remove(text);
  }
  Value Result(EvaluationContext& context) const override {
    if (texts_.is_over() || texts_.size() == 0) return Value::Null();
    const size_t bytes = texts_.bytes() + (texts_.size() - 1) * delimiter_.size();
    char* const begin = context.text.Allocate(bytes);
    if (begin == nullptr) return Value::Null();
    char* place = begin;
    for (const std::string_view text : texts_.InOrder()) {
      if (place != begin) place = Append(place, delimiter_);
      place = Append(place, text);
    }
    return Value::String({begin, bytes});
  }
  void Clear() override { texts_.Clear(); }

 private:
  static char* Append(char* place, std::string_view text) {
    if (!text.empty()) std::memcpy(place, text.data(), text.size());
    return place + text.size();
  }

  std::string delimiter_;
  DistinctTexts texts_;
};

template <typename A, typename OfAll = A>
std::unique_ptr<Aggregate> Make(std::string_view, Aggregate::Removal removal) {
  if (removal == Aggregate::Removal::kNever) return std::make_unique<A>();
  return std::make_unique<OfAll>();
}

std::unique_ptr<Aggregate> MakeGroupConcat(std::string_view delimiter, Aggregate::Removal) {
  return std::make_unique<GroupConcat>(delimiter);
}

template <Ordering wanted>
constexpr auto kMakeExtreme = Make<Extreme<wanted>, ExtremeOfAll<wanted>>;

constexpr Aggregate::Kind kKinds[] = {
    {"ANY", 1, 1, Make<Any, AnyOfAll>},
    {"AVG", 1, 1, Make<SumOrAverage<true>>},
    {"COUNT", 1, 1, Make<Count>},
    {"COUNT_DISTINCT", 1, 1, Make<CountDistinct>},
    {"GROUP_CONCAT", 1, 2, MakeGroupConcat},
    {"MAX", 1, 1, kMakeExtreme<Ordering::kGreater>},
    {"MIN", 1, 1, kMakeExtreme<Ordering::kLess>},
    {"STDDEV_POP", 1, 1, Make<StandardDeviation<false>>},
    {"STDDEV_SAMP", 1, 1, Make<StandardDeviation<true>>},
    {"SUM", 1, 1, Make<SumOrAverage<false>>},
    {"UNIQUE", 1, 1, Make<Unique, UniqueOfAll>},
};

bool IsSpelled(std::string_view name, std::string_view upper) {
  return std::equal(name.begin(), name.end(), upper.begin(), upper.end(), [](char a, char b) {
    return (a >= 'a' && a <= 'z' ? static_cast<char>(a - 'a' + 'A') : a) == b;
  });
}

}  // namespace

const Aggregate::Kind* Aggregate::FindAggregate(std::string_view name) {
  const auto* const found = std::find_if(std::begin(kKinds), std::end(kKinds),
                                         [name](const Kind& k) { return IsSpelled(name, k.name); });
  return found == std::end(kKinds) ? nullptr : found;
}

}  // namespace fluxgate
