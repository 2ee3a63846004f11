#include "gateway/monitor/stuck_threads.h"

namespace fluxgate {

StuckThreads::Verdict StuckThreads::Look(const ThreadView& view, int64_t& age_ns) {
  const auto [it, is_new] = threads_.try_emplace(view.id, Thread{view.progress, now_ns_, 0, 0});
  Thread& thread = it->second;
  thread.seen_at_ns = now_ns_;
  age_ns = now_ns_ - thread.since_ns;
  if (is_new || view.idle || view.progress != thread.progress) {
    const bool reported = thread.reports > 0;
    thread = {view.progress, now_ns_, 0, now_ns_};
    if (!reported) return Verdict::kFine;
    --stuck_now_;
    return Verdict::kGoesOn;
  }
  if (age_ns < threshold_ns_) return Verdict::kFine;
  if (age_ns < (thread.reports + 1) * threshold_ns_) return Verdict::kStuckAsReported;
  if (thread.reports == 0) {
    ++stuck_now_;
    ++stuck_ever_;
  }
  // Looks that were missed are not made up for.
  thread.reports = age_ns / threshold_ns_;
  return Verdict::kStuck;
}

void StuckThreads::End() {
  std::erase_if(threads_, [&](const auto& entry) {
    const Thread& thread = entry.second;
    if (thread.seen_at_ns == now_ns_) return false;
    if (thread.reports > 0) --stuck_now_;
    return true;
  });
}

}  // namespace fluxgate
