// How arguments come out of Python.
#ifndef FLUXGATE_CLIENT_PYTHON_ARGUMENTS_H_
#define FLUXGATE_CLIENT_PYTHON_ARGUMENTS_H_

#include <pybind11/pybind11.h>

#include <string>
#include <string_view>

#include "amps/message_handler.h"

namespace fluxgate::python {

// str (as UTF-8) or bytes; not copied: good during the call.
struct Text {
  std::string_view view;
  std::string string() const { return std::string(view); }
};
// The same, or None for an empty one.
struct OptionalText : Text {};

// Anything callable with a message, or a CMessageHandler.
struct Handler {
  AMPS::MessageHandler handler;
};

// False: neither str nor bytes. A str that is no UTF-8 raises.
bool LoadText(pybind11::handle source, std::string_view* text);
// False: cannot be called.
bool LoadHandler(pybind11::handle source, AMPS::MessageHandler* handler);

}  // namespace fluxgate::python

namespace pybind11::detail {

template <>
struct type_caster<fluxgate::python::Text> {
  PYBIND11_TYPE_CASTER(fluxgate::python::Text, const_name("str | bytes"));
  bool load(handle source, bool) { return fluxgate::python::LoadText(source, &value.view); }
};

template <>
struct type_caster<fluxgate::python::OptionalText> {
  PYBIND11_TYPE_CASTER(fluxgate::python::OptionalText, const_name("str | bytes | None"));
  bool load(handle source, bool) {
    return source.is_none() || fluxgate::python::LoadText(source, &value.view);
  }
};

template <>
struct type_caster<fluxgate::python::Handler> {
  PYBIND11_TYPE_CASTER(fluxgate::python::Handler, const_name("Callable[[Message], object]"));
  bool load(handle source, bool) { return fluxgate::python::LoadHandler(source, &value.handler); }
};

}  // namespace pybind11::detail

#endif  // FLUXGATE_CLIENT_PYTHON_ARGUMENTS_H_
