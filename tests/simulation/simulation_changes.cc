// Steps that change records: publishes of all kinds, deletes.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "tests/simulation/simulation.h"

namespace fluxgate::testing {
namespace {

constexpr const char* kPlainTopic = "plain";

}  // namespace

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

}  // namespace fluxgate::testing
