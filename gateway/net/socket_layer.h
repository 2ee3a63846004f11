// What sits between a Connection and its socket and changes the bytes on their way: TLS, filters
// and protocols of modules. A layer reads and writes its descriptor, or the layer that it stands on
// (StackedLayer). Without one a Connection uses its socket directly.
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
    kRefused,     // of Read: no more is read, see error(); what is written still goes to the peer
    kFailed,      // for good; see error()
  };
  struct Result {
    Outcome outcome = Outcome::kDone;
    size_t bytes = 0;  // when kDone more than 0, unless there was nothing to write
  };

  virtual ~SocketLayer() = default;

  // False: bytes may flow at once, and Handshake is not called.
  virtual bool needs_handshake() const { return true; }
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

  // After kWantsRead or kWantsWrite the next call's bytes begin with the same ones. None at all:
  // only what the layer holds is written.
  virtual Result Write(std::span<const iovec> pieces) = 0;
  // Whether it has something of its own for the peer, also while there is nothing to write.
  virtual bool holds_output() const { return false; }

  // Tells the peer that no more will be written. Anything but kWantsWrite: that was all.
  virtual Outcome Shutdown() = 0;

  // For the log, after kFailed or kEnded.
  virtual std::string_view error() const = 0;

  // Null: the peer has shown none. From the end of the handshake on; as long as the layer.
  virtual const PeerCertificate* peer_certificate() const { return nullptr; }
};

}  // namespace fluxgate::net

#endif  // FLUXGATE_GATEWAY_NET_SOCKET_LAYER_H_
