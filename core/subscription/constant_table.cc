#include "core/subscription/constant_table.h"

#include <bit>
#include <cstdlib>
#include <utility>

namespace fluxgate {
namespace {

constexpr size_t kCellsMin = 8;
// Cells looked at in the old table per change: the old one is empty long before the new is full.
constexpr size_t kMovedPerChange = 16;

size_t CellsFor(size_t constants) { return std::bit_ceil(2 * constants + kCellsMin); }

}  // namespace

void ConstantTable::Table::Open(size_t size) {
  // The system gives large zeroed memory page by page when it is first touched: no pause here.
  cell.reset(static_cast<Cell*>(std::calloc(size, sizeof(Cell))));
  if (cell == nullptr) std::abort();
  cells = size;
  used = 0;
}

void ConstantTable::Table::Insert(uint64_t hash, Constant* constant) {
  size_t i = hash & (cells - 1);
  while (cell[i].constant != nullptr) i = (i + 1) & (cells - 1);
  cell[i] = {hash, constant};
  ++used;
}

bool ConstantTable::Table::Erase(uint64_t hash, const Constant* constant) {
  if (used == 0) return false;
  size_t i = hash & (cells - 1);
  for (; cell[i].constant != constant; i = (i + 1) & (cells - 1)) {
    if (cell[i].constant == nullptr) return false;
  }
  EraseAt(i);
  return true;
}

void ConstantTable::Table::EraseAt(size_t i) {
  const size_t last = cells - 1;
  for (size_t j = (i + 1) & last; cell[j].constant != nullptr; j = (j + 1) & last) {
    const size_t home = cell[j].hash & last;
    // A cell may move back to the gap unless its home lies behind the gap.
    if (((j - home) & last) >= ((j - i) & last)) {
      cell[i] = cell[j];
      i = j;
    }
  }
  cell[i] = {};
  --used;
}

void ConstantTable::Insert(uint64_t hash, Constant* constant) {
  if (4 * (size() + 1) > 3 * now_.cells && old_.used == 0) Reopen(CellsFor(size()));
  now_.Insert(hash, constant);
  MoveSome();
}

void ConstantTable::Erase(uint64_t hash, const Constant* constant) {
  if (!now_.Erase(hash, constant)) old_.Erase(hash, constant);
  if (size() == 0) {
    now_ = {};
    old_ = {};
    return;
  }
  const bool sparse = 8 * size() < now_.cells && CellsFor(size()) < now_.cells;
  if (sparse && old_.used == 0) Reopen(CellsFor(size()));
  MoveSome();
}

void ConstantTable::Reopen(size_t cells) {
  old_ = std::exchange(now_, Table());
  move_from_ = 0;
  now_.Open(cells);
}

void ConstantTable::MoveSome() {
  for (size_t n = 0; n < kMovedPerChange && old_.used > 0; ++n) {
    const size_t i = move_from_ & (old_.cells - 1);
    const Cell at = old_.cell[i];
    if (at.constant == nullptr) {
      ++move_from_;
      continue;
    }
    // The gap may be filled from behind: look at the same cell again.
    old_.EraseAt(i);
    now_.Insert(at.hash, at.constant);
  }
  if (old_.used == 0) old_ = {};
}

}  // namespace fluxgate
