// For message types that repeat a name instead of having arrays: which node of a FieldTree the next
// field of a name is read for.
#ifndef FLUXGATE_CORE_MESSAGE_REPETITIONS_H_
#define FLUXGATE_CORE_MESSAGE_REPETITIONS_H_

#include <cstdint>
#include <vector>

#include "core/message/field_tree.h"

namespace fluxgate {

class Repetitions {
 public:
  explicit Repetitions(const FieldTree& fields) : counts_(fields.size()) {}

  // `parent` is a number that no other thing with fields in it has, in any body.
  const FieldTree::Node& Next(const FieldTree::Node& node, uint64_t parent) {
    if (node.indexed.empty()) return node;
    Count& count = counts_[node.index];
    if (count.parent != parent) count = {parent, 0};
    const FieldTree::Node& element = FieldTree::ForElement(node, count.met++);
    return &element == &node ? node : *element.single;
  }

 private:
  struct Count {
    uint64_t parent = 0;
    size_t met = 0;
  };

  std::vector<Count> counts_;  // by node
};

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_MESSAGE_REPETITIONS_H_
