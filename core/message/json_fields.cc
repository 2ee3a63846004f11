#include "core/message/json_fields.h"

#include <algorithm>

namespace fluxgate {

JsonFields::JsonFields(const std::vector<FieldRequest>& requests, size_t steps_max) {
  nodes_.emplace_back();
  for (const FieldRequest& request : requests) {
    const std::vector<std::string>& steps = request.path.steps;
    if (steps.empty() || steps.size() > steps_max) continue;
    uint32_t node = 0;
    ++nodes_[0].wanted;
    for (const std::string& step : steps) {
      node = Child(node, step);
      ++nodes_[node].wanted;
    }
    nodes_[node].slots.push_back(request.slot);
  }
  for (Node& node : nodes_) FillTable(node, nodes_);
}

uint32_t JsonFields::Child(uint32_t parent, const std::string& name) {
  for (const uint32_t child : nodes_[parent].children) {
    if (nodes_[child].name == name) return child;
  }
  const uint32_t child = size();
  Node& node = nodes_.emplace_back();
  node.name = name;
  node.index = child;
  nodes_[parent].children.push_back(child);
  return child;
}

void JsonFields::FillTable(Node& node, const std::vector<Node>& nodes) {
  if (node.children.empty()) return;
  // At most half full, so that a search always ends, mostly at once.
  node.table.resize(std::bit_ceil(node.children.size() * 2));
  node.mask = static_cast<uint32_t>(node.table.size() - 1);
  for (const uint32_t child : node.children) {
    const std::string& name = nodes[child].name;
    node.sizes |= uint64_t{1} << std::min<size_t>(name.size(), 63);
    std::string padded = name + std::string(8, '\0');
    const uint64_t word = FirstWord(padded.data(), name.size());
    uint32_t i = Hash(word, padded.data(), name.size()) & node.mask;
    while (node.table[i].node != nullptr) i = (i + 1) & node.mask;
    node.table[i] = {word, static_cast<uint32_t>(name.size()), &nodes[child]};
  }
}

}  // namespace fluxgate
