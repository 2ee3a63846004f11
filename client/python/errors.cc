#include "client/python/errors.h"

#include <map>
#include <string_view>

namespace fluxgate::python {
namespace {

namespace py = pybind11;

struct ExceptionType {
  const char* name;
  const char* base;
  const char* doc;
};

// As in amps/exceptions.h; a base before those that derive from it.
constexpr ExceptionType kTypes[] = {
    {"AMPSException", nullptr, "What goes wrong in the client; the base of all of them."},
    {"ConnectionException", "AMPSException", "The gateway cannot be reached, or is gone."},
    {"ConnectionRefusedException", "ConnectionException", "Nobody answers at the address."},
    {"DisconnectedException", "ConnectionException", "Not connected (any more)."},
    {"AlreadyConnectedException", "ConnectionException", "connect() of a connected client."},
    {"RetryOperationException", "ConnectionException", "Reconnected meanwhile: try again."},
    {"TransportFilterException", "ConnectionException", "The transport filter has failed."},
    {"SslException", "ConnectionException", "A library, certificate or handshake of TLS."},
    {"InvalidURIException", "ConnectionException", "Which part of the address is wrong, and why."},
    {"InvalidTransportOptionsException", "InvalidURIException",
     "Which option of the address is wrong, and why."},
    {"ProtocolException", "ConnectionException",
     "The protocol of the address, or bytes that nobody understands."},
    {"MessageTypeException", "ConnectionException", "The message type of the address."},
    {"MessageTypeNotFoundException", "MessageTypeException",
     "The gateway does not have the message type here."},
    {"AuthenticationException", "ConnectionException", "The gateway has refused the logon."},
    {"NameInUseException", "ConnectionException", "Another client has this name."},
    {"CommandException", "AMPSException", "The gateway has refused a command."},
    {"BadFilterException", "CommandException", "The filter cannot be read."},
    {"BadRegexTopicException", "CommandException", "The topic pattern cannot be read."},
    {"BadSowKeyException", "CommandException", "A key that cannot be one."},
    {"InvalidTopicException", "CommandException", "No such topic, or not for this command."},
    {"InvalidBookmarkException", "CommandException", "A bookmark that cannot be one."},
    {"InvalidOptionsException", "CommandException", "An option that is unknown or does not fit."},
    {"InvalidSubIdException", "CommandException", "No such subscription."},
    {"NotEntitledException", "CommandException", "The user may not do that."},
    {"SubscriptionAlreadyExistsException", "CommandException", "The sub_id is in use."},
    {"UnknownCommandException", "CommandException", "No such command."},
    {"TimedOutException", "AMPSException", "No answer in time; the command may still run."},
    {"StreamException", "AMPSException", "Of a MessageStream."},
    {"StoreException", "AMPSException", "A publish or bookmark store: full, or its file."},
    {"UsageException", "AMPSException", "A call that makes no sense."},
};

std::map<std::string_view, PyObject*>& Types() {
  static auto* const types = new std::map<std::string_view, PyObject*>;  // to the end
  return *types;
}

void Raise(const AMPS::AMPSException& exception) {
  if (const auto* raised = dynamic_cast<const PythonException*>(&exception)) {
    PyObject* const value = raised->value().get();
    PyErr_SetObject(reinterpret_cast<PyObject*>(Py_TYPE(value)), value);
    return;
  }
  const auto found = Types().find(exception.className());
  PyErr_SetString(found == Types().end() ? Types()["AMPSException"] : found->second,
                  exception.what());
}

}  // namespace

void ThrowRaised(py::error_already_set& raised) {
  const py::object value = raised.value();
  if (raised.trace()) PyException_SetTraceback(value.ptr(), raised.trace().ptr());
  std::string text = Py_TYPE(value.ptr())->tp_name;
  if (PyObject* const said = PyObject_Str(value.ptr())) {
    text += ": " + py::reinterpret_steal<py::str>(said).cast<std::string>();
  } else {
    PyErr_Clear();
  }
  throw PythonException(text, Keep(value));
}

void ThrowRaised() {
  py::error_already_set raised;
  ThrowRaised(raised);
}

py::object ToPython(const std::exception& exception) {
  if (const auto* amps = dynamic_cast<const AMPS::AMPSException*>(&exception)) {
    Raise(*amps);
  } else {
    PyErr_SetString(Types()["AMPSException"], exception.what());
  }
  return py::error_already_set().value();
}

void AddExceptions(py::module_& module) {
  for (const ExceptionType& type : kTypes) {
    PyObject* const base = type.base == nullptr ? PyExc_Exception : Types().at(type.base);
    PyObject* const made = PyErr_NewExceptionWithDoc((std::string("AMPS.") + type.name).c_str(),
                                                     type.doc, base, nullptr);
    if (made == nullptr) throw py::error_already_set();
    Types()[type.name] = made;
    module.attr(type.name) = py::handle(made);
  }
  py::register_exception_translator([](std::exception_ptr thrown) {
    try {
      if (thrown) std::rethrow_exception(thrown);
    } catch (const AMPS::AMPSException& exception) {
      Raise(exception);
    }
  });
}

}  // namespace fluxgate::python
