// What users may do: what has to be known before a command runs, and what is kept from it.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/base/equal_text.h"
#include "core/engine/conflation.h"
#include "core/engine/engine.h"
#include "core/engine/page.h"

namespace fluxgate {
namespace {

bool ReadsTopics(CommandType type) {
  switch (type) {
    case CommandType::kSubscribe:
    case CommandType::kDeltaSubscribe:
    case CommandType::kSow:
    case CommandType::kSowAndSubscribe:
    case CommandType::kSowAndDeltaSubscribe:
      return true;
    default:
      return false;
  }
}

// Whether a delete depends on what is in the records.
bool SeesRecords(const Command& command) {
  return !command.filter.empty() || !command.order_by.empty();
}

SubscriptionAccess& AccessOf(const Subscription& subscription) {
  return static_cast<SubscriptionAccess&>(*subscription.guard);
}

void ReadsFieldsOf(const OrderBy& order, const FieldTable& fields, SubscriptionAccess& access) {
  for (const FieldSlot slot : order.slots()) access.AlsoReads(fields.path(slot));
}

}  // namespace

std::shared_ptr<UserAccess> Engine::OpenAccess(Session& session) {
  return accesses_.Open(*session.authority, session.user_id, session.table->message_type(),
                        session.table->fields());
}

void Engine::CloseAccess(Session& session) {
  StopWaiting(session);  // also of those that everything is allowed: they wait for others
  if (session.access == nullptr) return;
  const std::shared_ptr<UserAccess> access = std::move(session.access);
  session.write_guard_ = nullptr;
  if (accesses_.Close(*access)) WakeWaiting(access->number(), UINT64_MAX);
}

UserAccess* Engine::UnknownAccess(Session& session, const Command& command) {
  if (!session.logged_on()) return nullptr;
  const TopicLimits& limits = options_.limits.topics;
  UserAccess* unknown = nullptr;
  const auto know = [&](UserAccess& access, std::string_view topic, AccessKind kind) {
    if (!access.Know(topic, kind)) unknown = &access;
  };
  if (command.type == CommandType::kPublish || command.type == CommandType::kDeltaPublish) {
    if (!CheckPublishTopic(command.topic, limits).ok()) return nullptr;
    if (session.access != nullptr) know(*session.access, command.topic, AccessKind::kWrite);
    if (unknown != nullptr) return unknown;  // it may not even be allowed
    const TopicState* state = session.table->Find(command.topic);
    if (state != nullptr && state->access_known) return nullptr;
    session.table->ForEachGuarded(command.topic, [&](Subscription& subscription) {
      UserAccess& reader = AccessOf(subscription).user();
      // Of users that have left only the removal of their subscriptions is left.
      if (accesses_.Find(reader.number()) != nullptr)
        know(reader, command.topic, AccessKind::kRead);
    });
    return unknown;
  }
  const bool deletes = command.type == CommandType::kSowDelete;
  if (session.access == nullptr || (!deletes && !ReadsTopics(command.type))) return nullptr;
  const auto options = ParseSubscribeOptions(command.options);
  if (!options.ok()) return nullptr;  // the command says so itself
  const auto pattern = CompileTopic(command, *options);
  if (!pattern.ok()) return nullptr;
  const auto know_topic = [&](std::string_view topic) {
    if (deletes) know(*session.access, topic, AccessKind::kWrite);
    if (!deletes || SeesRecords(command)) know(*session.access, topic, AccessKind::kRead);
  };
  if (*pattern == nullptr) {
    know_topic(command.topic);
  } else {
    ForEachKnownTopic(session, **pattern, know_topic);
  }
  return unknown;
}

void Engine::ForEachKnownTopic(Session& session, const TopicPattern& pattern,
                               absl::FunctionRef<void(std::string_view)> visit) {
  session.table->ForEachTopic([&](std::string_view topic) {
    if (pattern.Matches(topic)) visit(topic);
  });
  for (const auto& topic : session.catalog->topics()) {
    for (size_t i = 0; i < topic->topic_count(); ++i) {
      if (pattern.Matches(topic->topic_at(i))) visit(topic->topic_at(i));
    }
  }
}

bool Engine::IsAccessKnown(Session& session, const Command& command) {
  // A run of publishes to one topic, which has been looked at.
  if (session.last_topic_version_ != 0 && session.last_topic_version_ == session.table->version() &&
      session.last_topic_state_->access_known &&
      (command.type == CommandType::kPublish || command.type == CommandType::kDeltaPublish) &&
      EqualText(session.last_topic_, command.topic)) {
    return true;
  }
  UserAccess* unknown = UnknownAccess(session, command);
  if (unknown == nullptr) return true;
  StopWaiting(session);
  session.waits_for_ = unknown->number();
  waiting_for_access_[unknown->number()].push_back({&session, unknown->asked()});
  return false;
}

void Engine::StopWaiting(Session& session) {
  if (session.waits_for_ == 0) return;
  const auto waiting = waiting_for_access_.find(std::exchange(session.waits_for_, 0));
  if (waiting == waiting_for_access_.end()) return;
  std::erase_if(waiting->second, [&](const Waiting& one) { return one.session == &session; });
  if (waiting->second.empty()) waiting_for_access_.erase(waiting);
}

absl::Status Engine::Decide(uint64_t asker, std::string_view topic, AccessKind kind,
                            const AccessDecision& decision) {
  const std::shared_ptr<UserAccess> access = accesses_.Find(asker);
  if (access == nullptr) return absl::OkStatus();
  const absl::Status status = access->Decide(topic, kind, decision);
  if (access->has_asked_again()) SwitchAccess(*access);
  WakeWaiting(asker, access->answered());
  return status;
}

// Whoever waited when `answered` questions had been asked. Answers need not come in order: who
// lacks one then waits again.
void Engine::WakeWaiting(uint64_t number, uint64_t answered) {
  const auto waiting = waiting_for_access_.find(number);
  if (waiting == waiting_for_access_.end()) return;
  std::vector<Session*> sessions;
  std::erase_if(waiting->second, [&](const Waiting& one) {
    if (one.until > answered) return false;
    sessions.push_back(one.session);
    return true;
  });
  if (waiting->second.empty()) waiting_for_access_.erase(waiting);
  for (Session* session : sessions) session->waits_for_ = 0;
  for (Session* session : sessions) session->outbox()->OnAccessKnown();
}

std::vector<Engine::ConnectedUser> Engine::UsersOf(const AccessAuthority& authority) const {
  std::vector<ConnectedUser> users;
  for (const auto& session : sessions_) {
    if (session->authority == &authority && session->logged_on()) {
      users.push_back({session->user_id, session->origin.remote_address});
    }
  }
  std::ranges::sort(users);
  users.erase(std::unique(users.begin(), users.end()), users.end());
  return users;
}

void Engine::DismissUser(const AccessAuthority& authority, const ConnectedUser& user,
                         const absl::Status& why) {
  for (const auto& session : sessions_) {
    if (session->authority == &authority && session->logged_on() &&
        session->user_id == user.user_id && session->origin.remote_address == user.remote_address) {
      session->outbox()->Dismiss(why);
    }
  }
}

std::shared_ptr<const TopicVisibility> Engine::VisibilityOf(
    const UserAccess& access, const std::vector<std::string>& topics) {
  auto visible = std::make_shared<TopicVisibility>();
  for (const std::string& topic : topics) {
    const auto grant = access.Find(topic, AccessKind::kRead);
    if (grant != nullptr && grant->is_allowed) visible->emplace(topic, grant->filter);
  }
  return visible;
}

absl::Status Engine::GuardSubscription(Session& session, const Command& command, bool deterministic,
                                       Subscription& subscription) {
  if (session.access == nullptr) return absl::OkStatus();
  auto access = std::make_shared<SubscriptionAccess>(
      session.access, session.facts(), subscription.filter, command.filter, deterministic);
  subscription.guard = access;
  if (subscription.pattern != nullptr) return absl::OkStatus();
  if (absl::Status status = access->Check(command.topic); !status.ok()) return status;
  if (access->FilterOn(command.topic).has_value()) return absl::OkStatus();
  return MakeError(ErrorCode::kNotEntitled,
                   "this filter cannot be combined with what the user may see");
}

absl::Status Engine::GuardFeed(Session& session, Subscription& subscription, RecordFeed& feed) {
  if (subscription.guard == nullptr) return absl::OkStatus();
  auto access = std::static_pointer_cast<SubscriptionAccess>(subscription.guard);
  if (feed.page != nullptr) ReadsFieldsOf(feed.page->order(), session.table->fields(), *access);
  if (feed.conflation != nullptr) {
    for (const FieldSlot slot : feed.conflation->key_slots()) {
      access->AlsoReads(session.table->fields().path(slot));
    }
  }
  // A pattern may meet a topic with hidden fields at any time.
  if (subscription.pattern != nullptr ||
      access->FieldsOn(subscription.topic).value_or(nullptr) != nullptr) {
    feed.form.access = access;
  }
  return subscription.pattern == nullptr ? access->Check(subscription.topic) : absl::OkStatus();
}

std::shared_ptr<const TopicVisibility> Engine::VisibleTo(Session& session,
                                                         const Subscription& subscription) {
  SubscriptionAccess& access = AccessOf(subscription);
  std::vector<std::string> visible;
  const auto add = [&](std::string_view topic) {
    if (access.Check(topic).ok()) visible.emplace_back(topic);
  };
  if (subscription.pattern == nullptr) {
    add(subscription.topic);
  } else {
    ForEachKnownTopic(session, *subscription.pattern, add);
  }
  return VisibilityOf(access.user(), visible);
}

absl::Status Engine::GuardQuery(Session& session, const Subscription& subscription,
                                SowQuerySpec& spec) {
  if (subscription.guard == nullptr) return absl::OkStatus();
  SubscriptionAccess& access = AccessOf(subscription);
  if (spec.order_by != nullptr) ReadsFieldsOf(*spec.order_by, session.table->fields(), access);
  if (subscription.pattern == nullptr) {
    if (absl::Status status = access.Check(subscription.topic); !status.ok()) return status;
    spec.hides_records = access.HidesMessagesOf(subscription.topic);
    if (!spec.hides_records) return absl::OkStatus();
    // As one filter, which an index may serve; GuardSubscription has seen that there is one.
    spec.filter = access.FilterOn(subscription.topic).value();
    return absl::OkStatus();
  }
  spec.hides_records = true;
  spec.visible = VisibleTo(session, subscription);
  return absl::OkStatus();
}

absl::Status Engine::GuardDelete(Session& session, const Command& command, SowQuerySpec& spec) {
  if (session.access == nullptr) return absl::OkStatus();
  const UserAccess& user = *session.access;
  const bool sees = SeesRecords(command);
  SubscriptionAccess reader(session.access, session.facts(), spec.filter, command.filter, true);
  if (spec.order_by != nullptr) ReadsFieldsOf(*spec.order_by, session.table->fields(), reader);
  auto visible = std::make_shared<TopicVisibility>();
  absl::Status refused;
  const auto add = [&](std::string_view topic) {
    const auto grant = user.Find(topic, AccessKind::kWrite);
    // Who may not write every field may not take all of them away.
    if (grant == nullptr || !grant->is_allowed || grant->select != nullptr) {
      refused = MakeError(ErrorCode::kNotEntitled,
                          fmt::format("records of topic {} may not be deleted", topic));
      return;
    }
    if (!sees) {
      visible->insert_or_assign(std::string(topic), grant->filter);
      return;
    }
    refused = reader.Check(topic);
    if (!refused.ok()) return;
    const auto read = user.Find(topic, AccessKind::kRead);
    std::shared_ptr<const Filter> filter = read->filter == nullptr ? grant->filter : read->filter;
    if (read->filter != nullptr && grant->filter != nullptr) {
      auto both = user.Within(*grant, read->filter_text, session.facts(), true);
      if (!both.ok()) {
        refused = both.status();
        return;
      }
      filter = *std::move(both);
    }
    visible->insert_or_assign(std::string(topic), std::move(filter));
  };
  if (spec.topic_pattern == nullptr) {
    add(command.topic);
    if (!refused.ok()) return refused;
  } else {
    ForEachKnownTopic(session, *spec.topic_pattern, add);
  }
  spec.hides_records = true;
  spec.visible = std::move(visible);
  return absl::OkStatus();
}

}  // namespace fluxgate
