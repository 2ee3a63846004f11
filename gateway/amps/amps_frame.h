// Cuts a stream of bytes into `amps` frames. Looks at nothing but the 4-byte length, keeps no state
// and copies nothing: the caller owns the receive buffer.
#ifndef FLUXGATE_GATEWAY_AMPS_AMPS_FRAME_H_
#define FLUXGATE_GATEWAY_AMPS_AMPS_FRAME_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "gateway/amps/amps_constants.h"

namespace fluxgate::amps {

enum class FrameStatus : uint8_t {
  kFrame,     // `frame` is whole
  kNeedMore,  // read on until the bytes after `consumed` are at least `wanted_bytes`
  kError,     // the announced length is over header_bytes_max + body_bytes_max: close
};

struct FrameResult {
  FrameStatus status = FrameStatus::kNeedMore;
  size_t consumed = 0;        // bytes to drop from the front, the frame's own included; also with
                              // kNeedMore (frames of length zero, which mean nothing)
  std::string_view frame;     // header and body, without the length
  uint64_t wanted_bytes = 0;  // kNeedMore: size of the next frame with its prefix, or 4
  uint32_t length = 0;        // as announced; kFrame and kError
};

inline uint32_t LoadFrameLength(const char* p) {
  const auto* u = reinterpret_cast<const unsigned char*>(p);
  return uint32_t{u[0]} << 24 | uint32_t{u[1]} << 16 | uint32_t{u[2]} << 8 | uint32_t{u[3]};
}

inline void StoreFrameLength(uint32_t length, char* p) {
  p[0] = static_cast<char>(length >> 24);
  p[1] = static_cast<char>(length >> 16);
  p[2] = static_cast<char>(length >> 8);
  p[3] = static_cast<char>(length);
}

// The first frame in `bytes`.
inline FrameResult NextFrame(std::string_view bytes, const FrameLimits& limits) {
  FrameResult result;
  size_t at = 0;
  while (bytes.size() - at >= kFramePrefixBytes) {
    const uint32_t length = LoadFrameLength(bytes.data() + at);
    if (length == 0) {
      at += kFramePrefixBytes;
      continue;
    }
    result.length = length;
    result.consumed = at;
    if (length > limits.header_bytes_max + limits.body_bytes_max) {
      result.status = FrameStatus::kError;
      return result;
    }
    if (bytes.size() - at - kFramePrefixBytes < length) {
      result.wanted_bytes = kFramePrefixBytes + uint64_t{length};
      return result;
    }
    result.status = FrameStatus::kFrame;
    result.frame = bytes.substr(at + kFramePrefixBytes, length);
    result.consumed = at + kFramePrefixBytes + length;
    return result;
  }
  result.consumed = at;
  result.wanted_bytes = kFramePrefixBytes;
  return result;
}

}  // namespace fluxgate::amps

#endif  // FLUXGATE_GATEWAY_AMPS_AMPS_FRAME_H_
