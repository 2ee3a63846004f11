#include "core/subscription/prepared_event.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <optional>

#include "core/filter/compare.h"
#include "core/filter/operators.h"

namespace fluxgate {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNone = -kInfinity;  // reaches no bound, equals no identity
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

size_t At(LaneKind kind) { return static_cast<size_t>(kind); }

void SetNumber(double number, double* lanes) {
  lanes[At(LaneKind::kUp)] = number;
  lanes[At(LaneKind::kDown)] = -number;
}

// `kind` and the lanes that go with it. `extra`: a further bit for `bit_kind`.
void SetIdentity(const Constant* constant, LaneKind kind, LaneKind bit_kind, uint64_t extra,
                 double* lanes) {
  double* lane = lanes + At(kind);
  uint64_t bits = extra;
  if (constant == nullptr) {
    lane[0] = lane[1] = kNone;
  } else {
    lane[0] = static_cast<double>(constant->identity);
    lane[1] = -lane[0];
    if (constant->identity < kBitIdentities) bits |= 1ull << constant->identity;
  }
  lanes[At(bit_kind)] = std::bit_cast<double>(bits);
}

void SetText(const Constant* constant, double* lanes) {
  SetIdentity(constant, LaneKind::kText, LaneKind::kTextBit, 0, lanes);
}

void SetNumberIdentity(const Constant* constant, double* lanes) {
  SetIdentity(constant, LaneKind::kNumber, LaneKind::kNumberBit, kNotNullBit, lanes);
}

// Of NULL and of NaN: not even `!=` holds.
void SetIncomparable(bool is_null, double* lanes) {
  for (const LaneKind kind : {LaneKind::kUp, LaneKind::kDown, LaneKind::kText, LaneKind::kNumber}) {
    lanes[At(kind)] = kNone;
  }
  lanes[At(LaneKind::kTextDown)] = lanes[At(LaneKind::kNumberDown)] = kNan;
  lanes[At(LaneKind::kTextBit)] = std::bit_cast<double>(is_null ? kNullBit : uint64_t{0});
  lanes[At(LaneKind::kNumberBit)] = std::bit_cast<double>(is_null ? uint64_t{0} : kNotNullBit);
}

}  // namespace

void PreparedEvent::Reserve(size_t slot_end) {
  if (lines_.size() < slot_end + 1) lines_.resize(slot_end + 1);
}

void PreparedEvent::GiveBack() {
  lines_ = std::vector<FieldLanes>();
  buckets_ = std::vector<FilterBucket*>();
}

void PreparedEvent::Prepare(std::span<IndexedField* const> fields, std::span<const Value> values) {
  buckets_.clear();
  has_arrays_ = false;
  for (IndexedField* field : fields) {
    const Value& value = values[field->slot];
    if (value.is_array()) [[unlikely]] {
      PrepareArray(*field, value.as_array());
    } else {
      PrepareField(*field, value);
    }
  }
  if (!has_arrays_) return;
  std::sort(buckets_.begin(), buckets_.end());
  buckets_.erase(std::unique(buckets_.begin(), buckets_.end()), buckets_.end());
}

void PreparedEvent::PrepareField(IndexedField& field, const Value& value) {
  if (field.prefixes.size() > 0) PreparePrefixes(field, value);
  switch (value.kind()) {
    case Value::Kind::kString:
      PrepareText(field, value.as_string());
      return;
    case Value::Kind::kInt:
    case Value::Kind::kUint:
      PrepareNumber(field, value);
      return;
    case Value::Kind::kDouble:
      if (std::isnan(value.as_double())) break;
      PrepareNumber(field, value);
      return;
    case Value::Kind::kBool:
      PrepareBool(field, value.as_bool());
      return;
    case Value::Kind::kArray:
    case Value::Kind::kNull:
      break;
  }
  SetIncomparable(value.is_null(), lanes_of(field.slot));
}

void PreparedEvent::PrepareArray(IndexedField& field, std::span<const Value> elements) {
  has_arrays_ = true;
  double* lanes = lanes_of(field.slot);
  double up = kNone;
  double down = kNone;
  for (const Value& element : elements) {
    PrepareField(field, element);
    up = std::max(up, lanes[At(LaneKind::kUp)]);
    down = std::max(down, lanes[At(LaneKind::kDown)]);
  }
  lanes[At(LaneKind::kUp)] = up;
  lanes[At(LaneKind::kDown)] = down;
  lanes[At(LaneKind::kText)] = lanes[At(LaneKind::kNumber)] = kNan;
  lanes[At(LaneKind::kTextDown)] = lanes[At(LaneKind::kNumberDown)] = kInfinity;
  lanes[At(LaneKind::kTextBit)] = lanes[At(LaneKind::kNumberBit)] = std::bit_cast<double>(~0ull);
}

void PreparedEvent::PreparePrefixes(IndexedField& field, const Value& value) {
  TextBuffer buffer;
  field.prefixes.ForEachOf(TextOf(value, buffer), [this](Constant& prefix) {
    ++prefix.hits;
    Visit(prefix.bucket);
  });
}

void PreparedEvent::PrepareNumber(IndexedField& field, const Value& number) {
  double* lanes = lanes_of(field.slot);
  // Bounds are such that rounding above 2^53 does not matter (Predicate).
  SetNumber(ToDouble(number), lanes);
  if (field.equals == 0) return;
  Constant* constant = field.dictionary.FindNumber(number);
  Constant* speller = constant != nullptr ? constant->speller : nullptr;
  SetNumberIdentity(constant, lanes);
  SetText(speller, lanes);
  if (constant != nullptr) {
    ++constant->hits;
    Visit(constant->bucket);
  }
  if (speller != nullptr) {
    ++speller->hits;
    Visit(speller->bucket);
  }
}

void PreparedEvent::PrepareText(IndexedField& field, std::string_view text) {
  double* lanes = lanes_of(field.slot);
  std::optional<Value> number;
  if (field.ranges > 0 || field.dictionary.number_uses() > 0) number = ParseNumber(text);
  if (number.has_value()) {
    SetNumber(ToDouble(*number), lanes);
  } else {
    // Greater than every number: passes lower bounds only.
    SetNumber(kInfinity, lanes);
  }
  if (field.equals == 0) return;
  Constant* constant = field.dictionary.FindText(text);
  SetText(constant, lanes);
  if (constant != nullptr) {
    ++constant->hits;
    Visit(constant->bucket);
  }
  Constant* same = number.has_value() ? field.dictionary.FindNumber(*number) : nullptr;
  SetNumberIdentity(same, lanes);
  if (same != nullptr) {
    ++same->hits;
    Visit(same->bucket);
  }
}

void PreparedEvent::PrepareBool(IndexedField& field, bool b) {
  double* lanes = lanes_of(field.slot);
  const Value number = Value::Int(b ? 1 : 0);
  SetNumber(ToDouble(number), lanes);
  if (field.equals == 0) return;
  Constant* same = field.dictionary.FindNumber(number);
  SetNumberIdentity(same, lanes);
  if (same != nullptr) ++same->hits;
  Constant* text = field.dictionary.FindText(BoolText(b));
  SetText(text, lanes);
  if (text != nullptr) ++text->hits;
  Visit(field.dictionary.bool_bucket(b));
}

size_t PreparedEvent::memory_bytes() const {
  return lines_.capacity() * sizeof(FieldLanes) + buckets_.capacity() * sizeof(buckets_[0]);
}

}  // namespace fluxgate
