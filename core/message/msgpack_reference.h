// MessagePack by msgpack-c, for tests: bodies to documents.
#ifndef FLUXGATE_CORE_MESSAGE_MSGPACK_REFERENCE_H_
#define FLUXGATE_CORE_MESSAGE_MSGPACK_REFERENCE_H_

#include <msgpack.h>
#include <msgpack/timestamp.h>

#include <string>
#include <string_view>

#include "core/message/document.h"

namespace fluxgate {

// Keys that are not str are left out.
inline void AddMsgpackValue(const msgpack_object& object, Document& document,
                            Document::Node& node) {
  using Kind = Document::Node::Kind;
  const auto text = [&](const char* bytes, size_t size) {
    node.value = Value::String(document.Keep(std::string(bytes, size)));
  };
  switch (object.type) {
    case MSGPACK_OBJECT_NIL:
      break;
    case MSGPACK_OBJECT_BOOLEAN:
      node.value = Value::Bool(object.via.boolean);
      break;
    case MSGPACK_OBJECT_POSITIVE_INTEGER:
      node.value = Value::Uint(object.via.u64);
      break;
    case MSGPACK_OBJECT_NEGATIVE_INTEGER:
      node.value = Value::Int(object.via.i64);
      break;
    case MSGPACK_OBJECT_FLOAT32:
    case MSGPACK_OBJECT_FLOAT64:
      node.value = Value::Double(object.via.f64);
      break;
    case MSGPACK_OBJECT_STR:
      text(object.via.str.ptr, object.via.str.size);
      break;
    case MSGPACK_OBJECT_BIN:
      text(object.via.bin.ptr, object.via.bin.size);
      break;
    case MSGPACK_OBJECT_EXT: {
      msgpack_timestamp time;
      if (msgpack_object_to_timestamp(&object, &time)) {
        node.value = Value::Double(static_cast<double>(time.tv_sec) + time.tv_nsec / 1e9);
      } else {
        text(object.via.ext.ptr, object.via.ext.size);
      }
      break;
    }
    case MSGPACK_OBJECT_ARRAY:
      node.kind = Kind::kArray;
      for (uint32_t i = 0; i < object.via.array.size; ++i) {
        AddMsgpackValue(object.via.array.ptr[i], document,
                        document.AddElement(node, Kind::kScalar));
      }
      break;
    case MSGPACK_OBJECT_MAP:
      node.kind = Kind::kObject;
      for (uint32_t i = 0; i < object.via.map.size; ++i) {
        const msgpack_object_kv& pair = object.via.map.ptr[i];
        if (pair.key.type != MSGPACK_OBJECT_STR) continue;
        const std::string_view name =
            document.Keep(std::string(pair.key.via.str.ptr, pair.key.via.str.size));
        AddMsgpackValue(pair.val, document, document.AddMember(node, name, Kind::kScalar));
      }
  }
}

// False: msgpack-c does not take it, or it is no map.
inline bool ReadWithMsgpackC(std::string_view body, Document& document) {
  msgpack_unpacked unpacked;
  msgpack_unpacked_init(&unpacked);
  size_t offset = 0;
  const bool ok =
      msgpack_unpack_next(&unpacked, body.data(), body.size(), &offset) == MSGPACK_UNPACK_SUCCESS &&
      offset == body.size() && unpacked.data.type == MSGPACK_OBJECT_MAP;
  if (ok) {
    document.Clear();
    AddMsgpackValue(unpacked.data, document, document.root());
  }
  msgpack_unpacked_destroy(&unpacked);
  return ok;
}

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_MESSAGE_MSGPACK_REFERENCE_H_
