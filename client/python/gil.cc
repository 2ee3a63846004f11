#include "client/python/gil.h"

#include <unistd.h>

#include <atomic>
#include <chrono>
#include <thread>

namespace fluxgate::python {
namespace {

std::atomic<bool> stopped = false;

bool Finalizing() {
#if PY_VERSION_HEX >= 0x030D0000
  return Py_IsFinalizing() != 0;
#else
  return _Py_IsFinalizing() != 0;
#endif
}

// Threads that wait for the lock to go back to Python.
std::atomic<int> returning = 0;
thread_local bool ends_python = false;

// False: the interpreter goes down. Taking the lock then would end the thread by unwinding its
// stack, which destructors and what catches everything do not survive.
bool Return(PyThreadState* state) {
  ++returning;
  const bool may = ends_python || !(stopped || Finalizing());
  if (may) PyEval_RestoreThread(state);
  --returning;
  return may;
}

// The Python thread state that this file has made for a thread of the library.
struct OwnState {
  PyThreadState* state = nullptr;

  ~OwnState() {
    if (state == nullptr || !Return(state)) return;
    PyThreadState_Clear(state);
    PyThreadState_DeleteCurrent();
  }
};
thread_local OwnState own;

}  // namespace

WithGil::WithGil() {
  PyThreadState* const state = PyGILState_GetThisThreadState();
  if (state == nullptr) {
    if (stopped || Finalizing()) return;
    PyGILState_Ensure();  // never released: the state stays with the thread
    own.state = PyGILState_GetThisThreadState();
    taken_ = true;
  } else if (!PyGILState_Check()) {
    taken_ = Return(state);
    if (!taken_) return;
  }
  usable_ = true;
}

WithGil::~WithGil() {
  if (taken_) PyEval_SaveThread();
}

WithoutGil::~WithoutGil() {
  if (Return(state_)) return;
  for (;;) pause();  // the process ends under it
}

bool OnLibraryThread() { return own.state != nullptr; }

void StopCallingPython() {
  ends_python = true;
  stopped = true;
  while (returning > 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

Kept Keep(pybind11::handle object) {
  return Kept(object.inc_ref().ptr(), [](PyObject* kept) {
    WithGil gil;
    if (gil) Py_DECREF(kept);
  });
}

}  // namespace fluxgate::python
