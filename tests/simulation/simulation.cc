#include "tests/simulation/simulation.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace fluxgate::testing {
namespace {

constexpr int64_t kMillisecond = 1'000'000;
constexpr int64_t kSecond = 1'000 * kMillisecond;

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
