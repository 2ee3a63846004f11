// Python code that the library calls.
#ifndef FLUXGATE_CLIENT_PYTHON_HANDLERS_H_
#define FLUXGATE_CLIENT_PYTHON_HANDLERS_H_

#include <pybind11/pybind11.h>

#include "amps/client.h"
#include "client/python/gil.h"

namespace fluxgate::python {

// A C function and what it is called with, as numbers; `kept` lives as long as the library may
// call.
class CMessageHandler {
 public:
  CMessageHandler(uintptr_t function, uintptr_t user_data, pybind11::object kept)
      : function_(reinterpret_cast<AMPS::MessageHandlerFunc>(function)),
        user_data_(reinterpret_cast<void*>(user_data)),
        kept_(Keep(kept)) {}
  // Nothing of Python in it.
  AMPS::MessageHandler ToHandler() const;

 private:
  AMPS::MessageHandlerFunc function_;
  void* user_data_;
  Kept kept_;
};

// `callable` may be None: an empty one.
AMPS::MessageHandler ToMessageHandler(const pybind11::object& callable);
AMPS::DisconnectHandler ToDisconnectHandler(const pybind11::object& self,
                                            const pybind11::object& callable);
AMPS::FailedWriteHandler ToFailedWriteHandler(const pybind11::object& callable);
// None: what Python code has raised goes to sys.unraisablehook, what the library tells nowhere.
AMPS::ExceptionListener ToExceptionListener(const pybind11::object& callable);
AMPS::TransportFilterFunction ToTransportFilter(const pybind11::object& callable);

}  // namespace fluxgate::python

#endif  // FLUXGATE_CLIENT_PYTHON_HANDLERS_H_
