#include "core/subscription/prepared_event.h"

#include <bit>
#include <cmath>
#include <limits>
#include <optional>

#include "core/filter/compare.h"

namespace fluxgate {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNothing = std::numeric_limits<double>::quiet_NaN();  // passes no column

size_t At(LaneKind kind) { return static_cast<size_t>(kind); }

void SetNumber(double number, double* lanes) {
  lanes[At(LaneKind::kUp)] = number;
  lanes[At(LaneKind::kDown)] = -number;
}

void SetIdentity(const Constant* constant, LaneKind kind, LaneKind bit_kind, double* lanes) {
  double* lane = lanes + At(kind);
  double* bit = lanes + At(bit_kind);
  if (constant == nullptr) {
    lane[0] = lane[1] = kNothing;
    *bit = 0;
    return;
  }
  lane[0] = static_cast<double>(constant->identity);
  lane[1] = -lane[0];
  const uint64_t in_set = constant->identity < kBitIdentities ? 1ull << constant->identity : 0;
  *bit = std::bit_cast<double>(in_set);
}

void SetText(const Constant* constant, double* lanes) {
  SetIdentity(constant, LaneKind::kText, LaneKind::kTextBit, lanes);
}

void SetNumberIdentity(const Constant* constant, double* lanes) {
  SetIdentity(constant, LaneKind::kNumber, LaneKind::kNumberBit, lanes);
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
  for (IndexedField* field : fields) PrepareField(*field, values[field->slot]);
}

void PreparedEvent::PrepareField(IndexedField& field, const Value& value) {
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
  double* lanes = lanes_of(field.slot);
  SetNumber(kNothing, lanes);
  SetText(nullptr, lanes);
  SetNumberIdentity(nullptr, lanes);
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
