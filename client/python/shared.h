// Objects that the library shares with Python: stores, choosers and the like.
#ifndef FLUXGATE_CLIENT_PYTHON_SHARED_H_
#define FLUXGATE_CLIENT_PYTHON_SHARED_H_

#include <pybind11/pybind11.h>

#include <memory>
#include <string>
#include <utility>

#include "client/python/gil.h"

namespace fluxgate::python {

// The deleter of what was made in Python: the object lives as long as C++ uses it.
struct LetGo {
  Kept object;
  void operator()(const void*) { object.reset(); }
};

// What C++ takes as shared, out of a Python object. None: nullptr.
template <typename T>
std::shared_ptr<T> Share(const pybind11::object& object) {
  if (object.is_none()) return nullptr;
  return std::shared_ptr<T>(object.cast<T*>(), LetGo{Keep(object)});
}

// The object of Python that `shared` was made from, or one that shares in what C++ has made. With
// the GIL.
template <typename T>
pybind11::object ToPython(const std::shared_ptr<T>& shared) {
  namespace py = pybind11;
  if (shared == nullptr) return py::none();
  if (const LetGo* const made = std::get_deleter<LetGo>(shared)) {
    return py::reinterpret_borrow<py::object>(made->object.get());
  }
  py::object object = py::cast(shared.get(), py::return_value_policy::reference);
  // One that was there before shares in it already.
  if (object.ref_count() > 1) return object;
  const py::capsule share(new std::shared_ptr<T>(shared), [](void* held) {
    DeleteWithoutGil()(static_cast<std::shared_ptr<T>*>(held));
  });
  py::detail::keep_alive_impl(object, share);
  return object;
}

}  // namespace fluxgate::python

#endif  // FLUXGATE_CLIENT_PYTHON_SHARED_H_
