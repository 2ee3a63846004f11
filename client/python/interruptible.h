// Calls that wait for ever, in which Ctrl-C has to work all the same.
#ifndef FLUXGATE_CLIENT_PYTHON_INTERRUPTIBLE_H_
#define FLUXGATE_CLIENT_PYTHON_INTERRUPTIBLE_H_

#include <pybind11/pybind11.h>

#include <chrono>
#include <future>
#include <utility>

#include "client/python/gil.h"

namespace fluxgate::python {

// Python's signal handlers run this often at least.
inline constexpr std::chrono::milliseconds kSignalInterval{100};

// Runs `call` on a thread of its own and waits for it; `cancel` makes it return when a signal
// handler raises. With the GIL, without which both run.
template <typename Call, typename Cancel>
auto Interruptible(Call call, Cancel cancel) {
  auto result = std::async(std::launch::async, std::move(call));
  for (;;) {
    {
      WithoutGil released;
      if (result.wait_for(kSignalInterval) == std::future_status::ready) return result.get();
    }
    if (PyErr_CheckSignals() == 0) continue;
    pybind11::error_already_set raised;
    {
      WithoutGil released;
      cancel();
      result.wait();
    }
    throw raised;
  }
}

}  // namespace fluxgate::python

#endif  // FLUXGATE_CLIENT_PYTHON_INTERRUPTIBLE_H_
