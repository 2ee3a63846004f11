#include "core/subscription/row_split.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

namespace fluxgate {
namespace {

using Kind = RowBlock::Kind;

// Neither half gets less than a quarter, to keep equal bounds together.
constexpr uint32_t kRowsMin = kRowsMax / 4;

struct Division {
  double size = std::numeric_limits<double>::infinity();
  uint64_t upper = 0;  // the rows that go to the new block
};

class Divider {
 public:
  Divider(const RowBlock& block, const RowExtent& extent)
      : shape_(*block.shape()), extent_(extent), count_(block.count()) {
    CopyLowBounds(block, columns_);
  }

  // Along every bound, and for ranges with two ends also narrow from wide.
  Division Best() {
    for (uint32_t e = 0; e < shape_.extent_count; ++e) {
      const double* one = columns_[shape_.extents[e].one];
      const double* other = columns_[shape_.extents[e].other];
      Try([&](uint32_t i) { return one[i]; });
      if (!shape_.extents[e].two_sided()) continue;
      Try([&](uint32_t i) { return other[i]; });
      Try([&](uint32_t i) { return one[i] + other[i]; });
    }
    // Rows that are all alike.
    if (best_.upper == 0) best_.upper = RowMask(count_) & ~RowMask(count_ / 2);
    return best_;
  }

 private:
  template <typename Key>
  void Try(Key key) {
    std::array<std::pair<double, uint32_t>, kRowsMax> order;
    for (uint32_t i = 0; i < count_; ++i) order[i] = {key(i), i};
    std::sort(order.begin(), order.begin() + count_);
    uint32_t cut = 0;
    for (uint32_t off = 0; off + kRowsMin <= count_ / 2 && cut == 0; ++off) {
      for (const uint32_t at : {count_ / 2 - off, count_ / 2 + off}) {
        if (order[at - 1].first < order[at].first) cut = at;
      }
    }
    if (cut == 0) return;
    Division division;
    for (uint32_t i = cut; i < count_; ++i) division.upper |= 1ull << order[i].second;
    division.size = SizeOf(division.upper) + SizeOf(RowMask(count_) & ~division.upper);
    if (division.size < best_.size) best_ = division;
  }

  double SizeOf(uint64_t rows) const {
    Bounds bounds;
    for (uint32_t k = 0; k < shape_.bound_count; ++k) {
      double low = std::numeric_limits<double>::infinity();
      for (uint32_t i = 0; i < count_; ++i) {
        if ((rows >> i & 1) != 0) low = std::min(low, columns_[k][i]);
      }
      bounds.low[k] = low;
    }
    return extent_.Size(bounds);
  }

  const RowShape& shape_;
  const RowExtent& extent_;
  const uint32_t count_;
  double columns_[kBoundColumnsMax][kRowsMax];
  Division best_;
};

}  // namespace

RowBlock* Split(RowBlock* block, const RowExtent& extent, RowStore& store) {
  const uint64_t upper = Divider(*block, extent).Best().upper;
  const uint32_t rows = static_cast<uint32_t>(__builtin_popcountll(upper));
  RowBlock* half =
      store.heap.New(block->kind(), block->shape(), block->column_count(), CapacityFor(rows));
  // From the end, so that what Erase moves into the gap is known to stay.
  for (uint32_t i = block->count(); i-- > 0;) {
    if ((upper >> i & 1) == 0) continue;
    if (block->kind() == Kind::kInner) {
      half->AppendChild(block->children()[i], block->ReadBounds(i));
    } else {
      const Row row = block->ReadRow(i);
      half->AppendRow(row);
      store.filters.Moved(row.filter, block, half);
    }
    block->Erase(i);
  }
  return half;
}

}  // namespace fluxgate
