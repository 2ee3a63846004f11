// The pieces that MessagePack bodies are made of (github.com/msgpack/msgpack, spec.md): reading and
// writing one, passing over many.
#ifndef FLUXGATE_CORE_MESSAGE_MSGPACK_TOKEN_H_
#define FLUXGATE_CORE_MESSAGE_MSGPACK_TOKEN_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/message/value.h"

namespace fluxgate {

// One format byte with what belongs to it: a whole scalar, or the beginning of an array or map.
struct MsgpackToken {
  enum class Kind : uint8_t { kScalar, kText, kArray, kMap };

  Kind kind = Kind::kScalar;
  uint32_t count = 0;      // elements of an array, pairs of a map; never more than bytes are left
  Value value;             // of a scalar, and of text (str; bin is a scalar)
  std::string_view text;   // of text, also when it is empty
  std::string_view bytes;  // the token as it stands there
};

// Takes the token at the beginning of `left` off it. False: cut short, or no format of
// MessagePack; `left` is then unspecified. Values: text for str and bin, seconds since 1970 UTC as
// a double for the timestamp extension, the bytes for any other, NULL for nil.
bool ReadMsgpackToken(std::string_view& left, MsgpackToken& token);

// Takes `count` values off `left`, whatever is in them.
bool SkipMsgpack(std::string_view& left, uint64_t count);

// Appends a value in its shortest form; text that is not UTF-8 becomes bin. Not an array.
void WriteMsgpackScalar(const Value& value, std::string& out);
void WriteMsgpackText(std::string_view text, std::string& out);
void WriteMsgpackArray(uint32_t count, std::string& out);
void WriteMsgpackMap(uint32_t count, std::string& out);

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_MESSAGE_MSGPACK_TOKEN_H_
