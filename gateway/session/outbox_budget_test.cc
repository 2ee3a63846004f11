#include "gateway/session/outbox_budget.h"

#include <gtest/gtest.h>

#include <memory>

namespace fluxgate {
namespace {

constexpr uint64_t kMiB = 1 << 20;

class OutboxBudgetTest : public ::testing::Test {
 protected:
  struct Client {
    explicit Client(OutboxBudget& budget)
        : account(budget, [this] {
            cut_off = true;
            account.Credit(account.bytes());
          }) {}
    bool cut_off = false;
    OutboxAccount account;
  };

  // Runs the loop for about `ms`.
  void RunFor(int64_t ms) {
    const int64_t end = clock_.MonotonicNs() + ms * 1'000'000;
    while (clock_.MonotonicNs() < end) {
      reactor_.Post([] {});
      reactor_.Stop();
      reactor_.Run();
    }
  }

  net::SystemClock clock_;
  net::Reactor reactor_;
  OutboxBudget budget_{reactor_, {.total_bytes_max = 100 * kMiB, .client_bytes_max = 64 * kMiB}};
};

TEST_F(OutboxBudgetTest, AClientAtItsLimitStaysOneByteMoreIsTooMuch) {
  Client client(budget_);
  EXPECT_TRUE(client.account.Charge(64 * kMiB));
  EXPECT_FALSE(client.cut_off);
  EXPECT_FALSE(client.account.Charge(1));
  EXPECT_TRUE(client.cut_off);
  EXPECT_EQ(budget_.total_bytes(), 0u);
  EXPECT_EQ(budget_.disconnects(), 1u);
}

TEST_F(OutboxBudgetTest, OverTheTotalTheLargestGoes) {
  Client small(budget_), large(budget_), other(budget_);
  EXPECT_TRUE(small.account.Charge(20 * kMiB));
  EXPECT_TRUE(large.account.Charge(50 * kMiB));
  EXPECT_TRUE(other.account.Charge(30 * kMiB));
  EXPECT_FALSE(large.cut_off);
  EXPECT_TRUE(small.account.Charge(1));
  EXPECT_TRUE(large.cut_off);
  EXPECT_FALSE(small.cut_off || other.cut_off);
  EXPECT_EQ(budget_.total_bytes(), 50 * kMiB + 1);
}

TEST_F(OutboxBudgetTest, TheLargestMayBeTheOneThatCharges) {
  Client first(budget_), second(budget_);
  EXPECT_TRUE(first.account.Charge(40 * kMiB));
  EXPECT_TRUE(second.account.Charge(59 * kMiB));
  EXPECT_FALSE(second.account.Charge(2 * kMiB));
  EXPECT_TRUE(second.cut_off);
}

TEST_F(OutboxBudgetTest, PublishersWaitForAClientThatReads) {
  Client client(budget_);
  EXPECT_TRUE(client.account.Charge(20 * kMiB));
  EXPECT_FALSE(budget_.congested());  // nothing taken yet
  client.account.Credit(2 * kMiB);
  EXPECT_TRUE(budget_.congested());
  bool resumed = false;
  budget_.WhenRelieved([&] { resumed = true; });
  client.account.Credit(17 * kMiB);
  EXPECT_FALSE(budget_.congested());
  EXPECT_FALSE(resumed);  // at the end of the batch
  RunFor(1);
  EXPECT_TRUE(resumed);
}

TEST_F(OutboxBudgetTest, PublishersDoNotWaitForAClientThatStopsReading) {
  Client client(budget_);
  EXPECT_TRUE(client.account.Charge(20 * kMiB));
  client.account.Credit(1);
  EXPECT_TRUE(budget_.congested());
  RunFor(80);
  EXPECT_FALSE(budget_.congested());
  client.account.Credit(1);  // a trickle changes nothing
  EXPECT_FALSE(budget_.congested());
}

TEST_F(OutboxBudgetTest, AClientThatLeavesIsForgotten) {
  auto client = std::make_unique<Client>(budget_);
  EXPECT_TRUE(client->account.Charge(20 * kMiB));
  client->account.Credit(1);
  bool resumed = false;
  budget_.WhenRelieved([&] { resumed = true; });
  client.reset();
  EXPECT_EQ(budget_.total_bytes(), 0u);
  EXPECT_FALSE(budget_.congested());
  RunFor(1);
  EXPECT_TRUE(resumed);
}

}  // namespace
}  // namespace fluxgate
