#include "client/python/message_stream.h"

#include "client/python/bindings.h"
#include "client/python/message_type.h"

namespace fluxgate::python {

namespace py = pybind11;

py::object Stream::Next() {
  using Clock = std::chrono::steady_clock;
  const bool is_timed = timeout_ms_ > 0;
  uint64_t taken_before = taken_;
  Clock::time_point since = is_timed ? Clock::now() : Clock::time_point();
  for (;;) {
    AMPS::Message message;
    bool more = true;
    const std::chrono::milliseconds slice(Slice());
    {
      WithoutGil released;
      std::unique_lock taking(taking_, std::try_to_lock);
      if (taking || taking.try_lock_for(slice)) more = stream_.next(message);
    }
    if (!more) return {};
    if (message) {
      ++taken_;
      PyObject* const object = NewMessage(std::move(message));
      if (object == nullptr) throw py::error_already_set();
      return py::reinterpret_steal<py::object>(object);
    }
    if (PyErr_CheckSignals() != 0) throw py::error_already_set();
    if (is_timed && taken_ != taken_before) {  // another thread has got one
      taken_before = taken_;
      since = Clock::now();
    }
    if (is_timed && Clock::now() - since >= std::chrono::milliseconds(timeout_ms_)) {
      if (!is_end_) return py::none();
      WithoutGil released;
      stream_.close();
      return {};
    }
  }
}

void AddMessageStream(py::module_& module) {
  using Released = py::call_guard<WithoutGil>;
  py::class_<Stream, Holder<Stream>>(module, "MessageStream",
                                     "Messages one after the other: iterate it. What is not taken "
                                     "waits in memory, and then in the "
                                     "gateway. The stream of a query ends after its last record; "
                                     "that of a subscription when it is "
                                     "closed or the client disconnects for good.")
      .def("__iter__", [](const py::object& self) { return self; })
      .def("__next__",
           [](Stream& self) {
             py::object next = self.Next();
             if (!next) throw py::stop_iteration();
             return next;
           })
      .def(
          "timeout",
          [](py::object self, long milliseconds) {
            self.cast<Stream&>().SetTimeout(milliseconds, false);
            return self;
          },
          py::arg("milliseconds"),
          "Iterating gives None when no message has come for this long, and goes on; 0: for ever.")
      .def(
          "wait_at_most",
          [](py::object self, long milliseconds) {
            self.cast<Stream&>().SetTimeout(milliseconds, true);
            return self;
          },
          py::arg("milliseconds"), "The stream ends when no message has come for this long.")
      .def(
          "set_max_depth",
          [](py::object self, size_t messages) {
            Stream& stream = self.cast<Stream&>();
            WithoutGil released;
            stream.stream().setMaxDepth(messages);
            return self;
          },
          py::arg("messages"),
          "Messages waiting here at most: the gateway holds the rest. 0: as many as the client's "
          "limit of memory allows.")
      .def(
          "get_depth", [](Stream& self) { return self.stream().getDepth(); }, Released(),
          "Messages waiting here.")
      .def(
          "conflate",
          [](py::object self) {
            Stream& stream = self.cast<Stream&>();
            WithoutGil released;
            stream.stream().conflate();
            return self;
          },
          "Only the last message of each record that waits.")
      .def(
          "close", [](Stream& self) { self.stream().close(); }, Released(),
          "Ends the subscription or query; iterating gives what waits, then ends.")
      .def("__enter__", [](const py::object& self) { return self; })
      .def("__exit__", [](Stream& self, const py::args&) {
        WithoutGil released;
        self.stream().close();
      });
}

}  // namespace fluxgate::python
