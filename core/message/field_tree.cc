#include "core/message/field_tree.h"

#include <algorithm>
#include <string_view>

#include "absl/container/flat_hash_map.h"

namespace fluxgate {

FieldTree::FieldTree(const std::vector<FieldRequest>& requests, size_t steps_max) {
  NewNode("");
  for (const FieldRequest& request : requests) {
    const std::vector<FieldStep>& steps = request.path.steps;
    if (steps.empty() || steps.size() > steps_max) continue;
    Node* node = &nodes_.front();
    for (const FieldStep& step : steps) {
      if (!step.name.empty()) node = &Child(*node, step.name);
      if (step.index >= 0) node = &Element(*node, static_cast<uint32_t>(step.index));
    }
    node->slots.push_back(request.slot);
  }
  by_name_ = {};
  FillElements(nodes_.front());
  CountWanted(nodes_.front());
  for (Node& node : nodes_) {
    std::sort(node.indexed.begin(), node.indexed.end(),
              [](const Indexed& a, const Indexed& b) { return a.index < b.index; });
  }
  for (Node& node : nodes_) {
    FillTable(node);
    node.single = &node;
    for (const Node* first = nullptr; first != node.single;) {
      first = node.single;
      node.single = &ForElement(*first, 0);
    }
  }
}

FieldTree::Node& FieldTree::NewNode(const std::string& name) {
  Node& node = nodes_.emplace_back();
  node.index = size() - 1;
  node.name = name;
  return node;
}

FieldTree::Node& FieldTree::Child(Node& parent, const std::string& name) {
  Node*& child = by_name_[{parent.index, name}];
  if (child == nullptr) {
    child = &NewNode(name);
    parent.children.push_back(child);
  }
  return *child;
}

FieldTree::Node& FieldTree::Element(Node& node, uint32_t index) {
  for (const Indexed& indexed : node.indexed) {
    if (indexed.index == index) return *indexed.node;
  }
  Node& element = NewNode(node.name);
  node.indexed.push_back({index, &element});
  return element;
}

// From the root down, so that what is laid over a node is complete.
void FieldTree::FillElements(Node& node) {
  if (node.filled) return;
  node.filled = true;
  for (const Indexed& indexed : node.indexed) Overlay(*indexed.node, node);
  for (const Indexed& indexed : node.indexed) FillElements(*indexed.node);
  for (Node* child : node.children) FillElements(*child);
}

// Adds to `element` what is wanted of every repetition. Branches that only one of them has are
// shared; where both have one, a new one holds the fields of both.
void FieldTree::Overlay(Node& element, const Node& every) {
  for (const FieldSlot slot : every.slots) {
    if (std::find(element.slots.begin(), element.slots.end(), slot) == element.slots.end()) {
      element.slots.push_back(slot);
    }
  }
  absl::flat_hash_map<std::string_view, size_t> own;
  for (size_t i = 0; i < element.children.size(); ++i) own.emplace(element.children[i]->name, i);
  for (Node* theirs : every.children) {
    const auto same = own.find(theirs->name);
    if (same == own.end()) {
      element.children.push_back(theirs);
      continue;
    }
    Node* const mine = element.children[same->second];
    if (mine == theirs) continue;
    Node& both = NewNode(theirs->name);
    AddAll(both, *mine);
    AddAll(both, *theirs);
    element.children[same->second] = &both;
  }
}

// Like Overlay, with the repetitions that `from` has by number.
void FieldTree::AddAll(Node& node, const Node& from) {
  Overlay(node, from);
  for (const Indexed& indexed : from.indexed) AddAll(Element(node, indexed.index), *indexed.node);
}

uint32_t FieldTree::CountWanted(Node& node) {
  node.wanted = static_cast<uint32_t>(node.slots.size());
  for (Node* child : node.children) node.wanted += CountWanted(*child);
  for (const Indexed& indexed : node.indexed) {
    // Fields of every repetition are in the element's count as well.
    node.wanted = std::max(node.wanted, CountWanted(*indexed.node));
  }
  return node.wanted;
}

void FieldTree::FillTable(Node& node) {
  if (node.children.empty()) return;
  // At most half full, so that a search always ends, mostly at once.
  node.table.resize(std::bit_ceil(node.children.size() * 2));
  node.mask = static_cast<uint32_t>(node.table.size() - 1);
  for (const Node* child : node.children) {
    const std::string& name = child->name;
    node.sizes |= uint64_t{1} << (name.size() % 64);
    std::string padded = name + std::string(8, '\0');
    const uint64_t word = FirstWord(padded.data(), name.size());
    uint32_t i = Hash(word, padded.data(), name.size()) & node.mask;
    while (node.table[i].node != nullptr) i = (i + 1) & node.mask;
    node.table[i] = {word, static_cast<uint32_t>(name.size()), child};
  }
}

}  // namespace fluxgate
