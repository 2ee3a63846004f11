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
// NOT IN with more constants is checked one filter at a time.
constexpr size_t kNotEqualColumnsMax = 4;

bool IsNan(const Value& v) { return v.kind() == ValueKind::kDouble && std::isnan(v.as_double()); }

// The part of the messages that is expected to have this value. `values`: how many there are;
// `constant`: null when no filter has named it so far.
double ExpectedShare(const Constant* constant, size_t values, uint64_t now) {
  const double guess = 1.0 / static_cast<double>(std::max<size_t>(values, 1));
  if (constant == nullptr) return guess;
  const double known = static_cast<double>(now - constant->since);
  return (static_cast<double>(constant->hits) + guess) / (known + 1);
}

double ShareOf(const Predicate& predicate, const IndexedField& field, uint64_t now) {
  double share = kSharePerBucket * static_cast<double>(predicate.constants.size());
  const ValueDictionary& dictionary = field.dictionary;
  for (const Value& v : predicate.constants) {
    if (predicate.kind != Kind::kAnyOf) {
      const Constant* prefix = field.prefixes.Find(PrefixTable::Cut(v.as_string()));
      share += ExpectedShare(prefix, field.prefixes.size(), now);
    } else if (v.is_string()) {
      share += ExpectedShare(dictionary.FindText(v.as_string()), dictionary.text_count(), now);
    } else {
      const Value number = v.kind() == ValueKind::kBool ? Value::Int(v.as_bool() ? 1 : 0) : v;
      share += ExpectedShare(dictionary.FindNumber(number), dictionary.number_count(), now);
    }
  }
  return share;
}

bool CanBeAccess(const Predicate& predicate) {
  return predicate.kind == Kind::kAnyOf || predicate.kind == Kind::kPrefix ||
         (predicate.kind == Kind::kLike && !predicate.constants.empty());
}

// Where a predicate is filed.
struct Access {
  std::vector<FilterBucket*> buckets;
  bool check = false;    // a bucket is also found by values that do not pass
  bool repeats = false;  // a value may find several
};

void AddNumber(const Value& number, ValueDictionary& dictionary, Access& access) {
  Constant* constant = dictionary.FindNumber(number);
  access.buckets.push_back(&constant->bucket);
  for (const bool b : {false, true}) {
    if (constant == dictionary.FindNumber(Value::Int(b ? 1 : 0))) {
      access.buckets.push_back(&dictionary.bool_bucket(b));
    }
  }
}

void AddText(std::string_view text, ValueDictionary& dictionary, Access& access) {
  Constant* constant = dictionary.FindText(text);
  access.buckets.push_back(&constant->bucket);
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

void AddConstants(const Predicate& predicate, ValueDictionary& dictionary, Access& access) {
  for (const Value& v : predicate.constants) {
    if (v.kind() == ValueKind::kBool) {
      // The number is also found by '1', the text by no wrong value.
      access.check = true;
      AddNumber(Value::Int(v.as_bool() ? 1 : 0), dictionary, access);
    } else if (v.is_number() && !IsNan(v)) {
      AddNumber(v, dictionary, access);
    }
  }
  SortDistinct(access.buckets);
  const std::vector<FilterBucket*> numbers = access.buckets;
  for (const Value& v : predicate.constants) {
    if (v.kind() == ValueKind::kBool) AddText(BoolText(v.as_bool()), dictionary, access);
    if (!v.is_string()) continue;
    // A message '5' would find IN (5, '5') twice, and all that '5' finds is found by way of 5.
    const Constant* spelled = dictionary.FindText(v.as_string())->spelled;
    if (spelled != nullptr &&
        std::binary_search(numbers.begin(), numbers.end(), &spelled->bucket)) {
      continue;
    }
    AddText(v.as_string(), dictionary, access);
  }
  SortDistinct(access.buckets);
}

Access AccessBy(const Predicate& predicate, IndexedField& field) {
  Access access;
  if (predicate.kind == Kind::kAnyOf) {
    AddConstants(predicate, field.dictionary, access);
    return access;
  }
  access.check = predicate.kind == Kind::kLike;
  access.repeats = predicate.constants.size() > 1;
  for (const Value& v : predicate.constants) {
    const std::string_view cut = PrefixTable::Cut(v.as_string());
    access.check |= cut.size() < v.as_string().size();
    access.buckets.push_back(&field.prefixes.Find(cut)->bucket);
  }
  SortDistinct(access.buckets);
  return access;
}

AccessNumber BestAccess(const Filter& filter, const IndexedFields& fields, uint64_t now) {
  AccessNumber best = kNoAccess;
  double least = kInfinity;
  const auto offer = [&](AccessNumber number, double share) {
    if (share >= least) return;
    least = share;
    best = number;
  };
  AccessNumber number = 0;
  for (const Predicate& predicate : filter.predicates()) {
    if (CanBeAccess(predicate)) offer(number, ShareOf(predicate, fields[predicate.slot], now));
    ++number;
  }
  for (const std::vector<Predicate>& alternatives : filter.alternatives()) {
    double share = 0;
    for (const Predicate& predicate : alternatives) {
      share += ShareOf(predicate, fields[predicate.slot], now);
    }
    offer(number++, share);
  }
  return best;
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

bool AddNotEqual(const Predicate& predicate, const ValueDictionary& dictionary,
                 ColumnList& columns) {
  if (predicate.constants.size() > kNotEqualColumnsMax) return false;
  bool all = true;
  for (const Value& v : predicate.constants) {
    const bool is_known = v.kind() != ValueKind::kBool && !IsNan(v);
    const Constant* constant = is_known ? dictionary.Find(v) : nullptr;
    if (constant == nullptr || constant->is_second_spelling()) {
      all = false;
      continue;
    }
    const LaneKind kind = v.is_string() ? LaneKind::kTextDown : LaneKind::kNumberDown;
    columns.Add(ColumnTest::kNotEqual, LaneOf(predicate.slot, kind),
                -static_cast<double>(constant->identity));
  }
  return all;
}

void AddNull(const Predicate& predicate, ColumnList& columns) {
  const bool is_null = predicate.kind == Kind::kNull;
  columns.Add(ColumnTest::kOneOf,
              LaneOf(predicate.slot, is_null ? LaneKind::kTextBit : LaneKind::kNumberBit),
              std::bit_cast<double>(is_null ? kNullBit : kNotNullBit));
}

bool AddColumns(const Predicate& predicate, const ValueDictionary& dictionary,
                ColumnList& columns) {
  switch (predicate.kind) {
    case Kind::kRange:
      return AddRange(predicate, columns);
    case Kind::kAnyOf:
      return AddEqual(predicate, dictionary, columns);
    case Kind::kNotEqual:
    case Kind::kNoneOf:
      return AddNotEqual(predicate, dictionary, columns);
    case Kind::kNull:
    case Kind::kNotNull:
      AddNull(predicate, columns);
      return true;
    case Kind::kPrefix:
    case Kind::kLike:
    case Kind::kNotLike:
      break;
  }
  return false;
}

}  // namespace

std::span<const Predicate> AccessOf(const Filter& filter, AccessNumber access) {
  if (access == kNoAccess) return {};
  const std::span<const Predicate> predicates = filter.predicates();
  if (access < predicates.size()) return predicates.subspan(access, 1);
  return filter.alternatives()[access - predicates.size()];
}

bool IsOwnPredicate(const Filter& filter, AccessNumber access) {
  return access < filter.predicates().size();
}

FilterPlan PlanFilter(const Filter& filter, IndexedFields& fields, uint64_t now) {
  FilterPlan plan;
  plan.access = BestAccess(filter, fields, now);
  const std::span<const Predicate> filed = AccessOf(filter, plan.access);
  fields.AddAccess(filed, IsOwnPredicate(filter, plan.access), now);
  const auto check = [&](size_t predicate) {
    constexpr size_t kBits = std::numeric_limits<PredicateSet>::digits;
    plan.checks |= predicate < kBits ? PredicateSet{1} << predicate : kAllPredicates;
  };
  bool exact = filter.residual_is_alternatives() && plan.access == filter.predicates().size();
  for (const Predicate& predicate : filed) {
    const Access access = AccessBy(predicate, fields[predicate.slot]);
    plan.buckets.insert(plan.buckets.end(), access.buckets.begin(), access.buckets.end());
    plan.repeats |= access.repeats;
    exact &= !access.check;
    // An OR that is not exact is left to the residual program.
    if (access.check && IsOwnPredicate(filter, plan.access)) check(plan.access);
  }
  if (filed.size() > 1) {
    SortDistinct(plan.buckets);
    plan.repeats = true;
  }

  plan.check_residual = filter.residual() != nullptr && !exact;

  ColumnList columns;
  const std::span<const Predicate> predicates = filter.predicates();
  for (uint32_t i = 0; i < predicates.size(); ++i) {
    if (i == plan.access) continue;
    const ValueDictionary& dictionary = fields[predicates[i].slot].dictionary;
    if (!AddColumns(predicates[i], dictionary, columns)) check(i);
  }
  if (!columns.Store(plan)) plan.checks = kAllPredicates;
  return plan;
}

}  // namespace fluxgate
