// A block: up to 64 rows as columns, or up to 64 smaller blocks with the bounds over their rows.
//
// One allocation of just the capacity that is needed (1, 2, 4 .. 64 rows), because most buckets of
// a million distinct values hold a single filter:
//
//   | header 32 B | column 0: bound of row 0, 1, 2 .. | column 1 .. | what belongs to the kind |
//
//   kUniform   rows of one shape                      filter ids
//   kMixed     rows of several shapes, one per row    tests, shapes, lanes per column, filter ids
//   kInner     child blocks of one shape; the columns are the lowest bounds over the rows of each
//              child, then the highest ones                                      pointers
#ifndef FLUXGATE_CORE_SUBSCRIPTION_ROW_BLOCK_H_
#define FLUXGATE_CORE_SUBSCRIPTION_ROW_BLOCK_H_

#include <cstddef>
#include <cstdint>

#include "core/subscription/column_compare.h"
#include "core/subscription/row_shape.h"

namespace fluxgate {

class FilterBucket;

class RowBlock {
 public:
  enum class Kind : uint8_t { kUniform, kMixed, kInner };

  Kind kind() const { return kind_; }
  uint32_t count() const { return count_; }
  uint32_t capacity() const { return capacity_; }
  uint32_t column_count() const { return columns_; }
  bool full() const { return count_ == kRowsMax; }
  const RowShape* shape() const { return shape_; }  // null: kMixed

  // A root belongs to a bucket, every other block to a parent.
  RowBlock* parent() const { return is_root_ ? nullptr : parent_; }
  FilterBucket* bucket() const { return is_root_ ? bucket_ : nullptr; }
  void SetParent(RowBlock* parent) {
    parent_ = parent;
    is_root_ = false;
  }
  void SetBucket(FilterBucket* bucket) {
    bucket_ = bucket;
    is_root_ = true;
  }

  double* column(uint32_t k) { return At<double>(k * capacity_ * sizeof(double)); }
  const double* column(uint32_t k) const { return At<double>(k * capacity_ * sizeof(double)); }

  RowBlock** children() { return At<RowBlock*>(columns_end()); }
  RowBlock* const* children() const { return At<RowBlock*>(columns_end()); }

  uint32_t* filters() { return At<uint32_t>(filters_at()); }
  const uint32_t* filters() const { return At<uint32_t>(filters_at()); }
  uint64_t check() const { return check_; }  // rows with Row::check

  // kMixed only.
  MixedTests mixed_tests(uint32_t k) const {
    const uint64_t* tests = At<uint64_t>(columns_end()) + kTests * k;
    return {tests[0], tests[1], tests[2]};
  }
  const RowShape* row_shape(uint32_t row) const {
    return shape_ != nullptr ? shape_ : At<const RowShape*>(shapes_at())[row];
  }
  Lane* lanes(uint32_t k) { return At<Lane>(lanes_at() + k * capacity_ * sizeof(Lane)); }
  const Lane* lanes(uint32_t k) const {
    return At<Lane>(lanes_at() + k * capacity_ * sizeof(Lane));
  }

  // Position of a filter's row or of a child, which must be there.
  uint32_t RowOf(uint32_t filter) const;
  uint32_t PlaceOf(const RowBlock* child) const;

  Row ReadRow(uint32_t row) const;

  // Over all rows or children. Not for kMixed and not when empty.
  Bounds ComputeBounds() const;
  // kInner: over the rows of one child.
  Bounds ReadBounds(uint32_t place) const;
  void SetBounds(uint32_t place, const Bounds& bounds);

  // There must be room. A mixed block must have enough columns for the row's shape.
  void AppendRow(const Row& row);
  void AppendChild(RowBlock* child, const Bounds& bounds);
  // The last row or child takes the place of the erased one.
  void Erase(uint32_t place);

  // From the start of the block to the end of what a message compares and reads.
  size_t searched_bytes() const {
    return sizeof(RowBlock) +
           (kind_ == Kind::kInner ? columns_end() / 2 : filters_at() + count_ * sizeof(uint32_t));
  }

  static size_t Bytes(Kind kind, uint32_t columns, uint32_t capacity);

 private:
  friend class BlockHeap;
  RowBlock(Kind kind, const RowShape* shape, uint32_t columns, uint32_t capacity);
  ~RowBlock() = default;

  template <typename T>
  T* At(size_t offset) {
    return reinterpret_cast<T*>(reinterpret_cast<char*>(this + 1) + offset);
  }
  template <typename T>
  const T* At(size_t offset) const {
    return reinterpret_cast<const T*>(reinterpret_cast<const char*>(this + 1) + offset);
  }

  size_t columns_end() const { return columns_ * capacity_ * sizeof(double); }
  size_t shapes_at() const { return columns_end() + kTests * columns_ * sizeof(uint64_t); }
  size_t lanes_at() const { return shapes_at() + capacity_ * sizeof(RowShape*); }
  size_t filters_at() const {
    return kind_ == Kind::kUniform ? columns_end()
                                   : lanes_at() + columns_ * capacity_ * sizeof(Lane);
  }
  static constexpr uint32_t kTests = 3;  // masks per column, in the order of MixedTests
  uint64_t* tests() { return At<uint64_t>(columns_end()); }
  void ClearBit(uint64_t& bits, uint32_t place, uint32_t last);

  Kind kind_;
  uint8_t count_ = 0;
  uint8_t capacity_;
  uint8_t columns_;
  bool is_root_ = false;
  uint64_t check_ = 0;
  const RowShape* shape_;
  union {
    RowBlock* parent_ = nullptr;
    FilterBucket* bucket_;
  };
};

static_assert(sizeof(RowBlock) == 32);

// Where blocks come from and what they take together.
class BlockHeap {
 public:
  RowBlock* New(RowBlock::Kind kind, const RowShape* shape, uint32_t columns, uint32_t capacity);
  void Delete(RowBlock* block);
  size_t bytes() const { return bytes_; }

 private:
  size_t bytes_ = 0;
};

// 1, 2, 4 .. 64.
uint32_t CapacityFor(uint32_t rows);

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_SUBSCRIPTION_ROW_BLOCK_H_
