// What a row looks like: which values of a message its bounds are compared with, and how.
//
// Every message is prepared once as an array of doubles, the lanes. A field has a handful of lanes:
// its value as a number, the identity of its text, the identity of its number, and so on. A simple
// predicate is one or two columns, each comparing one lane with one bound:
//
//   price > 10 AND price <= 20     up(price) >= 10.000..2,  down(price) >= -20
//   side = 'buy'                   text(side) == 7           (7: identity of 'buy' on this field)
//   venue IN ('A', 'B', 'C')       text_bit(venue) & 0b1011  (identities 0, 1 and 3)
//   desk != 'D1'                   text_down(desk) != -4
//   note IS NULL                   text_bit(note) & kNullBit
//
// Filters of one shape differ only in their bounds, so they are compared many at a time. Shapes are
// interned and counted. Reactor thread only.
#ifndef FLUXGATE_CORE_SUBSCRIPTION_ROW_SHAPE_H_
#define FLUXGATE_CORE_SUBSCRIPTION_ROW_SHAPE_H_

#include <array>
#include <compare>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <vector>

#include "core/message/field_table.h"

namespace fluxgate {

// Index into the lanes of a prepared event.
using Lane = uint32_t;

// The lanes of one field: one cache line. kDown lanes hold the negated value, so that an upper
// bound is a lower bound too. NaN passes every test but `!=`: that is for a field that holds an
// array, of which some element may pass (PreparedEvent).
enum class LaneKind : uint8_t {
  kUp,  // the value as a number; -infinity, as are the following, when there is none
  kDown,
  kText,      // identity of the text, as the field's dictionary numbers it
  kTextDown,  // negated; NaN for NULL, which is not even different from anything
  kNumber,    // identity of the number
  kNumberDown,
  kTextBit,    // bit 1 << identity, for identities below kBitIdentities; and kNullBit
  kNumberBit,  // the same; and kNotNullBit
};
inline constexpr Lane kLanesPerField = 8;
inline constexpr uint32_t kBitIdentities = 63;
inline constexpr uint64_t kNullBit = 1ull << kBitIdentities;     // kTextBit: the field is NULL
inline constexpr uint64_t kNotNullBit = 1ull << kBitIdentities;  // kNumberBit: it is not

// The first line belongs to no field: lane 0 is zero in every event.
inline constexpr Lane kZeroLane = 0;
inline constexpr Lane LaneOf(FieldSlot slot, LaneKind kind) {
  return kLanesPerField * (slot + 1) + static_cast<Lane>(kind);
}
inline constexpr Lane DownOf(Lane up) { return up + 1; }

enum class ColumnTest : uint8_t {
  kEqual,     // lane == bound
  kOneOf,     // lane and bound, as bit patterns, have a bit in common
  kAtLeast,   // lane >= bound
  kNotEqual,  // lane != bound
};

// Whether the bounds of several rows can be summed up by a lowest and a highest one.
inline constexpr bool HasBounds(ColumnTest test) {
  return test == ColumnTest::kEqual || test == ColumnTest::kAtLeast;
}

struct Column {
  ColumnTest test;
  Lane lane;
  friend auto operator<=>(const Column&, const Column&) = default;
};

// More simple predicates than this are checked one filter at a time.
inline constexpr uint32_t kColumnsMax = 8;
// Columns of the bounds over many rows: an equality needs a lowest and a highest identity.
inline constexpr uint32_t kBoundColumnsMax = 2 * kColumnsMax;

struct RowShape {
  // The bounds that say how far a set of rows extends on one field: one, or one from either side.
  struct Extent {
    uint8_t one = 0;
    uint8_t other = 0;  // the same as `one`: there is only one
    bool two_sided() const { return other != one; }
  };

  uint64_t number = 0;  // in the order of creation; orders shapes in a bucket
  uint32_t uses = 0;    // rows and filters that refer to it
  uint8_t column_count = 0;
  uint8_t bound_count = 0;
  uint8_t extent_count = 0;
  std::array<Column, kColumnsMax> columns{};
  // By column: the bounds that are of it, as bits; none unless HasBounds.
  std::array<uint16_t, kColumnsMax> column_bounds{};
  std::array<Lane, kBoundColumnsMax> bound_lanes{};
  std::array<Extent, kBoundColumnsMax> extents{};
};

class ShapeTable {
 public:
  // The shape of these columns, which are at most kColumnsMax and sorted; one use more.
  RowShape* Acquire(std::span<const Column> columns);
  void Release(RowShape* shape);

  size_t size() const { return shapes_.size(); }
  size_t memory_bytes() const;

 private:
  std::map<std::vector<Column>, std::unique_ptr<RowShape>> shapes_;
  uint64_t next_number_ = 0;
};

// One filter as it is entered in one bucket.
struct Row {
  const RowShape* shape;
  std::array<double, kColumnsMax> bounds;
  uint32_t filter;
  bool check;  // being in all bounds is not enough: the filter itself must be asked
};

// Bounds over rows, in the order of RowShape::bound_lanes: below the lowest no row can pass, from
// the highest on every row passes that column.
struct Bounds {
  std::array<double, kBoundColumnsMax> low;
  std::array<double, kBoundColumnsMax> high;
};

// Of the row alone.
Bounds BoundsOf(const Row& row);
// Takes in `other`.
void Widen(Bounds& bounds, const Bounds& other, const RowShape& shape);

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_SUBSCRIPTION_ROW_SHAPE_H_
