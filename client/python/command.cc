#include "amps/command.h"

#include <string>

#include "client/python/arguments.h"
#include "client/python/bindings.h"

namespace fluxgate::python {
namespace {

namespace py = pybind11;
using AMPS::Command;

template <Command& (Command::*set)(std::string)>
Command& Set(Command& command, const Text& text) {
  return (command.*set)(text.string());
}

}  // namespace

void AddCommand(py::module_& module) {
  py::class_<Command>(
      module, "Command",
      "A command to the gateway, set up by name: Client.execute and execute_async run "
      "it. Each setter returns the command.")
      .def(py::init([](const Text& name) { return Command(name.string()); }), py::arg("command"))
      .def("set_topic", &Set<&Command::setTopic>, py::arg("topic"))
      .def("set_filter", &Set<&Command::setFilter>, py::arg("filter"))
      .def("set_data", &Set<&Command::setData>, py::arg("data"))
      .def("set_options", &Set<&Command::setOptions>, py::arg("options"))
      .def("set_order_by", &Set<&Command::setOrderBy>, py::arg("order_by"))
      .def("set_bookmark", &Set<&Command::setBookmark>, py::arg("bookmark"))
      .def("set_sow_key", &Set<&Command::setSowKey>, py::arg("sow_key"))
      .def("set_sow_keys", &Set<&Command::setSowKeys>, py::arg("sow_keys"), "Between commas.")
      .def("set_correlation_id", &Set<&Command::setCorrelationId>, py::arg("correlation_id"))
      .def("set_command_id", &Set<&Command::setCommandId>, py::arg("command_id"))
      .def("set_sub_id", &Set<&Command::setSubId>, py::arg("sub_id"))
      .def("set_query_id", &Set<&Command::setQueryId>, py::arg("query_id"))
      .def("set_batch_size", &Command::setBatchSize, py::arg("records"))
      .def("set_top_n", &Command::setTopN, py::arg("records"))
      .def("set_expiration", &Command::setExpiration, py::arg("seconds"))
      .def("set_timeout", &Command::setTimeout, py::arg("milliseconds"),
           "How long execute waits for the gateway to take it; 0: for ever.")
      .def(
          "add_ack_type",
          [](Command& command, const Text& names) -> Command& {
            return command.addAckType(names.string());
          },
          py::arg("ack_types"),
          "Acks to hand to the handler: values of Message.AckType, several between commas.")
      .def("get_command", &Command::getCommand)
      .def("get_topic", &Command::getTopic)
      .def("get_filter", &Command::getFilter)
      .def("get_data", [](const Command& command) { return py::bytes(command.getData()); })
      .def("get_options", &Command::getOptions)
      .def("get_order_by", &Command::getOrderBy)
      .def("get_bookmark", &Command::getBookmark)
      .def("get_sow_key", &Command::getSowKey)
      .def("get_sow_keys", &Command::getSowKeys)
      .def("get_correlation_id", &Command::getCorrelationId)
      .def("get_command_id", &Command::getCommandId)
      .def("get_sub_id", &Command::getSubId)
      .def("get_query_id", &Command::getQueryId)
      .def("get_batch_size", &Command::getBatchSize)
      .def("get_top_n", &Command::getTopN)
      .def("get_expiration", &Command::getExpiration)
      .def("get_timeout", &Command::getTimeout);
}

}  // namespace fluxgate::python
