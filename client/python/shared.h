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

// What C++ takes as shared, out of a Python object. TypeError: it is none of these.
template <typename T>
std::shared_ptr<T> Share(const pybind11::object& object) {
  if (!pybind11::isinstance<T>(object)) {
    const std::string wanted = pybind11::str(pybind11::type::of<T>().attr("__name__"));
    throw pybind11::type_error(wanted + " wanted, not " + Py_TYPE(object.ptr())->tp_name);
  }
  return std::shared_ptr<T>(object.cast<T*>(), LetGo{Keep(object)});
}

// The same, or None: nullptr.
template <typename T>
std::shared_ptr<T> ShareOrNone(const pybind11::object& object) {
  return object.is_none() ? nullptr : Share<T>(object);
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
