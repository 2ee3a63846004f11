#include "amps/ha_client.h"

#include <memory>
#include <string>
#include <utility>

#include "client/python/arguments.h"
#include "client/python/bindings.h"
#include "client/python/handlers.h"
#include "client/python/interruptible.h"
#include "client/python/live_clients.h"
#include "client/python/shared.h"

namespace fluxgate::python {
namespace {

namespace py = pybind11;
using AMPS::HAClient;

template <typename Make>
ClientHolder<HAClient> Made(Make make) {
  HAClient* client;
  {
    WithoutGil released;  // it may wait for the disk
    client = make().release();
  }
  client->setExceptionListener(ToExceptionListener(py::none()));
  AddLiveClient(client);
  return ClientHolder<HAClient>(client);
}

}  // namespace

void AddHaClient(py::module_& module) {
  using Released = py::call_guard<WithoutGil>;
  py::class_<HAClient, AMPS::Client, ClientHolder<HAClient>>(
      module, "HAClient",
      "A client that comes back: it chooses a gateway, connects, logs on, sends again what was not "
      "acknowledged as stored, puts its subscriptions back, and does all that again when the "
      "connection "
      "is lost.")
      .def(py::init([](const OptionalText& name) {
             return Made([&] { return std::make_unique<HAClient>(name.string()); });
           }),
           py::arg("name") = py::none())
      .def_static(
          "create_memory_backed",
          [](const Text& name) {
            return Made([&] { return HAClient::createMemoryBacked(name.string()); });
          },
          py::arg("name"), "With a MemoryPublishStore and a MemoryBookmarkStore.")
      .def_static(
          "create_file_backed",
          [](const Text& name, const Text& publish_store, const Text& bookmark_store) {
            return Made([&] {
              return HAClient::createFileBacked(name.string(), publish_store.string(),
                                                bookmark_store.string());
            });
          },
          py::arg("name"), py::arg("publish_store"), py::arg("bookmark_store"),
          "With stores in files.")
      .def(
          "connect_and_logon",
          [](HAClient& client) {
            Interruptible([&client] { client.connectAndLogon(); },
                          [&client] { client.disconnect(); });
          },
          "Returns when connected and logged on. ConnectionException: chooser or delay strategy "
          "gave "
          "up.")
      .def(
          "set_server_chooser",
          [](HAClient& client, const py::object& chooser) {
            auto shared = Share<AMPS::ServerChooser>(chooser);
            WithoutGil released;
            client.setServerChooser(std::move(shared));
          },
          py::arg("chooser"), "Before connect_and_logon.")
      .def("get_server_chooser",
           [](HAClient& client) {
             std::shared_ptr<AMPS::ServerChooser> chooser;
             {
               WithoutGil released;
               chooser = client.getServerChooser();
             }
             return ToPython(chooser);
           })
      .def(
          "set_delay_strategy",
          [](HAClient& client, const py::object& strategy) {
            auto shared = Share<AMPS::DelayStrategy>(strategy);
            WithoutGil released;
            client.setDelayStrategy(std::move(shared));
          },
          py::arg("strategy"), "Before connect_and_logon.")
      .def(
          "set_logon_options",
          [](HAClient& client, const Text& options) {
            WithoutGil released;
            client.setLogonOptions(options.string());
          },
          py::arg("options"))
      .def("set_timeout", &HAClient::setTimeout, py::arg("milliseconds"), Released(),
           "Of each attempt to connect and log on.");
}

}  // namespace fluxgate::python
