#include "core/base/thread_activity.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>
#include <mutex>
#include <vector>

namespace fluxgate {
namespace {

constexpr size_t kModuleWords = kShownModuleBytesMax / sizeof(uint64_t);

// Written by its thread alone, read by others. The text is between two changes of `version` (odd
// while it changes): a reader that sees a change has read rubbish and says nothing.
struct ThreadState {
  uint64_t id = 0;
  pid_t tid = 0;
  std::string name;

  // Progress in the upper bits, the lowest one: idle. One word, so that nobody sees the old
  // progress of a thread that has just become busy.
  std::atomic<uint64_t> progress_and_idle = 0;

  std::atomic<uint32_t> version = 0;
  std::atomic<const char*> what = nullptr;
  std::array<std::atomic<uint64_t>, kModuleWords> module = {};
  std::atomic<uint32_t> module_bytes = 0;
};

constexpr uint64_t kIdleBit = 1;
constexpr uint64_t kStep = 2;

thread_local constinit ThreadState* current_thread = nullptr;
thread_local constinit const ActivityScope* current_scope = nullptr;

struct Registry {
  std::mutex mutex;
  std::vector<ThreadState*> threads;
  uint64_t ids_given = 0;
};

// Never destroyed: a thread may outlive main.
Registry& TheRegistry() {
  static auto* const registry = new Registry;
  return *registry;
}

void Show(ThreadState& state, const char* what, std::string_view module) {
  const uint32_t version = state.version.load(std::memory_order_relaxed);
  state.version.store(version + 1, std::memory_order_relaxed);
  // Release stores, each: the odd version is seen by whoever sees one of them.
  state.what.store(what, std::memory_order_release);
  const size_t bytes = std::min(module.size(), kShownModuleBytesMax);
  for (size_t at = 0; at < bytes; at += sizeof(uint64_t)) {
    uint64_t word = 0;
    std::memcpy(&word, module.data() + at, std::min(bytes - at, sizeof word));
    state.module[at / sizeof word].store(word, std::memory_order_release);
  }
  state.module_bytes.store(static_cast<uint32_t>(bytes), std::memory_order_release);
  state.version.store(version + 2, std::memory_order_release);
}

struct Shown {
  std::string_view what;
  std::array<char, kShownModuleBytesMax> module;
  size_t module_bytes = 0;
};

Shown Look(const ThreadState& state) {
  Shown shown;
  const uint32_t version = state.version.load(std::memory_order_acquire);
  const char* const what = state.what.load(std::memory_order_acquire);
  std::array<uint64_t, kModuleWords> words;
  for (size_t i = 0; i < kModuleWords; ++i) {
    words[i] = state.module[i].load(std::memory_order_acquire);
  }
  const size_t bytes = state.module_bytes.load(std::memory_order_acquire);
  if (version % 2 != 0 || state.version.load(std::memory_order_relaxed) != version) return shown;
  if (what != nullptr) shown.what = what;
  std::memcpy(shown.module.data(), words.data(), shown.module.size());
  shown.module_bytes = bytes;
  return shown;
}

}  // namespace

void ThreadActivity::Ping() {
  ThreadState* const state = current_thread;
  if (state == nullptr) return;
  const uint64_t old = state->progress_and_idle.load(std::memory_order_relaxed);
  state->progress_and_idle.store(old + kStep, std::memory_order_relaxed);
}

void ThreadActivity::Idle() {
  ThreadState* const state = current_thread;
  if (state == nullptr) return;
  const uint64_t old = state->progress_and_idle.load(std::memory_order_relaxed);
  state->progress_and_idle.store(old | kIdleBit, std::memory_order_relaxed);
}

void ThreadActivity::Busy() {
  ThreadState* const state = current_thread;
  if (state == nullptr) return;
  const uint64_t old = state->progress_and_idle.load(std::memory_order_relaxed);
  state->progress_and_idle.store((old & ~kIdleBit) + kStep, std::memory_order_relaxed);
}

RegisteredThread::RegisteredThread(std::string_view name) : registered_(current_thread == nullptr) {
  if (!registered_) return;
  auto* const state = new ThreadState;
  state->name = name;
  state->tid = gettid();
  Registry& registry = TheRegistry();
  {
    const std::lock_guard lock(registry.mutex);
    state->id = ++registry.ids_given;
    registry.threads.push_back(state);
  }
  current_thread = state;
}

RegisteredThread::~RegisteredThread() {
  if (!registered_) return;
  ThreadState* const state = current_thread;
  current_thread = nullptr;
  Registry& registry = TheRegistry();
  {
    const std::lock_guard lock(registry.mutex);
    std::erase(registry.threads, state);
  }
  delete state;
}

ActivityScope::ActivityScope(const char* what, std::string_view module)
    : what_(what), module_(module), outer_(current_scope) {
  if (current_thread == nullptr) return;
  current_scope = this;
  Show(*current_thread, what_, module_);
  ThreadActivity::Ping();
}

ActivityScope::~ActivityScope() {
  if (current_scope != this) return;
  current_scope = outer_;
  if (current_thread == nullptr) return;
  if (outer_ == nullptr) {
    Show(*current_thread, nullptr, {});
  } else {
    Show(*current_thread, outer_->what_, outer_->module_);
  }
  ThreadActivity::Ping();
}

void ForEachThread(const std::function<void(const ThreadView&)>& look) {
  Registry& registry = TheRegistry();
  const std::lock_guard lock(registry.mutex);
  for (const ThreadState* const state : registry.threads) {
    const Shown shown = Look(*state);
    const uint64_t progress_and_idle = state->progress_and_idle.load(std::memory_order_relaxed);
    ThreadView view;
    view.id = state->id;
    view.tid = state->tid;
    view.name = state->name;
    view.idle = (progress_and_idle & kIdleBit) != 0;
    view.progress = progress_and_idle;
    view.activity = shown.what;
    view.module = std::string_view(shown.module.data(), shown.module_bytes);
    look(view);
  }
}

}  // namespace fluxgate
