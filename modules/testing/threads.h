// Many threads in one place, for tests.
#ifndef FLUXGATE_MODULES_TESTING_THREADS_H_
#define FLUXGATE_MODULES_TESTING_THREADS_H_

#include <functional>
#include <thread>
#include <vector>

namespace fluxgate::modules::testing {

// Calls work(0), work(1), ... each in a thread of its own, and waits for all.
inline void InThreads(int count, const std::function<void(int)>& work) {
  std::vector<std::thread> threads;
  for (int i = 0; i < count; ++i) threads.emplace_back(work, i);
  for (std::thread& thread : threads) thread.join();
}

}  // namespace fluxgate::modules::testing

#endif  // FLUXGATE_MODULES_TESTING_THREADS_H_
