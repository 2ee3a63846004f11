#include "client/python/handlers.h"

#include <memory>
#include <string>
#include <utility>

#include "client/python/arguments.h"
#include "client/python/errors.h"
#include "client/python/message_type.h"

namespace fluxgate::python {
namespace {

namespace py = pybind11;

// Called by one thread at a time: each registration is a Callable of its own.
class Callable {
 public:
  explicit Callable(const py::object& function) : function_(Keep(function)) {}

  void operator()(const AMPS::Message& message) {
    WithGil gil;
    if (!gil) return;
    // One Python message serves for all, as long as the handlers keep none of them.
    PyObject* shown = std::exchange(spare_, {}).release().ptr();
    if (shown == nullptr) {
      shown = BorrowMessage(message);
    } else {
      ShowMessage(shown, message);
    }
    if (shown == nullptr) ThrowRaised();
    PyObject* const result = PyObject_CallOneArg(function_.get(), shown);
    spare_ = py::reinterpret_steal<py::object>(EndBorrow(shown));
    if (result == nullptr) ThrowRaised();
    Py_DECREF(result);
  }

  ~Callable() {
    WithGil gil;
    if (gil) {
      spare_ = {};
    } else {
      spare_.release();
    }
  }

 private:
  Kept function_;
  py::object spare_;
};

// Calls with the GIL held; what Python raises is thrown as C++.
template <typename... Arguments>
py::object Call(const Kept& function, Arguments&&... arguments) {
  try {
    return py::handle(function.get())(std::forward<Arguments>(arguments)...);
  } catch (py::error_already_set& raised) {
    ThrowRaised(raised);
  }
}

// None: false. TypeError: cannot be called.
bool IsGiven(const py::object& callable) {
  if (callable.is_none()) return false;
  if (PyCallable_Check(callable.ptr()) != 0) return true;
  throw py::type_error(std::string("a callable wanted, not ") + Py_TYPE(callable.ptr())->tp_name);
}

}  // namespace

AMPS::MessageHandler CMessageHandler::ToHandler() const {
  return [function = function_, user_data = user_data_, kept = kept_](AMPS::Message& message) {
    function(message, user_data);
  };
}

AMPS::MessageHandler ToMessageHandler(const py::object& callable) {
  if (callable.is_none()) return {};
  AMPS::MessageHandler handler;
  if (!LoadHandler(callable, &handler)) throw py::type_error("a handler must be callable");
  return handler;
}

AMPS::DisconnectHandler ToDisconnectHandler(const py::object& self, const py::object& callable) {
  if (!IsGiven(callable)) return {};
  const Kept client = Keep(py::weakref(self));
  return [client, function = Keep(callable)](AMPS::Client&) {
    WithGil gil;
    if (!gil) return;
    const py::object alive = py::handle(client.get())();
    if (!alive.is_none()) Call(function, alive);
  };
}

AMPS::FailedWriteHandler ToFailedWriteHandler(const py::object& callable) {
  if (!IsGiven(callable)) return {};
  return [function = Keep(callable)](const AMPS::Message& message, std::string_view reason) {
    WithGil gil;
    if (!gil) return;
    PyObject* const copy = NewMessage(message);
    if (copy == nullptr) ThrowRaised();
    Call(function, py::reinterpret_steal<py::object>(copy), py::str(reason.data(), reason.size()));
  };
}

AMPS::ExceptionListener ToExceptionListener(const py::object& callable) {
  if (!IsGiven(callable)) {
    return [](const std::exception& exception) {
      const auto* const raised = dynamic_cast<const PythonException*>(&exception);
      if (raised == nullptr) return;
      WithGil gil;
      if (!gil) return;
      PyObject* const value = raised->value().get();
      PyErr_SetObject(reinterpret_cast<PyObject*>(Py_TYPE(value)), value);
      PyErr_WriteUnraisable(nullptr);
    };
  }
  return [function = Keep(callable)](const std::exception& exception) {
    WithGil gil;
    if (!gil) return;
    PyObject* const result = PyObject_CallOneArg(function.get(), ToPython(exception).ptr());
    Py_XDECREF(result);
    if (result == nullptr) PyErr_WriteUnraisable(function.get());
  };
}

AMPS::TransportFilterFunction ToTransportFilter(const py::object& callable) {
  if (!IsGiven(callable)) return {};
  return [function = Keep(callable)](std::string& data, bool incoming) {
    WithGil gil;
    if (!gil) return;
    const py::object changed = Call(function, py::bytes(data), incoming);
    if (changed.is_none()) return;
    std::string_view text;
    if (!LoadText(changed, &text)) {
      PyErr_Format(PyExc_TypeError, "a transport filter must return bytes or None, not %s",
                   Py_TYPE(changed.ptr())->tp_name);
      ThrowRaised();
    }
    data = text;
  };
}

bool LoadText(py::handle source, std::string_view* text) {
  if (PyUnicode_Check(source.ptr())) {
    Py_ssize_t size = 0;
    const char* const utf8 = PyUnicode_AsUTF8AndSize(source.ptr(), &size);
    if (utf8 == nullptr) throw py::error_already_set();
    *text = {utf8, static_cast<size_t>(size)};
    return true;
  }
  if (!PyBytes_Check(source.ptr())) return false;
  *text = {PyBytes_AS_STRING(source.ptr()), static_cast<size_t>(PyBytes_GET_SIZE(source.ptr()))};
  return true;
}

bool LoadHandler(py::handle source, AMPS::MessageHandler* handler) {
  if (py::isinstance<CMessageHandler>(source)) {
    *handler = source.cast<const CMessageHandler&>().ToHandler();
    return true;
  }
  if (PyCallable_Check(source.ptr()) == 0) return false;
  *handler = [callable = std::make_shared<Callable>(py::reinterpret_borrow<py::object>(source))](
                 const AMPS::Message& message) { (*callable)(message); };
  return true;
}

}  // namespace fluxgate::python
