#include "amps/client.h"

#include <array>
#include <chrono>
#include <string>
#include <string_view>
#include <utility>

#include "amps/bookmark_store.h"
#include "amps/publish_store.h"
#include "client/python/arguments.h"
#include "client/python/bindings.h"
#include "client/python/errors.h"
#include "client/python/handlers.h"
#include "client/python/interruptible.h"
#include "client/python/live_clients.h"
#include "client/python/message_stream.h"
#include "client/python/message_type.h"
#include "client/python/shared.h"

namespace fluxgate::python {
namespace {

namespace py = pybind11;
using AMPS::Client;
using AMPS::Command;
using AMPS::Message;
using Released = py::call_guard<WithoutGil>;
using ClientClass = py::class_<Client, ClientHolder<Client>>;

constexpr uint32_t kBatchSize = Client::kBatchSizeDefault;

Message::AckType ToAckType(const Text& name) {
  constexpr std::array<std::pair<std::string_view, Message::AckType>, 5> kNames = {{
      {"received", Message::Received},
      {"processed", Message::Processed},
      {"persisted", Message::Persisted},
      {"completed", Message::Completed},
      {"stats", Message::Stats},
  }};
  for (const auto& [known, type] : kNames) {
    if (known == name.view) return type;
  }
  throw py::value_error("no type of ack: " + name.string());
}

// `call` of the client that `self` is, in a way that Ctrl-C ends the waiting for it.
template <typename Call>
auto Wait(const py::object& self, Call call) {
  Client& client = self.cast<Client&>();
  return Abandonable(self, [&client, call = std::move(call)] { return call(client); });
}

// The same of a call that makes the connection: Ctrl-C ends it too.
template <typename Call>
auto WaitOrDisconnect(Client& client, Call call) {
  return Interruptible(std::move(call), [&client] { client.disconnect(); });
}

// What `call` returns, for a program that loops over it.
template <typename Call>
Holder<Stream> MakeStream(const py::object& self, Call call) {
  AMPS::MessageStream stream = Wait(self, std::move(call));
  Kept kept = Keep(self);
  WithoutGil released;
  return Holder<Stream>(new Stream(std::move(stream), std::move(kept)));
}

void PublishFlush(const py::object& self, long timeout, const Text& ack_type) {
  Wait(self, [timeout, type = ToAckType(ack_type)](Client& client) {
    client.publishFlush(timeout, type);
  });
}

py::object MessageOf(const Message& message) {
  PyObject* const object = NewMessage(message);
  if (object == nullptr) throw py::error_already_set();
  return py::reinterpret_steal<py::object>(object);
}

using Publishing = uint64_t (Client::*)(std::string_view, std::string_view, int64_t);
template <Publishing publish>
uint64_t Publish(Client& client, const Text& topic, const Text& data, int64_t expiration) {
  WithoutGil released;
  return (client.*publish)(topic.view, data.view, expiration);
}

using Subscribing = std::string (Client::*)(const AMPS::MessageHandler&, const std::string&, long,
                                            const std::string&, const std::string&,
                                            const std::string&);
using SubscribingStream = AMPS::MessageStream (Client::*)(const std::string&, const std::string&,
                                                          long, const std::string&);
template <Subscribing subscribe, SubscribingStream stream>
void AddSubscribing(ClientClass& type, const char* name, const char* doc) {
  type.def(
      name,
      [](const py::object& self, const Handler& handler, const Text& topic,
         const OptionalText& filter, const OptionalText& options, long timeout,
         const OptionalText& sub_id) {
        return Wait(self,
                    [=, handler = handler.handler, topic = topic.string(), filter = filter.string(),
                     options = options.string(), sub_id = sub_id.string()](Client& client) {
                      return (client.*subscribe)(handler, topic, timeout, filter, options, sub_id);
                    });
      },
      py::arg("handler"), py::arg("topic"), py::arg("filter") = py::none(),
      py::arg("options") = py::none(), py::arg("timeout") = 0, py::arg("sub_id") = py::none(), doc);
  type.def(
      name,
      [](const py::object& self, const Text& topic, const OptionalText& filter,
         const OptionalText& options, long timeout) {
        return MakeStream(self, [=, topic = topic.string(), filter = filter.string(),
                                 options = options.string()](Client& client) {
          return (client.*stream)(topic, filter, timeout, options);
        });
      },
      py::arg("topic"), py::arg("filter") = py::none(), py::arg("options") = py::none(),
      py::arg("timeout") = 0, "The same as a stream to iterate.");
}

using Querying = std::string (Client::*)(const AMPS::MessageHandler&, const std::string&,
                                         const std::string&, const std::string&, uint32_t, uint32_t,
                                         long, const std::string&);
using QueryingStream = AMPS::MessageStream (Client::*)(const std::string&, const std::string&,
                                                       const std::string&, uint32_t, uint32_t, long,
                                                       const std::string&);
template <Querying query, QueryingStream stream>
void AddQuerying(ClientClass& type, const char* name, const char* doc) {
  type.def(
      name,
      [](const py::object& self, const Handler& handler, const Text& topic,
         const OptionalText& filter, const OptionalText& order_by, uint32_t batch_size,
         uint32_t top_n, const OptionalText& options, long timeout) {
        return Wait(self,
                    [=, handler = handler.handler, topic = topic.string(), filter = filter.string(),
                     order_by = order_by.string(), options = options.string()](Client& client) {
                      return (client.*query)(handler, topic, filter, order_by, batch_size, top_n,
                                             timeout, options);
                    });
      },
      py::arg("handler"), py::arg("topic"), py::arg("filter") = py::none(),
      py::arg("order_by") = py::none(), py::arg("batch_size") = kBatchSize, py::arg("top_n") = 0,
      py::arg("options") = py::none(), py::arg("timeout") = 0, doc);
  type.def(
      name,
      [](const py::object& self, const Text& topic, const OptionalText& filter,
         const OptionalText& order_by, uint32_t batch_size, uint32_t top_n,
         const OptionalText& options, long timeout) {
        return MakeStream(
            self, [=, topic = topic.string(), filter = filter.string(),
                   order_by = order_by.string(), options = options.string()](Client& client) {
              return (client.*stream)(topic, filter, order_by, batch_size, top_n, timeout, options);
            });
      },
      py::arg("topic"), py::arg("filter") = py::none(), py::arg("order_by") = py::none(),
      py::arg("batch_size") = kBatchSize, py::arg("top_n") = 0, py::arg("options") = py::none(),
      py::arg("timeout") = 0, "The same as a stream to iterate.");
}

using Deleting = Message (Client::*)(const std::string&, const std::string&, long);
template <Deleting remove>
void AddDeleting(ClientClass& type, const char* name, const char* by, const char* doc) {
  type.def(
      name,
      [](const py::object& self, const Text& topic, const Text& selector, long timeout) {
        return MessageOf(Wait(
            self, [timeout, topic = topic.string(), selector = selector.string()](Client& client) {
              return (client.*remove)(topic, selector, timeout);
            }));
      },
      py::arg("topic"), py::arg(by), py::arg("timeout") = 0, doc);
}

template <typename T, void (Client::*set)(std::shared_ptr<T>)>
void SetShared(Client& client, const py::object& object) {
  auto shared = ShareOrNone<T>(object);
  WithoutGil released;
  (client.*set)(std::move(shared));
}

template <typename T, const std::shared_ptr<T>& (Client::*get)() const>
py::object GetShared(Client& client) {
  std::shared_ptr<T> shared;
  {
    WithoutGil released;
    shared = (client.*get)();
  }
  return ToPython(shared);
}

void AddConnecting(ClientClass& type) {
  type.def(py::init([](const OptionalText& name) {
             auto* const client = new Client(name.string());
             client->setExceptionListener(ToExceptionListener(py::none()));
             AddLiveClient(client);
             return ClientHolder<Client>(client);
           }),
           py::arg("name") = py::none())
      .def(
          "connect",
          [](Client& client, const Text& uri) {
            WaitOrDisconnect(client, [&client, uri = uri.string()] { client.connect(uri); });
          },
          py::arg("uri"),
          "tcp://, tcps:// or unix:// "
          "[user[:password]@]host:port/amps[/message type][?option=value&...]")
      .def(
          "logon",
          [](Client& client, long timeout, AMPS::Authenticator* authenticator,
             const OptionalText& options) {
            return WaitOrDisconnect(client, [&] {
              return client.logon(
                  timeout,
                  authenticator == nullptr ? Client::defaultAuthenticator() : *authenticator,
                  options.view);
            });
          },
          py::arg("timeout") = 0, py::arg("authenticator") = py::none(),
          py::arg("options") = py::none(), "Names the client to the gateway.")
      .def("disconnect", &Client::disconnect, Released(),
           "Sends what waits, as far as that can be done at once, and ends the connection.")
      .def("close", &Client::close, Released(), "The same as disconnect.")
      .def("__enter__", [](const py::object& self) { return self; })
      .def("__exit__",
           [](Client& client, const py::args&) {
             WithoutGil released;
             client.disconnect();
           })
      .def(
          "get_name", [](const Client& client) { return client.getName(); }, Released())
      .def(
          "get_uri", [](const Client& client) { return client.getURI(); }, Released(),
          "Of the last connect, without the password.")
      .def("is_connected", &Client::isConnected, Released())
      .def(
          "get_server_version", [](const Client& client) { return client.getServerVersion(); },
          Released(), "Of the last logon.")
      .def("set_heartbeat", &Client::setHeartbeat, py::arg("interval"), py::arg("timeout") = 0,
           Released(),
           "The gateway is asked for a heartbeat this often, in seconds; when none has come for "
           "timeout seconds (0: twice the interval), the connection counts as lost.")
      .def("set_unread_bytes_max", &Client::setUnreadBytesMax, py::arg("bytes"), Released())
      .def("set_unsent_bytes_max", &Client::setUnsentBytesMax, py::arg("bytes"), Released())
      .def("set_message_bytes_max", &Client::setMessageBytesMax, py::arg("bytes"), Released())
      // ctypes hands this over: a reference to the C++ object.
      .def_property_readonly("_as_parameter_", [](Client& client) {
        return py::module_::import("ctypes").attr("c_void_p")(reinterpret_cast<uintptr_t>(&client));
      });
}

void AddPublishing(ClientClass& type) {
  type.def("publish", &Publish<&Client::publish>, py::arg("topic"), py::arg("data"),
           py::arg("expiration") = -1,
           "Takes a message to be sent and returns. With a publish store its sequence, else 0.")
      .def("delta_publish", &Publish<&Client::deltaPublish>, py::arg("topic"), py::arg("data"),
           py::arg("expiration") = -1, "The same for a change of a record.")
      .def("publish_flush", &PublishFlush, py::arg("timeout") = 0,
           py::arg("ack_type") = "processed",
           "Returns when the gateway has processed all that was published before and, with a "
           "publish "
           "store, has stored it too.")
      .def("get_unpersisted_count", &Client::getUnpersistedCount, Released(),
           "Publishes that the publish store still has.")
      .def("set_publish_store", &SetShared<AMPS::Store, &Client::setPublishStore>, py::arg("store"),
           "Before connect. None: none.")
      .def("set_bookmark_store", &SetShared<AMPS::BookmarkStore, &Client::setBookmarkStore>,
           py::arg("store"), "Before connect. None: none.")
      .def("get_publish_store", &GetShared<AMPS::Store, &Client::getPublishStore>)
      .def("get_bookmark_store", &GetShared<AMPS::BookmarkStore, &Client::getBookmarkStore>);
  type.def(
      "sow_delete",
      [](const py::object& self, const Handler& handler, const Text& topic, const Text& filter,
         long timeout) {
        return Wait(self, [timeout, handler = handler.handler, topic = topic.string(),
                           filter = filter.string()](Client& client) {
          return client.sowDelete(handler, topic, filter, timeout);
        });
      },
      py::arg("handler"), py::arg("topic"), py::arg("filter"), py::arg("timeout") = 0,
      "Does not wait: the handler gets the stats ack; returns the command id.");
  AddDeleting<&Client::sowDelete>(
      type, "sow_delete", "filter",
      "Deletes records that match; the stats ack, which says how many.");
  AddDeleting<&Client::sowDeleteByKeys>(type, "sow_delete_by_keys", "keys",
                                        "The same by SOW keys, between commas.");
  AddDeleting<&Client::sowDeleteByData>(type, "sow_delete_by_data", "data",
                                        "The same by a body with the key fields of the record.");
}

void AddReading(ClientClass& type) {
  AddSubscribing<&Client::subscribe, &Client::subscribe>(
      type, "subscribe",
      "Calls the handler with each message; returns the id of the subscription once the gateway "
      "has "
      "taken it.");
  AddSubscribing<&Client::deltaSubscribe, &Client::deltaSubscribe>(
      type, "delta_subscribe", "The same, with changed fields only.");
  AddQuerying<&Client::sow, &Client::sow>(type, "sow",
                                          "Calls the handler with each record of a query.");
  AddQuerying<&Client::sowAndSubscribe, &Client::sowAndSubscribe>(
      type, "sow_and_subscribe", "Records first, then each change, with no gap and no overlap.");
  AddQuerying<&Client::sowAndDeltaSubscribe, &Client::sowAndDeltaSubscribe>(
      type, "sow_and_delta_subscribe", "The same, with changed fields only after the records.");
  type.def(
          "bookmark_subscribe",
          [](const py::object& self, const Handler& handler, const Text& topic,
             const Text& bookmark, const OptionalText& sub_id, const OptionalText& filter,
             const OptionalText& options, long timeout) {
            return Wait(self,
                        [=, handler = handler.handler, topic = topic.string(),
                         bookmark = bookmark.string(), sub_id = sub_id.string(),
                         filter = filter.string(), options = options.string()](Client& client) {
                          return client.bookmarkSubscribe(handler, topic, timeout, sub_id, bookmark,
                                                          filter, options);
                        });
          },
          py::arg("handler"), py::arg("topic"), py::arg("bookmark"), py::arg("sub_id") = py::none(),
          py::arg("filter") = py::none(), py::arg("options") = py::none(), py::arg("timeout") = 0,
          "Goes on after a message: see Client.Bookmarks.")
      .def(
          "unsubscribe",
          [](Client& client, const OptionalText& sub_id) {
            WithoutGil released;
            if (sub_id.view.empty()) {
              client.unsubscribe();
            } else {
              client.unsubscribe(sub_id.string());
            }
          },
          py::arg("sub_id") = py::none(), "Ends one subscription, or all.")
      .def(
          "execute",
          [](const py::object& self, const Command& command) {
            return MakeStream(self, [command](Client& client) { return client.execute(command); });
          },
          py::arg("command"), "Any command: its messages and acks as a stream.")
      .def(
          "execute_async",
          [](const py::object& self, const Command& command, const Handler& handler) {
            return Wait(self, [command, handler = handler.handler](Client& client) {
              return client.executeAsync(command, handler);
            });
          },
          py::arg("command"), py::arg("handler"),
          "Any command: its messages and acks to the handler; returns the command id once the "
          "gateway has taken it.");
}

void AddHandlers(ClientClass& type) {
  type.def(
          "set_disconnect_handler",
          [](const py::object& self, const py::object& handler) {
            Client& client = self.cast<Client&>();
            auto made = ToDisconnectHandler(self, handler);
            WithoutGil released;
            client.setDisconnectHandler(std::move(made));
          },
          py::arg("handler"),
          "handler(client): the connection is gone, and not by disconnect(). May connect again.")
      .def(
          "set_last_chance_message_handler",
          [](Client& client, const py::object& handler) {
            const AMPS::MessageHandler made = ToMessageHandler(handler);
            WithoutGil released;
            client.setLastChanceMessageHandler(made);
          },
          py::arg("handler"), "handler(message): of messages that are for no handler (any more).")
      .def(
          "set_failed_write_handler",
          [](Client& client, const py::object& handler) {
            auto made = ToFailedWriteHandler(handler);
            WithoutGil released;
            client.setFailedWriteHandler(std::move(made));
          },
          py::arg("handler"), "handler(message, reason): a publish that the gateway refused.")
      .def(
          "set_exception_listener",
          [](Client& client, const py::object& listener) {
            auto made = ToExceptionListener(listener);
            WithoutGil released;
            client.setExceptionListener(std::move(made));
          },
          py::arg("listener"),
          "listener(exception): what handlers (or reconnecting) have raised. None: what handlers "
          "raise goes to sys.unraisablehook.")
      .def(
          "set_transport_filter",
          [](Client& client, const py::object& filter) {
            auto made = ToTransportFilter(filter);
            WithoutGil released;
            client.setTransportFilterFunction(std::move(made));
          },
          py::arg("filter"),
          "filter(data, direction): all bytes of the connection, without TLS; direction is True "
          "for "
          "those received. What it returns takes their place, unless it is None. Before connect.");
}

}  // namespace

void AddClient(py::module_& module) {
  py::class_<CMessageHandler>(module, "_CMessageHandler")
      .def(py::init<uintptr_t, uintptr_t, py::object>());
  ClientClass type(
      module, "Client",
      "A client of the gateway over the amps protocol. All methods from any thread, also "
      "from handlers. Times are in milliseconds; 0: for ever. What is wrong is an "
      "AMPSException.");
  AddConnecting(type);
  AddPublishing(type);
  AddReading(type);
  AddHandlers(type);
}

}  // namespace fluxgate::python
