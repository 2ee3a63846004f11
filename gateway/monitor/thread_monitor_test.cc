// No test depends on speed: what is waited for is waited for until it is there.
#include "gateway/monitor/thread_monitor.h"

#include <signal.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "core/base/thread_activity.h"
#include "gateway/monitor/stack_capture.h"
#include "gtest/gtest.h"

namespace fluxgate {
namespace {

constexpr int64_t kThresholdNs = 50'000'000;
constexpr auto kPoll = std::chrono::milliseconds(5);
constexpr auto kPatience = std::chrono::seconds(2);  // of direct captures

// What the log says.
class LinesSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  std::vector<std::string> Lines() {
    const std::lock_guard lock(mutex_);
    return lines_;
  }

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    lines_.push_back(std::string(spdlog::level::to_string_view(message.level).data()) + ": " +
                     std::string(message.payload.data(), message.payload.size()));
  }
  void flush_() override {}

 private:
  std::vector<std::string> lines_;
};

}  // namespace

// Outside the unnamed namespace, so that the name is what a stack says.
struct Gate {
  std::mutex mutex;
  std::condition_variable opened;
  bool open = false;

  void Open() {
    const std::lock_guard lock(mutex);
    open = true;
    opened.notify_all();
  }
};

[[gnu::noinline]] void WaitAtTheGate(Gate& gate) {
  std::unique_lock lock(gate.mutex);
  gate.opened.wait(lock, [&] { return gate.open; });
}

namespace {

class ThreadMonitorTest : public testing::Test {
 protected:
  ThreadMonitorTest() {
    spdlog::set_default_logger(std::make_shared<spdlog::logger>("test", sink_));
  }
  ~ThreadMonitorTest() override {
    spdlog::set_default_logger(std::make_shared<spdlog::logger>("none"));
  }

  template <typename Condition>
  static void Await(Condition condition) {
    while (!condition()) std::this_thread::sleep_for(kPoll);
  }
  std::string AwaitLine(std::string_view part) {
    std::string found;
    Await([&] {
      for (const std::string& line : sink_->Lines()) {
        if (line.find(part) != std::string::npos) found = line;
      }
      return !found.empty();
    });
    return found;
  }

  const std::shared_ptr<LinesSink> sink_ = std::make_shared<LinesSink>();
  Gate gate_;
};

TEST_F(ThreadMonitorTest, ReportsAThreadThatBlocksAndThatItGoesOn) {
  ThreadMonitor monitor(kThresholdNs);
  std::thread worker([&] {
    const RegisteredThread registered("auth-worker");
    const ActivityScope scope("authenticate", "ldap-module");
    WaitAtTheGate(gate_);
  });
  const std::string line = AwaitLine("may be stuck");
  EXPECT_EQ(line.rfind("warning: thread \"auth-worker\" (", 0), 0u) << line;
  EXPECT_NE(line.find("doing \"authenticate\", in the module \"ldap-module\""), std::string::npos)
      << line;
  EXPECT_NE(line.find("WaitAtTheGate"), std::string::npos) << line;
  EXPECT_EQ(monitor.stuck_now(), 1u);
  EXPECT_EQ(monitor.stuck_ever(), 1u);
  gate_.Open();
  worker.join();
  // The thread has ended, or was seen to go on before: either way nothing is stuck.
  Await([&] { return monitor.stuck_now() == 0; });
  EXPECT_EQ(monitor.stuck_ever(), 1u);
}

TEST_F(ThreadMonitorTest, SaysWhenAThreadGoesOn) {
  ThreadMonitor monitor(kThresholdNs);
  std::atomic<bool> end = false;
  std::thread worker([&] {
    const RegisteredThread registered("worker");
    WaitAtTheGate(gate_);
    while (!end) {
      ThreadActivity::Ping();
      std::this_thread::sleep_for(kPoll);
    }
  });
  AwaitLine("may be stuck");
  gate_.Open();
  const std::string line = AwaitLine("goes on after");
  EXPECT_EQ(line.rfind("info: thread \"worker\" (", 0), 0u) << line;
  end = true;
  worker.join();
}

TEST_F(ThreadMonitorTest, IdleThreadsAreNotReported) {
  ThreadMonitor monitor(kThresholdNs);
  std::thread idle([&] {
    const RegisteredThread registered("idle");
    ThreadActivity::Idle();
    WaitAtTheGate(gate_);
    ThreadActivity::Busy();
  });
  // Another thread that is as long there and is reported, several times over.
  Gate other;
  std::thread stuck([&] {
    const RegisteredThread registered("stuck");
    WaitAtTheGate(other);
  });
  Await([&] { return sink_->Lines().size() >= 3; });
  for (const std::string& line : sink_->Lines()) {
    EXPECT_EQ(line.find("\"idle\""), std::string::npos) << line;
  }
  EXPECT_EQ(monitor.stuck_ever(), 1u);
  other.Open();
  gate_.Open();
  stuck.join();
  idle.join();
}

TEST_F(ThreadMonitorTest, ReportsAThreadThatDoesNotAnswerWithoutItsStack) {
  ThreadMonitor monitor(kThresholdNs);
  std::thread worker([&] {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, nullptr);
    const RegisteredThread registered("deaf");
    WaitAtTheGate(gate_);
  });
  const std::string line = AwaitLine("may be stuck");
  EXPECT_NE(line.find("it does not tell its stack"), std::string::npos) << line;
  gate_.Open();
  worker.join();
}

// A signal that comes after its time was up finds nothing to do, and the next one is answered.
TEST_F(ThreadMonitorTest, ALateAnswerDoesNoHarm) {
  PrepareStackCapture();
  std::atomic<pid_t> tid = 0;
  std::atomic<bool> unblock = false;
  std::thread worker([&] {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, nullptr);
    tid = gettid();
    Await([&] { return unblock.load(); });
    pthread_sigmask(SIG_UNBLOCK, &all, nullptr);
    WaitAtTheGate(gate_);
  });
  Await([&] { return tid != 0; });
  EXPECT_TRUE(CaptureStack(tid, std::chrono::milliseconds(1)).empty());
  unblock = true;
  // Until it waits at the gate it may be anywhere.
  Await([&] {
    return StackText(CaptureStack(tid, kPatience)).find("WaitAtTheGate") != std::string::npos;
  });
  gate_.Open();
  worker.join();
  EXPECT_TRUE(CaptureStack(tid, kPatience).empty());
}

TEST_F(ThreadMonitorTest, ADeepStackIsCutAtTheLimit) {
  PrepareStackCapture();
  std::atomic<pid_t> tid = 0;
  std::function<void(int)> descend = [&](int depth) {
    if (depth > 0) return descend(depth - 1);
    tid = gettid();
    WaitAtTheGate(gate_);
  };
  std::thread worker([&] { descend(4 * kStackFramesMax); });
  Await([&] { return tid != 0; });
  EXPECT_EQ(CaptureStack(tid, kPatience).size(), size_t{kStackFramesMax});
  gate_.Open();
  worker.join();
}

}  // namespace
}  // namespace fluxgate
