#include "amps/delay_strategy.h"

#include <algorithm>
#include <cmath>

#include "amps/exceptions.h"

namespace AMPS {
namespace {

using Clock = std::chrono::steady_clock;

// `since`: the first try after the last success; set by the first call.
void CheckTime(unsigned maximum_ms, Clock::time_point* since) {
  const Clock::time_point now = Clock::now();
  if (*since == Clock::time_point{}) *since = now;
  if (maximum_ms == 0 || now - *since < std::chrono::milliseconds(maximum_ms)) return;
  throw ConnectionException("no connection within " + std::to_string(maximum_ms) + " ms");
}

}  // namespace

unsigned FixedDelayStrategy::getConnectWaitDuration(const std::string& uri) {
  CheckTime(maximum_ms_, &since_);
  return tried_.emplace(uri, true).second ? 0 : delay_ms_;
}

void FixedDelayStrategy::reset() {
  tried_.clear();
  since_ = {};
}

unsigned ExponentialDelayStrategy::getConnectWaitDuration(const std::string& uri) {
  CheckTime(options_.maximum_ms, &since_);
  const unsigned tries = tries_[uri]++;
  if (tries == 0) return 0;
  const double whole = std::min<double>(options_.initial_ms * std::pow(options_.base, tries - 1),
                                        options_.maximum_delay_ms);
  const double least = whole * (1 - std::clamp(options_.jitter, 0.0, 1.0));
  // Not a distribution of the library, whose numbers differ between libraries.
  const double part = static_cast<double>(random_() >> 11) * 0x1p-53;
  return static_cast<unsigned>(std::lround(least + (whole - least) * part));
}

void ExponentialDelayStrategy::reset() {
  tries_.clear();
  since_ = {};
}

}  // namespace AMPS
