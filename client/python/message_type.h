// AMPS.Message, written on CPython's own interface: it is made and asked for every message.
#ifndef FLUXGATE_CLIENT_PYTHON_MESSAGE_TYPE_H_
#define FLUXGATE_CLIENT_PYTHON_MESSAGE_TYPE_H_

#include <pybind11/pybind11.h>

#include "amps/message.h"

namespace fluxgate::python {

// All with the GIL. New references.

// A Python message with `message` as its own.
PyObject* NewMessage(AMPS::Message message);

// A Python message that shows `message`, which must live until EndBorrow.
PyObject* BorrowMessage(const AMPS::Message& message);
// Takes a reference that BorrowMessage or ShowMessage has given. Where Python code has kept another
// one, the message gets a copy and nullptr is returned; else the object can show the next message.
PyObject* EndBorrow(PyObject* object);
void ShowMessage(PyObject* object, const AMPS::Message& message);

void AddMessageType(pybind11::module_& module);

}  // namespace fluxgate::python

#endif  // FLUXGATE_CLIENT_PYTHON_MESSAGE_TYPE_H_
