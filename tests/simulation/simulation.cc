#include "tests/simulation/simulation.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace fluxgate::testing {
namespace {

constexpr int64_t kMillisecond = 1'000'000;
constexpr int64_t kSecond = 1'000 * kMillisecond;
constexpr int64_t kConflationsNs[] = {20 * kMillisecond, 50 * kMillisecond};
constexpr int64_t kConflationMaxNs = 50 * kMillisecond;

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

constexpr const char* kPlainTopic = "plain";

}  // namespace

class Simulation::Observer final : public SowObserver {
 public:
  Observer(Simulation& simulation, const Topic& topic, const SowTopic& sow)
      : simulation_(simulation), topic_(topic), sow_(sow) {}
  void OnChange(const RecordChange& change) override {
    simulation_.OnStoreChange(topic_, sow_, change);
  }

 private:
  Simulation& simulation_;
  const Topic& topic_;
  const SowTopic& sow_;
};

Simulation::Simulation(BodyReader& bodies, Coverage& coverage, uint64_t seed,
                       std::function<void(const std::string&)> trace)
    : bodies_(bodies), coverage_(coverage), random_(seed), trace_(std::move(trace)) {
  EngineOptions options;
  options.limits.query_slice = {1 + Below(8), 100'000, 1 + Below(3), 1 + Below(4)};
  options.limits.query_held_bytes_max = 30'000;
  options.limits.queries_per_session_max = 100;
  engine_ =
      std::make_unique<Engine>(options, std::vector<const MessageType*>{&bodies.type()}, clock_);
  DefineTopics();
  clients_.resize(3);
  for (size_t i = 0; i < clients_.size(); ++i) OpenClient(i);
  const auto& stored = clients_[0]->session->catalog->topics();
  for (size_t i = 0; i < topics_.size(); ++i) {
    observers_.push_back(std::make_unique<Observer>(*this, topics_[i], *stored[i]));
    stored[i]->AddObserver(observers_.back().get());
  }
}

Simulation::~Simulation() {
  // No outbox may be called any more when the engine ends.
  for (const auto& client : clients_) {
    if (client->session != nullptr) engine_->CloseSession(client->session);
  }
  engine_.reset();
}

void Simulation::DefineTopics() {
  SowTopicDefinition fields;
  fields.name = "fields";
  fields.message_type = "json";
  fields.key_fields = {"/id"};
  fields.expires = true;
  fields.expiration_ns = 5 * kSecond;
  fields.hash_indexes = {{"/s"}};
  fields.ordered_indexes = {"/a"};
  SowTopicDefinition named;
  named.name = "named";
  named.message_type = "json";
  named.key_source = SowTopicDefinition::KeySource::kPublisher;
  named.expires = true;
  SowTopicDefinition small;
  small.name = "small";
  small.message_type = "json";
  small.key_fields = {"/id"};
  small.memory_bytes_max = 100'000;
  SowTopicDefinition group;
  group.name = "group";
  group.message_type = "json";
  group.pattern = "^g/[a-z]$";
  group.key_source = Below(2) == 0 ? SowTopicDefinition::KeySource::kFields
                                   : SowTopicDefinition::KeySource::kPublisher;
  if (group.key_source == SowTopicDefinition::KeySource::kFields) group.key_fields = {"/id"};
  const int ids = Chance(30) ? 40 : 8;
  topics_ = {{fields, {"fields"}, ids},
             {named, {"named"}, ids},
             {small, {"small"}, 12, 9000},
             {group, {"g/a", "g/b", "g/c"}, 5}};
  SowDefinitions definitions;
  for (const Topic& topic : topics_) definitions.emplace_back(topic.definition);
  const absl::Status status = engine_->DefineTopics(definitions);
  if (!status.ok()) verdict_.Fail(std::string(ToStd(status.message())));
}

const Simulation::Topic& Simulation::TopicOf(std::string_view name) const {
  return *std::ranges::find_if(topics_, [&](const Topic& topic) {
    return std::ranges::find(topic.names, name) != topic.names.end();
  });
}

void Simulation::OpenClient(size_t at) {
  clients_[at] = std::make_unique<SimulatedClient>(
      *this, fmt::format("{}{}", static_cast<char>('A' + at), ++commands_));
  clients_[at]->session = engine_->OpenSession(*clients_[at]);
  Command logon;
  logon.type = CommandType::kLogon;
  logon.message_type = "json";
  if (!engine_->Execute(*clients_[at]->session, logon).ok()) verdict_.Fail("logon failed");
  Trace("{} opens", clients_[at]->name);
}

void Simulation::CloseClient(size_t at) {
  std::unique_ptr<SimulatedClient>& client = clients_[at];
  Trace("{} closes", client->name);
  client->is_closed = true;
  std::erase_if(deletes_, [&](const auto& entry) { return entry.second.client == client.get(); });
  engine_->CloseSession(client->session);
  client->session = nullptr;
  client->subscribers.clear();
  closed_.push_back(std::move(client));
  OpenClient(at);
}

void Simulation::CloseCutOff() {
  for (size_t i = 0; i < clients_.size(); ++i) {
    if (clients_[i]->is_cut_off) CloseClient(i);
  }
}

void Simulation::TellSubscribers(const StoreChange& change) {
  for (const auto& client : clients_) {
    for (const auto& [id, subscriber] : client->subscribers) subscriber->OnChange(change, rows_);
  }
}

// The store's own account of what happens, in its order. Each change has to be one that was asked
// for, or that time has brought.
void Simulation::OnStoreChange(const Topic& topic, const SowTopic& sow,
                               const RecordChange& change) {
  const Record& named = change.current ? *change.current : *change.previous;
  SowKeyBuffer buffer;
  StoreChange told;
  told.id = {std::string(sow.TopicOf(named)), std::string(SowKeyText(named, buffer))};
  if (!topic.definition.key_fields.empty()) told.key_field = topic.definition.key_fields[0];
  told.reason = change.reason;
  Trace("  store: {} {}", Text(told.id), change.current ? change.current->body() : "is gone");
  const auto row = rows_.find(told.id);
  if ((row != rows_.end()) != static_cast<bool>(change.previous)) {
    return verdict_.Fail("the store and the reference differ about " + Text(told.id));
  }
  if (row != rows_.end()) {
    told.before = row->second;
    if (row->second.body != change.previous->body()) {
      return verdict_.Fail("the store had another body for " + Text(told.id));
    }
  }
  if (change.current) {
    if (!put_.has_value()) return verdict_.Fail("nobody published " + Text(told.id));
    const ExpectedPut put = *std::exchange(put_, std::nullopt);
    Row now;
    now.body = put.is_delta && told.before ? bodies_.Merge(told.before->body, put.body) : put.body;
    now.key = named.key;
    now.version = ++changes_;
    const int64_t lifetime_ns =
        put.expiration_s >= 0 ? put.expiration_s * kSecond : topic.definition.expiration_ns;
    if (topic.definition.expires && lifetime_ns > 0) {
      now.expires_ns = clock_.WallNs() + lifetime_ns;
    }
    if (now.body != named.body() || put.topic != told.id.first ||
        now.expires_ns != named.expires_ns ||
        (put.key_text.has_value() && *put.key_text != told.id.second)) {
      return verdict_.Fail(
          fmt::format("stored {} as {} instead of {}", Text(told.id), named.body(), now.body));
    }
    told.after = now;
    rows_[told.id] = std::move(now);
  } else {
    ++changes_;
    if (change.reason == OutOfFocusReason::kExpired) {
      ++coverage_.expired;
      const int64_t expires_ns = row->second.expires_ns;
      if (expires_ns == 0 || expires_ns > clock_.WallNs()) {
        return verdict_.Fail(Text(told.id) + " expires too early");
      }
    } else {
      ++coverage_.deleted;
      const auto wanted = std::ranges::find_if(deletes_, [&](const auto& entry) {
        const auto record = entry.second.records.find(told.id);
        return record != entry.second.records.end() && record->second == row->second.version;
      });
      if (wanted == deletes_.end()) return verdict_.Fail("nobody deleted " + Text(told.id));
      ++wanted->second.deleted;
    }
    rows_.erase(row);
  }
  TellSubscribers(told);
}

void Simulation::OnAck(SimulatedClient& client, const Ack& ack) {
  if (ack.error != ErrorCode::kNone) return;  // Execute says so, too
  if (client.is_cut_off) return;
  if (ack.type != AckType::kCompleted && ack.type != AckType::kStats) return;
  const std::string id(ack.command_id);
  if (const auto found = deletes_.find(id); found != deletes_.end()) {
    const RunningDelete& running = found->second;
    for (const auto& [record, version] : running.records) {
      const auto row = rows_.find(record);
      if (row != rows_.end() && row->second.version == version) {
        verdict_.Fail(Text(record) + " was to be deleted and is there");
      }
    }
    if (ack.type != AckType::kStats) return;
    if (ack.matches != running.records.size() || ack.topic_matches != running.topic_records) {
      verdict_.Fail(fmt::format("delete {}: {} of {} instead of {} of {}", id, ack.matches,
                                ack.topic_matches, running.records.size(), running.topic_records));
    }
    deletes_.erase(found);
    return;
  }
  const auto answer = client.answers.find(id);
  if (answer == client.answers.end()) return;
  if (!answer->second->ended()) verdict_.Fail(id + " is completed before its end");
  if (ack.type != AckType::kStats) return;
  if (answer->second->was_cancelled()) return;
  if (ack.matches != answer->second->matches ||
      ack.topic_matches != answer->second->topic_records ||
      ack.records_returned != answer->second->got().size()) {
    verdict_.Fail(fmt::format("stats of {}: {} of {}, {} returned, instead of {} of {}, {}", id,
                              ack.matches, ack.topic_matches, ack.records_returned,
                              answer->second->matches, answer->second->topic_records,
                              answer->second->got().size()));
  }
}

std::string Simulation::RandomBody(const Topic& topic, int id, bool partial) {
  std::string body = fmt::format(R"({{"id":{})", id);
  const auto add = [&](int percent, const char* name, const std::string& value) {
    if (Chance(percent)) body += fmt::format(R"(,"{}":{})", name, value);
  };
  add(partial ? 50 : 95, "a", std::to_string(Below(10)));
  add(partial ? 50 : 85, "b", std::to_string(Below(10)));
  add(partial ? 40 : 90, "s", fmt::format("\"{}\"", static_cast<char>('x' + Below(3))));
  add(15, "list", fmt::format("[{},{}]", Below(3), Below(3)));
  if (topic.pad_bytes != 0) add(100, "pad", "\"" + std::string(topic.pad_bytes, 'p') + "\"");
  return body + "}";
}

void Simulation::Publish() {
  const uint64_t die = Below(100);
  const Topic& topic = topics_[die < 45 ? 0 : die < 70 ? 1 : die < 74 ? 2 : 3];
  const int id = static_cast<int>(Below(static_cast<uint64_t>(topic.ids)));
  ExpectedPut put;
  put.topic = Pick(topic.names);
  put.is_delta = Chance(35);
  put.body = RandomBody(topic, id, put.is_delta);
  const bool is_named = topic.definition.key_source == SowTopicDefinition::KeySource::kPublisher;
  if (is_named) put.key_text = fmt::format("k{}", id);
  if (topic.definition.expires && Chance(30)) put.expiration_s = static_cast<int64_t>(Below(4));
  SimulatedClient& client = *Pick(clients_);
  std::string body = put.body;
  body.append(kBodyPaddingBytes, '\0');
  Command command;
  command.type = put.is_delta ? CommandType::kDeltaPublish : CommandType::kPublish;
  const std::string key_text = put.key_text.value_or("");
  const std::string name = put.topic;
  command.topic = name;
  command.body = std::string_view(body).substr(0, put.body.size());
  command.sow_key = key_text;
  command.expiration_s = put.expiration_s;
  put_ = std::move(put);
  Trace("{} publishes {} {} {}", client.name, name, key_text, command.body);
  const absl::Status status = engine_->Execute(*client.session, command);
  if (ErrorCodeOf(status) == ErrorCode::kQuotaExceeded && topic.pad_bytes != 0) {
    ++coverage_.quota;
    if (!put_.has_value()) verdict_.Fail("refused, and kept all the same");
    put_.reset();
  } else if (!status.ok() || put_.has_value()) {
    verdict_.Fail(fmt::format("a publish was not stored: {}", ToStd(status.message())));
  }
}

// Of a topic that is not stored.
void Simulation::PublishMessage() {
  std::string body = RandomBody(topics_[0], static_cast<int>(Below(5)), false);
  StoreChange change;
  change.id = {kPlainTopic, ""};
  change.stored = false;
  change.after = Row{body};
  const size_t size = body.size();
  body.append(kBodyPaddingBytes, '\0');
  Command command;
  command.type = CommandType::kPublish;
  command.topic = kPlainTopic;
  command.body = std::string_view(body).substr(0, size);
  Trace("publish plain {}", command.body);
  TellSubscribers(change);
  if (!engine_->Execute(*Pick(clients_)->session, command).ok()) verdict_.Fail("not published");
}

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

void Simulation::Delete() {
  SubscriptionPlan plan = RandomTarget();
  if (plan.filter.empty()) plan.filter = "/a > 8";
  SimulatedClient& client = *Pick(clients_);
  const std::string id = fmt::format("d{}", ++commands_);
  Command command;
  command.type = CommandType::kSowDelete;
  command.acks.add(AckType::kCompleted);
  command.acks.add(AckType::kStats);
  command.command_id = id;
  RunningDelete running{&client, {}, 0, 0};
  std::string text;
  const uint64_t die = Below(10);
  const Topic& topic = topics_[plan.prefix.has_value()                ? 0
                               : TopicOf(plan.topic).names.size() > 1 ? 3
                               : plan.topic == "fields"               ? 0
                               : plan.topic == "named"                ? 1
                                                                      : 2];
  if (die < 5) {
    command.filter = plan.filter;
  } else if (die < 8 || topic.definition.key_fields.empty() || plan.prefix.has_value()) {
    plan.filter.clear();
    Subscriber all(plan, bodies_, verdict_, coverage_);
    const Rows candidates = all.Matching(rows_);
    Rows chosen;
    for (int i = 0; i < 3 && !candidates.empty(); ++i) {
      auto row = candidates.begin();
      std::advance(row, static_cast<int64_t>(Below(candidates.size())));
      chosen.insert(*row);
      text += row->first.second + ",";
    }
    text += "123";  // nobody
    command.sow_keys = text;
    // The same key may be there under several topics.
    for (const auto& [row_id, row] : candidates) {
      for (const auto& [chosen_id, chosen_row] : chosen) {
        if (chosen_id.second == row_id.second) running.records[row_id] = row.version;
      }
    }
  } else {
    const int key = static_cast<int>(Below(static_cast<uint64_t>(topic.ids)));
    text = fmt::format(R"({{"id":{}}})", key);
    plan.filter = fmt::format("/id = {}", key);
    const size_t size = text.size();
    text.append(kBodyPaddingBytes, '\0');
    command.body = std::string_view(text).substr(0, size);
  }
  command.topic = plan.topic;
  if (command.sow_keys.empty()) {
    Subscriber target(plan, bodies_, verdict_, coverage_);
    for (const auto& [row_id, row] : target.Matching(rows_)) {
      running.records[row_id] = row.version;
    }
  }
  running.topic_records = StoredRecords(plan);
  Trace("{} deletes {} of {} by '{}' '{}' {}", client.name, running.records.size(), plan.topic,
        command.filter, command.sow_keys, command.body);
  deletes_[id] = std::move(running);
  const absl::Status status = engine_->Execute(*client.session, command);
  if (!status.ok()) verdict_.Fail(fmt::format("delete: {}", ToStd(status.message())));
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
  if (Chance(25)) plan.conflation_ns = kConflationsNs[Below(2)];
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

void Simulation::RunSome() {
  for (uint64_t slices = 1 + Below(6); slices-- > 0 && engine_->RunBackgroundSlice();) {
    CloseCutOff();
  }
}

// Lets everything end, and compares.
void Simulation::CheckQuiet() {
  Trace("quiet");
  for (const auto& client : clients_) {
    client->has_room = true;
    client->refuses_next = false;
  }
  const auto drain = [this] {
    for (int rounds = 0;; ++rounds) {
      bool more = engine_->RunTimers();
      more |= engine_->RunBackgroundSlice();
      CloseCutOff();
      if (!more || verdict_.failed()) return;
      if (rounds == 100'000) return verdict_.Fail("the work does not end");
    }
  };
  drain();
  for (uint64_t before = changes_ + 1; before != changes_ && !verdict_.failed();) {
    before = changes_;
    clock_.Advance(kConflationMaxNs);
    drain();
  }
  for (const auto& client : clients_) {
    for (const auto& [id, subscriber] : client->subscribers) subscriber->CheckQuiet(rows_);
    for (const auto& [id, answer] : client->answers) {
      if (!answer->ended()) verdict_.Fail(id + " has no end");
    }
    client->answers.clear();
  }
  for (const auto& [id, row] : rows_) {
    if (row.expires_ns != 0 && row.expires_ns <= clock_.WallNs()) {
      verdict_.Fail(Text(id) + " does not expire");
    }
  }
  if (!deletes_.empty()) verdict_.Fail("a delete does not end");
}

void Simulation::Step() {
  const uint64_t die = Below(1000);
  if (die < 480) {
    Publish();
  } else if (die < 510) {
    PublishMessage();
  } else if (die < 540) {
    Delete();
  } else if (die < 600) {
    Query();
  } else if (die < 680) {
    Subscribe();
  } else if (die < 700) {
    Unsubscribe();
  } else if (die < 850) {
    RunSome();
  } else if (die < 900) {
    engine_->RunTimers();
  } else if (die < 950) {
    clock_.Advance(static_cast<int64_t>(Below(30)) * kMillisecond);
  } else if (die < 955) {
    clock_.Advance(static_cast<int64_t>(Below(3000)) * kMillisecond);
  } else if (die < 990) {
    SimulatedClient& client = *Pick(clients_);
    client.has_room = !client.has_room;
    Trace("{} {} room", client.name, client.has_room ? "has" : "has no");
  } else if (die < 993) {
    Pick(clients_)->refuses_next = true;
  } else if (die < 995) {
    CloseClient(Below(clients_.size()));
  } else {
    CheckQuiet();
  }
  CloseCutOff();
}

std::string Simulation::Run(int steps) {
  for (int i = 0; i < steps && !verdict_.failed(); ++i) Step();
  if (!verdict_.failed()) CheckQuiet();
  return verdict_.what();
}

}  // namespace fluxgate::testing
