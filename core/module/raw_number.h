// Enumerations that a module has filled in. It may have put any number there, and reading one that
// the enumeration does not have is undefined in C++.
#ifndef FLUXGATE_CORE_MODULE_RAW_NUMBER_H_
#define FLUXGATE_CORE_MODULE_RAW_NUMBER_H_

#include <cstring>
#include <type_traits>

namespace fluxgate {

template <class E>
int RawNumber(const E& value) {
  static_assert(std::is_enum_v<E> && sizeof(E) == sizeof(int));
  int number;
  std::memcpy(&number, &value, sizeof(number));
  return number;
}

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_MODULE_RAW_NUMBER_H_
