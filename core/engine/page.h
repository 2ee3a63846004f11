// A window of a subscription's records in order: those from the skip_n-th on, top_n of them. A
// change of any record turns into what enters, leaves and changes in the window. Keeps every record
// that matches, in order. Reactor thread.
#ifndef FLUXGATE_CORE_ENGINE_PAGE_H_
#define FLUXGATE_CORE_ENGINE_PAGE_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "core/engine/record_feed.h"
#include "core/sow/order_by.h"

namespace fluxgate {

class Page {
 public:
  Page(std::shared_ptr<const OrderBy> order, const MessageType& type, FieldTable& fields,
       uint32_t skip_n, uint32_t top_n);
  ~Page();

  // A record of the snapshot. Nothing is announced before Open.
  void AddInitial(const SowTopic& sow, const RecordRef& record);

  // A change of a record that matches now (event.current, leaves kNone) or not any more. Calls
  // `announce` for what happens in the window: what leaves, then what enters or changes.
  void Apply(const FeedEvent& event, const std::function<void(const FeedEvent&)>& announce);

  // Whether the record is in the window.
  bool Shows(const SowTopic& sow, const Record& record) const {
    const auto key = keys_.find(Id{&sow, record.key});
    return key != keys_.end() && window_.contains(key->second);
  }
  const OrderBy& order() const { return *order_; }
  // Records in the window, in order.
  template <typename Visit>
  void ForEachInWindow(Visit&& visit) const {
    for (const auto& entry : window_) visit(*entry.second.sow, entry.second.record);
  }

 private:
  struct Less {
    const OrderBy* order;
    bool operator()(const SortKey& a, const SortKey& b) const { return order->Less(a, b); }
  };
  struct Member {
    const SowTopic* sow;
    RecordRef record;
  };
  using Part = std::map<SortKey, Member, Less>;
  using Id = std::pair<const SowTopic*, uint64_t>;

  SortKey KeyOf(const SowTopic& sow, const Record& record);
  void Insert(SortKey key, Member member);
  // Empty: the record was not in the window.
  RecordRef Erase(const Id& id);
  // Gives the parts their sizes by moving records across their borders.
  void Rebalance();
  void MoveFirst(Part& from, Part& to);
  void MoveLast(Part& from, Part& to);
  void Note(const Part& from, const Part& to, const Member& member);

  const std::shared_ptr<const OrderBy> order_;
  FieldTable& fields_;
  const size_t skip_n_;
  const size_t top_n_;
  FieldReader reader_;
  std::vector<Value> values_;
  EvaluationContext evaluation_;
  SowKeyBuffer key_buffer_;

  Part before_;  // the first skip_n
  Part window_;  // the next top_n
  Part behind_;
  absl::flat_hash_map<Id, SortKey> keys_;
  // Who has crossed a border of the window, and how often inwards less how often outwards.
  struct Crossing {
    Member member;
    int inwards;
  };
  std::vector<Crossing> crossings_;
};

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_ENGINE_PAGE_H_
