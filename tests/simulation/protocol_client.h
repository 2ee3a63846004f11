// A client of a whole gateway as the model test needs it, whatever protocol it speaks. One thread.
#ifndef FLUXGATE_TESTS_SIMULATION_PROTOCOL_CLIENT_H_
#define FLUXGATE_TESTS_SIMULATION_PROTOCOL_CLIENT_H_

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/simulation/reference.h"
#include "tests/simulation/subscriber.h"
#include "tests/support/raw_client.h"

namespace fluxgate::testing {

struct ReceivedEvent {
  enum class Kind : uint8_t { kBegin, kRecord, kEnd, kChange, kLeave, kEndOfAll };
  Kind kind;
  std::vector<std::string> subscriptions;
  RowId id = {};
  std::string body = {};
  OutOfFocusReason reason = OutOfFocusReason::kNone;
};

class ProtocolClient {
 public:
  virtual ~ProtocolClient() = default;
  // Asks, and does not wait. `batch`: records in one message, where the protocol has that.
  virtual void Subscribe(const SubscriptionPlan& plan, int batch) = 0;
  // Ends all subscriptions; kEndOfAll comes behind the last event.
  virtual void EndAll() = 0;
  // What comes next, waiting `wait_ms` at most; nullopt: nothing.
  virtual std::optional<ReceivedEvent> Next(int wait_ms) = 0;
};

class AmpsProtocolClient final : public ProtocolClient {
 public:
  // With a small receive buffer, so that not reading is felt.
  explicit AmpsProtocolClient(uint16_t port);

  void Subscribe(const SubscriptionPlan& plan, int batch) override;
  void EndAll() override;
  std::optional<ReceivedEvent> Next(int wait_ms) override;

 private:
  bool TakeFrame();
  void OnFrame(std::string_view frame);

  RawClient client_;
  std::string received_;
  std::deque<ReceivedEvent> events_;
};

}  // namespace fluxgate::testing

#endif  // FLUXGATE_TESTS_SIMULATION_PROTOCOL_CLIENT_H_
