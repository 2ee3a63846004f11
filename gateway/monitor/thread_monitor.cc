#include "gateway/monitor/thread_monitor.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include "core/base/thread_activity.h"
#include "gateway/monitor/stack_capture.h"

namespace fluxgate {
namespace {

constexpr int64_t kLooksPerThreshold = 8;
// A thread that runs answers at once; one that waits for the disk for good never does.
constexpr auto kStackPatience = std::chrono::milliseconds(250);

double Seconds(int64_t ns) { return static_cast<double>(ns) / 1e9; }

std::string Doing(const ThreadView& thread) {
  std::string text;
  if (!thread.activity.empty()) text += fmt::format(", doing \"{}\"", thread.activity);
  if (!thread.module.empty()) text += fmt::format(", in the module \"{}\"", thread.module);
  return text;
}

}  // namespace

ThreadMonitor::ThreadMonitor(int64_t threshold_ns)
    : threshold_ns_(threshold_ns), threads_(threshold_ns) {
  PrepareStackCapture();
  thread_ = std::thread([this] { Run(); });
}

ThreadMonitor::~ThreadMonitor() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  stop_asked_.notify_one();
  thread_.join();
}

// Not registered itself: there is nobody to look at it.
void ThreadMonitor::Run() {
  const std::chrono::nanoseconds interval(std::max<int64_t>(threshold_ns_ / kLooksPerThreshold, 1));
  while (true) {
    {
      std::unique_lock lock(mutex_);
      if (stop_asked_.wait_for(lock, interval, [this] { return stop_; })) return;
    }
    LookAtAll();
  }
}

void ThreadMonitor::LookAtAll() {
  struct Line {
    spdlog::level::level_enum level;
    std::string text;
  };
  // Logged once all threads may register again: a log target may be slow.
  std::vector<Line> lines;
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  threads_.Begin(std::chrono::duration_cast<std::chrono::nanoseconds>(now).count());
  ForEachThread([&](const ThreadView& thread) {
    int64_t age_ns = 0;
    switch (threads_.Look(thread, age_ns)) {
      case StuckThreads::Verdict::kFine:
      case StuckThreads::Verdict::kStuckAsReported:
        return;
      case StuckThreads::Verdict::kGoesOn:
        lines.push_back({spdlog::level::info,
                         fmt::format("thread \"{}\" ({}) goes on after {:.1f} s without progress",
                                     thread.name, thread.tid, Seconds(age_ns))});
        return;
      case StuckThreads::Verdict::kStuck:
        break;
    }
    const std::vector<void*> stack = CaptureStack(thread.tid, kStackPatience);
    lines.push_back(
        {spdlog::level::warn,
         fmt::format("thread \"{}\" ({}) may be stuck: no progress for {:.1f} s{}; {}", thread.name,
                     thread.tid, Seconds(age_ns), Doing(thread),
                     stack.empty() ? "it does not tell its stack" : "at " + StackText(stack))});
  });
  threads_.End();
  stuck_now_ = threads_.stuck_now();
  stuck_ever_ = threads_.stuck_ever();
  for (const Line& line : lines) spdlog::log(line.level, "{}", line.text);
}

}  // namespace fluxgate
