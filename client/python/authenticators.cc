#include "amps/authenticator.h"

#include <string>

#include "client/python/bindings.h"
#include "client/python/overrides.h"

namespace fluxgate::python {
namespace {

namespace py = pybind11;

class PyAuthenticator final : public AMPS::Authenticator {
 public:
  std::string authenticate(const std::string& user, const std::string& password) override {
    return CallOverride<Authenticator>(this, "authenticate", kText, user, password);
  }
  std::string retry(const std::string& user, const std::string& password) override {
    return CallOverride<Authenticator>(this, "retry", kText, user, password);
  }
  void completed(const std::string& user, const std::string& password,
                 const std::string& reason) override {
    CallOverride<Authenticator>(this, "completed", kNothing, user, password, reason);
  }
};

using Released = py::call_guard<WithoutGil>;

}  // namespace

void AddAuthenticators(py::module_& module) {
  py::class_<AMPS::Authenticator, PyAuthenticator, Holder<AMPS::Authenticator>>(
      module, "Authenticator", "With what a client logs on. Derive from it, and define all three.")
      .def(py::init<>())
      .def("authenticate", &AMPS::Authenticator::authenticate, py::arg("user"), py::arg("password"),
           Released(), "The token to send as password; `password` is the one of the URI.")
      .def("retry", &AMPS::Authenticator::retry, py::arg("user"), py::arg("password"), Released(),
           "The gateway has answered with a challenge, which is `password`: the next token.")
      .def("completed", &AMPS::Authenticator::completed, py::arg("user"), py::arg("password"),
           py::arg("reason"), Released(), "The logon went well.");
  py::class_<AMPS::DefaultAuthenticator, AMPS::Authenticator, Holder<AMPS::DefaultAuthenticator>>(
      module, "DefaultAuthenticator", "The password of the URI.")
      .def(py::init<>());
}

}  // namespace fluxgate::python
