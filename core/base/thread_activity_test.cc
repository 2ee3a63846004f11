#include "core/base/thread_activity.h"

#include <atomic>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "gtest/gtest.h"

namespace fluxgate {
namespace {

struct Seen {
  uint64_t id;
  bool idle;
  uint64_t progress;
  std::string activity, module;
};

std::optional<Seen> See(std::string_view name) {
  std::optional<Seen> seen;
  ForEachThread([&](const ThreadView& view) {
    if (view.name != name) return;
    seen = {view.id, view.idle, view.progress, std::string(view.activity),
            std::string(view.module)};
  });
  return seen;
}

TEST(ThreadActivityTest, IsThereWhileItIsRegistered) {
  EXPECT_FALSE(See("worker").has_value());
  {
    const RegisteredThread registered("worker");
    ASSERT_TRUE(See("worker").has_value());
    EXPECT_FALSE(See("worker")->idle);
    EXPECT_EQ(See("worker")->activity, "");
  }
  EXPECT_FALSE(See("worker").has_value());
}

TEST(ThreadActivityTest, KeepsItsFirstName) {
  const RegisteredThread first("first");
  {
    const RegisteredThread second("second");
    EXPECT_FALSE(See("second").has_value());
  }
  EXPECT_TRUE(See("first").has_value());
}

TEST(ThreadActivityTest, EveryThreadHasItsOwnId) {
  std::set<uint64_t> ids;
  constexpr int kThreads = 5;
  for (int i = 0; i < kThreads; ++i) {
    std::thread([&] {
      const RegisteredThread registered("worker");
      ids.insert(See("worker")->id);
    }).join();
  }
  EXPECT_EQ(ids.size(), size_t{kThreads});
}

TEST(ThreadActivityTest, PingAndBusyAreProgressIdleIsNot) {
  const RegisteredThread registered("worker");
  const uint64_t start = See("worker")->progress;
  ThreadActivity::Ping();
  const uint64_t pinged = See("worker")->progress;
  EXPECT_NE(pinged, start);
  EXPECT_EQ(See("worker")->progress, pinged);
  ThreadActivity::Idle();
  EXPECT_TRUE(See("worker")->idle);
  ThreadActivity::Ping();
  EXPECT_TRUE(See("worker")->idle);
  ThreadActivity::Busy();
  EXPECT_FALSE(See("worker")->idle);
  EXPECT_NE(See("worker")->progress, pinged);
}

TEST(ThreadActivityTest, ScopesNestAndRestore) {
  const RegisteredThread registered("worker");
  {
    const ActivityScope outer("logon", "ldap");
    EXPECT_EQ(See("worker")->activity, "logon");
    EXPECT_EQ(See("worker")->module, "ldap");
    const uint64_t before = See("worker")->progress;
    {
      const ActivityScope inner("filter");
      EXPECT_EQ(See("worker")->activity, "filter");
      EXPECT_EQ(See("worker")->module, "");
      EXPECT_NE(See("worker")->progress, before);
    }
    EXPECT_EQ(See("worker")->activity, "logon");
    EXPECT_EQ(See("worker")->module, "ldap");
  }
  EXPECT_EQ(See("worker")->activity, "");
  EXPECT_EQ(See("worker")->module, "");
}

TEST(ThreadActivityTest, ShowsModulesUpToTheLimit) {
  const RegisteredThread registered("worker");
  const std::string at_limit(kShownModuleBytesMax, 'm');
  {
    const ActivityScope scope("call", at_limit);
    EXPECT_EQ(See("worker")->module, at_limit);
  }
  const std::string above = at_limit + "x";
  const ActivityScope scope("call", above);
  EXPECT_EQ(See("worker")->module, at_limit);
}

TEST(ThreadActivityTest, NothingComesOfAThreadThatIsNotRegistered) {
  ThreadActivity::Ping();
  ThreadActivity::Idle();
  ThreadActivity::Busy();
  const ActivityScope scope("call", "module");
  int threads = 0;
  ForEachThread([&](const ThreadView&) { ++threads; });
  EXPECT_EQ(threads, 0);
}

// What is seen is what was said at one time, never a mixture. Says more under the thread sanitizer.
TEST(ThreadActivityTest, IsReadWhileItChanges) {
  constexpr int kLooks = 2000;
  std::atomic<bool> started = false;
  std::atomic<bool> stop = false;
  std::thread worker([&] {
    const RegisteredThread registered("worker");
    const std::string a(40, 'a');
    const std::string b(40, 'b');
    started = true;
    while (!stop) {
      const ActivityScope outer("aaa", a);
      const ActivityScope inner("bbb", b);
    }
  });
  while (!started) std::this_thread::yield();
  for (int i = 0; i < kLooks; ++i) {
    const std::optional<Seen> seen = See("worker");
    ASSERT_TRUE(seen.has_value());
    if (seen->module.empty()) continue;
    ASSERT_EQ(seen->module, std::string(40, seen->activity.at(0)));
  }
  stop = true;
  worker.join();
}

}  // namespace
}  // namespace fluxgate
