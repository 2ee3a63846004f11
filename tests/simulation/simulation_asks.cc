// Steps that ask for records: queries, subscriptions, their end.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "tests/simulation/simulation.h"

namespace fluxgate::testing {
namespace {

constexpr int64_t kMillisecond = 1'000'000;
const std::vector<std::string> kFilters = {"",
                                           "",
                                           "/a > 5",
                                           "/a <= 6",
                                           "/a = 3",
                                           "/a IN (1, 2, 3, 4)",
                                           "/s = 'x'",
                                           "/s IN ('x', 'y')",
                                           "/b IS NULL",
                                           "/a > 2 AND /b < 7",
                                           "/a > 7 OR /b > 5",
                                           "/s LIKE '[xz]'",
                                           "/a > 100",
                                           "/a BETWEEN 2 AND 6 AND /s != 'z'"};
const std::vector<std::string> kSelects = {"-/,+/id,+/a", "-/b"};
const std::vector<std::string> kOrders = {"/a", "/a DESC", "/s,/a DESC", "/b,/s"};

}  // namespace

// What a command is about: a topic, or several by a pattern, and a filter.
SubscriptionPlan Simulation::RandomTarget() {
  SubscriptionPlan plan;
  const uint64_t die = Below(100);
  if (die < 35) {
    plan.topic = "fields";
  } else if (die < 60) {
    plan.topic = "named";
  } else if (die < 64) {
    plan.topic = "small";
  } else if (die < 75) {
    plan.topic = "g/a";
  } else if (die < 90) {
    plan.topic = "^g/";
    plan.prefix = "g/";
  } else {
    plan.topic = ".*";
    plan.prefix = "";
  }
  plan.filter = Pick(kFilters);
  return plan;
}

uint64_t Simulation::StoredRecords(const SubscriptionPlan& plan) const {
  uint64_t count = 0;
  for (const Topic& topic : topics_) {
    const bool is_asked =
        plan.prefix.has_value()
            ? topic.definition.name.starts_with(*plan.prefix) || topic.names.size() > 1
            : std::ranges::find(topic.names, plan.topic) != topic.names.end();
    if (!is_asked) continue;
    for (const auto& [id, row] : rows_) count += &TopicOf(id.first) == &topic ? 1 : 0;
  }
  return count;
}

void Simulation::Query() {
  SubscriptionPlan plan = RandomTarget();
  if (Chance(20)) plan.select = Pick(kSelects);
  SimulatedClient& client = *Pick(clients_);
  const std::string id = fmt::format("q{}", ++commands_);
  std::string options = plan.select.empty() ? "" : fmt::format("select=[{}]", plan.select);
  size_t skip = 0;
  if (Chance(60)) plan.order = Pick(kOrders);
  const bool by_keys = Chance(15);
  Command command;
  command.type = CommandType::kSow;
  command.command_id = id;
  command.acks.add(AckType::kCompleted);
  command.acks.add(AckType::kStats);
  command.batch_size = static_cast<uint32_t>(Below(4));
  if (Chance(40)) plan.top = 1 + Below(6);
  if (plan.top != 0 && Chance(50)) {
    skip = Below(5);
    options += fmt::format(",top_n={},skip_n={}", plan.top, skip);
  } else {
    command.top_n = static_cast<uint32_t>(plan.top);
  }
  Subscriber target(plan, bodies_, verdict_, coverage_);
  Rows matching = target.Matching(rows_);
  std::string keys;
  if (by_keys) {
    std::set<std::string> chosen;
    for (const auto& [row_id, row] : rows_) {
      if (target.Covers(row_id.first) && Chance(20)) chosen.insert(row_id.second);
    }
    for (const std::string& key : chosen) keys += key + ",";
    keys += "123";
    std::erase_if(matching, [&](const auto& row) { return !chosen.contains(row.first.second); });
    command.sow_keys = keys;
  }
  std::vector<RowId> order;
  std::map<RowId, std::string> bodies;
  const bool is_ordered = !plan.order.empty() || skip != 0;
  if (is_ordered) order = Ordered(bodies_, matching, plan.order, skip, plan.top);
  for (const auto& [row_id, row] : matching) {
    if (is_ordered && std::ranges::find(order, row_id) == order.end()) continue;
    bodies.emplace(row_id, bodies_.Select(plan.select, row.body));
  }
  const size_t count = plan.top == 0 ? bodies.size() : std::min(bodies.size(), plan.top);
  auto answer = std::make_shared<Answer>(verdict_, id, std::move(bodies), count, std::move(order));
  answer->matches = matching.size();
  answer->topic_records = StoredRecords(plan);
  client.answers[id] = answer;
  command.topic = plan.topic;
  command.filter = plan.filter;
  command.order_by = plan.order;
  command.options = options;
  Trace("{} asks {} of {} filter '{}' order '{}' options '{}' top {} keys {}", client.name, id,
        plan.topic, plan.filter, plan.order, options, command.top_n, keys);
  const absl::Status status = engine_->Execute(*client.session, command);
  if (!status.ok()) verdict_.Fail(fmt::format("query: {}", ToStd(status.message())));
}

void Simulation::Subscribe() {
  SimulatedClient& client = *Pick(clients_);
  SubscriptionPlan plan = RandomTarget();
  plan.id = fmt::format("s{}", Below(4));
  plan.snapshot = Chance(70);
  plan.delta = Chance(40);
  plan.out_of_focus = Chance(60);
  plan.no_empties = Chance(30);
  if (Chance(20)) plan.select = Pick(kSelects);
  if (Chance(25)) plan.conflation_ns = Below(2) == 0 ? 20 * kMillisecond : kConflationMaxNs;
  if (plan.snapshot && Chance(30)) {
    plan.page = true;
    plan.top = 1 + Below(5);
    plan.skip = Below(5);
    if (Chance(80)) plan.order = Pick(kOrders);
  } else if (plan.snapshot) {
    if (Chance(20)) plan.cut = 1 + Below(5);
    if (Chance(30)) plan.order = Pick(kOrders);
  }

  Session& session = *client.session;
  const auto known = client.subscribers.find(plan.id);
  const Subscriber* continues = nullptr;
  const bool exists = known != client.subscribers.end();
  if (exists) {
    plan.replace = true;
    const SubscriptionPlan& had_plan = known->second->plan();
    if (plan.page || had_plan.page || Chance(70)) {
      plan.topic = had_plan.topic;
      plan.prefix = had_plan.prefix;
    }
    // Which of the documented ways it takes: what was there is added to, or all of it comes again.
    const Subscription& had = *session.subscriptions.find(plan.id)->second;
    const RecordFeed* feed = static_cast<const RecordFeed*>(had.feed.get());
    if (plan.snapshot && feed != nullptr && feed->has_snapshot && !feed->snapshot_is_cut &&
        !feed->holds && had_plan.topic == plan.topic && had_plan.page == plan.page &&
        had_plan.select == plan.select && plan.cut == 0) {
      continues = known->second.get();
    }
    known->second->EndsNow();
    if (const auto answer = client.answers.find("of " + plan.id); answer != client.answers.end()) {
      answer->second->Cancel();
    }
    ++(continues != nullptr ? coverage_.replaced : coverage_.restarted);
  }
  std::string options = plan.replace ? "replace" : "none";
  if (plan.out_of_focus) options += ",oof";
  if (plan.no_empties) options += ",no_empties";
  if (!plan.select.empty()) options += fmt::format(",select=[{}]", plan.select);
  if (plan.conflation_ns != 0) {
    options += fmt::format(",conflation={}ms", plan.conflation_ns / kMillisecond);
  }
  if (plan.page) options += fmt::format(",top_n={},skip_n={}", plan.top, plan.skip);
  const std::string command_id = fmt::format("c{}", ++commands_);
  Command command;
  command.type = plan.snapshot ? plan.delta ? CommandType::kSowAndDeltaSubscribe
                                            : CommandType::kSowAndSubscribe
                 : plan.delta  ? CommandType::kDeltaSubscribe
                               : CommandType::kSubscribe;
  command.acks.add(AckType::kCompleted);
  command.acks.add(AckType::kStats);
  command.command_id = command_id;
  command.sub_id = plan.id;
  command.topic = plan.topic;
  command.filter = plan.filter;
  command.order_by = plan.order;
  command.options = options;
  command.top_n = static_cast<uint32_t>(plan.cut);
  command.batch_size = static_cast<uint32_t>(Below(4));
  Trace("{} {} {} to {} filter '{}' order '{}' options '{}' top {}{}", client.name, command_id,
        CommandTypeName(command.type), plan.topic, plan.filter, plan.order, options, plan.cut,
        continues != nullptr ? " (continues)" : "");

  auto subscriber = std::make_unique<Subscriber>(plan, bodies_, verdict_, coverage_);
  const std::string id = plan.id;
  Subscriber* made = subscriber.get();
  if (plan.snapshot) {
    std::shared_ptr<Answer> answer = made->Start(rows_, continues);
    answer->topic_records = StoredRecords(plan);
    client.answers[command_id] = answer;
    client.answers["of " + id] = answer;
  }
  client.incoming = std::move(subscriber);
  const std::string topic = plan.topic;
  const absl::Status status = engine_->Execute(session, command);
  if (!status.ok()) {
    verdict_.Fail(fmt::format("subscribe: {}", ToStd(status.message())));
  } else if (client.incoming != nullptr) {
    client.Replace();
  }
}

void Simulation::Unsubscribe() {
  SimulatedClient& client = *Pick(clients_);
  if (client.subscribers.empty()) return;
  auto subscriber = client.subscribers.begin();
  std::advance(subscriber, static_cast<int64_t>(Below(client.subscribers.size())));
  const std::string id = subscriber->first;
  if (const auto answer = client.answers.find("of " + id); answer != client.answers.end()) {
    answer->second->Cancel();
    client.answers.erase(answer);
  }
  client.subscribers.erase(subscriber);
  Command command;
  command.type = CommandType::kUnsubscribe;
  command.sub_id = id;
  Trace("{} unsubscribes {}", client.name, id);
  if (!engine_->Execute(*client.session, command).ok()) verdict_.Fail("unsubscribe failed");
}

}  // namespace fluxgate::testing
