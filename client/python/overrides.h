// Interfaces of the library that Python classes implement.
#ifndef FLUXGATE_CLIENT_PYTHON_OVERRIDES_H_
#define FLUXGATE_CLIENT_PYTHON_OVERRIDES_H_

#include <pybind11/pybind11.h>

#include <string>
#include <utility>

#include "client/python/errors.h"
#include "client/python/gil.h"

namespace fluxgate::python {

// Calls the Python method `name` of the object that `self` is the C++ part of and hands what it
// returns to `use`, which runs with the GIL held as well. Exceptions of Python go through C++.
template <typename Base, typename Use, typename... Arguments>
auto CallOverride(const Base* self, const char* name, Use use, Arguments&&... arguments) {
  WithGil gil;
  if (!gil) throw AMPS::UsageException("Python is shutting down");
  try {
    const pybind11::function method = pybind11::get_override(self, name);
    if (!method) {
      PyErr_Format(PyExc_NotImplementedError, "the method %s is missing", name);
      throw pybind11::error_already_set();
    }
    return use(method(std::forward<Arguments>(arguments)...));
  } catch (pybind11::error_already_set& raised) {
    ThrowRaised(raised);
  } catch (const pybind11::cast_error&) {
    PyErr_Format(PyExc_TypeError, "what the method %s returns is of the wrong type", name);
    ThrowRaised();
  }
}

inline constexpr auto kNothing = [](const pybind11::object&) {};
// None is empty.
inline constexpr auto kText = [](const pybind11::object& object) {
  return object.is_none() ? std::string() : object.cast<std::string>();
};
template <typename T>
inline constexpr auto kValue = [](const pybind11::object& object) { return object.cast<T>(); };

inline pybind11::str ToPython(std::string_view text) { return {text.data(), text.size()}; }

}  // namespace fluxgate::python

#endif  // FLUXGATE_CLIENT_PYTHON_OVERRIDES_H_
