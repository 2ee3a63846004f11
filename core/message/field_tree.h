// The fields an extractor looks for, as a tree of names made for looking them up fast. Immutable
// once built.
//
// Where a path has a subscript, the repetition it names has a node of its own (ForElement), which
// also holds everything that is wanted of every repetition: an extractor is always at one node.
// Nodes below are shared between them where they are the same. What is there once is its own
// repetition 0, of which Node::single is the node.
#ifndef FLUXGATE_CORE_MESSAGE_FIELD_TREE_H_
#define FLUXGATE_CORE_MESSAGE_FIELD_TREE_H_

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <deque>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/message/message_type.h"

namespace fluxgate {

class FieldTree {
 public:
  struct Node;

  struct Entry {
    uint64_t word = 0;  // the first eight bytes, zeros behind a shorter name
    uint32_t size = 0;
    const Node* node = nullptr;
  };

  struct Indexed {
    uint32_t index = 0;
    Node* node = nullptr;
  };

  struct Node {
    uint32_t index = 0;   // numbers the nodes of a tree
    uint32_t wanted = 0;  // slots here and below
    uint64_t sizes = 0;   // bit n: a child's name has n bytes, modulo 64
    uint32_t mask = 0;    // of the table, whose size is a power of two
    std::vector<Entry> table;
    std::vector<FieldSlot> slots;
    std::vector<Node*> children;
    std::vector<Indexed> indexed;  // repetitions that are asked for by number, ascending
    const Node* single = nullptr;  // for what is there once: no array, not repeated
    std::string name;
    bool filled = false;  // while building

    // Whether anything is wanted of repetitions that nobody asks for by number.
    bool wants_every() const { return !slots.empty() || !children.empty(); }
  };

  // Paths with more than `steps_max` steps are left out: they can never be found.
  FieldTree(const std::vector<FieldRequest>& requests, size_t steps_max);
  FieldTree(const FieldTree&) = delete;
  FieldTree& operator=(const FieldTree&) = delete;

  const Node& root() const { return nodes_.front(); }
  uint32_t size() const { return static_cast<uint32_t>(nodes_.size()); }

  // The node for repetition `number` (0-based) of what `node` stands for.
  static const Node& ForElement(const Node& node, size_t number) {
    if (node.indexed.empty() || number > node.indexed.back().index) return node;
    const auto at = std::lower_bound(
        node.indexed.begin(), node.indexed.end(), number,
        [](const Indexed& indexed, size_t wanted) { return indexed.index < wanted; });
    return at->index == number ? *at->node : node;
  }

  // The child of that name, or nullptr; eight bytes from `name` on may be read whatever `size` is.
  static const Node* Find(const Node& node, const char* name, size_t size) {
    if ((node.sizes >> (size % 64) & 1) == 0) return nullptr;
    const uint64_t word = FirstWord(name, size);
    for (uint32_t i = Hash(word, name, size) & node.mask;; i = (i + 1) & node.mask) {
      const Entry& entry = node.table[i];
      if (entry.node == nullptr) return nullptr;
      if (entry.word == word && entry.size == size &&
          (size <= 8 || SameBehindWord(entry.node->name.data(), name, size))) {
        return entry.node;
      }
    }
  }

 private:
  static uint64_t LoadWord(const char* p) {
    uint64_t word;
    std::memcpy(&word, p, sizeof word);
    if constexpr (std::endian::native == std::endian::big) word = __builtin_bswap64(word);
    return word;
  }
  static uint64_t FirstWord(const char* name, size_t size) {
    const uint64_t word = LoadWord(name);
    return size >= 8 ? word : word & ((uint64_t{1} << (8 * size)) - 1);
  }
  // Here and not by memcmp: a call would cost the loops around it their registers.
  static bool SameBehindWord(const char* a, const char* b, size_t size) {
    for (size_t i = 8; i < size; i += 8) {
      const size_t at = i + 8 <= size ? i : size - 8;
      if (LoadWord(a + at) != LoadWord(b + at)) return false;
    }
    return true;
  }
  static uint32_t Hash(uint64_t word, const char* name, size_t size) {
    constexpr uint64_t kOdd = 0x9e3779b97f4a7c15;
    uint64_t hash = (word + size) * kOdd;
    for (size_t i = 8; i < size; i += 8) {
      // The last word overlaps the one before it.
      const uint64_t next = LoadWord(i + 8 <= size ? name + i : name + size - 8);
      hash = ((hash ^ hash >> 32) + next) * kOdd;
    }
    return static_cast<uint32_t>(hash >> 40);
  }

  Node& NewNode(const std::string& name);
  Node& Child(Node& parent, const std::string& name);
  Node& Element(Node& node, uint32_t index);
  void FillElements(Node& node);
  void Overlay(Node& element, const Node& every);
  void AddAll(Node& node, const Node& from);
  static uint32_t CountWanted(Node& node);
  static void FillTable(Node& node);

  std::deque<Node> nodes_;
  // While building: a node's child, by the node's number and the child's name.
  std::map<std::pair<uint32_t, std::string>, Node*> by_name_;
};

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_MESSAGE_FIELD_TREE_H_
