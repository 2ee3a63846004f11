#include "gateway/monitor/stuck_threads.h"

#include "gtest/gtest.h"

namespace fluxgate {
namespace {

using Verdict = StuckThreads::Verdict;
constexpr int64_t kThresholdNs = 5'000;

ThreadView Thread(uint64_t id, uint64_t progress, bool idle = false) {
  ThreadView view;
  view.id = id;
  view.progress = progress;
  view.idle = idle;
  return view;
}

class StuckThreadsTest : public testing::Test {
 protected:
  Verdict LookAt(int64_t now_ns, const ThreadView& thread) {
    threads_.Begin(now_ns);
    const Verdict verdict = threads_.Look(thread, age_ns_);
    threads_.End();
    return verdict;
  }

  StuckThreads threads_{kThresholdNs};
  int64_t age_ns_ = 0;
};

TEST_F(StuckThreadsTest, IsStuckAtTheThresholdAndNotBefore) {
  EXPECT_EQ(LookAt(100, Thread(1, 7)), Verdict::kFine);
  EXPECT_EQ(LookAt(100 + kThresholdNs - 1, Thread(1, 7)), Verdict::kFine);
  EXPECT_EQ(threads_.stuck_now(), 0u);
  EXPECT_EQ(LookAt(100 + kThresholdNs, Thread(1, 7)), Verdict::kStuck);
  EXPECT_EQ(age_ns_, kThresholdNs);
  EXPECT_EQ(threads_.stuck_now(), 1u);
  EXPECT_EQ(threads_.stuck_ever(), 1u);
}

TEST_F(StuckThreadsTest, IsReportedOnceAThreshold) {
  LookAt(0, Thread(1, 7));
  EXPECT_EQ(LookAt(kThresholdNs, Thread(1, 7)), Verdict::kStuck);
  EXPECT_EQ(LookAt(kThresholdNs + 1, Thread(1, 7)), Verdict::kStuckAsReported);
  EXPECT_EQ(LookAt(2 * kThresholdNs - 1, Thread(1, 7)), Verdict::kStuckAsReported);
  EXPECT_EQ(LookAt(2 * kThresholdNs, Thread(1, 7)), Verdict::kStuck);
  EXPECT_EQ(age_ns_, 2 * kThresholdNs);
  // One period, however long.
  EXPECT_EQ(threads_.stuck_ever(), 1u);
}

TEST_F(StuckThreadsTest, MissedLooksAreOneReport) {
  LookAt(0, Thread(1, 7));
  EXPECT_EQ(LookAt(10 * kThresholdNs, Thread(1, 7)), Verdict::kStuck);
  EXPECT_EQ(LookAt(10 * kThresholdNs + 1, Thread(1, 7)), Verdict::kStuckAsReported);
}

TEST_F(StuckThreadsTest, ProgressBeginsTheTimeAgain) {
  LookAt(0, Thread(1, 7));
  EXPECT_EQ(LookAt(kThresholdNs - 1, Thread(1, 8)), Verdict::kFine);
  EXPECT_EQ(LookAt(2 * kThresholdNs - 2, Thread(1, 8)), Verdict::kFine);
  EXPECT_EQ(LookAt(2 * kThresholdNs - 1, Thread(1, 8)), Verdict::kStuck);
}

TEST_F(StuckThreadsTest, GoesOnWithProgressOrWhenIdle) {
  LookAt(0, Thread(1, 7));
  LookAt(kThresholdNs, Thread(1, 7));
  EXPECT_EQ(LookAt(kThresholdNs + 10, Thread(1, 8)), Verdict::kGoesOn);
  EXPECT_EQ(age_ns_, kThresholdNs + 10);
  EXPECT_EQ(threads_.stuck_now(), 0u);
  EXPECT_EQ(LookAt(2 * kThresholdNs + 10, Thread(1, 8)), Verdict::kStuck);
  EXPECT_EQ(threads_.stuck_ever(), 2u);
  EXPECT_EQ(LookAt(2 * kThresholdNs + 20, Thread(1, 8, true)), Verdict::kGoesOn);
}

TEST_F(StuckThreadsTest, IdleIsNeverStuck) {
  for (int64_t now_ns = 0; now_ns < 10 * kThresholdNs; now_ns += kThresholdNs) {
    EXPECT_EQ(LookAt(now_ns, Thread(1, 7, true)), Verdict::kFine);
  }
  // Time spent idle is no time without progress.
  EXPECT_EQ(LookAt(10 * kThresholdNs - 1, Thread(1, 7)), Verdict::kFine);
}

TEST_F(StuckThreadsTest, AThreadThatEndsIsNotStuckAnyMore) {
  LookAt(0, Thread(1, 7));
  LookAt(kThresholdNs, Thread(1, 7));
  EXPECT_EQ(threads_.stuck_now(), 1u);
  EXPECT_EQ(LookAt(kThresholdNs + 1, Thread(2, 7)), Verdict::kFine);
  EXPECT_EQ(threads_.stuck_now(), 0u);
  EXPECT_EQ(threads_.stuck_ever(), 1u);
}

}  // namespace
}  // namespace fluxgate
