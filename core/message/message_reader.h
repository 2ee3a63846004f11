// What the readers of binary message types have in common: numbers at any address, and the node
// that an element of an array belongs to.
#ifndef FLUXGATE_CORE_MESSAGE_MESSAGE_READER_H_
#define FLUXGATE_CORE_MESSAGE_MESSAGE_READER_H_

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "absl/status/status.h"
#include "core/base/error.h"
#include "core/message/field_tree.h"

namespace fluxgate {

// Bodies are read by recursion; this keeps any configured limit harmless.
inline constexpr uint32_t kMessageDepthCeiling = 1000;

// A number as it stands at `p`, least or most significant byte first.
template <typename T>
T LoadLittle(const char* p) {
  T number;
  std::memcpy(&number, p, sizeof number);
  static_assert(std::endian::native == std::endian::little);
  return number;
}
template <typename T>
T LoadBig(const char* p) {
  static_assert(std::is_unsigned_v<T>);
  T number = 0;
  for (size_t i = 0; i < sizeof number; ++i) {
    number = static_cast<T>(number << 8 | static_cast<unsigned char>(p[i]));
  }
  return number;
}
template <typename T>
void AppendLittle(T number, std::string& out) {
  char bytes[sizeof number];
  std::memcpy(bytes, &number, sizeof number);
  out.append(bytes, sizeof number);
}
template <typename T>
void AppendBig(T number, std::string& out) {
  for (size_t i = sizeof number; i-- > 0;) out += static_cast<char>(number >> (8 * i) & 0xff);
}

// Which node an element of an array is read for. Arrays in arrays count as one: an element's
// subscript is its place in the outer one, unless a path has a subscript for each.
struct ArrayPlace {
  const FieldTree::Node& node;
  bool counts;  // subscripts refer to this array

  ArrayPlace Element(size_t number) const {
    if (!counts) return *this;
    const FieldTree::Node& element = FieldTree::ForElement(node, number);
    return {element, &element != &node};
  }
  // The node of what is no array here: its own element 0, and that one's.
  const FieldTree::Node& Single() const { return counts ? *node.single : node; }
};

inline std::vector<FieldSlot> SlotsOf(const std::vector<FieldRequest>& requests) {
  std::vector<FieldSlot> slots;
  for (const FieldRequest& request : requests) slots.push_back(request.slot);
  return slots;
}

inline absl::Status MalformedAt(std::string_view what, size_t offset) {
  return MakeErrorAt(ErrorCode::kMalformedBody, what, offset);
}

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_MESSAGE_MESSAGE_READER_H_
