#include "client/python/gil.h"

#include <unistd.h>

#include <atomic>

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

// The Python thread state that this file has made for a thread of the library.
struct OwnState {
  PyThreadState* state = nullptr;

  ~OwnState() {
    if (state == nullptr || stopped || Finalizing()) return;
    PyEval_RestoreThread(state);
    PyThreadState_Clear(state);
    PyThreadState_DeleteCurrent();
  }
};
thread_local OwnState own;

}  // namespace

WithGil::WithGil() {
  PyThreadState* const state = PyGILState_GetThisThreadState();
  const bool of_library = state == nullptr || state == own.state;
  if (of_library && (stopped || Finalizing())) return;
  usable_ = true;
  if (state == nullptr) {
    PyGILState_Ensure();  // never released: the state stays with the thread
    own.state = PyGILState_GetThisThreadState();
    taken_ = true;
  } else if (!PyGILState_Check()) {
    PyEval_RestoreThread(state);
    taken_ = true;
  }
}

WithGil::~WithGil() {
  if (taken_) PyEval_SaveThread();
}

WithoutGil::~WithoutGil() noexcept(false) {
  if (own.state != nullptr && (stopped || Finalizing())) {
    for (;;) pause();  // the process ends under it
  }
  PyEval_RestoreThread(state_);
}

bool OnLibraryThread() { return own.state != nullptr; }

void StopCallingPython() { stopped = true; }

Kept Keep(pybind11::handle object) {
  return Kept(object.inc_ref().ptr(), [](PyObject* kept) {
    WithGil gil;
    if (gil) Py_DECREF(kept);
  });
}

}  // namespace fluxgate::python
