#include "core/message/field_tree.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace fluxgate {
namespace {

using Node = FieldTree::Node;

std::vector<FieldRequest> Requests(const std::vector<std::vector<FieldStep>>& paths) {
  std::vector<FieldRequest> requests;
  for (const auto& path : paths) {
    requests.push_back({{path}, static_cast<FieldSlot>(requests.size())});
  }
  return requests;
}

const Node* Child(const Node& node, std::string_view name) {
  const std::string padded = std::string(name) + "padding!";
  return FieldTree::Find(node, padded.data(), name.size());
}

// What is found along names and subscripts, as an extractor walks: the slots, sorted, in one text;
// "-" when the tree ends before.
std::string SlotsAt(const FieldTree& tree, const std::vector<FieldStep>& walk) {
  const Node* node = &tree.root();
  for (const FieldStep& step : walk) {
    if (!step.name.empty()) node = Child(*node, step.name);
    if (node == nullptr) return "-";
    if (step.index >= 0) node = &FieldTree::ForElement(*node, static_cast<size_t>(step.index));
  }
  std::vector<FieldSlot> slots = node->slots;
  std::sort(slots.begin(), slots.end());
  std::string text;
  for (const FieldSlot slot : slots) text += (text.empty() ? "" : " ") + std::to_string(slot);
  return text;
}

TEST(FieldTreeTest, NamesLeadToSlots) {
  const FieldTree tree(Requests({{"a"}, {"b", "c"}, {"a"}, {"b"}}), 64);
  EXPECT_EQ(SlotsAt(tree, {"a"}), "0 2");
  EXPECT_EQ(SlotsAt(tree, {"b"}), "3");
  EXPECT_EQ(SlotsAt(tree, {"b", "c"}), "1");
  EXPECT_EQ(SlotsAt(tree, {"c"}), "-");
  EXPECT_EQ(tree.root().wanted, 4u);
}

TEST(FieldTreeTest, FindsNamesOfEveryLength) {
  std::vector<std::vector<FieldStep>> paths;
  for (size_t size = 1; size < 80; ++size) {
    paths.push_back({std::string(size, 'n')});
    paths.push_back({std::string(size, 'n') + 'x'});
  }
  const FieldTree tree(Requests(paths), 64);
  for (size_t i = 0; i < paths.size(); ++i) EXPECT_EQ(SlotsAt(tree, paths[i]), std::to_string(i));
  EXPECT_EQ(Child(tree.root(), ""), nullptr);
  EXPECT_EQ(Child(tree.root(), std::string(80, 'n')), nullptr);
  EXPECT_EQ(Child(tree.root(), std::string(30, 'n') + "y"), nullptr);
}

TEST(FieldTreeTest, ElementsHaveWhatEveryRepetitionHas) {
  const FieldTree tree(Requests({{"a", "b"}, {{"a", 1}, "b"}, {{"a", 1}, {"", 0}}, {"a"}}), 64);
  EXPECT_EQ(SlotsAt(tree, {"a"}), "3");
  EXPECT_EQ(SlotsAt(tree, {{"a", 0}}), "3");
  EXPECT_EQ(SlotsAt(tree, {{"a", 1}}), "3");
  EXPECT_EQ(SlotsAt(tree, {{"a", 1}, {"", 0}}), "2 3");
  EXPECT_EQ(SlotsAt(tree, {{"a", 0}, "b"}), "0");
  EXPECT_EQ(SlotsAt(tree, {{"a", 1}, "b"}), "0 1");
  EXPECT_EQ(SlotsAt(tree, {{"a", 1}, {"", 0}, "b"}), "0 1");
}

TEST(FieldTreeTest, SubscriptsOfSeveralLevels) {
  const FieldTree tree(Requests({{{"a", 1}, {"b", 2}, "c"},
                                 {"a", {"b", 2}, "c"},
                                 {{"a", 1}, "b", "c"},
                                 {"a", "b", "c"},
                                 {"a", {"b", 2}, "d"}}),
                       64);
  EXPECT_EQ(SlotsAt(tree, {{"a", 0}, {"b", 0}, "c"}), "3");
  EXPECT_EQ(SlotsAt(tree, {{"a", 0}, {"b", 2}, "c"}), "1 3");
  EXPECT_EQ(SlotsAt(tree, {{"a", 1}, {"b", 0}, "c"}), "2 3");
  EXPECT_EQ(SlotsAt(tree, {{"a", 1}, {"b", 2}, "c"}), "0 1 2 3");
  EXPECT_EQ(SlotsAt(tree, {{"a", 1}, {"b", 2}, "d"}), "4");
  EXPECT_EQ(SlotsAt(tree, {{"a", 1}, {"b", 1}, "d"}), "-");
}

TEST(FieldTreeTest, SubscriptsOfArraysInArraysSurviveTheOverlay) {
  const FieldTree tree(Requests({{{"a", 1}, {"b", 0}, {"", 1}}, {"a", "b"}}), 64);
  EXPECT_EQ(SlotsAt(tree, {{"a", 0}, {"b", 0}, {"", 1}}), "1");
  EXPECT_EQ(SlotsAt(tree, {{"a", 1}, {"b", 0}, {"", 0}}), "1");
  EXPECT_EQ(SlotsAt(tree, {{"a", 1}, {"b", 0}, {"", 1}}), "0 1");
}

TEST(FieldTreeTest, WhatIsThereOnceIsItsOwnElementZero) {
  const FieldTree tree(Requests({{"a"}, {{"a", 0}}, {{"a", 1}}, {{"a", 0}, {"", 0}}, {"b"}}), 64);
  const Node& single = *Child(tree.root(), "a")->single;
  EXPECT_EQ(single.slots.size(), 3u);
  EXPECT_EQ(&single, &FieldTree::ForElement(FieldTree::ForElement(*Child(tree.root(), "a"), 0), 0));
  EXPECT_EQ(Child(tree.root(), "b")->single, Child(tree.root(), "b"));
}

TEST(FieldTreeTest, NothingIsWantedOfOtherRepetitions) {
  const FieldTree tree(Requests({{{"a", 1}}, {"b"}, {{"c", 0}, "d"}, {"c", "e"}}), 64);
  EXPECT_FALSE(Child(tree.root(), "a")->wants_every());
  EXPECT_TRUE(Child(tree.root(), "b")->wants_every());
  EXPECT_TRUE(Child(tree.root(), "c")->wants_every());
}

TEST(FieldTreeTest, StepsAtTheLimitAndOneMore) {
  const FieldTree tree(Requests({{"a", "b", "c"}, {"d", "e", "f", "g"}}), 3);
  EXPECT_EQ(SlotsAt(tree, {"a", "b", "c"}), "0");
  EXPECT_EQ(SlotsAt(tree, {"d"}), "-");
  EXPECT_EQ(tree.root().wanted, 1u);
}

}  // namespace
}  // namespace fluxgate
