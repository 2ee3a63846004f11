// subscribe, delta_subscribe: a topic or topic pattern and a filter; with option `replace` in place
// of an earlier one.
#include <fmt/format.h>

#include "core/engine/conflation.h"
#include "core/engine/engine.h"
#include "core/engine/page.h"
#include "core/filter/parser.h"

namespace fluxgate {
namespace {

bool IsDelta(CommandType type) {
  return type == CommandType::kDeltaSubscribe || type == CommandType::kSowAndDeltaSubscribe;
}

std::string_view SubscriptionId(const Command& command) {
  return command.sub_id.empty() ? command.command_id : command.sub_id;
}

}  // namespace

absl::Status Engine::HandleSubscribe(Session& session, const Command& command) {
  if (absl::Status status = CheckIds(command); !status.ok()) return status;
  auto options = ParseSubscribeOptions(command.options);
  if (!options.ok()) return options.status();
  if (absl::Status status = CheckSubscriptionId(session, command, options->replace); !status.ok()) {
    return status;
  }
  if (!command.bookmark.empty()) {
    return MakeError(ErrorCode::kNotBuilt, "bookmark subscriptions are not built yet");
  }
  if (command.top_n != 0 || options->top_n.has_value()) {
    return MakeError(ErrorCode::kBadOption, "top_n needs a query: sow_and_subscribe");
  }
  auto pattern = CompileTopic(command, *options);
  if (!pattern.ok()) return pattern.status();
  auto subscription = MakeSubscription(session, command, *options, *std::move(pattern));
  if (!subscription.ok()) return subscription.status();
  Install(session, *std::move(subscription));
  return absl::OkStatus();
}

absl::Status Engine::CheckSubscriptionId(Session& session, const Command& command, bool replace) {
  const EngineLimits& limits = options_.limits;
  const std::string_view id = SubscriptionId(command);
  if (id.empty()) {
    return MakeError(ErrorCode::kBadCommand, fmt::format("{} needs a sub_id or a command id",
                                                         CommandTypeName(command.type)));
  }
  if (id.size() > limits.id_bytes_max || id.find(',') != std::string_view::npos) {
    return MakeError(
        ErrorCode::kBadCommand,
        fmt::format("a subscription id has at most {} bytes and no comma", limits.id_bytes_max));
  }
  const bool exists = session.subscriptions.contains(id);
  if (exists && !replace) {
    return MakeError(ErrorCode::kSubscriptionExists,
                     fmt::format("subscription id {} is in use", id));
  }
  if (!exists && session.subscriptions.size() >= limits.subscriptions_per_session_max) {
    return MakeError(ErrorCode::kQuotaExceeded,
                     fmt::format("a client may have at most {} subscriptions",
                                 limits.subscriptions_per_session_max));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::shared_ptr<const Filter>> Engine::CompileFilter(Session& session,
                                                                    std::string_view text,
                                                                    bool deterministic) {
  const ClientFacts client = session.facts();
  const ExpressionScope scope{.client = &client,
                              .instance_name = options_.instance_name,
                              .functions = options_.functions.get(),
                              .deterministic_only = deterministic};
  SubscriptionTable& table = *session.table;
  auto filter = Filter::Compile(text, table.fields(), options_.limits.filters, scope);
  if (!filter.ok()) return filter.status();
  const MessageType& type = table.message_type();
  if (type.level() == MessageType::Level::kRoute && (*filter)->reads_body()) {
    return MakeError(ErrorCode::kBadFilter,
                     fmt::format("message type {} has no fields", type.name()));
  }
  return filter;
}

absl::StatusOr<Engine::Pattern> Engine::CompileTopic(const Command& command,
                                                     const SubscribeOptions& options) const {
  if (absl::Status status = CheckSubscribeTopic(command.topic, options_.limits.topics);
      !status.ok()) {
    return status;
  }
  if (options.literal_topic || !IsTopicPattern(command.topic)) return nullptr;
  return TopicPattern::Compile(command.topic);
}

absl::StatusOr<std::unique_ptr<Subscription>> Engine::MakeSubscription(
    Session& session, const Command& command, const SubscribeOptions& options, Pattern pattern) {
  auto subscription = std::make_unique<Subscription>();
  subscription->pattern = std::move(pattern);
  const bool deterministic = options.out_of_focus || options.top_n.has_value();
  if (!command.filter.empty()) {
    auto filter = CompileFilter(session, command.filter, deterministic);
    if (!filter.ok()) return filter.status();
    subscription->filter = *std::move(filter);
  }
  subscription->id = SubscriptionId(command);
  subscription->topic = command.topic;
  subscription->session = &session;
  if (absl::Status status = GuardSubscription(session, command, deterministic, *subscription);
      !status.ok()) {
    return status;
  }
  if (absl::Status status = MakeFeed(session, command, options, *subscription); !status.ok()) {
    return status;
  }
  return subscription;
}

// What makes a subscription more than a filter on a topic.
absl::Status Engine::MakeFeed(Session& session, const Command& command,
                              const SubscribeOptions& options, Subscription& subscription) {
  const MessageType& type = session.table->message_type();
  const bool with_query = command.type == CommandType::kSowAndSubscribe ||
                          command.type == CommandType::kSowAndDeltaSubscribe;
  auto feed = std::make_unique<RecordFeed>();
  feed->form.delta = IsDelta(command.type);
  feed->form.no_empties = options.no_empties;
  feed->form.no_sow_key = options.no_sow_key;
  feed->form.timestamp = options.timestamp;
  feed->out_of_focus = options.out_of_focus;
  feed->since_sequence = sequence_;
  if (feed->form.delta && type.level() < MessageType::Level::kSerialize) {
    return MakeError(ErrorCode::kMessageType,
                     fmt::format("message type {} has no deltas", type.name()));
  }
  if (options.select.has_value()) {
    if (type.level() < MessageType::Level::kSerialize) {
      return MakeError(ErrorCode::kMessageType,
                       fmt::format("message type {} cannot be written", type.name()));
    }
    auto select = SelectList::Parse(*options.select, options_.limits.select_lists);
    if (!select.ok()) return select.status();
    if (!(*select)->selects_all()) feed->form.select = *std::move(select);
  }
  const bool follows_records = options.out_of_focus || feed->form.delta;
  if (follows_records && options.conflation_key.has_value()) {
    // A change of one record would give way to another record's.
    return MakeError(ErrorCode::kBadOption,
                     "invalid options: conflation_key goes with neither oof nor deltas");
  }
  if (options.conflation_ns != 0) {
    std::vector<FieldSlot> slots;
    if (options.conflation_key.has_value()) {
      std::string_view rest = *options.conflation_key;
      while (!rest.empty()) {
        const auto path = ParseFieldPath(TakeListItem(rest));
        auto slot = path.ok() ? session.table->fields().Acquire(*path) : path.status();
        if (!slot.ok()) {
          for (const FieldSlot acquired : slots) session.table->fields().Release(acquired);
          return MakeError(ErrorCode::kBadOption, fmt::format("invalid options: conflation_key: {}",
                                                              ErrorText(slot.status())));
        }
        slots.push_back(*slot);
      }
    }
    feed->conflation = std::make_unique<Conflation>(options.conflation_ns, type,
                                                    session.table->fields(), std::move(slots));
  }
  if (with_query && options.top_n.has_value()) {
    const uint64_t records = uint64_t{*options.top_n} + options.skip_n.value_or(0);
    if (*options.top_n == 0 || records > options_.limits.page_records_max) {
      return MakeError(ErrorCode::kQuotaExceeded,
                       fmt::format("a page of a subscription has 1 to {} records, those skipped "
                                   "included",
                                   options_.limits.page_records_max));
    }
    auto order = CompileOrderBy(session, command.order_by);
    if (!order.ok()) return order.status();
    feed->page = std::make_unique<Page>(*std::move(order), type, session.table->fields(),
                                        options.skip_n.value_or(0), *options.top_n);
  }
  if (options.grouping.has_value()) {
    auto aggregated = MakeAggregated(session, command, options, subscription);
    if (!aggregated.ok()) return aggregated.status();
    feed->aggregated = *std::move(aggregated);
    subscription.own_topic = &feed->aggregated->state();
  }
  if (absl::Status status = GuardFeed(session, subscription, *feed); !status.ok()) return status;
  const DeliveryForm& form = feed->form;
  subscription.tracks_records =
      feed->out_of_focus || form.delta || feed->page != nullptr || feed->conflation != nullptr;
  const bool is_plain = !subscription.tracks_records && !form.no_sow_key && !form.timestamp &&
                        form.select == nullptr && form.access == nullptr && !with_query &&
                        feed->aggregated == nullptr;
  if (!is_plain) subscription.feed = std::move(feed);
  return absl::OkStatus();
}

void Engine::Install(Session& session, std::unique_ptr<Subscription> subscription) {
  SubscriptionTable& table = *session.table;
  subscription->number = ++subscriptions_made_;
  const auto known = session.subscriptions.find(subscription->id);
  if (known == session.subscriptions.end()) {
    table.Add(*subscription);
    session.subscriptions.emplace(subscription->id, std::move(subscription));
    return;
  }
  Subscription& replaced = *known->second;
  if (replaced.feed != nullptr) {
    queries_.CancelSnapshot(replaced);
    delivery_.DeliverConflated(replaced);  // the new one goes on from there
  }
  subscription->edge_tag = replaced.edge_tag;
  table.Remove(replaced);
  known->second = std::move(subscription);
  table.Add(*known->second);
}

}  // namespace fluxgate
