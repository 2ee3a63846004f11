#include "gateway/workers/worker_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <vector>

namespace fluxgate {
namespace {

constexpr int64_t kSecond = 1'000'000'000;

// Keeps a worker until it is let go.
class Gate {
 public:
  WorkerPool::Task Task() {
    return [this] {
      entered_.set_value();
      open_.get_future().wait();
    };
  }
  void AwaitEntered() { entered_.get_future().wait(); }
  void Open() { open_.set_value(); }

 private:
  std::promise<void> entered_;
  std::promise<void> open_;
};

TEST(WorkerPoolTest, TasksStartInTheirOrder) {
  std::vector<int> order;  // one worker: one at a time
  std::promise<void> done;
  {
    WorkerPool pool("test", 1, 100);
    for (int i = 0; i < 50; ++i) ASSERT_TRUE(pool.Submit([&order, i] { order.push_back(i); }));
    ASSERT_TRUE(pool.Submit([&done] { done.set_value(); }));
    done.get_future().wait();
  }
  ASSERT_EQ(order.size(), 50u);
  for (int i = 0; i < 50; ++i) EXPECT_EQ(order[static_cast<size_t>(i)], i);
}

TEST(WorkerPoolTest, TheQueueAtItsLimitAndAbove) {
  Gate gate;
  WorkerPool pool("test", 1, 2);
  ASSERT_TRUE(pool.Submit(gate.Task()));
  gate.AwaitEntered();
  pool.SubmitAlways([] {});  // takes nobody's place
  EXPECT_TRUE(pool.Submit([] {}));
  EXPECT_TRUE(pool.Submit([] {}));
  EXPECT_FALSE(pool.Submit([] {}));
  std::promise<void> ran;
  pool.SubmitAlways([&ran] { ran.set_value(); });
  EXPECT_EQ(pool.waiting(), 4u);
  gate.Open();
  ran.get_future().wait();
}

TEST(WorkerPoolTest, StopWaitsForTasksUnderWayAndDropsTheOthers) {
  Gate gate;
  std::atomic<bool> ran = false;
  WorkerPool pool("test", 1, 10);
  ASSERT_TRUE(pool.Submit(gate.Task()));
  gate.AwaitEntered();
  ASSERT_TRUE(pool.Submit([&ran] { ran = true; }));
  EXPECT_FALSE(pool.Stop(kSecond / 100));
  EXPECT_FALSE(pool.Submit([] {}));
  gate.Open();
  EXPECT_TRUE(pool.Stop(30 * kSecond));
  EXPECT_FALSE(ran);
}

}  // namespace
}  // namespace fluxgate
