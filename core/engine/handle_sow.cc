// sow, sow_and_subscribe, sow_and_delta_subscribe: the records that match, as they are now; and
// from then on what becomes of them.
#include <fmt/format.h>

#include "core/engine/bookmark_time.h"
#include "core/engine/engine.h"
#include "core/engine/page.h"

namespace fluxgate {
namespace {

void SplitKeys(std::string_view text, std::vector<std::string>& keys) {
  while (!text.empty()) {
    if (const std::string_view key = TakeListItem(text); !key.empty()) keys.emplace_back(key);
  }
}

std::string_view SelectedBy(const DeliveryForm& form) {
  return form.select == nullptr ? std::string_view() : form.select->canonical();
}

void SplitList(std::string_view text, std::vector<std::string>& items) {
  while (!text.empty()) {
    const std::string_view item = TakeListItem(text, /*quotes=*/true);
    if (!item.empty()) items.emplace_back(item);
  }
}

// A query that begins when its view has what had been published when it was accepted.
std::function<bool(RunningQuery&)> WhenReady(std::shared_ptr<AggregatedTopic> aggregated,
                                             SowQuerySpec spec, const uint64_t& sequence) {
  auto kept = std::make_shared<SowQuerySpec>(std::move(spec));
  return [&sequence, kept, aggregated = aggregated.get(),
          ticket = aggregated->ticket()](RunningQuery& query) {
    if (!aggregated->is_ready(ticket)) return false;
    if (query.subscription != nullptr) {
      // What has come meanwhile is in the snapshot.
      RecordFeed& feed = RecordFeed::Of(*query.subscription);
      feed.held.clear();
      feed.held_bytes = 0;
      feed.since_sequence = sequence;
    }
    query.query = std::make_unique<SowQuery>(std::move(*kept), std::vector{&aggregated->records()});
    return true;
  };
}

}  // namespace

absl::Status Engine::HandleSow(Session& session, const Command& command) {
  if (absl::Status status = CheckIds(command); !status.ok()) return status;
  const EngineLimits& limits = options_.limits;
  if (command.batch_size > limits.batch_records_max) {
    return MakeError(
        ErrorCode::kBadCommand,
        fmt::format("batch_size {} is over {}", command.batch_size, limits.batch_records_max));
  }
  if (queries_.CountOf(session) >= limits.queries_per_session_max) {
    return MakeError(ErrorCode::kQuotaExceeded,
                     fmt::format("a client may have at most {} queries under way",
                                 limits.queries_per_session_max));
  }
  auto options = ParseSubscribeOptions(command.options);
  if (!options.ok()) return options.status();
  auto pattern = CompileTopic(command, *options);
  if (!pattern.ok()) return pattern.status();
  return command.type == CommandType::kSow
             ? QueryAlone(session, command, *options, *std::move(pattern))
             : QueryAndSubscribe(session, command, *options, *std::move(pattern));
}

std::vector<SowTopic*> Engine::StoredTopics(Session& session, std::string_view topic,
                                            const TopicPattern* pattern) {
  if (pattern != nullptr) return session.catalog->Matching(*pattern);
  if (SowTopic* found = session.catalog->Find(topic)) return {found};
  return {};
}

absl::StatusOr<std::shared_ptr<const OrderBy>> Engine::CompileOrderBy(Session& session,
                                                                      std::string_view text) {
  const ExpressionScope scope{.instance_name = options_.instance_name,
                              .functions = options_.functions.get(),
                              .deterministic_only = true};
  return OrderBy::Compile(text, session.table->fields(), options_.limits.filters, scope);
}

absl::StatusOr<SowQuerySpec> Engine::MakeQuery(Session& session, const Command& command,
                                               const SubscribeOptions& options, Pattern pattern) {
  SowQuerySpec spec;
  spec.topic = command.topic;
  spec.topic_pattern = std::move(pattern);
  spec.top_n = options.top_n.value_or(command.top_n);
  spec.skip_n = options.skip_n.value_or(0);
  spec.counts = command.acks.has(AckType::kStats);
  if (!command.order_by.empty() || spec.skip_n != 0) {
    auto order = CompileOrderBy(session, command.order_by);
    if (!order.ok()) return order.status();
    spec.order_by = *std::move(order);
  }
  if (!command.sow_keys.empty() || !command.sow_key.empty()) {
    spec.by_keys = true;
    SplitKeys(command.sow_keys, spec.keys);
    SplitKeys(command.sow_key, spec.keys);
    if (spec.keys.size() > SowQuery::kKeysMax) {
      return MakeError(ErrorCode::kQuotaExceeded,
                       fmt::format("{} SOW keys in one command; at most {}", spec.keys.size(),
                                   SowQuery::kKeysMax));
    }
  }
  return spec;
}

absl::StatusOr<std::shared_ptr<AggregatedTopic>> Engine::MakeAggregated(
    Session& session, const Command& command, const SubscribeOptions& options,
    Subscription& subscription) {
  if (options.select.has_value()) {
    return MakeError(ErrorCode::kBadOption,
                     "an aggregated query has a projection in place of select");
  }
  if (!command.bookmark.empty()) {
    return MakeError(ErrorCode::kBadOption, "an aggregated query has no bookmark");
  }
  SowTopic* source =
      subscription.pattern == nullptr ? session.catalog->Find(command.topic) : nullptr;
  if (source == nullptr || source->has_pattern()) {
    return MakeError(
        ErrorCode::kTopicNotStored,
        fmt::format("{} is not one stored topic: it cannot be aggregated", command.topic));
  }
  const size_t text_bytes = options.grouping->size() + options.projection->size();
  if (text_bytes > options_.limits.aggregate_text_bytes_max) {
    return MakeError(ErrorCode::kQuotaExceeded,
                     fmt::format("grouping and projection are {} bytes long; at most {}",
                                 text_bytes, options_.limits.aggregate_text_bytes_max));
  }
  ViewDefinition definition;
  SplitList(*options.grouping, definition.grouping);
  SplitList(*options.projection, definition.projection);
  definition.filter = command.filter;
  if (session.access != nullptr) {
    const auto grant = session.access->Find(command.topic, AccessKind::kRead);
    if (grant->select != nullptr) {
      return MakeError(ErrorCode::kNotEntitled, "a topic with hidden fields cannot be aggregated");
    }
    if (grant->filter != nullptr) {
      auto within = session.access->Within(*grant, command.filter, session.facts(), true);
      if (!within.ok()) return within.status();
      subscription.filter = *std::move(within);
      definition.filter = command.filter.empty()
                              ? grant->filter_text
                              : fmt::format("({}) AND ({})", grant->filter_text, command.filter);
    }
  }
  const std::string filter =
      subscription.filter == nullptr ? std::string() : subscription.filter->canonical();
  subscription.filter = nullptr;
  return derived_.Aggregate(*source, filter, std::move(definition), session.facts(),
                            options_.limits.aggregations_max);
}

absl::Status Engine::QueryAlone(Session& session, const Command& command,
                                const SubscribeOptions& options, Pattern pattern) {
  auto spec = MakeQuery(session, command, options, pattern);
  if (!spec.ok()) return spec.status();
  // For what both can ask for.
  auto subscription = MakeSubscription(session, command, options, std::move(pattern));
  if (!subscription.ok()) return subscription.status();
  spec->filter = (*subscription)->filter;
  if (!options.grouping.has_value()) {
    if (absl::Status status = GuardQuery(session, **subscription, *spec); !status.ok()) {
      return status;
    }
  }
  if (!command.bookmark.empty()) {
    const std::optional<int64_t> time_ns = ParseBookmarkTime(command.bookmark);
    if (!time_ns.has_value()) {
      return MakeError(ErrorCode::kNotBuilt,
                       "a query as of a bookmark other than a time is not built yet");
    }
    spec->as_of_ns = time_ns;
  }
  std::vector<SowTopic*> topics = StoredTopics(session, command.topic, spec->topic_pattern.get());
  if (topics.empty()) {
    return MakeError(ErrorCode::kTopicNotStored,
                     fmt::format("topic {} is not stored: it cannot be queried", command.topic));
  }
  if (spec->as_of_ns.has_value()) {
    for (SowTopic* topic : topics) {
      if (topic->history() != nullptr) continue;
      return MakeError(ErrorCode::kBadBookmark,
                       fmt::format("topic {} keeps no history", topic->name()));
    }
  }
  auto query = std::make_unique<RunningQuery>();
  if ((*subscription)->feed != nullptr) {
    RecordFeed& feed = RecordFeed::Of(**subscription);
    query->form = feed.form;
    query->aggregated = feed.aggregated;
  }
  if (query->aggregated != nullptr) {
    query->prepare = WhenReady(query->aggregated, *std::move(spec), sequence_);
    StartQuery(session, command, std::move(query));
    return absl::OkStatus();
  }
  query->query = std::make_unique<SowQuery>(*std::move(spec), std::move(topics));
  StartQuery(session, command, std::move(query));
  return absl::OkStatus();
}

absl::Status Engine::QueryAndSubscribe(Session& session, const Command& command,
                                       const SubscribeOptions& options, Pattern pattern) {
  if (absl::Status status = CheckSubscriptionId(session, command, options.replace); !status.ok()) {
    return status;
  }
  if (!command.bookmark.empty()) {
    return MakeError(ErrorCode::kNotBuilt, "bookmark subscriptions are not built yet");
  }
  auto spec = MakeQuery(session, command, options, pattern);
  if (!spec.ok()) return spec.status();
  if (spec->by_keys) {
    return MakeError(ErrorCode::kBadCommand, "sow_keys is for queries without subscription");
  }
  auto made = MakeSubscription(session, command, options, std::move(pattern));
  if (!made.ok()) return made.status();
  std::unique_ptr<Subscription> subscription = *std::move(made);
  RecordFeed& feed = RecordFeed::Of(*subscription);
  spec->filter = subscription->filter;
  if (feed.aggregated == nullptr) {
    if (absl::Status status = GuardQuery(session, *subscription, *spec); !status.ok()) {
      return status;
    }
  }
  std::vector<SowTopic*> topics = StoredTopics(session, command.topic, spec->topic_pattern.get());
  auto query = std::make_unique<RunningQuery>();

  const auto known = session.subscriptions.find(subscription->id);
  if (known != session.subscriptions.end()) {
    Subscription& replaced = *known->second;
    RecordFeed* had = replaced.feed == nullptr ? nullptr : &RecordFeed::Of(replaced);
    if ((feed.page != nullptr || (had != nullptr && had->page != nullptr)) &&
        replaced.topic != subscription->topic) {
      return MakeError(ErrorCode::kBadOption, "the topic of a paginated subscription stays");
    }
    // Only one whose state is known in full, and in the same form, can have things added to it.
    const bool continues = had != nullptr && had->has_snapshot && !had->snapshot_is_cut &&
                           !had->holds && had->aggregated == nullptr &&
                           feed.aggregated == nullptr && replaced.topic == subscription->topic &&
                           (had->page == nullptr) == (feed.page == nullptr) &&
                           SelectedBy(had->form) == SelectedBy(feed.form) &&
                           (feed.page != nullptr || spec->top_n == 0);
    if (continues && feed.page != nullptr) {
      feed.replaced_page = std::move(had->page);
    } else if (continues) {
      spec->leave_out = true;
      spec->left_out = replaced.filter;
      if (replaced.guard != nullptr) spec->left_visible = VisibleTo(session, replaced);
      if (feed.out_of_focus && !topics.empty()) {
        SowQuerySpec leaving;
        leaving.topic = spec->topic;
        leaving.topic_pattern = spec->topic_pattern;
        leaving.filter = replaced.filter;
        leaving.visible = spec->left_visible;
        leaving.leave_out = true;
        leaving.left_out = subscription->filter;
        if (subscription->guard != nullptr) {
          leaving.left_visible = VisibleTo(session, *subscription);
        }
        query->leaving = std::make_unique<SowQuery>(std::move(leaving), topics);
      }
    }
  }
  feed.holds = true;
  feed.has_snapshot = true;
  if (feed.page != nullptr) {
    spec->top_n = 0;
    spec->skip_n = 0;
    spec->order_by = nullptr;
  } else {
    feed.tracks_cut = spec->top_n != 0;
  }
  if (feed.aggregated != nullptr) {
    query->aggregated = feed.aggregated;
    query->prepare = WhenReady(feed.aggregated, *std::move(spec), sequence_);
  } else if (!topics.empty()) {
    query->query = std::make_unique<SowQuery>(*std::move(spec), std::move(topics));
  }
  query->subscription = subscription.get();
  Install(session, std::move(subscription));
  StartQuery(session, command, std::move(query));
  return absl::OkStatus();
}

void Engine::StartQuery(Session& session, const Command& command,
                        std::unique_ptr<RunningQuery> query) {
  ++stats_.queries;
  if (command.acks.has(AckType::kProcessed)) {
    Acknowledge(session, command, AckType::kProcessed, absl::OkStatus());
  }
  acknowledged_ = true;
  query->session = &session;
  query->command = command.type;
  query->acks = command.acks;
  query->command_id = command.command_id;
  query->query_id = command.query_id.empty() ? command.command_id : command.query_id;
  if (query->subscription != nullptr) query->sub_id = query->subscription->id;
  query->batch_size = command.batch_size;
  queries_.Start(std::move(query));
  if (wake_ && queries_.size() != 0) wake_();
}

void Engine::FinishQuery(const RunningQuery& query) {
  // For what is said to an edge from inside its Acknowledge.
  last_ticket_ = query.is_persistent ? storage_->latest() : 0;
  if (query.is_persistent) query.session->last_stored_ticket_ = last_ticket_;
  Ack ack;
  ack.command = query.command;
  ack.command_id = query.command_id;
  ack.sub_id = query.sub_id;
  for (const AckType type : {AckType::kPersisted, AckType::kCompleted, AckType::kStats}) {
    if (!query.acks.has(type)) continue;
    if (type == AckType::kPersisted) {
      if (!query.deletes) continue;
      if (query.is_persistent || query.session->awaits_storage()) {
        // Also when there was nothing to delete: what took it away before may not be durable yet.
        query.session->persisted_acks_.push_back({query.is_persistent ? storage_->latest() : 0,
                                                  query.command, query.command_id, false, 0,
                                                  absl::OkStatus()});
        Watch(*query.session);
        SendPersisted(*query.session);
        continue;
      }
    }
    ack.type = type;
    if (type == AckType::kStats) {
      ack.matches = query.matches;
      ack.topic_matches = query.topic_records;
      ack.records_returned = query.deletes ? 0 : query.returned;
      ack.records_deleted = query.deleted;
    }
    query.session->outbox()->Acknowledge(ack);
  }
}

}  // namespace fluxgate
