// What sits between a Connection and its socket and changes the bytes on their way: TLS, for
// example. A layer reads and writes its descriptor, or the layer that it stands on. Without one a
// Connection uses its socket directly.
//
// Nothing here blocks. Reactor thread only.
#ifndef FLUXGATE_GATEWAY_NET_SOCKET_LAYER_H_
#define FLUXGATE_GATEWAY_NET_SOCKET_LAYER_H_

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "gateway/net/peer_certificate.h"

namespace fluxgate::net {

class SocketLayer {
 public:
  enum class Outcome : uint8_t {
    kDone,
    kWantsRead,   // again when the socket can be read, whatever was asked for
    kWantsWrite,  // again when it can be written
    kEnded,       // the peer has ended its side
    kFailed,      // for good; see error()
  };
  struct Result {
    Outcome outcome = Outcome::kDone;
    size_t bytes = 0;  // more than 0 exactly when kDone
  };

  virtual ~SocketLayer() = default;

  // What both sides settle before bytes may flow: first, and again until it is kDone.
  virtual Outcome Handshake() = 0;

  // Looks at the socket at most once, and not at all while it holds input from before: a fast peer
  // does not keep the reactor here.
  virtual Result Read(char* to, size_t size) = 0;
  // Whether Read would give something (also the end) without the socket, of which the reactor would
  // not tell.
  virtual bool holds_input() const = 0;

  // Whether the peer has begun something that nothing can be made of until more comes.
  virtual bool holds_part() const = 0;

  // After kWantsRead or kWantsWrite the next call's bytes begin with the same ones.
  virtual Result Write(std::span<const iovec> pieces) = 0;

  // Tells the peer that no more will be written. Anything but kWantsWrite: that was all.
  virtual Outcome Shutdown() = 0;

  // For the log, after kFailed or kEnded.
  virtual std::string_view error() const = 0;

  // Null: the peer has shown none. From the end of the handshake on; as long as the layer.
  virtual const PeerCertificate* peer_certificate() const { return nullptr; }
};

}  // namespace fluxgate::net

#endif  // FLUXGATE_GATEWAY_NET_SOCKET_LAYER_H_
