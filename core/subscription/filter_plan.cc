#include "core/subscription/filter_plan.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <utility>

namespace fluxgate {
namespace {

using Kind = Predicate::Kind;
using ValueKind = Value::Kind;

constexpr double kInfinity = std::numeric_limits<double>::infinity();
// Each further bucket of an IN must pay for the row it takes there.
constexpr double kSharePerBucket = 0.001;

bool IsNan(const Value& v) { return v.kind() == ValueKind::kDouble && std::isnan(v.as_double()); }

// The part of the messages that is expected to have this value.
double ExpectedShare(const Constant& constant, const ValueDictionary& dictionary, uint64_t now) {
  const size_t values = constant.is_text() ? dictionary.text_count() : dictionary.number_count();
  const double known = static_cast<double>(now - constant.since);
  return (static_cast<double>(constant.hits) + 1.0 / static_cast<double>(values)) / (known + 1);
}

// The buckets of one equality or IN predicate.
struct Access {
  std::vector<FilterBucket*> buckets;
  double share = 0;
  bool check = false;  // a bucket is also found by values that do not pass
};

void AddNumber(const Value& number, ValueDictionary& dictionary, uint64_t now, Access& access) {
  Constant* constant = dictionary.FindNumber(number);
  access.buckets.push_back(&constant->bucket);
  access.share += ExpectedShare(*constant, dictionary, now);
  for (const bool b : {false, true}) {
    if (constant == dictionary.FindNumber(Value::Int(b ? 1 : 0))) {
      access.buckets.push_back(&dictionary.bool_bucket(b));
    }
  }
}

void AddText(std::string_view text, ValueDictionary& dictionary, uint64_t now, Access& access) {
  Constant* constant = dictionary.FindText(text);
  access.buckets.push_back(&constant->bucket);
  access.share += ExpectedShare(*constant, dictionary, now);
  if (constant->is_second_spelling()) {
    access.buckets.push_back(&constant->spelled->speller->bucket);
    access.check = true;
  }
  for (const bool b : {false, true}) {
    if (text == BoolText(b)) access.buckets.push_back(&dictionary.bool_bucket(b));
  }
}

void SortDistinct(std::vector<FilterBucket*>& buckets) {
  std::sort(buckets.begin(), buckets.end());
  buckets.erase(std::unique(buckets.begin(), buckets.end()), buckets.end());
}

Access AccessBy(const Predicate& predicate, ValueDictionary& dictionary, uint64_t now) {
  Access access;
  for (const Value& v : predicate.constants) {
    if (v.kind() == ValueKind::kBool) {
      // The number is also found by '1', the text by no wrong value.
      access.check = true;
      AddNumber(Value::Int(v.as_bool() ? 1 : 0), dictionary, now, access);
    } else if (v.is_number() && !IsNan(v)) {
      AddNumber(v, dictionary, now, access);
    }
  }
  SortDistinct(access.buckets);
  const std::vector<FilterBucket*> numbers = access.buckets;
  for (const Value& v : predicate.constants) {
    if (v.kind() == ValueKind::kBool) AddText(BoolText(v.as_bool()), dictionary, now, access);
    if (!v.is_string()) continue;
    // A message '5' would find IN (5, '5') twice, and all that '5' finds is found by way of 5.
    const Constant* spelled = dictionary.FindText(v.as_string())->spelled;
    if (spelled != nullptr &&
        std::binary_search(numbers.begin(), numbers.end(), &spelled->bucket)) {
      continue;
    }
    AddText(v.as_string(), dictionary, now, access);
  }
  SortDistinct(access.buckets);
  access.share += kSharePerBucket * static_cast<double>(access.buckets.size());
  return access;
}

class ColumnList {
 public:
  void Add(ColumnTest test, Lane lane, double bound) {
    for (auto& [column, known] : columns_) {
      // `x > 1 AND x > 2`
      if (test == ColumnTest::kAtLeast && column == Column{test, lane}) {
        known = std::max(known, bound);
        return;
      }
    }
    columns_.push_back({Column{test, lane}, bound});
  }

  // Returns false when there were too many and some have been left out.
  bool Store(FilterPlan& plan) {
    std::sort(columns_.begin(), columns_.end());
    const bool all = columns_.size() <= kColumnsMax;
    if (!all) columns_.resize(kColumnsMax);
    for (const auto& [column, bound] : columns_) {
      plan.columns.push_back(column);
      plan.bounds.push_back(bound);
    }
    return all;
  }

 private:
  std::vector<std::pair<Column, double>> columns_;
};

// The functions below return false when columns cannot say it all.

bool AddRange(const Predicate& predicate, ColumnList& columns) {
  if (std::isnan(predicate.low) || std::isnan(predicate.high)) return false;
  const Lane up = LaneOf(predicate.slot, LaneKind::kUp);
  const bool open_above = predicate.high == kInfinity;
  // Open on both sides still needs a number to be there.
  if (predicate.low > -kInfinity || open_above) {
    columns.Add(ColumnTest::kAtLeast, up, predicate.low);
  }
  if (!open_above) columns.Add(ColumnTest::kAtLeast, DownOf(up), -predicate.high);
  return true;
}

bool AddEqual(const Predicate& predicate, const ValueDictionary& dictionary, ColumnList& columns) {
  uint64_t bits = 0;
  const bool is_text = predicate.constants.front().is_string();
  const bool is_single = predicate.constants.size() == 1;
  for (const Value& v : predicate.constants) {
    if (v.kind() == ValueKind::kBool || v.is_string() != is_text || IsNan(v)) return false;
    const Constant* constant = dictionary.Find(v);
    if (constant->is_second_spelling()) return false;
    if (is_single) {
      const Lane lane = LaneOf(predicate.slot, is_text ? LaneKind::kText : LaneKind::kNumber);
      columns.Add(ColumnTest::kEqual, lane, static_cast<double>(constant->identity));
      return true;
    }
    if (constant->identity >= kBitIdentities) return false;
    bits |= 1ull << constant->identity;
  }
  const Lane lane = LaneOf(predicate.slot, is_text ? LaneKind::kTextBit : LaneKind::kNumberBit);
  columns.Add(ColumnTest::kOneOf, lane, std::bit_cast<double>(bits));
  return true;
}

}  // namespace

FilterPlan PlanFilter(const Filter& filter, const IndexedFields& fields, uint64_t now) {
  FilterPlan plan;
  const std::span<const Predicate> predicates = filter.predicates();
  Access best;
  best.share = kInfinity;
  for (uint32_t i = 0; i < predicates.size(); ++i) {
    if (predicates[i].kind != Kind::kAnyOf) continue;
    Access access = AccessBy(predicates[i], fields[predicates[i].slot].dictionary, now);
    if (access.share >= best.share) continue;
    best = std::move(access);
    plan.access = i;
  }
  plan.buckets = std::move(best.buckets);
  plan.check_whole = best.check;

  ColumnList columns;
  for (uint32_t i = 0; i < predicates.size(); ++i) {
    const Predicate& predicate = predicates[i];
    if (i == plan.access) continue;
    const bool said = predicate.kind == Kind::kRange
                          ? AddRange(predicate, columns)
                          : AddEqual(predicate, fields[predicate.slot].dictionary, columns);
    plan.check_whole |= !said;
  }
  plan.check_whole |= !columns.Store(plan);
  return plan;
}

}  // namespace fluxgate
