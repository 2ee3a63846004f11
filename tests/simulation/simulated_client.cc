#include <fmt/format.h>

#include "tests/simulation/simulation.h"

namespace fluxgate::testing {

bool SimulatedClient::Refuses() {
  if (is_closed) simulation_.verdict_.Fail(name + " is gone and still gets something");
  if (std::exchange(refuses_next, false)) {
    ++simulation_.coverage_.refused;
    is_cut_off = true;
  }
  return is_cut_off;
}

// A subscription that replaces another one is itself from its answer on.
Subscriber* SimulatedClient::Find(const Subscription& subscription) {
  const auto found = subscribers.find(subscription.id);
  if (found != subscribers.end()) return found->second.get();
  simulation_.verdict_.Fail(fmt::format("{}: {} does not exist", name, subscription.id));
  return nullptr;
}

void SimulatedClient::Replace() {
  std::unique_ptr<Subscriber>& place = subscribers[incoming->plan().id];
  if (place != nullptr) incoming->TakeOver(*place);
  place = std::move(incoming);
}

bool SimulatedClient::Deliver(const Delivery& delivery) {
  if (Refuses()) return false;
  const RowId id(delivery.topic, delivery.sow_key);
  simulation_.Trace("  {} <- {} {} oof {} sow {}", name, Text(id), delivery.body,
                    static_cast<int>(delivery.out_of_focus), delivery.subscriptions.size());
  for (const Subscription* subscription : delivery.subscriptions) {
    simulation_.Trace("     for {}", subscription->id);
    Subscriber* subscriber = Find(*subscription);
    if (subscriber == nullptr) return true;
    subscriber->OnDelivery(id, !delivery.sow_key.empty(), delivery.body, delivery.out_of_focus,
                           delivery.subscriptions.size() > 1, simulation_.clock_.MonotonicNs());
  }
  return true;
}

void SimulatedClient::Acknowledge(const Ack& ack) {
  if (is_closed) simulation_.verdict_.Fail(name + " is gone and still gets an ack");
  simulation_.OnAck(*this, ack);
}

bool SimulatedClient::BeginQuery(const QueryInfo& query) {
  if (Refuses()) return false;
  simulation_.Trace("  {} <- begin {}", name, query.query_id);
  const auto answer = answers.find(std::string(query.query_id));
  if (answer == answers.end()) {
    simulation_.verdict_.Fail(fmt::format("{}: nobody asked {}", name, query.query_id));
    return true;
  }
  if (query.subscription != nullptr && incoming != nullptr &&
      query.subscription->id == incoming->plan().id) {
    Replace();
  }
  answer->second->Begin();
  return true;
}

bool SimulatedClient::DeliverRecord(const QueryInfo& query, const Delivery& record) {
  if (Refuses()) return false;
  const RowId id(record.topic, record.sow_key);
  simulation_.Trace("  {} <- {} has {} {}", name, query.query_id, Text(id), record.body);
  const auto answer = answers.find(std::string(query.query_id));
  if (answer == answers.end()) return true;  // told by BeginQuery
  answer->second->Record(id, record.body);
  if (query.subscription == nullptr) return true;
  Subscriber* subscriber = Find(*query.subscription);
  if (subscriber != nullptr) subscriber->OnSnapshotRecord(id, record.body);
  return true;
}

bool SimulatedClient::EndQuery(const QueryInfo& query, uint64_t records) {
  if (Refuses()) return false;
  simulation_.Trace("  {} <- end {}", name, query.query_id);
  const auto answer = answers.find(std::string(query.query_id));
  if (answer == answers.end()) return true;
  answer->second->End(records);
  ++simulation_.coverage_.answers;
  const auto subscriber =
      query.subscription == nullptr ? subscribers.end() : subscribers.find(query.subscription->id);
  // One that is being cancelled by an unsubscribe is not known any more.
  if (subscriber != subscribers.end()) subscriber->second->OnSnapshotEnd();
  return true;
}

void SimulatedClient::CutOff(const absl::Status& why) {
  if (ErrorCodeOf(why) != ErrorCode::kSlowClient)
    simulation_.verdict_.Fail("cut off for no reason");
  if (!is_cut_off) ++simulation_.coverage_.cut_off;
  is_cut_off = true;
}

}  // namespace fluxgate::testing
