// One engine with stored topics, clients that come and go, and a reference that knows what each of
// them has to be sent: a schedule of random steps from one seed.
#ifndef FLUXGATE_TESTS_SIMULATION_SIMULATION_H_
#define FLUXGATE_TESTS_SIMULATION_SIMULATION_H_

#include <fmt/format.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.h"
#include "core/engine/engine.h"
#include "core/sow/sow_topic.h"
#include "tests/simulation/reference.h"
#include "tests/simulation/subscriber.h"

namespace fluxgate::testing {

class Simulation;

// One client: its outbox, and what is expected to come through it.
class SimulatedClient final : public Outbox {
 public:
  SimulatedClient(Simulation& simulation, std::string name)
      : simulation_(simulation), name(std::move(name)) {}

  bool Deliver(const Delivery& delivery) override;
  void Acknowledge(const Ack& ack) override;
  bool BeginQuery(const QueryInfo& query) override;
  bool DeliverRecord(const QueryInfo& query, const Delivery& record) override;
  bool EndQuery(const QueryInfo& query, uint64_t records) override;
  bool HasRoom() const override { return has_room; }
  void CutOff(const absl::Status& why) override;

  // `incoming` takes its place.
  void Replace();

 private:
  Simulation& simulation_;

  bool Refuses();
  Subscriber* Find(const Subscription& subscription);

 public:
  const std::string name;
  Session* session = nullptr;
  bool has_room = true;
  bool refuses_next = false;  // the next delivery finds no room
  bool is_cut_off = false;    // the edge is about to end the session
  bool is_closed = false;
  std::map<std::string, std::unique_ptr<Subscriber>> subscribers;  // by id
  std::unique_ptr<Subscriber> incoming;                    // takes the place of the one with its id
  std::map<std::string, std::shared_ptr<Answer>> answers;  // by query id
};

// The longest interval of conflation that a schedule asks for.
inline constexpr int64_t kConflationMaxNs = 50'000'000;

class Simulation {
 public:
  Simulation(BodyReader& bodies, Coverage& coverage, uint64_t seed,
             std::function<void(const std::string&)> trace);
  ~Simulation();

  // Empty: everything was as it has to be.
  std::string Run(int steps);

 private:
  friend class SimulatedClient;
  class Observer;

  struct RunningDelete {
    SimulatedClient* client;
    std::map<RowId, uint64_t> records;  // with their versions
    uint64_t topic_records = 0;
    uint64_t deleted = 0;
  };
  struct ExpectedPut {
    std::string topic;
    std::optional<std::string> key_text;  // where it is known
    std::string body;
    bool is_delta = false;
    int64_t expiration_s = -1;
  };
  struct Topic {
    SowTopicDefinition definition;
    std::vector<std::string> names;  // that are published to
    int ids;
    size_t pad_bytes = 0;
  };

  uint64_t Below(uint64_t n) { return random_() % n; }
  bool Chance(int percent) { return Below(100) < static_cast<uint64_t>(percent); }
  template <typename T>
  const T& Pick(const std::vector<T>& list) {
    return list[Below(list.size())];
  }
  template <typename... Args>
  void Trace(const char* format, const Args&... args) {
    if (trace_) trace_(fmt::format(fmt::runtime(format), args...));
  }

  void DefineTopics();
  const Topic& TopicOf(std::string_view name) const;
  void OpenClient(size_t at);
  void CloseClient(size_t at);
  void CloseCutOff();

  std::string RandomBody(const Topic& topic, int id, bool partial);
  void Publish();
  void PublishMessage();
  void Delete();
  void Query();
  void Subscribe();
  void Unsubscribe();
  void RunSome();
  void CheckQuiet();
  void Step();

  void OnStoreChange(const Topic& topic, const SowTopic& sow, const RecordChange& change);
  void OnAck(SimulatedClient& client, const Ack& ack);
  void TellSubscribers(const StoreChange& change);
  // Of the topics that a query looks at.
  uint64_t StoredRecords(const SubscriptionPlan& plan) const;
  SubscriptionPlan RandomTarget();

  BodyReader& bodies_;
  Coverage& coverage_;
  Verdict verdict_;
  std::mt19937_64 random_;
  const std::function<void(const std::string&)> trace_;

  ManualClock clock_;
  std::vector<Topic> topics_;
  std::unique_ptr<Engine> engine_;
  std::vector<std::unique_ptr<Observer>> observers_;
  std::vector<std::unique_ptr<SimulatedClient>> clients_;
  std::vector<std::unique_ptr<SimulatedClient>> closed_;

  Rows rows_;
  uint64_t changes_ = 0;
  uint64_t commands_ = 0;
  std::optional<ExpectedPut> put_;                // the publish that is being executed
  std::map<std::string, RunningDelete> deletes_;  // by command id
};

}  // namespace fluxgate::testing

#endif  // FLUXGATE_TESTS_SIMULATION_SIMULATION_H_
