#include "gateway/net/reactor.h"

#include <gtest/gtest.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "core/base/thread_activity.h"

namespace fluxgate::net {
namespace {

TEST(Reactor, RunsPostedTasksInOrderFromManyThreads) {
  Reactor reactor;
  std::vector<int> seen[2];
  std::thread runner([&] { reactor.Run(); });
  auto post = [&](int who) {
    for (int i = 0; i < 1000; ++i) reactor.Post([&seen, who, i] { seen[who].push_back(i); });
  };
  std::thread first(post, 0), second(post, 1);
  first.join();
  second.join();
  reactor.Stop();
  runner.join();
  for (const auto& numbers : seen) {
    ASSERT_EQ(numbers.size(), 1000u);
    for (int i = 0; i < 1000; ++i) EXPECT_EQ(numbers[static_cast<size_t>(i)], i);
  }
}

TEST(Reactor, EndOfBatchComesAfterAllTasksOfTheBatch) {
  Reactor reactor;
  std::string order;
  reactor.Post([&] {
    reactor.AtEndOfBatch([&] {
      order += "e";
      reactor.AtEndOfBatch([&] { order += "f"; });
    });
    order += "a";
  });
  reactor.Post([&] { order += "b"; });
  reactor.Stop();
  reactor.Run();
  EXPECT_EQ(order, "abef");
}

TEST(Reactor, TimersComeAgain) {
  Reactor reactor;
  int count = 0;
  reactor.Every(10'000'000, [&] {
    if (++count == 3) reactor.Stop();
  });
  reactor.Run();
  EXPECT_EQ(count, 3);
}

TEST(Reactor, BackgroundWorkRunsToItsEndBetweenOtherWork) {
  Reactor reactor;
  int slices = 0;
  bool posted_ran_between = false;
  reactor.SetBackgroundWork([&] {
    if (++slices == 2) reactor.Post([&] { posted_ran_between = slices < 10; });
    if (slices == 10) reactor.Stop();
    return slices < 10;
  });
  reactor.StartBackgroundWork();
  reactor.Run();
  EXPECT_EQ(slices, 10);
  EXPECT_TRUE(posted_ran_between);
}

// Two descriptors are ready at once; the handler of one unwatches the other.
TEST(Reactor, NoEventReachesAnUnwatchedHandler) {
  struct Handler final : EventHandler {
    void OnEvents(uint32_t) override {
      ++calls;
      reactor->Unwatch(other_fd, other);
      reactor->Unwatch(fd, this);
      reactor->Stop();
    }
    Reactor* reactor;
    int fd, other_fd, calls = 0;
    EventHandler* other;
  };
  Reactor reactor;
  Handler a, b;
  a.reactor = b.reactor = &reactor;
  a.fd = b.other_fd = eventfd(1, EFD_NONBLOCK);
  b.fd = a.other_fd = eventfd(1, EFD_NONBLOCK);
  a.other = &b;
  b.other = &a;
  ASSERT_TRUE(reactor.Watch(a.fd, EPOLLIN, &a).ok());
  ASSERT_TRUE(reactor.Watch(b.fd, EPOLLIN, &b).ok());
  reactor.Run();
  EXPECT_EQ(a.calls + b.calls, 1);
  close(a.fd);
  close(b.fd);
}

// What the thread monitor sees: idle while the reactor waits, busy and getting on while it works.
TEST(Reactor, TellsTheThreadMonitorThatItWaitsAndThatItGetsOn) {
  struct Seen {
    bool there = false, idle = false;
    uint64_t progress = 0;
  };
  const auto see = [] {
    Seen seen;
    ForEachThread([&](const ThreadView& thread) {
      if (thread.name == "reactor") seen = {true, thread.idle, thread.progress};
    });
    return seen;
  };
  Reactor reactor;
  Seen first, second;
  std::atomic<bool> done = false;
  reactor.Post([&] {
    first = see();
    reactor.Post([&] {
      second = see();
      done = true;
    });
  });
  std::thread runner([&] { reactor.Run(); });
  while (!done || !see().idle) std::this_thread::yield();
  reactor.Stop();
  runner.join();
  EXPECT_TRUE(first.there);
  EXPECT_FALSE(first.idle);
  EXPECT_FALSE(second.idle);
  EXPECT_NE(first.progress, second.progress);
  EXPECT_FALSE(see().there);
}

TEST(Reactor, WatchingABadDescriptorIsAnError) {
  Reactor reactor;
  EXPECT_FALSE(reactor.Watch(-1, EPOLLIN, nullptr).ok());
}

}  // namespace
}  // namespace fluxgate::net
