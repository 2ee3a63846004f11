// Comparing short texts that are compared for every message and nearly always equal: some loads in
// place of a call.
#ifndef FLUXGATE_CORE_BASE_EQUAL_TEXT_H_
#define FLUXGATE_CORE_BASE_EQUAL_TEXT_H_

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace fluxgate {

// Whether the `Word`s at `a` and at `b` have the same bytes.
template <typename Word>
inline bool EqualWord(const char* a, const char* b) {
  Word x;
  Word y;
  std::memcpy(&x, a, sizeof x);
  std::memcpy(&y, b, sizeof y);
  return x == y;
}

// a == b. The last load overlaps the one before it.
inline bool EqualText(std::string_view a, std::string_view b) {
  const size_t size = a.size();
  if (size != b.size()) return false;
  if (size > sizeof(uint64_t)) {
    const size_t last = size - sizeof(uint64_t);
    for (size_t at = 0; at < last; at += sizeof(uint64_t)) {
      if (!EqualWord<uint64_t>(a.data() + at, b.data() + at)) return false;
    }
    return EqualWord<uint64_t>(a.data() + last, b.data() + last);
  }
  if (size >= sizeof(uint32_t)) {
    const size_t last = size - sizeof(uint32_t);
    return EqualWord<uint32_t>(a.data(), b.data()) &&
           EqualWord<uint32_t>(a.data() + last, b.data() + last);
  }
  return size == 0 || (a[0] == b[0] && a[size / 2] == b[size / 2] && a[size - 1] == b[size - 1]);
}

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_BASE_EQUAL_TEXT_H_
