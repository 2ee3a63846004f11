#include "core/message/msgpack_token.h"

#include <bit>

#include "core/base/utf8.h"
#include "core/message/message_reader.h"

namespace fluxgate {
namespace {

using Kind = MsgpackToken::Kind;

constexpr int8_t kTimestampExtension = -1;

bool ReadExtension(std::string_view content, int8_t type, Value& value) {
  if (type != kTimestampExtension) {
    value = Value::String(content);
    return true;
  }
  constexpr double kNanoseconds = 1e9;  // in a second
  const char* const p = content.data();
  if (content.size() == 4) {
    value = Value::Double(LoadBig<uint32_t>(p));
  } else if (content.size() == 8) {
    const auto both = LoadBig<uint64_t>(p);
    value = Value::Double(static_cast<double>(both & 0x3ffffffff) +
                          static_cast<double>(both >> 34) / kNanoseconds);
  } else if (content.size() == 12) {
    const auto seconds = static_cast<int64_t>(LoadBig<uint64_t>(p + 4));
    value = Value::Double(static_cast<double>(seconds) + LoadBig<uint32_t>(p) / kNanoseconds);
  } else {
    return false;
  }
  return true;
}

// A big-endian number of `bytes` bytes at the beginning of `left`, taken off it.
bool TakeNumber(std::string_view& left, size_t bytes, uint64_t& number) {
  if (left.size() < bytes) return false;
  switch (bytes) {
    case 1:
      number = LoadBig<uint8_t>(left.data());
      break;
    case 2:
      number = LoadBig<uint16_t>(left.data());
      break;
    case 4:
      number = LoadBig<uint32_t>(left.data());
      break;
    default:
      number = LoadBig<uint64_t>(left.data());
  }
  left.remove_prefix(bytes);
  return true;
}

bool TakeBytes(std::string_view& left, uint64_t size, std::string_view& bytes) {
  if (left.size() < size) return false;
  bytes = left.substr(0, size);
  left.remove_prefix(size);
  return true;
}

bool ReadText(std::string_view& left, uint64_t size, MsgpackToken& token) {
  token.kind = Kind::kText;
  if (!TakeBytes(left, size, token.text)) return false;
  token.value = Value::String(token.text);
  return true;
}

// Every element is at least a byte.
bool ReadCount(std::string_view left, uint64_t count, Kind kind, MsgpackToken& token) {
  token.kind = kind;
  token.count = static_cast<uint32_t>(count);
  return (kind == Kind::kMap ? 2 * count : count) <= left.size();
}

bool ReadSigned(std::string_view& left, size_t bytes, MsgpackToken& token) {
  uint64_t number = 0;
  if (!TakeNumber(left, bytes, number)) return false;
  const int unused = 64 - 8 * static_cast<int>(bytes);
  token.value = Value::Int(static_cast<int64_t>(number << unused) >> unused);
  return true;
}

bool ReadLong(uint8_t format, std::string_view& left, MsgpackToken& token) {
  uint64_t number = 0;
  const auto sized = [&](uint8_t first) { return size_t{1} << (format - first); };
  switch (format) {
    case 0xc0:
      token.value = Value::Null();
      return true;
    case 0xc2:
    case 0xc3:
      token.value = Value::Bool(format == 0xc3);
      return true;
    case 0xc4:
    case 0xc5:
    case 0xc6: {
      std::string_view bytes;
      if (!TakeNumber(left, sized(0xc4), number) || !TakeBytes(left, number, bytes)) return false;
      token.value = Value::String(bytes);
      return true;
    }
    case 0xc7:
    case 0xc8:
    case 0xc9:
      if (!TakeNumber(left, sized(0xc7), number)) return false;
      break;
    case 0xca:
      if (!TakeNumber(left, 4, number)) return false;
      token.value = Value::Double(std::bit_cast<float>(static_cast<uint32_t>(number)));
      return true;
    case 0xcb:
      if (!TakeNumber(left, 8, number)) return false;
      token.value = Value::Double(std::bit_cast<double>(number));
      return true;
    case 0xcc:
    case 0xcd:
    case 0xce:
    case 0xcf:
      if (!TakeNumber(left, sized(0xcc), number)) return false;
      token.value = Value::Uint(number);
      return true;
    case 0xd0:
    case 0xd1:
    case 0xd2:
    case 0xd3:
      return ReadSigned(left, sized(0xd0), token);
    case 0xd4:
    case 0xd5:
    case 0xd6:
    case 0xd7:
    case 0xd8:
      number = sized(0xd4);
      break;
    case 0xd9:
    case 0xda:
    case 0xdb:
      return TakeNumber(left, sized(0xd9), number) && ReadText(left, number, token);
    case 0xdc:
    case 0xdd:
      return TakeNumber(left, 2 * sized(0xdc), number) &&
             ReadCount(left, number, Kind::kArray, token);
    case 0xde:
    case 0xdf:
      return TakeNumber(left, 2 * sized(0xde), number) &&
             ReadCount(left, number, Kind::kMap, token);
    default:
      return false;
  }
  // An extension of `number` bytes behind its type.
  uint64_t type = 0;
  std::string_view content;
  return TakeNumber(left, 1, type) && TakeBytes(left, number, content) &&
         ReadExtension(content, static_cast<int8_t>(type), token.value);
}

inline bool ReadToken(std::string_view& left, MsgpackToken& token) {
  if (left.empty()) return false;
  const auto format = static_cast<uint8_t>(left.front());
  left.remove_prefix(1);
  token.kind = Kind::kScalar;
  if (format < 0x80) {
    token.value = Value::Int(format);
    return true;
  }
  if (format >= 0xe0) {
    token.value = Value::Int(static_cast<int8_t>(format));
    return true;
  }
  if (format >= 0xc0) return ReadLong(format, left, token);
  if (format >= 0xa0) return ReadText(left, format & 0x1f, token);
  return ReadCount(left, format & 0x0f, format >= 0x90 ? Kind::kArray : Kind::kMap, token);
}

// The format whose number has 8, 16, 32 or 64 bits, by the number's size.
void AppendSized(uint64_t number, uint8_t format8, std::string& out) {
  if (number <= UINT8_MAX) {
    out += static_cast<char>(format8);
    AppendBig(static_cast<uint8_t>(number), out);
  } else if (number <= UINT16_MAX) {
    out += static_cast<char>(format8 + 1);
    AppendBig(static_cast<uint16_t>(number), out);
  } else if (number <= UINT32_MAX) {
    out += static_cast<char>(format8 + 2);
    AppendBig(static_cast<uint32_t>(number), out);
  } else {
    out += static_cast<char>(format8 + 3);
    AppendBig(number, out);
  }
}

void WriteNegative(int64_t number, std::string& out) {
  if (number >= -32) {
    out += static_cast<char>(number);
  } else if (number >= INT8_MIN) {
    out += '\xd0';
    AppendBig(static_cast<uint8_t>(number), out);
  } else if (number >= INT16_MIN) {
    out += '\xd1';
    AppendBig(static_cast<uint16_t>(number), out);
  } else if (number >= INT32_MIN) {
    out += '\xd2';
    AppendBig(static_cast<uint32_t>(number), out);
  } else {
    out += '\xd3';
    AppendBig(static_cast<uint64_t>(number), out);
  }
}

void WriteUnsigned(uint64_t number, std::string& out) {
  if (number < 0x80) {
    out += static_cast<char>(number);
  } else {
    AppendSized(number, 0xcc, out);
  }
}

void WriteCount(uint32_t count, uint8_t fix, uint8_t format16, std::string& out) {
  if (count < 16) {
    out += static_cast<char>(fix | count);
  } else if (count <= UINT16_MAX) {
    out += static_cast<char>(format16);
    AppendBig(static_cast<uint16_t>(count), out);
  } else {
    out += static_cast<char>(format16 + 1);
    AppendBig(count, out);
  }
}

}  // namespace

bool ReadMsgpackToken(std::string_view& left, MsgpackToken& token) {
  const char* const begin = left.data();
  if (!ReadToken(left, token)) return false;
  token.bytes = {begin, static_cast<size_t>(left.data() - begin)};
  return true;
}

bool SkipMsgpack(std::string_view& left, uint64_t count) {
  // How many values are still to come, not how deep they are: nothing to run out of.
  while (count != 0) {
    if (count > left.size()) return false;
    --count;
    MsgpackToken token;
    if (!ReadToken(left, token)) return false;
    if (token.kind == Kind::kArray) count += token.count;
    if (token.kind == Kind::kMap) count += uint64_t{2} * token.count;
  }
  return true;
}

void WriteMsgpackText(std::string_view text, std::string& out) {
  if (text.size() < 32) {
    out += static_cast<char>(0xa0 | text.size());
  } else {
    AppendSized(text.size(), 0xd9, out);
  }
  out += text;
}

void WriteMsgpackArray(uint32_t count, std::string& out) { WriteCount(count, 0x90, 0xdc, out); }

void WriteMsgpackMap(uint32_t count, std::string& out) { WriteCount(count, 0x80, 0xde, out); }

void WriteMsgpackScalar(const Value& value, std::string& out) {
  switch (value.kind()) {
    case Value::Kind::kBool:
      out += value.as_bool() ? '\xc3' : '\xc2';
      return;
    case Value::Kind::kInt:
      if (value.as_int() < 0) {
        WriteNegative(value.as_int(), out);
      } else {
        WriteUnsigned(static_cast<uint64_t>(value.as_int()), out);
      }
      return;
    case Value::Kind::kUint:
      WriteUnsigned(value.as_uint(), out);
      return;
    case Value::Kind::kDouble:
      out += '\xcb';
      AppendBig(std::bit_cast<uint64_t>(value.as_double()), out);
      return;
    case Value::Kind::kString:
      if (IsValidUtf8(value.as_string())) {
        WriteMsgpackText(value.as_string(), out);
      } else {
        AppendSized(value.as_string().size(), 0xc4, out);
        out += value.as_string();
      }
      return;
    case Value::Kind::kNull:
    case Value::Kind::kArray:
      out += '\xc0';
  }
}

}  // namespace fluxgate
