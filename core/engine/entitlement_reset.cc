// What users may do is something else from now on.
#include <algorithm>
#include <utility>

#include "core/engine/conflation.h"
#include "core/engine/engine.h"

namespace fluxgate {

void Engine::ResetAccess(const AccessAuthority& authority) {
  for (const auto& access : accesses_.Of(authority)) {
    access->AskAgain();
    if (access->has_asked_again()) SwitchAccess(*access);
  }
}

bool Engine::ResetAccess(uint64_t asker, std::string_view topic, AccessKind kind) {
  const std::shared_ptr<UserAccess> access = accesses_.Find(asker);
  return access == nullptr || access->AskAgain(topic, kind);
}

void Engine::SwitchAccess(UserAccess& access) {
  // What a subscription saw: what its user might see, without topics that it did not get because
  // of the fields that it names.
  struct Seen {
    Subscription* subscription;
    std::vector<std::string> topics;
    std::shared_ptr<const TopicVisibility> before;
  };
  std::vector<Seen> seen;
  const std::vector<std::string> changed = access.ChangedTopics(AccessKind::kRead);
  const std::vector<std::string> changed_to_write = access.ChangedTopics(AccessKind::kWrite);
  const auto concerns = [](const SowQuery& query, const std::vector<std::string>& topics) {
    return std::ranges::any_of(topics,
                               [&](const std::string& topic) { return query.Meets(topic); });
  };
  for (const auto& session : sessions_) {
    if (session->access.get() != &access) continue;
    session->last_topic_version_ = 0;
    queries_.EndWhere(*session, [&](const RunningQuery& query) {
      return query.query != nullptr &&
             (concerns(*query.query, changed) ||
              (query.deletes && concerns(*query.query, changed_to_write)));
    });
    if (changed.empty()) continue;
    for (const auto& [id, subscription] : session->subscriptions) {
      Seen one{subscription.get(), {}, nullptr};
      std::vector<std::string> visible;
      for (const std::string& topic : changed) {
        if (!subscription->Meets(topic)) continue;
        one.topics.push_back(topic);
        if (static_cast<SubscriptionAccess&>(*subscription->guard).Check(topic).ok())
          visible.push_back(topic);
      }
      if (one.topics.empty()) continue;
      // As it could be seen.
      if (subscription->feed != nullptr) delivery_.DeliverConflated(*subscription);
      one.before = VisibilityOf(access, visible);
      seen.push_back(std::move(one));
    }
  }
  access.TakeAnswers();
  for (const Seen& one : seen) ApplyAccess(*one.subscription, one.topics, one.before);
}

void Engine::ApplyAccess(Subscription& subscription, const std::vector<std::string>& topics,
                         const std::shared_ptr<const TopicVisibility>& before) {
  Session& session = *subscription.session;
  if (session.outbox() == nullptr) return;
  RecordFeed* feed = subscription.feed == nullptr ? nullptr : &RecordFeed::Of(subscription);
  if (feed != nullptr && (feed->page != nullptr || feed->aggregated != nullptr || feed->holds)) {
    // They cannot be narrowed: they are made anew. Nor can what is held behind a snapshot.
    session.outbox()->CutOffSubscription(
        subscription,
        MakeError(ErrorCode::kNotEntitled, "entitlements have changed: subscribe again"));
    return;
  }
  auto access = std::static_pointer_cast<SubscriptionAccess>(subscription.guard);
  std::vector<std::string> visible;
  bool hides_fields = false;
  for (const std::string& topic : topics) {
    session.table->Reattach(subscription, topic);
    if (!access->Check(topic).ok()) continue;
    visible.push_back(topic);
    hides_fields |= access->FieldsOn(topic).value_or(nullptr) != nullptr;
  }
  if (hides_fields) {
    if (feed == nullptr) {
      auto made = std::make_unique<RecordFeed>();
      made->since_sequence = sequence_;
      subscription.feed = std::move(made);
      feed = &RecordFeed::Of(subscription);
    }
    feed->form.access = access;
  }
  if (feed == nullptr || !feed->out_of_focus) return;
  std::vector<SowTopic*> stored =
      StoredTopics(session, subscription.topic, subscription.pattern.get());
  if (stored.empty()) return;
  SowQuerySpec leaving;
  leaving.topic = subscription.topic;
  leaving.topic_pattern = subscription.pattern;
  leaving.filter = subscription.filter;
  leaving.visible = before;
  leaving.leave_out = true;
  leaving.left_out = subscription.filter;
  leaving.left_visible = VisibilityOf(access->user(), visible);
  auto query = std::make_unique<RunningQuery>();
  query->session = &session;
  query->subscription = &subscription;
  query->answered = true;
  query->leaving = std::make_unique<SowQuery>(std::move(leaving), std::move(stored));
  query->leaving_reason = OutOfFocusReason::kEntitlement;
  feed->holds = true;  // what happens meanwhile comes after it
  queries_.Continue(std::move(query));
  if (wake_) wake_();
}

}  // namespace fluxgate
