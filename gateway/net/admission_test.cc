#include "gateway/net/admission.h"

#include <gtest/gtest.h>

#include <vector>

namespace fluxgate::net {
namespace {

TEST(Admission, TotalLimit) {
  AdmissionGate gate({.connections_max = 2, .connections_per_address_max = 2});
  auto first = gate.Admit("a");
  auto second = gate.Admit("b");
  ASSERT_TRUE(first.has_value() && second.has_value());
  EXPECT_FALSE(gate.Admit("c").has_value());
  EXPECT_EQ(gate.refused(), 1u);
  first.reset();
  EXPECT_TRUE(gate.Admit("c").has_value());  // and leaves at once
  EXPECT_EQ(gate.connections(), 1u);
}

TEST(Admission, LimitPerAddress) {
  AdmissionGate gate({.connections_max = 10, .connections_per_address_max = 1});
  auto first = gate.Admit("a");
  EXPECT_FALSE(gate.Admit("a").has_value());
  auto other = gate.Admit("b");
  EXPECT_TRUE(other.has_value());
  first = std::nullopt;
  EXPECT_TRUE(gate.Admit("a").has_value());
}

TEST(Admission, MovesWithItsOwner) {
  AdmissionGate gate({.connections_max = 1, .connections_per_address_max = 1});
  std::vector<Admission> owners;
  owners.push_back(*gate.Admit("a"));
  EXPECT_EQ(gate.connections(), 1u);
  owners.clear();
  EXPECT_EQ(gate.connections(), 0u);
}

}  // namespace
}  // namespace fluxgate::net
