// An engine as the gateway has it, with one stored topic and one client that only counts.
#ifndef FLUXGATE_TESTS_BENCH_SOW_BENCH_ENGINE_H_
#define FLUXGATE_TESTS_BENCH_SOW_BENCH_ENGINE_H_

#include <cstdint>
#include <string_view>

#include "core/base/strings.h"
#include "core/engine/engine.h"
#include "core/message/json_message_type.h"
#include "gateway/net/reactor.h"
#include "tests/bench/fail.h"
#include "tests/bench/sow_bench.h"

namespace fluxgate::bench {

class CountingOutbox final : public Outbox {
 public:
  bool Deliver(const Delivery& /*delivery*/) override { return true; }
  bool DeliverRecord(const QueryInfo& /*query*/, const Delivery& /*record*/) override {
    ++records;
    return true;
  }
  void Acknowledge(const Ack& ack) override {
    if (ack.type == AckType::kStats) topic_records = ack.topic_matches;
  }

  uint64_t records = 0;        // of queries
  uint64_t topic_records = 0;  // as the last statistics said
};

class BenchEngine {
 public:
  Engine& engine() { return engine_; }
  CountingOutbox& outbox() { return outbox_; }

  void Define(const SowDefinitions& definitions) {
    Check(engine_.DefineTopics(definitions));
    session_ = engine_.OpenSession(outbox_);
    Command logon;
    logon.type = CommandType::kLogon;
    logon.message_type = "json";
    Execute(logon);
  }
  void Execute(const Command& command) { Check(engine_.Execute(*session_, command)); }
  // `body` has kBodyPaddingBytes behind it.
  void Publish(std::string_view topic, std::string_view body) {
    Command publish;
    publish.type = CommandType::kPublish;
    publish.topic = topic;
    publish.body = body;
    Execute(publish);
  }
  // All records, in random order; `after_each` is called with the number of those that are there.
  template <typename AfterEach>
  void Fill(std::string_view topic, uint64_t records, AfterEach&& after_each) {
    uint64_t done = 0;
    for (const uint64_t number : Shuffled(records)) {
      std::string body = RecordBody(number, number * 7919);
      const size_t bytes = body.size();
      body.append(kBodyPaddingBytes, '\0');
      Publish(topic, {body.data(), bytes});
      after_each(++done);
    }
  }

 private:
  static void Check(const absl::Status& status) {
    if (!status.ok()) Fail(ToStd(status.message()));
  }

  JsonMessageType type_;
  net::SystemClock clock_;
  CountingOutbox outbox_;
  Engine engine_{{}, {&type_}, clock_};
  Session* session_ = nullptr;
};

}  // namespace fluxgate::bench

#endif  // FLUXGATE_TESTS_BENCH_SOW_BENCH_ENGINE_H_
