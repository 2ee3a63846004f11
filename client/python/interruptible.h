// Calls that may wait for ever, in which Ctrl-C has to work all the same.
//
// Python's signal handlers run on the main thread alone. Calls of other threads, those of the
// library among them, are made where they are.
#ifndef FLUXGATE_CLIENT_PYTHON_INTERRUPTIBLE_H_
#define FLUXGATE_CLIENT_PYTHON_INTERRUPTIBLE_H_

#include <pybind11/pybind11.h>
#include <unistd.h>

#include <chrono>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <type_traits>
#include <utility>

#include "client/python/gil.h"

namespace fluxgate::python {

// Python's signal handlers run this often at least.
inline constexpr std::chrono::milliseconds kSignalInterval{100};

inline bool OnMainThread() { return gettid() == getpid(); }

// Waits for `result`. False: a signal handler has raised. With the GIL, without which it waits.
template <typename Result>
bool AwaitOrSignal(std::future<Result>& result) {
  for (;;) {
    {
      WithoutGil released;
      if (result.wait_for(kSignalInterval) == std::future_status::ready) return true;
    }
    if (PyErr_CheckSignals() != 0) return false;
  }
}

// Runs `call` on a thread of its own and waits for it; `cancel` makes it return when a signal
// handler raises. With the GIL, without which both run.
template <typename Call, typename Cancel>
auto Interruptible(Call call, Cancel cancel) {
  if (!OnMainThread()) {
    WithoutGil released;
    return call();
  }
  auto result = std::async(std::launch::async, std::move(call));
  if (AwaitOrSignal(result)) return result.get();
  pybind11::error_already_set raised;
  {
    WithoutGil released;
    cancel();
    result.wait();
  }
  throw raised;
}

// Runs `call`, which must own what it uses, on a thread of its own and waits for it. When a signal
// handler raises, `call` is left to itself: its result, or what it throws, is dropped. With the
// GIL, without which it runs; `self`, whose method this is, lives as long.
template <typename Call>
auto Abandonable(const pybind11::object& self, Call call) {
  using Result = decltype(call());
  if (!OnMainThread()) {
    WithoutGil released;
    return call();
  }
  struct State {
    std::mutex mutex;
    bool is_over = false;
    Kept self;  // once it is abandoned: who waits has it anyway
  };
  const auto state = std::make_shared<State>();
  std::promise<Result> promise;
  auto result = promise.get_future();
  std::thread([state, promise = std::optional(std::move(promise)),
               call = std::optional(std::move(call))]() mutable {
    try {
      if constexpr (std::is_void_v<Result>) {
        (*call)();
        call.reset();  // first: who waits may look whether it has gone
        promise->set_value();
      } else {
        Result made = (*call)();
        call.reset();
        promise->set_value(std::move(made));
      }
    } catch (...) {
      call.reset();
      promise->set_exception(std::current_exception());
    }
    promise.reset();  // with a result that nobody wants, before its client
    Kept last;
    const std::lock_guard lock(state->mutex);
    state->is_over = true;
    last.swap(state->self);
  }).detach();
  if (AwaitOrSignal(result)) return result.get();
  pybind11::error_already_set raised;
  Kept kept = Keep(self);
  {
    WithoutGil released;
    {
      const std::lock_guard lock(state->mutex);
      if (!state->is_over) state->self.swap(kept);
    }
    result = {};
  }
  throw raised;
}

}  // namespace fluxgate::python

#endif  // FLUXGATE_CLIENT_PYTHON_INTERRUPTIBLE_H_
