#include "core/sow/field_index.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include "core/base/stable_hash.h"
#include "core/filter/compare.h"

namespace fluxgate {
namespace {

// Doubles as integers of the same order.
uint64_t OrderedBits(double d) {
  if (d == 0) d = 0;  // -0 is 0
  const auto bits = std::bit_cast<uint64_t>(d);
  return (bits >> 63) != 0 ? ~bits : bits | uint64_t{1} << 63;
}

// The first bytes, most significant first: the same order as the text as far as they go.
uint64_t TextBits(std::string_view text) {
  unsigned char first[8] = {};
  std::memcpy(first, text.data(), std::min<size_t>(8, text.size()));
  uint64_t bits = 0;
  for (const unsigned char c : first) bits = bits << 8 | c;
  return bits;
}

constexpr uint64_t Mix(uint64_t a, uint64_t b) {
  uint64_t x = a * 0x9E3779B97F4A7C15 + b;
  x ^= x >> 32;
  return x * 0xD6E8FEB86659FD93;
}

}  // namespace

FieldIndex::FieldIndex(Kind kind, std::vector<FieldSlot> slots)
    : kind_(kind), slots_(std::move(slots)) {}

// Values that compare as equal have a term in common: text that spells a number stands with the
// numbers, true and false with numbers and text. NaN compares with nothing.
void FieldIndex::OrderedTerms(const Value& value, std::vector<Term>& terms) {
  const auto number = [&](double d) {
    terms.push_back(std::isnan(d) ? Term{Class::kNull, 1} : Term{Class::kNumber, OrderedBits(d)});
  };
  switch (value.kind()) {
    case Value::Kind::kNull:
    case Value::Kind::kArray:
      terms.push_back({Class::kNull, 0});
      break;
    case Value::Kind::kBool:
      number(value.as_bool() ? 1 : 0);
      terms.push_back({Class::kText, TextBits(value.as_bool() ? "true" : "false")});
      break;
    case Value::Kind::kString:
      if (const auto spelled = ParseNumber(value.as_string())) {
        number(ToDouble(*spelled));
      } else {
        terms.push_back({Class::kText, TextBits(value.as_string())});
      }
      break;
    default:
      number(ToDouble(value));
  }
}

void FieldIndex::HashTerms(std::span<const Value* const> parts, std::vector<Term>& terms) const {
  terms.assign(1, Term{Class::kNumber, 0});
  std::vector<Term> part_terms;
  std::vector<Term> next;
  for (const Value* part : parts) {
    part_terms.clear();
    const std::span<const Value> elements = part->elements();
    if (elements.empty()) part_terms.push_back({Class::kNull, 0});
    for (const Value& element : elements) {
      if (part_terms.size() > kTermsMax) break;
      const size_t at = part_terms.size();
      OrderedTerms(element, part_terms);
      // Whole text, not only its first bytes.
      for (size_t i = at; i < part_terms.size(); ++i) {
        if (part_terms[i].type != Class::kText) continue;
        part_terms[i].bits = StableHash(element.is_string() ? element.as_string()
                                        : element.as_bool() ? "true"
                                                            : "false");
      }
    }
    if (part_terms.size() * terms.size() > kTermsMax) {
      terms.assign(1, Term{Class::kAlways, 0});
      return;
    }
    next.clear();
    for (const Term& term : terms) {
      for (const Term& part_term : part_terms) {
        next.push_back({Class::kNumber,
                        Mix(term.bits, part_term.bits + static_cast<uint64_t>(part_term.type))});
      }
    }
    terms.swap(next);
  }
}

void FieldIndex::Terms(std::span<const Value> values, std::vector<Term>& terms) const {
  terms.clear();
  if (kind_ == Kind::kHash) {
    const Value* parts[16];
    std::vector<const Value*> many;
    std::span<const Value*> chosen(parts, slots_.size());
    if (slots_.size() > std::size(parts)) {
      many.resize(slots_.size());
      chosen = many;
    }
    for (size_t i = 0; i < slots_.size(); ++i) chosen[i] = &values[slots_[i]];
    HashTerms(chosen, terms);
  } else {
    const Value& value = values[slots_[0]];
    const std::span<const Value> elements = value.elements();
    if (elements.empty()) terms.push_back({Class::kNull, 0});
    for (const Value& element : elements) {
      if (terms.size() > kTermsMax) break;
      OrderedTerms(element, terms);
    }
    if (terms.size() > kTermsMax) terms.assign(1, Term{Class::kAlways, 0});
  }
  if (terms.size() > 1) {
    std::ranges::sort(terms);
    terms.erase(std::unique(terms.begin(), terms.end()), terms.end());
  }
}

void FieldIndex::Add(uint32_t record_slot, std::span<const Value> values) {
  if (record_slot >= built_end) return;
  Terms(values, after_);
  if (HasNoOnePlace(after_)) ++several_places_;
  for (const Term& term : after_) entries_.insert({term.bits, term.type, record_slot});
}

void FieldIndex::Remove(uint32_t record_slot, std::span<const Value> values) {
  if (record_slot >= built_end) return;
  Terms(values, before_);
  if (HasNoOnePlace(before_)) --several_places_;
  for (const Term& term : before_) entries_.erase({term.bits, term.type, record_slot});
}

void FieldIndex::Replace(uint32_t record_slot, std::span<const Value> before,
                         std::span<const Value> after) {
  if (record_slot >= built_end) return;
  Terms(before, before_);
  Terms(after, after_);
  if (before_ == after_) return;
  if (HasNoOnePlace(before_)) --several_places_;
  if (HasNoOnePlace(after_)) ++several_places_;
  for (const Term& term : before_) entries_.erase({term.bits, term.type, record_slot});
  for (const Term& term : after_) entries_.insert({term.bits, term.type, record_slot});
}

const Predicate* FieldIndex::PredicateOn(const Filter& filter, FieldSlot slot) const {
  for (const Predicate& predicate : filter.predicates()) {
    if (predicate.slot != slot) continue;
    if (predicate.kind == Predicate::Kind::kAnyOf) return &predicate;
    if (kind_ == Kind::kOrdered && predicate.kind == Predicate::Kind::kRange) return &predicate;
  }
  return nullptr;
}

bool FieldIndex::Serves(const Filter& filter) const {
  size_t lookups = 1;
  for (const FieldSlot slot : slots_) {
    const Predicate* predicate = PredicateOn(filter, slot);
    if (predicate == nullptr) return false;
    if (predicate->kind == Predicate::Kind::kAnyOf) lookups *= predicate->constants.size();
    if (lookups > kLookupsMax) return false;
  }
  return true;
}

bool FieldIndex::GatherTerm(const Term& low, const Term& high, size_t max,
                            std::vector<uint32_t>& record_slots) const {
  for (auto it = entries_.lower_bound({low.bits, low.type, 0}); it != entries_.end(); ++it) {
    if (Term{it->type, it->bits} > high) break;
    if (record_slots.size() >= max) return false;
    record_slots.push_back(it->record_slot);
  }
  return true;
}

bool FieldIndex::Gather(const Filter& filter, size_t max,
                        std::vector<uint32_t>& record_slots) const {
  if (!complete() || !Serves(filter)) return false;
  const size_t begin = record_slots.size();
  const auto gather = [&](const Term& low, const Term& high) {
    return GatherTerm(low, high, begin + max, record_slots);
  };
  bool ok = gather({Class::kAlways, 0}, {Class::kAlways, 0});
  if (kind_ == Kind::kOrdered) {
    const Predicate& predicate = *PredicateOn(filter, slots_[0]);
    if (predicate.kind == Predicate::Kind::kRange) {
      const bool has_text = predicate.high == std::numeric_limits<double>::infinity();
      const Term low{Class::kNumber, OrderedBits(predicate.low)};
      const Term high = has_text ? Term{Class::kText, UINT64_MAX}
                                 : Term{Class::kNumber, OrderedBits(predicate.high)};
      ok = ok && gather(low, high);
    } else {
      for (const Value& constant : predicate.constants) {
        after_.clear();
        OrderedTerms(constant, after_);
        for (const Term& term : after_) ok = ok && gather(term, term);
      }
    }
  } else {
    std::vector<const Predicate*> predicates;
    for (const FieldSlot slot : slots_) predicates.push_back(PredicateOn(filter, slot));
    std::vector<size_t> at(slots_.size(), 0);
    std::vector<const Value*> parts(slots_.size());
    for (bool more = true; more && ok;) {
      for (size_t i = 0; i < at.size(); ++i) parts[i] = &predicates[i]->constants[at[i]];
      HashTerms(parts, after_);
      for (const Term& term : after_) ok = ok && gather(term, term);
      more = false;
      for (size_t i = 0; i < at.size() && !more; ++i) {
        more = ++at[i] < predicates[i]->constants.size();
        if (!more) at[i] = 0;
      }
    }
  }
  if (!ok) {
    record_slots.resize(begin);
    return false;
  }
  const auto first = record_slots.begin() + static_cast<ptrdiff_t>(begin);
  std::sort(first, record_slots.end());
  record_slots.erase(std::unique(first, record_slots.end()), record_slots.end());
  return true;
}

}  // namespace fluxgate
