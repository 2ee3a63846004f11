// The stack of another thread of this process, taken by a signal to it: its handler walks the stack
// into a buffer that is there already, with what may be done in a handler. System calls that the
// signal interrupts are started again where the system can.
#ifndef FLUXGATE_GATEWAY_MONITOR_STACK_CAPTURE_H_
#define FLUXGATE_GATEWAY_MONITOR_STACK_CAPTURE_H_

#include <sys/types.h>

#include <chrono>
#include <string>
#include <vector>

namespace fluxgate {

inline constexpr int kStackFramesMax = 64;

// Takes over the signal (a real-time one) for this process. Once, before other threads start or
// while nobody else changes handlers; again does nothing.
void PrepareStackCapture();

// The thread's innermost `kStackFramesMax` return addresses, the innermost first. Empty when it
// does not answer within `patience` (it has the signal blocked, or is in the kernel for good) and
// for a thread that is gone. Not for the calling thread. One caller at a time.
std::vector<void*> CaptureStack(pid_t tid, std::chrono::milliseconds patience);

// Names of functions, the innermost first, joined by " < "; an address where there is no name.
std::string StackText(const std::vector<void*>& addresses);

}  // namespace fluxgate

#endif  // FLUXGATE_GATEWAY_MONITOR_STACK_CAPTURE_H_
