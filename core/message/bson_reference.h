// BSON by libbson, for tests: bodies to documents, and documents to bodies.
#ifndef FLUXGATE_CORE_MESSAGE_BSON_REFERENCE_H_
#define FLUXGATE_CORE_MESSAGE_BSON_REFERENCE_H_

#include <bson/bson.h>

#include <cstdlib>
#include <string>
#include <string_view>

#include "core/message/document.h"

namespace fluxgate {

inline void AddBsonValue(bson_iter_t* iter, Document& document, Document::Node& node);

inline void AddBsonMembers(bson_iter_t* iter, Document& document, Document::Node& node) {
  using Kind = Document::Node::Kind;
  while (bson_iter_next(iter)) {
    Document::Node& child =
        node.kind == Kind::kArray
            ? document.AddElement(node, Kind::kScalar)
            : document.AddMember(node, document.Keep(bson_iter_key(iter)), Kind::kScalar);
    AddBsonValue(iter, document, child);
  }
}

inline void AddBsonValue(bson_iter_t* iter, Document& document, Document::Node& node) {
  const auto text = [&](const char* bytes, size_t size) {
    node.value = Value::String(document.Keep(std::string(bytes, size)));
  };
  const auto object_id = [&](const bson_oid_t* oid) {
    char hex[25];
    bson_oid_to_string(oid, hex);
    text(hex, 24);
  };
  const bson_value_t* const v = bson_iter_value(iter);
  bson_iter_t inner;
  switch (bson_iter_type(iter)) {
    case BSON_TYPE_DOUBLE:
      node.value = Value::Double(v->value.v_double);
      break;
    case BSON_TYPE_UTF8:
      text(v->value.v_utf8.str, v->value.v_utf8.len);
      break;
    case BSON_TYPE_DOCUMENT:
    case BSON_TYPE_ARRAY:
      node.kind = bson_iter_type(iter) == BSON_TYPE_ARRAY ? Document::Node::Kind::kArray
                                                          : Document::Node::Kind::kObject;
      if (bson_iter_recurse(iter, &inner)) AddBsonMembers(&inner, document, node);
      break;
    case BSON_TYPE_BINARY: {
      uint32_t size = 0;
      const uint8_t* bytes = nullptr;
      bson_subtype_t subtype;
      bson_iter_binary(iter, &subtype, &size, &bytes);
      text(reinterpret_cast<const char*>(bytes), size);
      break;
    }
    case BSON_TYPE_OID:
      object_id(&v->value.v_oid);
      break;
    case BSON_TYPE_BOOL:
      node.value = Value::Bool(v->value.v_bool);
      break;
    case BSON_TYPE_DATE_TIME:
      node.value = Value::Int(v->value.v_datetime);
      break;
    case BSON_TYPE_REGEX:
      text(v->value.v_regex.regex, std::string_view(v->value.v_regex.regex).size());
      break;
    case BSON_TYPE_DBPOINTER:
      object_id(&v->value.v_dbpointer.oid);
      break;
    case BSON_TYPE_CODE:
      text(v->value.v_code.code, v->value.v_code.code_len);
      break;
    case BSON_TYPE_SYMBOL:
      text(v->value.v_symbol.symbol, v->value.v_symbol.len);
      break;
    case BSON_TYPE_CODEWSCOPE:
      text(v->value.v_codewscope.code, v->value.v_codewscope.code_len);
      break;
    case BSON_TYPE_INT32:
      node.value = Value::Int(v->value.v_int32);
      break;
    case BSON_TYPE_TIMESTAMP:
      node.value = Value::Uint(uint64_t{v->value.v_timestamp.timestamp} << 32 |
                               v->value.v_timestamp.increment);
      break;
    case BSON_TYPE_INT64:
      node.value = Value::Int(v->value.v_int64);
      break;
    case BSON_TYPE_DECIMAL128: {
      char digits[BSON_DECIMAL128_STRING];
      bson_decimal128_to_string(&v->value.v_decimal128, digits);
      node.value = Value::Double(std::strtod(digits, nullptr));
      break;
    }
    case BSON_TYPE_EOD:
    case BSON_TYPE_UNDEFINED:
    case BSON_TYPE_NULL:
    case BSON_TYPE_MAXKEY:
    case BSON_TYPE_MINKEY:
      break;
  }
}

// False: libbson does not take it.
inline bool ReadWithLibbson(std::string_view body, Document& document) {
  bson_t bson;
  bson_iter_t iter;
  const auto* const bytes = reinterpret_cast<const uint8_t*>(body.data());
  constexpr auto kFlags =
      static_cast<bson_validate_flags_t>(BSON_VALIDATE_UTF8 | BSON_VALIDATE_UTF8_ALLOW_NULL);
  if (!bson_init_static(&bson, bytes, body.size())) return false;
  if (!bson_validate(&bson, kFlags, nullptr) || !bson_iter_init(&iter, &bson)) return false;
  document.Clear();
  AddBsonMembers(&iter, document, document.root());
  return true;
}

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_MESSAGE_BSON_REFERENCE_H_
