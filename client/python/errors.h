// Exceptions, in both directions: those of the library are Python exceptions of the same names;
// what Python code raises inside a call of the library travels through it as a C++ exception.
#ifndef FLUXGATE_CLIENT_PYTHON_ERRORS_H_
#define FLUXGATE_CLIENT_PYTHON_ERRORS_H_

#include <pybind11/pybind11.h>

#include <exception>
#include <string>

#include "amps/exceptions.h"
#include "client/python/gil.h"

namespace fluxgate::python {

// Raised by Python code that the library has called. Back in Python it is the exception it was.
class PythonException final : public AMPS::AMPSException {
 public:
  PythonException(const std::string& text, Kept value)
      : AMPSException(text), value_(std::move(value)) {}
  const char* className() const override { return "PythonException"; }
  const Kept& value() const { return value_; }

 private:
  Kept value_;
};

// What Python code has just raised. With the GIL.
[[noreturn]] void ThrowRaised();
[[noreturn]] void ThrowRaised(pybind11::error_already_set& raised);

// The Python exception for one of the library's, a new reference. With the GIL.
pybind11::object ToPython(const std::exception& exception);

// Makes the exception types and has them raised.
void AddExceptions(pybind11::module_& module);

}  // namespace fluxgate::python

#endif  // FLUXGATE_CLIENT_PYTHON_ERRORS_H_
