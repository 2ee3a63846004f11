// Stored topics through a whole gateway: several clients at once, some of which do not read for a
// while or go away. Publishes are acknowledged one by one, which gives their order; when a
// subscription was accepted is not known, but there has to be one moment that explains everything
// its client got. FLUXGATE_SEED=n repeats one schedule, FLUXGATE_SCHEDULES=n runs that many from
// there on.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "core/sow/sow_key.h"
#include "tests/simulation/grpc_protocol_client.h"
#include "tests/simulation/protocol_client.h"
#include "tests/simulation/reference.h"
#include "tests/simulation/subscriber.h"
#include "tests/support/raw_client.h"
#include "tests/support/test_gateway.h"

namespace fluxgate::testing {
namespace {

constexpr uint64_t kSchedules = 60;
constexpr int kSteps = 120;
// More than a slice of a query, and than sockets take at once.
constexpr int kRecordsOfLarge = 200;
constexpr size_t kPadBytes = 6000;
constexpr int kDeadlineMs = 20'000;
constexpr int kWaitMs = 5;

const std::vector<std::string> kFilters = {"",       "/a > 5",   "/a <= 6",
                                           "/a = 3", "/s = 'x'", "/a IN (1, 2, 3, 4)"};

struct HistoryEntry {
  StoreChange change;
  Rows rows;  // after it
};

// One client and everything that it got, by subscription.
struct Watcher {
  std::unique_ptr<ProtocolClient> client;
  bool reads = true;
  bool is_over = false;
  struct Watched {
    SubscriptionPlan plan;
    size_t asked_at;  // entries of the history by then
    std::vector<ReceivedEvent> events;
    std::vector<bool> shared;

    bool is_answered() const {
      return !plan.snapshot || std::ranges::any_of(events, [](const ReceivedEvent& event) {
        return event.kind == ReceivedEvent::Kind::kEnd;
      });
    }
  };
  std::map<std::string, Watched> watched;

  // False: nothing was there.
  bool Read(int wait_ms) {
    std::optional<ReceivedEvent> event = client->Next(wait_ms);
    if (!event.has_value()) return false;
    if (event->kind == ReceivedEvent::Kind::kEndOfAll) is_over = true;
    for (const std::string& id : event->subscriptions) {
      const auto found = watched.find(id);
      EXPECT_TRUE(found != watched.end()) << "for a subscription that is not there: " << id;
      if (found == watched.end()) continue;
      found->second.events.push_back(*event);
      found->second.shared.push_back(event->subscriptions.size() > 1);
    }
    return true;
  }
};

enum class Protocol : uint8_t { kAmps, kGrpc };

class Schedule {
 public:
  Schedule(uint64_t seed, Protocol protocol)
      : random_(seed), protocol_(protocol), publisher_(RawClient::Tcp(gateway_.tcp_port())) {
    publisher_.Logon("publisher");
    watchers_.resize(3);
    for (Watcher& watcher : watchers_) Connect(watcher);
    if (Chance(40)) Fill();
  }

  void Run() {
    for (int i = 0; i < kSteps && !::testing::Test::HasFailure(); ++i) Step();
    for (size_t i = 0; i < watchers_.size(); ++i) Finish(watchers_[i], i);
  }

 private:
  uint64_t Below(uint64_t n) { return random_() % n; }
  bool Chance(int percent) { return Below(100) < static_cast<uint64_t>(percent); }

  void Connect(Watcher& watcher) {
    watcher = {};
    if (protocol_ == Protocol::kAmps) {
      watcher.client = std::make_unique<AmpsProtocolClient>(gateway_.tcp_port());
    } else {
      watcher.client =
          std::make_unique<GrpcProtocolClient>(fmt::format("127.0.0.1:{}", gateway_.grpc_port()));
    }
  }

  std::string RandomBody(bool partial) {
    std::string body = fmt::format(R"({{"v":{})", ++versions_);
    if (!partial || Chance(50)) body += fmt::format(R"(,"a":{})", Below(10));
    if (!partial || Chance(50)) {
      body += fmt::format(R"(,"s":"{}")", static_cast<char>('x' + Below(3)));
    }
    return body + "}";
  }

  // Many records at once, before anybody watches.
  void Fill() {
    for (int i = 0; i < kRecordsOfLarge; ++i) {
      const RowId id("named", fmt::format("k{}", i));
      std::string body = RandomBody(false);
      body.insert(body.size() - 1, ",\"pad\":\"" + std::string(kPadBytes, 'p') + "\"");
      ASSERT_TRUE(publisher_.SendFrame(
          fmt::format(R"({{"c":"p","t":"named","k":"{}"}}{})", id.second, body)));
      rows_[id] = Row{body, HashPublisherKey("", id.second)};
    }
    ASSERT_TRUE(publisher_.SendFrame(R"({"c":"flush","cid":"f","a":"completed"})"));
    ASSERT_TRUE(publisher_.ReadFrame().has_value());
    first_rows_ = rows_;
  }

  RowId RandomId() {
    static const std::vector<std::string> kTopics = {"named", "named", "g/a", "g/b"};
    return {kTopics[Below(kTopics.size())], fmt::format("k{}", Below(6))};
  }

  void Publish() {
    const RowId id = RandomId();
    StoreChange change;
    change.id = id;
    const auto row = rows_.find(id);
    if (row != rows_.end()) change.before = row->second;
    std::string frame;
    if (change.before.has_value() && Chance(20)) {
      change.reason = OutOfFocusReason::kDeleted;
      frame =
          fmt::format(R"({{"c":"sow_delete","cid":"p","t":"{}","sow_keys":"{}","a":"completed"}})",
                      id.first, id.second);
      rows_.erase(id);
    } else {
      const bool is_delta = Chance(40);
      const std::string body = RandomBody(is_delta);
      frame = fmt::format(R"({{"c":"{}","cid":"p","t":"{}","k":"{}","a":"processed"}}{})",
                          is_delta ? "delta_publish" : "p", id.first, id.second, body);
      Row now;
      now.body = is_delta && change.before ? bodies_.Merge(change.before->body, body) : body;
      now.key = HashPublisherKey(id.first == "named" ? "" : id.first, id.second);
      change.after = now;
      rows_[id] = now;
    }
    history_.push_back({change, rows_});
    ASSERT_TRUE(publisher_.SendFrame(frame));
    const auto ack = publisher_.ReadFrame();
    ASSERT_TRUE(ack.has_value() && ack->find("success") != std::string::npos) << *ack;
  }

  void Subscribe(Watcher& watcher) {
    SubscriptionPlan plan;
    plan.id = fmt::format("s{}", watcher.watched.size());
    if (Chance(60)) {
      plan.topic = "named";
    } else {
      plan.topic = "^g/";
      plan.prefix = "g/";
    }
    plan.filter = kFilters[Below(kFilters.size())];
    plan.snapshot = Chance(75);
    plan.delta = Chance(40);
    plan.out_of_focus = Chance(60);
    if (plan.snapshot && Chance(25)) {
      plan.page = true;
      plan.order = Chance(50) ? "/v" : "/v DESC";
      plan.top = 1 + Below(4);
      plan.skip = Below(4);
    }
    watcher.watched[plan.id] = {plan, history_.size(), {}, {}};
    watcher.client->Subscribe(plan, static_cast<int>(1 + Below(10)));
  }

  void Step() {
    Watcher& watcher = watchers_[Below(watchers_.size())];
    const uint64_t die = Below(100);
    if (die < 60) {
      Publish();
    } else if (die < 75) {
      if (watcher.watched.size() < 6) Subscribe(watcher);
    } else if (die < 92) {
      for (uint64_t events = Below(200); watcher.reads && events-- > 0 && watcher.Read(0);) {
      }
    } else if (die < 98) {
      watcher.reads = !watcher.reads;
    } else {
      Connect(watcher);
    }
  }

  // What is wrong if the subscription was accepted after so many entries of the history.
  std::string Explain(const Watcher::Watched& watched, size_t accepted_at) {
    Verdict verdict;
    Coverage ignored;
    Subscriber subscriber(watched.plan, bodies_, verdict, ignored);
    const Rows& rows = accepted_at == 0 ? first_rows_ : history_[accepted_at - 1].rows;
    std::shared_ptr<Answer> answer;
    size_t next = 0;
    if (watched.plan.snapshot) {
      using Kind = ReceivedEvent::Kind;
      answer = subscriber.Start(rows, nullptr);
      for (; next < watched.events.size() && !answer->ended() && !verdict.failed(); ++next) {
        const ReceivedEvent& event = watched.events[next];
        if (event.kind == Kind::kBegin) {
          answer->Begin();
        } else if (event.kind == Kind::kRecord) {
          answer->Record(event.id, event.body);
          subscriber.OnSnapshotRecord(event.id, event.body);
        } else if (event.kind == Kind::kEnd) {
          answer->End(answer->got().size());
        } else {
          verdict.Fail("a change inside of the answer");
        }
      }
      if (!answer->ended()) verdict.Fail("the answer has not ended");
      subscriber.OnSnapshotEnd();
    }
    for (size_t i = accepted_at; i < history_.size() && !verdict.failed(); ++i) {
      subscriber.OnChange(history_[i].change, history_[i].rows);
    }
    for (; next < watched.events.size() && !verdict.failed(); ++next) {
      const ReceivedEvent& event = watched.events[next];
      subscriber.OnDelivery(event.id, true, event.body, event.reason, watched.shared[next], 0);
    }
    if (!verdict.failed()) subscriber.CheckQuiet(rows_);
    return verdict.what();
  }

  // Empty: one moment explains everything.
  std::string Explain(Watcher::Watched& watched) {
    std::string last;
    for (size_t at = watched.asked_at; at <= history_.size(); ++at) {
      const std::string what = Explain(watched, at);
      if (what.empty()) return {};
      if (last.empty() || at == watched.asked_at) last = what;
    }
    return last;
  }

  void Finish(Watcher& watcher, size_t number) {
    // What waited behind a snapshot comes when there is room: until everything is there.
    int waits = kDeadlineMs / kWaitMs;
    const auto is_complete = [&] {
      return std::ranges::all_of(watcher.watched,
                                 [](const auto& entry) { return entry.second.is_answered(); }) &&
             std::ranges::all_of(watcher.watched,
                                 [&](auto& entry) { return Explain(entry.second).empty(); });
    };
    while (waits > 0 && !::testing::Test::HasFailure()) {
      while (watcher.Read(kWaitMs)) {
      }
      if (is_complete()) break;
      waits -= 1;
    }
    watcher.client->EndAll();
    while (!watcher.is_over && waits-- > 0) watcher.Read(kWaitMs);
    EXPECT_TRUE(watcher.is_over);
    for (auto& [id, watched] : watcher.watched) {
      const std::string what = Explain(watched);
      EXPECT_EQ(what, "") << "client " << number << ", asked after " << watched.asked_at << " of "
                          << history_.size() << " to " << watched.plan.topic << " filter "
                          << watched.plan.filter << " page " << watched.plan.page;
    }
  }

  static void DefineTopics(config::Config& config) {
    SowTopicDefinition named;
    named.name = "named";
    named.message_type = "json";
    named.key_source = SowTopicDefinition::KeySource::kPublisher;
    SowTopicDefinition group = named;
    group.name = "group";
    group.pattern = "^g/[a-z]$";
    config.sow = {named, group};
  }

  std::mt19937_64 random_;
  const Protocol protocol_;
  TestGateway gateway_{DefineTopics};
  RawClient publisher_;
  BodyReader bodies_;
  std::vector<Watcher> watchers_;
  Rows rows_;
  Rows first_rows_;
  std::vector<HistoryEntry> history_;
  uint64_t versions_ = 0;
};

uint64_t FromEnvironment(const char* name, uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

void RunSchedules(Protocol protocol) {
  const uint64_t one = FromEnvironment("FLUXGATE_SEED", 0);
  const uint64_t first = one != 0 ? one : 1;
  const uint64_t schedules = FromEnvironment("FLUXGATE_SCHEDULES", one != 0 ? 1 : kSchedules);
  for (uint64_t seed = first; seed < first + schedules; ++seed) {
    SCOPED_TRACE(fmt::format("FLUXGATE_SEED={}", seed));
    Schedule schedule(seed, protocol);
    schedule.Run();
    if (::testing::Test::HasFailure()) return;
  }
}

TEST(SowProtocolModel, OneMomentExplainsWhatEachSubscriberGotOverAmps) {
  RunSchedules(Protocol::kAmps);
}

TEST(SowProtocolModel, OneMomentExplainsWhatEachSubscriberGotOverGrpc) {
  RunSchedules(Protocol::kGrpc);
}

}  // namespace
}  // namespace fluxgate::testing
