// SipHash-2-4 with a fixed key: the same 64 bits for the same bytes in every process and version,
// for keys that are stored. Not for secrets.
#ifndef FLUXGATE_CORE_BASE_STABLE_HASH_H_
#define FLUXGATE_CORE_BASE_STABLE_HASH_H_

#include <cstdint>
#include <string_view>

namespace fluxgate {

uint64_t StableHash(std::string_view bytes);
// With another key than the fixed one, for the test against the published vectors.
uint64_t SipHash24(std::string_view bytes, uint64_t key0, uint64_t key1);

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_BASE_STABLE_HASH_H_
