#include <memory>
#include <string>

#include "amps/bookmark_store.h"
#include "amps/publish_store.h"
#include "client/python/arguments.h"
#include "client/python/bindings.h"
#include "client/python/overrides.h"

namespace fluxgate::python {
namespace {

namespace py = pybind11;
using AMPS::BookmarkStore;
using AMPS::Store;
using Released = py::call_guard<WithoutGil>;

class PyStore final : public Store {
 public:
  void store(uint64_t sequence, std::string_view frame) override {
    WithGil gil;
    if (!gil) return;
    CallOverride<Store>(this, "store", kNothing, sequence, py::bytes(frame.data(), frame.size()));
  }
  void discardUpTo(uint64_t sequence) override {
    CallOverride<Store>(this, "discard_up_to", kNothing, sequence);
  }
  void replay(const Replayer& replayer) override {
    WithGil gil;
    if (!gil) return;
    const py::cpp_function give([&replayer](uint64_t sequence, const Text& frame) {
      WithoutGil released;
      return replayer(sequence, frame.view);
    });
    CallOverride<Store>(this, "replay", kNothing, give);
  }
  bool find(uint64_t sequence, std::string* frame) const override {
    return CallOverride<Store>(
        this, "find",
        [frame](const py::object& found) {
          if (found.is_none()) return false;
          *frame = found.cast<std::string>();
          return true;
        },
        sequence);
  }
  uint64_t getLastSequence() const override {
    return CallOverride<Store>(this, "get_last_sequence", kValue<uint64_t>);
  }
  uint64_t getLowestUnpersisted() const override {
    return CallOverride<Store>(this, "get_lowest_unpersisted", kValue<uint64_t>);
  }
  size_t unpersistedCount() const override {
    return CallOverride<Store>(this, "unpersisted_count", kValue<size_t>);
  }
  uint64_t bytes() const override { return CallOverride<Store>(this, "bytes", kValue<uint64_t>); }
  bool flush(long timeout) override {
    return CallOverride<Store>(this, "flush", kValue<bool>, timeout);
  }
};

class PyBookmarkStore final : public BookmarkStore {
 public:
  void log(std::string_view sub_id, std::string_view bookmark) override {
    WithGil gil;
    if (!gil) return;
    CallOverride<BookmarkStore>(this, "log", kNothing, ToPython(sub_id), ToPython(bookmark));
  }
  using BookmarkStore::discard;
  void discard(std::string_view sub_id, std::string_view bookmark) override {
    WithGil gil;
    if (!gil) return;
    CallOverride<BookmarkStore>(this, "discard", kNothing, ToPython(sub_id), ToPython(bookmark));
  }
  bool isDiscarded(std::string_view sub_id, std::string_view bookmark) override {
    WithGil gil;
    if (!gil) return false;
    return CallOverride<BookmarkStore>(this, "is_discarded", kValue<bool>, ToPython(sub_id),
                                       ToPython(bookmark));
  }
  std::string getMostRecent(std::string_view sub_id) override {
    WithGil gil;
    if (!gil) return "0";
    return CallOverride<BookmarkStore>(this, "get_most_recent", kText, ToPython(sub_id));
  }
  void persisted(std::string_view sub_id, std::string_view bookmark) override {
    WithGil gil;
    if (!gil) return;
    CallOverride<BookmarkStore>(this, "persisted", kNothing, ToPython(sub_id), ToPython(bookmark));
  }
  void purge(std::string_view sub_id) override {
    WithGil gil;
    if (!gil) return;
    CallOverride<BookmarkStore>(this, "purge", kNothing, ToPython(sub_id));
  }
  void purge() override {
    WithGil gil;
    if (!gil) return;
    CallOverride<BookmarkStore>(this, "purge", kNothing, py::none());
  }
  size_t undiscardedCount(std::string_view sub_id) const override {
    WithGil gil;
    if (!gil) return 0;
    return CallOverride<BookmarkStore>(this, "undiscarded_count", kValue<size_t>, ToPython(sub_id));
  }
};

}  // namespace

void AddStores(py::module_& module) {
  py::class_<Store, PyStore, Holder<Store>>(
      module, "Store",
      "Publishes that the gateway has not stored yet, as the bytes of their frames. Classes that "
      "derive from it define all methods.")
      .def(py::init<>())
      .def(
          "store",
          [](Store& self, uint64_t sequence, const Text& frame) {
            WithoutGil released;
            self.store(sequence, frame.view);
          },
          py::arg("sequence"), py::arg("frame"),
          "Keeps a publish. StoreException: it is full, or cannot be written.")
      .def("discard_up_to", &Store::discardUpTo, py::arg("sequence"), Released(),
           "The gateway has stored all of them up to and with this one.")
      .def(
          "replay",
          [](Store& self, const py::function& replayer) {
            const Store::Replayer give = [&replayer](uint64_t sequence, std::string_view frame) {
              WithGil gil;
              try {
                return replayer(sequence, py::bytes(frame.data(), frame.size())).cast<bool>();
              } catch (py::error_already_set& raised) {
                ThrowRaised(raised);
              }
            };
            WithoutGil released;
            self.replay(give);
          },
          py::arg("replayer"),
          "Calls replayer(sequence, frame) for each, in order, until it returns False.")
      .def(
          "find",
          [](Store& self, uint64_t sequence) -> py::object {
            std::string frame;
            bool found;
            {
              WithoutGil released;
              found = self.find(sequence, &frame);
            }
            if (!found) return py::none();
            return py::bytes(frame);
          },
          py::arg("sequence"), "The frame of a publish; None: it is not there.")
      .def("get_last_sequence", &Store::getLastSequence, Released(), "The highest ever; 0: none.")
      .def("get_lowest_unpersisted", &Store::getLowestUnpersisted, Released(),
           "0: nothing is kept.")
      .def("unpersisted_count", &Store::unpersistedCount, Released(), "How many are kept.")
      .def("bytes", &Store::bytes, Released(), "How much is kept.")
      .def("flush", &Store::flush, py::arg("timeout") = 0, Released(),
           "Until nothing is kept; False: the time (in milliseconds; 0: none) is up.");
  py::class_<AMPS::MemoryPublishStore, Store, Holder<AMPS::MemoryPublishStore>>(
      module, "MemoryPublishStore", "In memory: survives the connection, not the process.")
      .def(py::init<uint64_t>(), py::arg("bytes_max") = AMPS::MemoryPublishStore::kBytesMaxDefault);
  py::class_<AMPS::PublishStore, Store, Holder<AMPS::PublishStore>>(
      module, "PublishStore",
      "In a file: survives the process, and with sync the machine. The file is locked while in "
      "use.")
      .def(py::init([](const Text& path, uint64_t bytes_max, bool sync) {
             WithoutGil released;
             return Holder<AMPS::PublishStore>(new AMPS::PublishStore(
                 path.string(), bytes_max,
                 sync ? AMPS::PublishStore::Sync::EachPublish : AMPS::PublishStore::Sync::None));
           }),
           py::arg("path"), py::arg("bytes_max") = AMPS::PublishStore::kBytesMaxDefault,
           py::arg("sync") = false);

  py::class_<BookmarkStore, PyBookmarkStore, Holder<BookmarkStore>>(
      module, "BookmarkStore",
      "How far each subscription has got. Classes that derive from it define all methods.")
      .def(py::init<>())
      .def(
          "log",
          [](BookmarkStore& self, const Text& sub_id, const Text& bookmark) {
            WithoutGil released;
            self.log(sub_id.view, bookmark.view);
          },
          py::arg("sub_id"), py::arg("bookmark"), "A message has come.")
      .def(
          "discard",
          [](BookmarkStore& self, const Text& sub_id, const Text& bookmark) {
            WithoutGil released;
            self.discard(sub_id.view, bookmark.view);
          },
          py::arg("sub_id"), py::arg("bookmark"), "The program is done with it.")
      .def(
          "is_discarded",
          [](BookmarkStore& self, const Text& sub_id, const Text& bookmark) {
            WithoutGil released;
            return self.isDiscarded(sub_id.view, bookmark.view);
          },
          py::arg("sub_id"), py::arg("bookmark"), "Whether the program was done with it before.")
      .def(
          "get_most_recent",
          [](BookmarkStore& self, const Text& sub_id) {
            WithoutGil released;
            return self.getMostRecent(sub_id.view);
          },
          py::arg("sub_id"), "Where to go on; \"0\" where nothing was discarded yet.")
      .def(
          "persisted",
          [](BookmarkStore& self, const Text& sub_id, const Text& bookmark) {
            WithoutGil released;
            self.persisted(sub_id.view, bookmark.view);
          },
          py::arg("sub_id"), py::arg("bookmark"), "The gateway has stored all up to this one.")
      .def(
          "purge",
          [](BookmarkStore& self, const OptionalText& sub_id) {
            WithoutGil released;
            if (sub_id.view.empty()) {
              self.purge();
            } else {
              self.purge(sub_id.view);
            }
          },
          py::arg("sub_id") = py::none(), "Forgets one subscription, or all.")
      .def(
          "undiscarded_count",
          [](BookmarkStore& self, const Text& sub_id) {
            WithoutGil released;
            return self.undiscardedCount(sub_id.view);
          },
          py::arg("sub_id"), "How many messages the program is not done with.");
  py::class_<AMPS::MemoryBookmarkStore, BookmarkStore, Holder<AMPS::MemoryBookmarkStore>>(
      module, "MemoryBookmarkStore", "In memory: survives the connection, not the process.")
      .def(py::init<size_t>(),
           py::arg("undiscarded_max") = AMPS::MemoryBookmarkStore::kUndiscardedMaxDefault);
  py::class_<AMPS::LoggedBookmarkStore, BookmarkStore, Holder<AMPS::LoggedBookmarkStore>>(
      module, "LoggedBookmarkStore", "In a file.")
      .def(py::init([](const Text& path, size_t undiscarded_max) {
             WithoutGil released;
             return Holder<AMPS::LoggedBookmarkStore>(
                 new AMPS::LoggedBookmarkStore(path.string(), undiscarded_max));
           }),
           py::arg("path"),
           py::arg("undiscarded_max") = AMPS::MemoryBookmarkStore::kUndiscardedMaxDefault);
}

}  // namespace fluxgate::python
