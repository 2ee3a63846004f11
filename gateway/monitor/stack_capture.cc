#include "gateway/monitor/stack_capture.h"

#include <fmt/format.h>
#include <signal.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>
#include <unwind.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <thread>

#include "absl/debugging/symbolize.h"

namespace fluxgate {
namespace {

constexpr auto kPollInterval = std::chrono::milliseconds(1);
constexpr size_t kNameBytesMax = 512;

// The first real-time signal that the C library leaves to programs.
int CaptureSignal() { return SIGRTMIN; }

// One request at a time. The state is its number with a phase; a handler that comes too late finds
// another number or phase and touches nothing.
enum Phase : uint64_t { kNone, kAsked, kWriting, kAnswered };
constexpr uint64_t kPhases = 4;
constexpr uint64_t StateOf(uint64_t request, Phase phase) { return request * kPhases + phase; }

std::atomic<uint64_t> capture_state = StateOf(0, kNone);
std::array<void*, kStackFramesMax> captured;
int captured_count = 0;

struct Walk {
  void* interrupted;  // where the thread was; null: not known
};

// Frames before the one that was interrupted are the handler's own.
_Unwind_Reason_Code TakeFrame(_Unwind_Context* context, void* argument) {
  auto* const walk = static_cast<Walk*>(argument);
  int at_instruction = 0;
  const uintptr_t address = _Unwind_GetIPInfo(context, &at_instruction);
  if (address == 0) return _URC_END_OF_STACK;
  if (walk->interrupted != nullptr && reinterpret_cast<void*>(address) == walk->interrupted) {
    captured_count = 0;
    walk->interrupted = nullptr;
  }
  if (captured_count == kStackFramesMax) return _URC_END_OF_STACK;
  // A return address may be that of the next function.
  captured[captured_count++] = reinterpret_cast<void*>(at_instruction != 0 ? address : address - 1);
  return _URC_NO_REASON;
}

void* InterruptedAt(const void* context) {
#if defined(__x86_64__)
  const auto* const user = static_cast<const ucontext_t*>(context);
  return reinterpret_cast<void*>(user->uc_mcontext.gregs[REG_RIP]);
#elif defined(__aarch64__)
  return reinterpret_cast<void*>(static_cast<const ucontext_t*>(context)->uc_mcontext.pc);
#else
  static_cast<void>(context);
  return nullptr;
#endif
}

void OnCaptureSignal(int /*signal*/, siginfo_t* info, void* context) {
  const int saved_errno = errno;
  const auto request = reinterpret_cast<uintptr_t>(info->si_value.sival_ptr);
  uint64_t expected = StateOf(request, kAsked);
  if (info->si_code == SI_QUEUE &&
      capture_state.compare_exchange_strong(expected, StateOf(request, kWriting))) {
    captured_count = 0;
    Walk walk{InterruptedAt(context)};
    _Unwind_Backtrace(&TakeFrame, &walk);
    capture_state.store(StateOf(request, kAnswered));
  }
  errno = saved_errno;
}

bool Ask(pid_t tid, uint64_t request) {
  siginfo_t info;
  std::memset(&info, 0, sizeof info);
  info.si_signo = CaptureSignal();
  info.si_code = SI_QUEUE;
  info.si_pid = getpid();
  info.si_uid = getuid();
  info.si_value.sival_ptr = reinterpret_cast<void*>(request);
  return syscall(SYS_rt_tgsigqueueinfo, getpid(), tid, CaptureSignal(), &info) == 0;
}

}  // namespace

void PrepareStackCapture() {
  static const bool prepared = [] {
    absl::InitializeSymbolizer(nullptr);
    // The unwinder allocates and locks the first time it runs.
    _Unwind_Backtrace([](_Unwind_Context*, void*) { return _URC_END_OF_STACK; }, nullptr);
    struct sigaction action;
    std::memset(&action, 0, sizeof action);
    action.sa_sigaction = &OnCaptureSignal;
    action.sa_flags = SA_SIGINFO | SA_RESTART | SA_ONSTACK;
    sigfillset(&action.sa_mask);
    sigaction(CaptureSignal(), &action, nullptr);
    return true;
  }();
  static_cast<void>(prepared);
}

std::vector<void*> CaptureStack(pid_t tid, std::chrono::milliseconds patience) {
  const uint64_t old = capture_state.load();
  // A handler that never came to its end: its buffer cannot be used again.
  if (old % kPhases == kWriting) return {};
  const uint64_t request = old / kPhases + 1;
  capture_state.store(StateOf(request, kAsked));
  if (!Ask(tid, request)) return {};
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (capture_state.load() != StateOf(request, kAnswered)) {
    if (std::chrono::steady_clock::now() > deadline) {
      uint64_t expected = StateOf(request, kAsked);
      if (capture_state.compare_exchange_strong(expected, StateOf(request, kNone))) return {};
      if (expected != StateOf(request, kAnswered)) return {};
      break;
    }
    std::this_thread::sleep_for(kPollInterval);
  }
  return std::vector<void*>(captured.begin(), captured.begin() + captured_count);
}

std::string StackText(const std::vector<void*>& addresses) {
  std::string text;
  for (void* const address : addresses) {
    if (!text.empty()) text += " < ";
    std::array<char, kNameBytesMax> name;
    if (absl::Symbolize(address, name.data(), name.size())) {
      text += name.data();
    } else {
      text += fmt::format("{}", address);
    }
  }
  return text;
}

}  // namespace fluxgate
