// The interpreter's lock, on threads that are Python's and on those of the client library.
#ifndef FLUXGATE_CLIENT_PYTHON_GIL_H_
#define FLUXGATE_CLIENT_PYTHON_GIL_H_

#include <pybind11/pybind11.h>

#include <memory>
#include <thread>

namespace fluxgate::python {

// Holds the lock while it lives, on any thread, nested or not. False: the interpreter goes down and
// nothing of Python may be touched any more.
//
// A thread of the library keeps its Python thread state from one call to the next, until it ends:
// making one costs more than a whole handler.
class WithGil {
 public:
  WithGil();
  ~WithGil();
  WithGil(const WithGil&) = delete;
  WithGil& operator=(const WithGil&) = delete;
  explicit operator bool() const { return usable_; }

 private:
  bool usable_ = false;
  bool taken_ = false;
};

// Lets other Python threads run while C++ may wait. Nothing in the library is called with the lock
// held: some thread of it may be waiting for the lock while it holds a mutex of the client.
class WithoutGil {
 public:
  WithoutGil() : state_(PyEval_SaveThread()) {}
  // A daemon thread that comes back to an interpreter that goes down stays here.
  ~WithoutGil();
  WithoutGil(const WithoutGil&) = delete;
  WithoutGil& operator=(const WithoutGil&) = delete;

 private:
  PyThreadState* state_;
};

// Whether this is a thread of the library that has called Python.
bool OnLibraryThread();

// From now on no other thread than this one comes to Python. Without the GIL.
void StopCallingPython();

// A reference that any thread may drop, with or without the lock.
using Kept = std::shared_ptr<PyObject>;
Kept Keep(pybind11::handle object);

// Deletes what may have threads to join. Inside a handler that would be waiting for itself: another
// thread does it then.
struct DeleteWithoutGil {
  template <typename T>
  void operator()(T* object) const {
    if (OnLibraryThread()) {
      std::thread([object] { delete object; }).detach();
    } else {
      WithoutGil released;
      delete object;
    }
  }
};
template <typename T>
using Holder = std::unique_ptr<T, DeleteWithoutGil>;

}  // namespace fluxgate::python

#endif  // FLUXGATE_CLIENT_PYTHON_GIL_H_
