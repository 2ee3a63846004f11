// What a thread is doing and whether it gets on, told by the thread itself and read by the thread
// monitor. Telling is a store or two without synchronization: cheap enough for every batch. A
// thread that is not registered may call everything here; nothing comes of it.
//
// Source: the server module document, "The AMPS Thread Monitor".
#ifndef FLUXGATE_CORE_BASE_THREAD_ACTIVITY_H_
#define FLUXGATE_CORE_BASE_THREAD_ACTIVITY_H_

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace fluxgate {

// A name of a module is shown up to this length.
inline constexpr size_t kShownModuleBytesMax = 64;

// Of the calling thread.
class ThreadActivity {
 public:
  // It gets on.
  static void Ping();
  // It waits for work from here on, however long, and is not stuck.
  static void Idle();
  // It has work again; counts as a Ping. A thread begins busy.
  static void Busy();
};

// Registers the calling thread for as long as this lives; to be destroyed on the same thread. A
// thread that is registered already keeps its first name.
class RegisteredThread {
 public:
  explicit RegisteredThread(std::string_view name);
  ~RegisteredThread();
  RegisteredThread(const RegisteredThread&) = delete;
  RegisteredThread& operator=(const RegisteredThread&) = delete;

 private:
  bool registered_;
};

// While this lives the calling thread does `what`, in the module of that name (empty: none); then
// again what it did before. Counts as a Ping at both ends. `what` is a literal; `module` outlives
// this. Scopes of one thread end in the opposite order.
class ActivityScope {
 public:
  explicit ActivityScope(const char* what, std::string_view module = {});
  ~ActivityScope();
  ActivityScope(const ActivityScope&) = delete;
  ActivityScope& operator=(const ActivityScope&) = delete;

 private:
  const char* const what_;
  const std::string_view module_;
  const ActivityScope* const outer_;
};

// A registered thread as another thread sees it.
struct ThreadView {
  uint64_t id = 0;  // no two threads of a process have the same, also not one after the other
  pid_t tid = 0;    // the system's number
  std::string_view name;
  bool idle = false;
  uint64_t progress = 0;  // changes whenever the thread gets on
  // Empty where the thread did not say, or was about to say something else.
  std::string_view activity;
  std::string_view module;
};

// Any thread. Calls `look` for every registered thread, in the order of registration; none of them
// can end meanwhile, and `look` may neither register nor unregister one.
void ForEachThread(const std::function<void(const ThreadView&)>& look);

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_BASE_THREAD_ACTIVITY_H_
