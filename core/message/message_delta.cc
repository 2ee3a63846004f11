#include "core/message/message_delta.h"

#include <algorithm>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace fluxgate {
namespace {

using Node = Document::Node;
using Member = Document::Member;

using Named = std::span<const Member* const>;

// The members of an object by name: bodies may have many, and comparing each with each would let a
// short message cost much.
class MembersByName {
 public:
  explicit MembersByName(const Node& object) {
    for (const Member& member : object.members) members_.push_back(&member);
    std::stable_sort(members_.begin(), members_.end(),
                     [](const Member* a, const Member* b) { return a->name < b->name; });
  }
  // Those of that name, in the order of the body.
  Named Find(std::string_view name) const {
    const auto [begin, end] = std::equal_range(members_.begin(), members_.end(), name, NameLess());
    return {begin, end};
  }

 private:
  struct NameLess {
    bool operator()(const Member* a, std::string_view b) const { return a->name < b; }
    bool operator()(std::string_view a, const Member* b) const { return a < b->name; }
  };
  std::vector<const Member*> members_;
};

bool AreObjects(Named a, Named b) {
  return a.size() == 1 && b.size() == 1 && a[0]->node->kind == Node::Kind::kObject &&
         b[0]->node->kind == Node::Kind::kObject;
}

bool AreSame(Named a, Named b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const Member* x, const Member* y) {
    return SameContent(*x->node, *y->node);
  });
}

void MergeNode(Node& base, const Node& delta) {
  if (!delta.value.is_null() || !delta.raw.empty()) {
    base.value = delta.value;
    base.raw = delta.raw;
    base.raw_type = delta.raw_type;
  }
  const MembersByName base_by_name(base);
  const MembersByName delta_by_name(delta);
  std::vector<Member> members;
  for (const Member& member : base.members) {
    const Named theirs = delta_by_name.Find(member.name);
    const Named ours = base_by_name.Find(member.name);
    if (theirs.empty()) {
      members.push_back(member);
    } else if (AreObjects(ours, theirs)) {
      MergeNode(*member.node, *theirs[0]->node);
      members.push_back(member);
    } else if (ours[0] == &member) {
      // All of the new ones stand where the first of the old ones did.
      for (const Member* replacing : theirs) members.push_back(*replacing);
    }
  }
  for (const Member& member : delta.members) {
    if (!base_by_name.Find(member.name).empty()) continue;
    const Named theirs = delta_by_name.Find(member.name);
    if (theirs[0] != &member) continue;
    for (const Member* added : theirs) members.push_back(*added);
  }
  base.members = std::move(members);
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
  const MembersByName before_by_name(before);
  const MembersByName after_by_name(after);
  for (const Member& member : after.members) {
    const Named now = after_by_name.Find(member.name);
    if (now[0] != &member) continue;
    const Named was = before_by_name.Find(member.name);
    const std::vector<Steps> below = Below(keys, member.name);
    if (AreObjects(was, now)) {
      Node& inner = document.NewNode(Node::Kind::kObject);
      const bool inner_differs = DiffNode(*was[0]->node, *now[0]->node, below, document, inner);
      differs = differs || inner_differs;
      if (inner_differs || !inner.members.empty()) delta.members.push_back({member.name, &inner});
      continue;
    }
    const bool same = AreSame(was, now);
    if (same && below.empty()) continue;
    differs = differs || !same;
    for (const Member* changed : now) delta.members.push_back(*changed);
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
