#include "core/message/protobuf_wire.h"

#include <array>

namespace fluxgate {

bool ReadGroup(std::string_view& left, uint32_t number, std::string_view& content) {
  const char* const begin = left.data();
  std::array<uint32_t, kGroupDepthMax> open;
  open[0] = number;
  size_t depth = 1;
  while (!left.empty()) {
    const char* const field_begin = left.data();
    uint32_t tag;
    if (!ReadTag(left, tag)) return false;
    WireField field;
    field.type = static_cast<WireType>(tag & 7);
    if (field.type == WireType::kStartGroup) {
      if (depth == kGroupDepthMax) return false;
      open[depth++] = tag >> 3;
    } else if (field.type == WireType::kEndGroup) {
      if (open[--depth] != tag >> 3) return false;
      if (depth == 0) {
        content = {begin, static_cast<size_t>(field_begin - begin)};
        return true;
      }
    } else if (!ReadWireValue(left, field)) {
      return false;
    }
  }
  return false;
}

}  // namespace fluxgate
