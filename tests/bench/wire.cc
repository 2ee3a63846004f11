#include "tests/bench/wire.h"

#include "tests/bench/fail.h"

namespace fluxgate::bench {

uint64_t Wire::SubscriptionCount(std::string_view /*head*/) const { return 1; }

std::unique_ptr<Wire> NewWire(std::string_view name) {
  if (name == "amps") return NewAmpsWire();
  if (name == "relay") return NewRelayWire();
  if (name == "nats") return NewNatsWire();
  if (name == "redis") return NewRedisWire();
  Fail("no such wire: " + std::string(name));
}

}  // namespace fluxgate::bench
