// CRC-32C (Castagnoli), RFC 3720, appendix B.4. Any thread.
#ifndef FLUXGATE_CORE_BASE_CRC32C_H_
#define FLUXGATE_CORE_BASE_CRC32C_H_

#include <cstdint>
#include <string_view>

namespace fluxgate {

// Of `bytes` behind what `crc` is of; that of nothing is 0.
uint32_t ExtendCrc32c(uint32_t crc, std::string_view bytes);
inline uint32_t Crc32c(std::string_view bytes) { return ExtendCrc32c(0, bytes); }

// The same by tables, which processors without SSE 4.2 use.
uint32_t ExtendCrc32cByTables(uint32_t crc, std::string_view bytes);

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_BASE_CRC32C_H_
