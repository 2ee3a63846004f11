// Stored topics, queries and subscriptions of one engine against a plain reference, in schedules
// of random steps. FLUXGATE_SEED=n repeats one schedule and, if it fails, shows its steps;
// FLUXGATE_SCHEDULES=n runs that many, from there on.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <string>

#include "tests/simulation/simulation.h"

namespace fluxgate::testing {
namespace {

constexpr uint64_t kSchedules = 3000;
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define FLUXGATE_INSTRUMENTED
#endif
#endif
#ifdef FLUXGATE_INSTRUMENTED  // each takes many times as long
constexpr uint64_t kSchedulesDefault = 400;
#else
constexpr uint64_t kSchedulesDefault = kSchedules;
#endif
constexpr int kSteps = 300;

uint64_t FromEnvironment(const char* name, uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

void ShowSteps(BodyReader& bodies, uint64_t seed) {
  Coverage ignored;
  Simulation shown(bodies, ignored, seed,
                   [](const std::string& line) { fmt::print("{}\n", line); });
  const std::string what = shown.Run(kSteps);
  fmt::print("==> {}\n", what);
}

TEST(SowModel, EverySubscriberHasWhatTheStoreHas) {
  BodyReader bodies;
  Coverage coverage;
  const uint64_t one = FromEnvironment("FLUXGATE_SEED", 0);
  const uint64_t first = one != 0 ? one : 1;
  const uint64_t schedules =
      FromEnvironment("FLUXGATE_SCHEDULES", one != 0 ? 1 : kSchedulesDefault);
  for (uint64_t seed = first; seed < first + schedules; ++seed) {
    Simulation simulation(bodies, coverage, seed, {});
    const std::string what = simulation.Run(kSteps);
    if (what.empty()) continue;
    if (one != 0) ShowSteps(bodies, seed);
    FAIL() << "FLUXGATE_SEED=" << seed << ": " << what;
  }
  if (schedules < kSchedules) return;
  const uint64_t counts[] = {coverage.full,
                             coverage.deltas,
                             coverage.left,
                             coverage.conflated,
                             coverage.page_moves,
                             coverage.held,
                             coverage.snapshot_records,
                             coverage.answers,
                             coverage.replaced,
                             coverage.restarted,
                             coverage.refused,
                             coverage.cut_off,
                             coverage.quota,
                             coverage.expired,
                             coverage.deleted};
  fmt::print(
      "full {} deltas {} left {} conflated {} page moves {} held {} records {} answers {} "
      "replaced {} restarted {} refused {} cut off {} quota {} expired {} deleted {}\n",
      counts[0], counts[1], counts[2], counts[3], counts[4], counts[5], counts[6], counts[7],
      counts[8], counts[9], counts[10], counts[11], counts[12], counts[13], counts[14]);
  for (const uint64_t count : counts) EXPECT_GT(count, 100u);
}

}  // namespace
}  // namespace fluxgate::testing
