// A hash table from hashes to constants that never stops to rebuild itself: when it is full, a
// table of another size is opened beside it and every change moves a few cells over. Reactor thread
// only.
#ifndef FLUXGATE_CORE_SUBSCRIPTION_CONSTANT_TABLE_H_
#define FLUXGATE_CORE_SUBSCRIPTION_CONSTANT_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>

namespace fluxgate {

struct Constant;

class ConstantTable {
 public:
  // The first constant of this hash for which same(const Constant&) holds; null: none.
  template <typename Same>
  Constant* Find(uint64_t hash, Same same) const {
    Constant* found = now_.Find(hash, same);
    if (found == nullptr && old_.used > 0) [[unlikely]]
      found = old_.Find(hash, same);
    return found;
  }

  // `constant` is not in the table before Insert and is before Erase.
  void Insert(uint64_t hash, Constant* constant);
  void Erase(uint64_t hash, const Constant* constant);

  size_t size() const { return now_.used + old_.used; }
  size_t memory_bytes() const { return (now_.cells + old_.cells) * sizeof(Cell); }

 private:
  struct Cell {
    uint64_t hash;
    Constant* constant;
  };

  struct Free {
    void operator()(Cell* cells) const { std::free(cells); }
  };

  // Open addressing. An erased cell pulls later ones back, so there are no tombstones.
  struct Table {
    std::unique_ptr<Cell[], Free> cell;
    size_t cells = 0;  // a power of two, or none
    size_t used = 0;

    template <typename Same>
    Constant* Find(uint64_t hash, Same same) const {
      if (used == 0) return nullptr;
      for (size_t i = hash & (cells - 1);; i = (i + 1) & (cells - 1)) {
        const Cell& at = cell[i];
        if (at.constant == nullptr) return nullptr;
        if (at.hash == hash && same(*at.constant)) return at.constant;
      }
    }
    void Open(size_t size);
    void Insert(uint64_t hash, Constant* constant);
    bool Erase(uint64_t hash, const Constant* constant);
    void EraseAt(size_t i);
  };

  void Reopen(size_t cells);
  void MoveSome();

  Table now_;
  Table old_;             // being emptied into now_
  size_t move_from_ = 0;  // where in old_ to go on
};

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_SUBSCRIPTION_CONSTANT_TABLE_H_
