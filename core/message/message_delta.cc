#include "core/message/message_delta.h"

#include <algorithm>
#include <string_view>
#include <vector>

namespace fluxgate {
namespace {

using Node = Document::Node;
using Member = Document::Member;

std::vector<const Node*> AllNamed(const Node& object, std::string_view name) {
  std::vector<const Node*> nodes;
  for (const Member& member : object.members) {
    if (member.name == name) nodes.push_back(member.node);
  }
  return nodes;
}

bool IsFirst(const Node& object, size_t i) {
  return std::none_of(object.members.begin(), object.members.begin() + static_cast<ptrdiff_t>(i),
                      [&](const Member& m) { return m.name == object.members[i].name; });
}

bool AreObjects(const std::vector<const Node*>& a, const std::vector<const Node*>& b) {
  return a.size() == 1 && b.size() == 1 && a[0]->kind == Node::Kind::kObject &&
         b[0]->kind == Node::Kind::kObject;
}

bool AreSame(const std::vector<const Node*>& a, const std::vector<const Node*>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const Node* x, const Node* y) { return SameContent(*x, *y); });
}

// Puts `nodes` where `object` has members of that name now, or behind all others.
void ReplaceNamed(Node& object, std::string_view name, const std::vector<const Node*>& nodes) {
  std::vector<Member> members;
  const auto add_all = [&] {
    for (const Node* node : nodes) members.push_back({name, const_cast<Node*>(node)});
  };
  bool added = false;
  for (const Member& member : object.members) {
    if (member.name != name) {
      members.push_back(member);
    } else if (!added) {
      add_all();
      added = true;
    }
  }
  if (!added) add_all();
  object.members = std::move(members);
}

void MergeNode(Node& base, const Node& delta) {
  if (!delta.value.is_null() || !delta.raw.empty()) {
    base.value = delta.value;
    base.raw = delta.raw;
    base.raw_type = delta.raw_type;
  }
  for (size_t i = 0; i < delta.members.size(); ++i) {
    if (!IsFirst(delta, i)) continue;
    const std::string_view name = delta.members[i].name;
    const std::vector<const Node*> theirs = AllNamed(delta, name);
    if (AreObjects(AllNamed(base, name), theirs)) {
      MergeNode(*base.Find(name), *theirs[0]);
    } else {
      ReplaceNamed(base, name, theirs);
    }
  }
}

bool SameText(const Node& a, const Node& b) {
  Node x;
  Node y;
  x.value = a.value;
  x.raw = a.raw;
  y.value = b.value;
  y.raw = b.raw;
  return SameContent(x, y);
}

// Keys that begin with `name`, without it.
using Steps = std::span<const FieldStep>;
std::vector<Steps> Below(const std::vector<Steps>& keys, std::string_view name) {
  std::vector<Steps> below;
  for (const Steps key : keys) {
    if (!key.empty() && key[0].name == name) below.push_back(key.subspan(1));
  }
  return below;
}

bool DiffNode(const Node& before, const Node& after, const std::vector<Steps>& keys,
              Document& document, Node& delta) {
  bool differs = false;
  if (!SameText(before, after)) {
    delta.value = after.value;
    delta.raw = after.raw;
    delta.raw_type = after.raw_type;
    differs = true;
  }
  for (size_t i = 0; i < after.members.size(); ++i) {
    if (!IsFirst(after, i)) continue;
    const std::string_view name = after.members[i].name;
    const std::vector<const Node*> now = AllNamed(after, name);
    const std::vector<const Node*> was = AllNamed(before, name);
    const std::vector<Steps> below = Below(keys, name);
    if (AreObjects(was, now)) {
      Node& inner = document.NewNode(Node::Kind::kObject);
      const bool inner_differs = DiffNode(*was[0], *now[0], below, document, inner);
      differs = differs || inner_differs;
      if (inner_differs || !inner.members.empty()) delta.members.push_back({name, &inner});
      continue;
    }
    const bool same = AreSame(was, now);
    if (same && below.empty()) continue;
    differs = differs || !same;
    for (const Node* node : now) delta.members.push_back({name, const_cast<Node*>(node)});
  }
  return differs;
}

}  // namespace

void MergeDelta(Document& base, const Document& delta) { MergeNode(base.root(), delta.root()); }

bool DiffDocuments(const Document& before, const Document& after, std::span<const FieldPath> keys,
                   Document& delta) {
  delta.Clear();
  std::vector<Steps> steps;
  for (const FieldPath& key : keys) steps.emplace_back(key.steps);
  return DiffNode(before.root(), after.root(), steps, delta, delta.root());
}

}  // namespace fluxgate
