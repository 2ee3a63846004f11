#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include <pybind11/stl.h>

#include "amps/client.h"
#include "amps/delay_strategy.h"
#include "amps/server_chooser.h"
#include "client/python/arguments.h"
#include "client/python/bindings.h"
#include "client/python/overrides.h"
#include "client/python/shared.h"

namespace fluxgate::python {
namespace {

namespace py = pybind11;
using AMPS::DelayStrategy;
using AMPS::ServerChooser;
using Released = py::call_guard<WithoutGil>;

class PyServerChooser final : public ServerChooser {
 public:
  std::string getCurrentURI() override {
    return CallOverride<ServerChooser>(this, "get_current_uri", kText);
  }
  // A Python class may leave this one out.
  AMPS::Authenticator& getCurrentAuthenticator() override {
    WithGil gil;
    if (!gil ||
        !py::get_override(static_cast<const ServerChooser*>(this), "get_current_authenticator")) {
      return AMPS::Client::defaultAuthenticator();
    }
    return *CallOverride<ServerChooser>(
        this, "get_current_authenticator", [this](const py::object& object) {
          if (object.is_none()) return &AMPS::Client::defaultAuthenticator();
          auto* const authenticator = object.cast<AMPS::Authenticator*>();
          authenticator_ = Keep(object);
          return authenticator;
        });
  }
  void reportFailure(const std::string& error) override {
    CallOverride<ServerChooser>(this, "report_failure", kNothing, error);
  }
  void reportSuccess() override { CallOverride<ServerChooser>(this, "report_success", kNothing); }
  std::string getError() const override {
    return CallOverride<ServerChooser>(this, "get_error", kText);
  }

 private:
  Kept authenticator_;
};

class PyDelayStrategy final : public DelayStrategy {
 public:
  unsigned getConnectWaitDuration(const std::string& uri) override {
    return CallOverride<DelayStrategy>(this, "get_connect_wait_duration", kValue<unsigned>, uri);
  }
  void reset() override { CallOverride<DelayStrategy>(this, "reset", kNothing); }
};

}  // namespace

void AddChoosers(py::module_& module) {
  py::class_<ServerChooser, PyServerChooser, Holder<ServerChooser>>(
      module, "ServerChooser",
      "Which gateway an HAClient connects to next. Classes that derive from it define all methods, "
      "but "
      "for get_current_authenticator where the default one will do.")
      .def(py::init<>())
      .def("get_current_uri", &ServerChooser::getCurrentURI, Released(),
           "None or empty: there is none (left), the client gives up.")
      .def("get_current_authenticator", &ServerChooser::getCurrentAuthenticator, Released(),
           py::return_value_policy::reference_internal, "With what to log on there.")
      .def("report_failure", &ServerChooser::reportFailure, py::arg("error"), Released(),
           "Connecting or logging on has failed, or the connection was lost. May move on to the "
           "next "
           "one, or raise to give up.")
      .def("report_success", &ServerChooser::reportSuccess, Released(), "Connected and logged on.")
      .def("get_error", &ServerChooser::getError, Released(),
           "For the exception when there is none left.");
  py::class_<AMPS::DefaultServerChooser, ServerChooser, Holder<AMPS::DefaultServerChooser>>(
      module, "DefaultServerChooser",
      "One after the other, round and round: moves on after each failure.")
      .def(py::init([](std::vector<std::string> uris) {
             return Holder<AMPS::DefaultServerChooser>(
                 new AMPS::DefaultServerChooser(std::move(uris)));
           }),
           py::arg("uris") = std::vector<std::string>())
      .def(
          "add",
          [](py::object self, const Text& uri) {
            auto& chooser = self.cast<AMPS::DefaultServerChooser&>();
            WithoutGil released;
            chooser.add(uri.string());
            return self;
          },
          py::arg("uri"), "One more address; returns the chooser.")
      .def(
          "set_authenticator",
          [](AMPS::DefaultServerChooser& self, const py::object& authenticator) {
            auto shared = ShareOrNone<AMPS::Authenticator>(authenticator);
            WithoutGil released;
            self.setAuthenticator(std::move(shared));
          },
          py::arg("authenticator"), "For all addresses. None: the default one.");

  py::class_<DelayStrategy, PyDelayStrategy, Holder<DelayStrategy>>(
      module, "DelayStrategy",
      "How long an HAClient waits before it tries to connect again. Classes that derive from it "
      "define "
      "both methods.")
      .def(py::init<>())
      .def("get_connect_wait_duration", &DelayStrategy::getConnectWaitDuration, py::arg("uri"),
           Released(), "In milliseconds. May raise to give up.")
      .def("reset", &DelayStrategy::reset, Released(), "Connected and logged on.");
  py::class_<AMPS::FixedDelayStrategy, DelayStrategy, Holder<AMPS::FixedDelayStrategy>>(
      module, "FixedDelayStrategy", "The same each time, but for the first.")
      .def(py::init<unsigned, unsigned>(),
           py::arg("delay_ms") = AMPS::FixedDelayStrategy::kDelayDefaultMs,
           py::arg("maximum_ms") = 0);
  const AMPS::ExponentialDelayStrategy::Options defaults;
  py::class_<AMPS::ExponentialDelayStrategy, DelayStrategy, Holder<AMPS::ExponentialDelayStrategy>>(
      module, "ExponentialDelayStrategy",
      "Not at all the first time, then longer and longer: a random part of initial * base^n, at "
      "most "
      "maximum_delay, for each address. maximum_ms: gives up after that long without success; 0: "
      "never. jitter: 0 for none, 1 for anything from 0 to the whole delay.")
      .def(py::init([](unsigned initial_ms, unsigned maximum_delay_ms, double base, double jitter,
                       unsigned maximum_ms) {
             AMPS::ExponentialDelayStrategy::Options options;
             options.initial_ms = initial_ms;
             options.maximum_delay_ms = maximum_delay_ms;
             options.base = base;
             options.jitter = jitter;
             options.maximum_ms = maximum_ms;
             return Holder<AMPS::ExponentialDelayStrategy>(
                 new AMPS::ExponentialDelayStrategy(options));
           }),
           py::arg("initial_ms") = defaults.initial_ms,
           py::arg("maximum_delay_ms") = defaults.maximum_delay_ms, py::arg("base") = defaults.base,
           py::arg("jitter") = defaults.jitter, py::arg("maximum_ms") = defaults.maximum_ms);
}

}  // namespace fluxgate::python
