#include "core/filter/aggregate.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string>
#include <vector>

#include "core/base/strings.h"
#include "core/filter/aggregate_sum.h"
#include "core/filter/aggregate_value.h"
#include "core/filter/compare.h"
#include "core/filter/functions/arguments.h"
#include "core/filter/operators.h"

namespace fluxgate {
namespace {

class Count final : public Aggregate {
 public:
  void Add(const Value& value) override { count_ += value.first().is_null() ? 0 : 1; }
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
  Value Result(EvaluationContext&) const override {
    if (count_ == 0) return Value::Null();
    if (!is_average) return sum_.Result();
    return Value::Double(sum_.AsDouble() / static_cast<double>(count_));
  }
  void Clear() override { *this = {}; }

 private:
  NumberSum sum_;
  int64_t count_ = 0;
};

// Welford's method: no difference of large sums.
template <bool is_sample>
class StandardDeviation final : public Aggregate {
 public:
  void Add(const Value& value) override {
    const Value number = NumberOf(value);
    if (number.is_null()) return;
    const double d = ToDouble(number);
    ++count_;
    const double from_old_mean = d - mean_;
    mean_ += from_old_mean / static_cast<double>(count_);
    squares_ += from_old_mean * (d - mean_);
  }
  Value Result(EvaluationContext&) const override {
    const int64_t degrees = is_sample ? count_ - 1 : count_;
    if (degrees < 1) return Value::Null();
    return Value::Double(std::sqrt(squares_ / static_cast<double>(degrees)));
  }
  void Clear() override { *this = {}; }

 private:
  int64_t count_ = 0;
  double mean_ = 0;
  double squares_ = 0;  // of the distances from the mean
};

// What ANY, MIN, MAX and UNIQUE have in common: one of the values.
class OneValue : public Aggregate {
 public:
  void Add(const Value& value) final {
    const Value& one = value.first();
    if (one.is_null() || is_given_up_) return;
    if (kept_.is_null() || Replaces(one)) Keep(one);
  }
  Value Result(EvaluationContext&) const final {
    return is_given_up_ ? Value::Null() : kept_.value();
  }
  void Clear() final {
    kept_.Clear();
    is_given_up_ = false;
  }

 protected:
  // Whether `value` takes the place of the one kept.
  virtual bool Replaces(const Value& value) = 0;
  Value kept() const { return kept_.value(); }
  void GiveUp() {
    kept_.Clear();
    is_given_up_ = true;
  }

 private:
  void Keep(const Value& value) {
    if (value.is_string() && value.as_string().size() > kBytesMax) {
      GiveUp();
    } else {
      kept_.Set(value);
    }
  }

  KeptValue kept_;
  bool is_given_up_ = false;
};

class Any final : public OneValue {
  bool Replaces(const Value&) override { return false; }
};

template <Ordering wanted>
class Extreme final : public OneValue {
  bool Replaces(const Value& value) override {
    if (IsNan(kept())) return false;
    return IsNan(value) || Compare(value, kept()) == wanted;
  }
};

class Unique final : public OneValue {
  bool Replaces(const Value& value) override {
    if (value.kind() == Value::Kind::kString && kept().is_string()) {
      if (value.as_string() != kept().as_string()) GiveUp();
    } else if (IdentityOf(value) != IdentityOf(kept())) {
      GiveUp();
    }
    return false;
  }
};

// Different texts in the order in which they came, within the limits.
class DistinctTexts {
 public:
  void Add(std::string_view text) {
    if (is_over_ || index_of_.find(text) != index_of_.end()) return;
    if (index_of_.size() == Aggregate::kDistinctValuesMax ||
        text.size() > Aggregate::kBytesMax - bytes_) {
      // The memory is of no more use.
      index_of_ = {};
      is_over_ = true;
      return;
    }
    bytes_ += text.size();
    index_of_.emplace(text, index_of_.size());
  }
  void Clear() { *this = {}; }
  bool is_over() const { return is_over_; }
  size_t size() const { return index_of_.size(); }
  size_t bytes() const { return bytes_; }
  std::vector<std::string_view> InOrder() const {
    std::vector<std::string_view> texts(index_of_.size());
    for (const auto& [text, index] : index_of_) texts[index] = text;
    return texts;
  }

 private:
  StringMap<size_t> index_of_;
  size_t bytes_ = 0;
  bool is_over_ = false;
};

class CountDistinct final : public Aggregate {
 public:
  void Add(const Value& value) override {
    if (!value.first().is_null()) values_.Add(IdentityOf(value));
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

template <typename A>
std::unique_ptr<Aggregate> Make(std::string_view) {
  return std::make_unique<A>();
}

std::unique_ptr<Aggregate> MakeGroupConcat(std::string_view delimiter) {
  return std::make_unique<GroupConcat>(delimiter);
}

constexpr Aggregate::Kind kKinds[] = {
    {"ANY", 1, 1, Make<Any>},
    {"AVG", 1, 1, Make<SumOrAverage<true>>},
    {"COUNT", 1, 1, Make<Count>},
    {"COUNT_DISTINCT", 1, 1, Make<CountDistinct>},
    {"GROUP_CONCAT", 1, 2, MakeGroupConcat},
    {"MAX", 1, 1, Make<Extreme<Ordering::kGreater>>},
    {"MIN", 1, 1, Make<Extreme<Ordering::kLess>>},
    {"STDDEV_POP", 1, 1, Make<StandardDeviation<false>>},
    {"STDDEV_SAMP", 1, 1, Make<StandardDeviation<true>>},
    {"SUM", 1, 1, Make<SumOrAverage<false>>},
    {"UNIQUE", 1, 1, Make<Unique>},
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
