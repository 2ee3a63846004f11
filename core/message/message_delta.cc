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

// A member with those that lead it: what is replaced or left as one, under the last one's name.
struct Unit {
  std::string_view name;
  std::span<const Member> members;

  Node& node() const { return *members.back().node; }
  void AppendTo(std::vector<Member>& out) const {
    out.insert(out.end(), members.begin(), members.end());
  }
};

using Named = std::span<const Unit* const>;

// The members of an object, in its order and by name: bodies may have many, and comparing each with
// each would let a short message cost much.
class Units {
 public:
  explicit Units(const Node& object) {
    const std::span<const Member> members = object.members;
    for (size_t begin = 0, end; begin < members.size(); begin = end) {
      end = begin + 1;
      while (end < members.size() && members[end].node->is_led) ++end;
      units_.push_back({members[end - 1].name, members.subspan(begin, end - begin)});
    }
    for (const Unit& unit : units_) by_name_.push_back(&unit);
    std::stable_sort(by_name_.begin(), by_name_.end(),
                     [](const Unit* a, const Unit* b) { return a->name < b->name; });
  }
  Units(const Units&) = delete;
  Units& operator=(const Units&) = delete;

  const std::vector<Unit>& all() const { return units_; }
  size_t size() const { return units_.size(); }
  // Those of that name, in the order of the body.
  Named Find(std::string_view name) const {
    const auto [begin, end] = std::equal_range(by_name_.begin(), by_name_.end(), name, NameLess());
    return {begin, end};
  }
  size_t IndexOf(const Unit* unit) const { return static_cast<size_t>(unit - units_.data()); }

 private:
  struct NameLess {
    bool operator()(const Unit* a, std::string_view b) const { return a->name < b; }
    bool operator()(std::string_view a, const Unit* b) const { return a < b->name; }
  };
  std::vector<Unit> units_;
  std::vector<const Unit*> by_name_;
};

// Repeated members whose places are mixed, as those of a repeating group are: the number of its
// cluster for every unit. A cluster reaches to the last repetition of each name that is in it.
std::vector<size_t> ClustersOf(const Units& units) {
  std::vector<size_t> clusters(units.size());
  size_t cluster = 0;
  size_t end = 0;
  for (size_t i = 0; i < units.size(); ++i) {
    if (i > end) ++cluster;
    end = std::max(end, units.IndexOf(units.Find(units.all()[i].name).back()));
    clusters[i] = cluster;
  }
  return clusters;
}

bool AreObjects(Named a, Named b) {
  return a.size() == 1 && b.size() == 1 && a[0]->node().kind == Node::Kind::kObject &&
         b[0]->node().kind == Node::Kind::kObject;
}

bool AreSame(Named a, Named b) {
  const auto same_member = [](const Member& x, const Member& y) {
    return x.name == y.name && SameContent(*x.node, *y.node);
  };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](const Unit* x, const Unit* y) {
    return std::equal(x->members.begin(), x->members.end(), y->members.begin(), y->members.end(),
                      same_member);
  });
}

bool HasText(const Node& node) { return !node.value.is_null() || !node.raw.empty(); }

void TakeText(const Node& from, Node& node) {
  node.value = from.value;
  node.raw = from.raw;
  node.raw_type = from.raw_type;
}

class Merger {
 public:
  // Of one pair of objects; `base` is what it was until Run.
  Merger(Node& base, const Node& delta)
      : base_node_(base), delta_node_(delta), base_(base), delta_(delta) {}

  void Run() {
    if (HasText(delta_node_)) TakeText(delta_node_, base_node_);
    FindClusters();
    std::vector<size_t> met(base_.size());  // by the index of a name's first unit
    for (const Unit& unit : base_.all()) {
      const Named theirs = delta_.Find(unit.name);
      if (theirs.empty()) {
        unit.AppendTo(members_);
        continue;
      }
      Cluster& cluster = clusters_[cluster_of_[delta_.IndexOf(theirs[0])]];
      if (cluster.is_new) {
        PlaceWhole(cluster);
      } else {
        // As many as there were: each in the place of its own.
        Place(*theirs[met[base_.IndexOf(base_.Find(unit.name)[0])]++]);
      }
    }
    for (Cluster& cluster : clusters_) {
      if (!cluster.is_known) PlaceWhole(cluster);
    }
    base_node_.members = std::move(members_);
  }

 private:
  struct Cluster {
    size_t begin = 0;
    size_t end = 0;
    bool is_known = false;  // the base has one of its names
    bool is_new = false;    // in other numbers: it takes the place of the first of those
    bool is_placed = false;
  };

  void FindClusters() {
    cluster_of_ = ClustersOf(delta_);
    for (size_t i = 0; i < delta_.size(); ++i) {
      if (cluster_of_[i] == clusters_.size()) clusters_.push_back({.begin = i});
      Cluster& cluster = clusters_.back();
      cluster.end = i + 1;
      const std::string_view name = delta_.all()[i].name;
      const size_t count = base_.Find(name).size();
      cluster.is_known = cluster.is_known || count != 0;
      cluster.is_new = cluster.is_new || count != delta_.Find(name).size();
    }
  }

  void PlaceWhole(Cluster& cluster) {
    if (cluster.is_placed) return;
    cluster.is_placed = true;
    for (size_t i = cluster.begin; i < cluster.end; ++i) Place(delta_.all()[i]);
  }

  void Place(const Unit& theirs) {
    const Named ours = base_.Find(theirs.name);
    if (!AreObjects(ours, delta_.Find(theirs.name))) {
      theirs.AppendTo(members_);
      return;
    }
    Merger(ours[0]->node(), theirs.node()).Run();
    ours[0]->AppendTo(members_);
  }

  Node& base_node_;
  const Node& delta_node_;
  const Units base_;
  const Units delta_;
  std::vector<size_t> cluster_of_;  // by unit of the delta
  std::vector<Cluster> clusters_;
  std::vector<Member> members_;
};

// Keys that begin with `name`, without it.
using Steps = std::span<const FieldStep>;
std::vector<Steps> Below(const std::vector<Steps>& keys, std::string_view name) {
  std::vector<Steps> below;
  for (const Steps key : keys) {
    if (!key.empty() && key[0].name == name) below.push_back(key.subspan(1));
  }
  return below;
}

class Differ {
 public:
  Differ(const Node& before, const Node& after, Document& document)
      : before_node_(before),
        after_node_(after),
        before_(before),
        after_(after),
        document_(document) {}

  // Whether anything differs; `delta` then has it, and what `keys` name in any case.
  bool Run(const std::vector<Steps>& keys, Node& delta) {
    if (HasText(after_node_)) {
      const bool differs = !SameText(before_node_, after_node_);
      differs_ = differs_ || differs;
      const bool is_key = std::any_of(keys.begin(), keys.end(), [](Steps k) { return k.empty(); });
      if (differs || is_key) TakeText(after_node_, delta);
    }
    FindClusters();
    std::vector<bool> is_taken(after_.size());  // by the index of a name's first unit
    for (size_t i = 0; i < after_.size(); ++i) {
      const Unit& unit = after_.all()[i];
      const Named now = after_.Find(unit.name);
      const size_t first = after_.IndexOf(now[0]);
      if (first == i) is_taken[i] = Compare(now, Below(keys, unit.name), cluster_of_[i], delta);
      if (is_taken[first]) unit.AppendTo(delta.members);
    }
    return differs_;
  }

 private:
  // A cluster in which a name is there more or less often is told whole: with some of its names
  // only, nobody could put it together again.
  void FindClusters() {
    cluster_of_ = ClustersOf(after_);
    is_new_.resize(after_.size());
    for (size_t i = 0; i < after_.size(); ++i) {
      const std::string_view name = after_.all()[i].name;
      if (before_.Find(name).size() != after_.Find(name).size()) is_new_[cluster_of_[i]] = true;
    }
  }

  // Whether the units of this name are told whole.
  bool Compare(Named now, const std::vector<Steps>& keys, size_t cluster, Node& delta) {
    const std::string_view name = now[0]->name;
    const Named was = before_.Find(name);
    if (AreObjects(was, now)) {
      Node& inner = document_.NewNode(Node::Kind::kObject);
      const bool differs = Differ(was[0]->node(), now[0]->node(), document_).Run(keys, inner);
      differs_ = differs_ || differs;
      // In a cluster that is told whole it says where it stands, if nothing else.
      if (differs || is_new_[cluster] || !inner.members.empty() || HasText(inner)) {
        delta.members.push_back({name, &inner});
      }
      return false;
    }
    const bool same = AreSame(was, now);
    differs_ = differs_ || !same;
    return !same || !keys.empty() || is_new_[cluster];
  }

  const Node& before_node_;
  const Node& after_node_;
  const Units before_;
  const Units after_;
  Document& document_;
  std::vector<size_t> cluster_of_;  // by unit of `after`
  std::vector<bool> is_new_;        // by cluster
  bool differs_ = false;
};

}  // namespace

void MergeDelta(Document& base, const Document& delta) { Merger(base.root(), delta.root()).Run(); }

bool DiffDocuments(const Document& before, const Document& after, std::span<const FieldPath> keys,
                   Document& delta) {
  delta.Clear();
  std::vector<Steps> steps;
  for (const FieldPath& key : keys) steps.emplace_back(key.steps);
  return Differ(before.root(), after.root(), delta).Run(steps, delta.root());
}

}  // namespace fluxgate
