#include "tests/simulation/subscriber.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace fluxgate::testing {

Answer::Answer(Verdict& verdict, std::string name, std::map<RowId, std::string> rows, size_t count,
               std::vector<RowId> order)
    : verdict_(verdict),
      name_(std::move(name)),
      rows_(std::move(rows)),
      count_(count),
      order_(std::move(order)) {}

void Answer::Begin() {
  if (begun_) verdict_.Fail(name_ + " begins twice");
  begun_ = true;
}

void Answer::Record(const RowId& id, std::string_view body) {
  if (!begun_ || ended_) verdict_.Fail(name_ + ": a record outside of the answer");
  const auto row = rows_.find(id);
  if (row == rows_.end()) {
    verdict_.Fail(fmt::format("{}: {} does not belong to the answer", name_, Text(id)));
  } else if (row->second != body) {
    verdict_.Fail(fmt::format("{}: {} is {} instead of {}", name_, Text(id), body, row->second));
  }
  if (!seen_.insert(id).second) verdict_.Fail(fmt::format("{}: {} twice", name_, Text(id)));
  got_.push_back(id);
}

void Answer::End(uint64_t records) {
  if (!begun_ || ended_) verdict_.Fail(name_ + " ends without begin, or twice");
  ended_ = true;
  if (cancelled_) return;
  if (records != got_.size()) {
    verdict_.Fail(fmt::format("{} says {} records and had {}", name_, records, got_.size()));
  }
  if (got_.size() != count_) {
    verdict_.Fail(fmt::format("{} has {} records instead of {}", name_, got_.size(), count_));
  }
  if (!order_.empty() && got_ != order_) verdict_.Fail(name_ + " is in the wrong order");
}

Subscriber::Subscriber(SubscriptionPlan plan, BodyReader& bodies, Verdict& verdict,
                       Coverage& coverage)
    : plan_(std::move(plan)),
      bodies_(bodies),
      verdict_(verdict),
      coverage_(coverage),
      is_lossy_(plan_.delta) {}

void Subscriber::Fail(const std::string& what) const {
  if (!verdict_.failed()) verdict_.Fail(fmt::format("subscription {}: {}", plan_.id, what));
}

bool Subscriber::Covers(std::string_view topic) const {
  return plan_.prefix.has_value() ? topic.starts_with(*plan_.prefix) : topic == plan_.topic;
}

Rows Subscriber::Matching(const Rows& rows) const {
  Rows matching;
  for (const auto& [id, row] : rows) {
    if (Covers(id.first) && bodies_.Matches(plan_.filter, row.body)) matching.emplace(id, row);
  }
  return matching;
}

std::shared_ptr<Answer> Subscriber::Start(const Rows& rows, const Subscriber* continues) {
  Rows matching = Matching(rows);
  size_t matches = matching.size();
  std::vector<RowId> order;
  if (plan_.page) {
    window_ = Ordered(bodies_, matching, plan_.order, plan_.skip, plan_.top);
    order = window_;
  } else if (!plan_.order.empty() || plan_.cut != 0) {
    if (!plan_.order.empty()) order = Ordered(bodies_, matching, plan_.order, 0, plan_.cut);
  }
  if (continues != nullptr) {
    if (!continues->expected_.empty() && !continues->expected_.front().optional) {
      Fail("is replaced before it got " + Describe(continues->expected_.front()));
    }
    continues_ = true;
    const auto had = continues->plan_.page
                         ? std::set<RowId>(continues->window_.begin(), continues->window_.end())
                         : continues->known_;
    had_ = had;
    for (const RowId& id : had) {
      const bool stays =
          plan_.page ? std::ranges::find(window_, id) != window_.end() : matching.contains(id);
      if (stays) {
        known_.insert(id);
        std::erase(order, id);
        matching.erase(id);
      } else if (plan_.out_of_focus) {
        const std::string body = bodies_.Select(plan_.select, rows.at(id).body);
        Expect(Kind::kLeave, id, body, body, OutOfFocusReason::kMatch);
      }
    }
    ++group_;
    // Of what is added to, only what is new is selected.
    if (!plan_.page) matches = matching.size();
  }
  std::map<RowId, std::string> bodies;
  for (const auto& [id, row] : matching) {
    const bool wanted = !plan_.page || std::ranges::find(order, id) != order.end();
    if (wanted) bodies.emplace(id, bodies_.Select(plan_.select, row.body));
  }
  const size_t count = plan_.cut == 0 ? bodies.size() : std::min(bodies.size(), plan_.cut);
  if (plan_.order.empty() && !plan_.page) order.clear();
  is_live_ = false;
  answer_ = std::make_shared<Answer>(verdict_, "answer of " + plan_.id, std::move(bodies), count,
                                     std::move(order));
  answer_->matches = matches;
  return answer_;
}

void Subscriber::TakeOver(const Subscriber& replaced) {
  if (!continues_) return;
  view_ = replaced.view_;
  is_lossy_ |= replaced.is_lossy_;
  // What it was never told of does not count.
  if (replaced.plan_.out_of_focus) return;
  std::erase_if(view_, [&](const auto& entry) { return !had_.contains(entry.first); });
}

void Subscriber::OnSnapshotRecord(const RowId& id, std::string_view body) {
  ++coverage_.snapshot_records;
  view_[id] = body;
  known_.insert(id);
}

void Subscriber::OnSnapshotEnd() {
  is_live_ = true;
  for (const StoreChange& change : std::exchange(unresolved_, {})) Resolve(change);
}

void Subscriber::Expect(Kind kind, const RowId& id, std::string body, std::string full,
                        OutOfFocusReason reason, bool optional) {
  if (!is_exact()) return;
  expected_.push_back({group_, kind, id, std::move(body), std::move(full), reason, optional});
}

void Subscriber::ExpectChanged(const StoreChange& change, bool had) {
  const std::string full = bodies_.Select(plan_.select, change.after->body);
  if (!plan_.delta || !had) return Expect(Kind::kFull, change.id, full, full);
  bool changed = false;
  const std::string delta =
      bodies_.Diff(change.before->body, change.after->body, change.key_field, changed);
  Expect(Kind::kDelta, change.id, bodies_.Select(plan_.select, delta), full,
         OutOfFocusReason::kNone, !changed && plan_.no_empties);
}

void Subscriber::Resolve(const StoreChange& change) {
  ++group_;
  if (!change.stored) {
    const std::string body = bodies_.Select(plan_.select, change.after->body);
    return Expect(Kind::kMessage, change.id, body, body);
  }
  const bool had = known_.contains(change.id);
  if (change.after.has_value() && bodies_.Matches(plan_.filter, change.after->body)) {
    known_.insert(change.id);
    ExpectChanged(change, had);
  } else if (had) {
    known_.erase(change.id);
    if (!plan_.out_of_focus) return;
    const Row& row = change.after.has_value() ? *change.after : *change.before;
    const std::string body = bodies_.Select(plan_.select, row.body);
    Expect(Kind::kLeave, change.id, body, body,
           change.after.has_value() ? OutOfFocusReason::kMatch : change.reason);
  }
}

void Subscriber::ChangePage(const StoreChange& change, const Rows& rows) {
  ++group_;
  const std::vector<RowId> before =
      std::exchange(window_, Ordered(bodies_, Matching(rows), plan_.order, plan_.skip, plan_.top));
  const auto holds = [](const std::vector<RowId>& window, const RowId& id) {
    return std::ranges::find(window, id) != window.end();
  };
  for (const RowId& id : before) {
    if (holds(window_, id)) continue;
    if (id != change.id) ++coverage_.page_moves;
    if (!plan_.out_of_focus) continue;
    const auto row = rows.find(id);
    const bool is_there = row != rows.end();
    const std::string body =
        bodies_.Select(plan_.select, is_there ? row->second.body : change.before->body);
    Expect(Kind::kLeave, id, body, body, is_there ? OutOfFocusReason::kMatch : change.reason);
  }
  for (const RowId& id : window_) {
    const bool had = holds(before, id);
    if (id == change.id) {
      ExpectChanged(change, had);
    } else if (!had) {
      ++coverage_.page_moves;
      const std::string body = bodies_.Select(plan_.select, rows.at(id).body);
      Expect(Kind::kFull, id, body, body);
    }
  }
}

void Subscriber::OnChange(const StoreChange& change, const Rows& rows) {
  if (!Covers(change.id.first)) return;
  if (!is_live_) ++coverage_.held;
  if (!change.stored) {
    if (!bodies_.Matches(plan_.filter, change.after->body)) return;
  } else if (plan_.page) {
    return ChangePage(change, rows);
  }
  if (plan_.page) return Resolve(change);
  if (is_live_) return Resolve(change);
  unresolved_.push_back(change);
}

std::string Subscriber::Describe(const Expected& expected) const {
  static constexpr const char* kKinds[] = {"out of focus", "full", "delta", "message"};
  return fmt::format("{} {} {}", kKinds[static_cast<int>(expected.kind)], Text(expected.id),
                     expected.body);
}

void Subscriber::MatchExpected(const RowId& id, bool stored, std::string_view body,
                               OutOfFocusReason leaves, bool shared) {
  const bool is_leave = leaves != OutOfFocusReason::kNone;
  const auto fits = [&](const Expected& expected) {
    if (expected.id != id || (expected.kind == Kind::kMessage) == stored) return false;
    if ((expected.kind == Kind::kLeave) != is_leave || expected.reason != leaves) return false;
    return expected.body == body ||
           (expected.kind == Kind::kDelta && shared && expected.full == body);
  };
  const std::string got =
      fmt::format("{} {} {}", is_leave ? "out of focus" : "change", Text(id), body);
  // What may have come to nothing has, when what is next fits as well.
  const auto next = std::ranges::find_if(expected_, [](const auto& e) { return !e.optional; });
  const bool next_fits = next != expected_.end() && fits(*next);
  while (!expected_.empty() && expected_.front().optional &&
         (next_fits || !fits(expected_.front()))) {
    expected_.pop_front();
  }
  if (expected_.empty()) return Fail("got, where nothing has changed: " + got);
  bool leaves_before = false;
  for (auto it = expected_.begin(); it != expected_.end() && it->group == expected_.front().group;
       ++it) {
    if (!fits(*it)) {
      leaves_before |= it->kind == Kind::kLeave;
      continue;
    }
    if (!is_leave && leaves_before) Fail("what leaves comes after what enters: " + got);
    expected_.erase(it);
    return;
  }
  Fail(fmt::format("got {} (reason {}) instead of {} (reason {}){}", got, static_cast<int>(leaves),
                   Describe(expected_.front()), static_cast<int>(expected_.front().reason),
                   shared ? ", shared" : ""));
}

void Subscriber::OnDelivery(const RowId& id, bool stored, std::string_view body,
                            OutOfFocusReason leaves, bool shared, int64_t now_ns) {
  if (!is_live_) return Fail("got " + Text(id) + " inside of its answer");
  if (is_exact()) {
    MatchExpected(id, stored, body, leaves, shared);
  } else {
    ++coverage_.conflated;
    const auto [last, is_first] = delivered_ns_.try_emplace(id, now_ns);
    if (!is_first && !ends_ && now_ns - std::exchange(last->second, now_ns) < plan_.conflation_ns) {
      Fail(Text(id) + " twice within one interval");
    }
  }
  if (!stored) return;
  const auto view = view_.find(id);
  if (leaves != OutOfFocusReason::kNone) {
    ++coverage_.left;
    if (!plan_.out_of_focus) Fail("did not ask to be told that " + Text(id) + " leaves");
    if (view == view_.end()) return Fail("never had what leaves: " + Text(id));
    view_.erase(view);
    return;
  }
  if (plan_.delta && view != view_.end()) {
    ++coverage_.deltas;
    view->second = bodies_.Merge(view->second, body);
  } else {
    ++coverage_.full;
    view_[id] = body;
  }
}

void Subscriber::CheckQuiet(const Rows& rows) {
  if (!is_live_) return Fail("the answer has not ended");
  while (!expected_.empty() && expected_.front().optional) expected_.pop_front();
  if (!expected_.empty()) return Fail("never got " + Describe(expected_.front()));
  std::set<RowId> wanted = known_;
  if (plan_.page) {
    wanted = {window_.begin(), window_.end()};
  } else if (plan_.snapshot && plan_.cut == 0) {
    wanted.clear();
    for (const auto& [id, row] : Matching(rows)) wanted.insert(id);
  }
  for (const RowId& id : wanted) {
    const auto view = view_.find(id);
    if (view == view_.end()) return Fail("does not have " + Text(id));
    const std::string body = bodies_.Select(plan_.select, rows.at(id).body);
    if (!bodies_.Equal(view->second, body, is_lossy_)) {
      return Fail(fmt::format("has {} as {} instead of {}", Text(id), view->second, body));
    }
  }
  if (!plan_.out_of_focus) return;
  for (const auto& [id, body] : view_) {
    if (!wanted.contains(id)) return Fail("was never told that it lost " + Text(id));
  }
}

}  // namespace fluxgate::testing
