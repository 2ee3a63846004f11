// The parts that the module is put together from.
#ifndef FLUXGATE_CLIENT_PYTHON_BINDINGS_H_
#define FLUXGATE_CLIENT_PYTHON_BINDINGS_H_

#include <pybind11/pybind11.h>

namespace fluxgate::python {

void AddAuthenticators(pybind11::module_& module);
void AddCommand(pybind11::module_& module);
void AddMessageStream(pybind11::module_& module);
void AddStores(pybind11::module_& module);
void AddChoosers(pybind11::module_& module);
void AddClient(pybind11::module_& module);
void AddHaClient(pybind11::module_& module);

}  // namespace fluxgate::python

#endif  // FLUXGATE_CLIENT_PYTHON_BINDINGS_H_
