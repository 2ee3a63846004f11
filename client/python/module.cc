// The extension module AMPS._amps; the package AMPS shows what of it is for programs.
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include "amps/ssl.h"
#include "client/python/arguments.h"
#include "client/python/bindings.h"
#include "client/python/errors.h"
#include "client/python/live_clients.h"
#include "client/python/message_type.h"

namespace fluxgate::python {
namespace {

extern "C" void* FluxgateSamePointer(void* pointer) { return pointer; }

}  // namespace

PYBIND11_MODULE(_amps, module) {
  namespace py = pybind11;
  py::options options;
  options.disable_function_signatures();
  AddExceptions(module);
  AddMessageType(module);
  AddAuthenticators(module);
  AddCommand(module);
  AddMessageStream(module);
  AddStores(module);
  AddChoosers(module);
  AddClient(module);
  AddHaClient(module);
  module.def(
      "ssl_init",
      [](const Text& library) {
        WithoutGil released;
        AMPS::sslInit(library.string());
      },
      py::arg("library"),
      "Loads this libssl (a name the loader finds, or a path) instead of the system's; before the "
      "first connection that needs it. SslException: it cannot be loaded, is not OpenSSL, or "
      "another "
      "one is in use.");
  module.attr("_same_pointer") = reinterpret_cast<uintptr_t>(&FluxgateSamePointer);
  py::module_::import("atexit").attr("register")(py::cpp_function(&DisconnectLiveClients));
}

}  // namespace fluxgate::python
