#include "client/python/message_type.h"

#include <new>
#include <string>
#include <string_view>
#include <utility>

namespace fluxgate::python {
namespace {

using AMPS::Message;

struct MessageObject {
  PyObject_HEAD;
  const Message* shown;  // own, or one that is borrowed
  Message own;
};

PyTypeObject* message_type = nullptr;

MessageObject* Of(PyObject* object) { return reinterpret_cast<MessageObject*>(object); }

PyObject* Allocate() {
  PyObject* const object = message_type->tp_alloc(message_type, 0);
  if (object == nullptr) return nullptr;
  new (&Of(object)->own) Message();
  Of(object)->shown = &Of(object)->own;
  return object;
}

PyObject* New(PyTypeObject*, PyObject* arguments, PyObject* named) {
  if (PyTuple_GET_SIZE(arguments) != 0 || (named != nullptr && PyDict_GET_SIZE(named) != 0)) {
    PyErr_SetString(PyExc_TypeError, "Message() takes no arguments");
    return nullptr;
  }
  return Allocate();
}

void Dealloc(PyObject* object) {
  Of(object)->own.~Message();
  PyTypeObject* const type = Py_TYPE(object);
  type->tp_free(object);
  Py_DECREF(type);
}

PyObject* Text(std::string_view text) {
  return PyUnicode_DecodeUTF8(text.data(), static_cast<Py_ssize_t>(text.size()), nullptr);
}

template <std::string_view (Message::*get)() const>
PyObject* GetText(PyObject* self, PyObject*) {
  return Text((Of(self)->shown->*get)());
}

template <uint64_t (Message::*get)() const>
PyObject* GetNumber(PyObject* self, PyObject*) {
  return PyLong_FromUnsignedLongLong((Of(self)->shown->*get)());
}

PyObject* GetDataRaw(PyObject* self, PyObject*) {
  const std::string_view data = Of(self)->shown->getData();
  return PyBytes_FromStringAndSize(data.data(), static_cast<Py_ssize_t>(data.size()));
}

PyObject* Copy(PyObject* self, PyObject*) { return NewMessage(*Of(self)->shown); }

PyObject* ToText(PyObject* self) {
  const std::string text = to_string(*Of(self)->shown);
  return PyUnicode_DecodeUTF8(text.data(), static_cast<Py_ssize_t>(text.size()), "replace");
}

int IsSomething(PyObject* self) { return *Of(self)->shown ? 1 : 0; }

PyMethodDef methods[] = {
    {"get_command", GetText<&Message::getCommand>, METH_NOARGS,
     "What this is: one of the values of Message.Command, such as \"p\", \"sow\", \"oof\", "
     "\"ack\"."},
    {"get_topic", GetText<&Message::getTopic>, METH_NOARGS, "The topic."},
    {"get_data", GetText<&Message::getData>, METH_NOARGS,
     "The body as text. UnicodeDecodeError where it is not UTF-8: see get_data_raw."},
    {"get_data_raw", GetDataRaw, METH_NOARGS, "The body as bytes."},
    {"get_sow_key", GetText<&Message::getSowKey>, METH_NOARGS, "The key of the record."},
    {"get_sub_id", GetText<&Message::getSubscriptionId>, METH_NOARGS,
     "The subscription that this delivery is for."},
    {"get_sub_ids", GetText<&Message::getSubscriptionIds>, METH_NOARGS,
     "All subscriptions of this client that matched, between commas."},
    {"get_query_id", GetText<&Message::getQueryID>, METH_NOARGS, "The query."},
    {"get_command_id", GetText<&Message::getCommandId>, METH_NOARGS,
     "The command that an ack is for."},
    {"get_correlation_id", GetText<&Message::getCorrelationId>, METH_NOARGS,
     "What the publisher sent along."},
    {"get_bookmark", GetText<&Message::getBookmark>, METH_NOARGS, "The position of the message."},
    {"get_timestamp", GetText<&Message::getTimestamp>, METH_NOARGS,
     "When the gateway had it, where asked for."},
    {"get_lease_period", GetText<&Message::getLeasePeriod>, METH_NOARGS, "Of a queue message."},
    {"get_user_id", GetText<&Message::getUserId>, METH_NOARGS, "Who published it."},
    {"get_reason", GetText<&Message::getReason>, METH_NOARGS, "Of an ack or out-of-focus message."},
    {"get_options", GetText<&Message::getOptions>, METH_NOARGS, "The options of the message."},
    {"get_ack_type", GetText<&Message::getAckType>, METH_NOARGS,
     "Of an ack: one of the values of Message.AckType, such as \"processed\"."},
    {"get_status", GetText<&Message::getStatus>, METH_NOARGS,
     "Of an ack: \"success\", \"failure\" or \"retry\"."},
    {"get_sequence", GetNumber<&Message::getSequence>, METH_NOARGS, "Of an ack; 0: none."},
    {"get_matches", GetNumber<&Message::getMatches>, METH_NOARGS, "Of a stats ack."},
    {"get_topic_matches", GetNumber<&Message::getTopicMatches>, METH_NOARGS, "Of a stats ack."},
    {"get_records_returned", GetNumber<&Message::getRecordsReturned>, METH_NOARGS,
     "Of a stats ack."},
    {"get_records_inserted", GetNumber<&Message::getRecordsInserted>, METH_NOARGS,
     "Of a stats ack."},
    {"get_records_updated", GetNumber<&Message::getRecordsUpdated>, METH_NOARGS, "Of a stats ack."},
    {"get_records_deleted", GetNumber<&Message::getRecordsDeleted>, METH_NOARGS, "Of a stats ack."},
    {"copy", Copy, METH_NOARGS, "A copy."},
    {"__copy__", Copy, METH_NOARGS, nullptr},
    {"__deepcopy__", Copy, METH_O, nullptr},
    {nullptr, nullptr, 0, nullptr},
};

constexpr char kDoc[] =
    "What the gateway sends: a message, a record, an ack. It may be kept as long as wanted: a "
    "handler's\n"
    "is copied when something still refers to it after the handler has returned. False: the time "
    "of a\n"
    "stream has run out.";

PyType_Slot slots[] = {
    {Py_tp_doc, const_cast<char*>(kDoc)},
    {Py_tp_new, reinterpret_cast<void*>(New)},
    {Py_tp_dealloc, reinterpret_cast<void*>(Dealloc)},
    {Py_tp_methods, methods},
    {Py_tp_str, reinterpret_cast<void*>(ToText)},
    {Py_tp_repr, reinterpret_cast<void*>(ToText)},
    {Py_nb_bool, reinterpret_cast<void*>(IsSomething)},
    {0, nullptr},
};

PyType_Spec spec = {"AMPS.Message", sizeof(MessageObject), 0, Py_TPFLAGS_DEFAULT, slots};

}  // namespace

PyObject* NewMessage(Message message) {
  PyObject* const object = Allocate();
  if (object != nullptr) Of(object)->own = std::move(message);
  return object;
}

PyObject* BorrowMessage(const Message& message) {
  PyObject* const object = Allocate();
  if (object != nullptr) Of(object)->shown = &message;
  return object;
}

PyObject* EndBorrow(PyObject* object) {
  MessageObject* const self = Of(object);
  if (Py_REFCNT(object) > 1) {
    self->own = *self->shown;
    self->shown = &self->own;
    Py_DECREF(object);
    return nullptr;
  }
  self->shown = &self->own;
  return object;
}

void ShowMessage(PyObject* object, const Message& message) { Of(object)->shown = &message; }

void AddMessageType(pybind11::module_& module) {
  message_type = reinterpret_cast<PyTypeObject*>(PyType_FromSpec(&spec));
  if (message_type == nullptr) throw pybind11::error_already_set();
  module.attr("Message") = pybind11::handle(reinterpret_cast<PyObject*>(message_type));
}

}  // namespace fluxgate::python
