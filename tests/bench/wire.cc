#include "tests/bench/wire.h"

#include "tests/bench/fail.h"

namespace fluxgate::bench {

uint64_t Wire::SubscriptionCount(std::string_view /*head*/) const { return 1; }

std::string Wire::Upsert(std::string_view /*topic*/, uint64_t /*id*/,
                         std::string_view /*body*/) const {
  Fail("no records over this wire");
}

std::string Wire::Read(std::string_view /*topic*/, std::string_view /*key*/) const {
  Fail("no records over this wire");
}

std::string Wire::ReadAll(std::string_view /*topic*/) const { return {}; }

std::string Wire::QueryAndSubscribe(std::string_view /*id*/, std::string_view /*topic*/,
                                    std::string_view /*filter*/) const {
  Fail("no records over this wire");
}

std::string Wire::Unsubscribe(std::string_view /*id*/) const { Fail("no records over this wire"); }

std::string Wire::Sync() const { Fail("no records over this wire"); }

size_t Wire::CountRecords(std::string_view /*bytes*/, uint64_t& /*records*/,
                          std::string_view& /*first_body*/) {
  Fail("no records over this wire");
}

std::unique_ptr<Wire> NewWire(std::string_view name) {
  if (name == "amps") return NewAmpsWire();
  if (name == "relay") return NewRelayWire();
  if (name == "nats") return NewNatsWire();
  if (name == "redis") return NewRedisWire();
  Fail("no such wire: " + std::string(name));
}

}  // namespace fluxgate::bench
