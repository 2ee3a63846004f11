// What layers have in common that stand on another one and make other bytes of its bytes: buffers
// on both ways, and who waits for whom. Reactor thread only.
#ifndef FLUXGATE_GATEWAY_NET_STACKED_LAYER_H_
#define FLUXGATE_GATEWAY_NET_STACKED_LAYER_H_

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "gateway/net/byte_queue.h"
#include "gateway/net/socket_layer.h"

namespace fluxgate::net {

class StackedLayer : public SocketLayer {
 public:
  // Of what a layer reads from the one below at a time.
  static constexpr size_t kReadBytes = 64 * 1024;
  // Above this no more is made for the peer, and nothing of it read, until it has left.
  static constexpr size_t kOutputBytesMax = 256 * 1024;

  bool needs_handshake() const final { return below_->needs_handshake(); }
  Outcome Handshake() final;
  Result Read(char* to, size_t size) final;
  bool holds_input() const final;
  bool holds_part() const final { return HoldsPart() || below_->holds_part(); }
  Result Write(std::span<const iovec> pieces) final;
  bool holds_output() const final { return !output_.empty() || below_->holds_output(); }
  Outcome Shutdown() final;
  std::string_view error() const final { return error_; }
  const PeerCertificate* peer_certificate() const final { return below_->peer_certificate(); }

 protected:
  // `read_buffer` has kReadBytes, outlives this, and may be shared with others of one thread.
  StackedLayer(std::unique_ptr<SocketLayer> below, char* read_buffer)
      : below_(std::move(below)), read_buffer_(read_buffer) {}

  // Bytes from the peer: adds to input() what is to be read. False: no more is, after SetError.
  virtual bool Receive(std::string_view bytes) = 0;
  // Whether ReceiveMore would add to input() without further bytes.
  virtual bool HoldsMore() const { return false; }
  virtual bool ReceiveMore() { return true; }
  virtual bool HoldsPart() const = 0;
  // Bytes for the peer: adds to output() what is to be written. False: nothing more can be, after
  // SetError.
  virtual bool Send(std::string_view bytes) = 0;

  ByteQueue& input() { return input_; }
  ByteQueue& output() { return output_; }
  // The first one stays.
  void SetError(std::string text);

 private:
  Outcome FlushOutput();
  bool has_room() const { return output_.size() < kOutputBytesMax; }

  const std::unique_ptr<SocketLayer> below_;
  char* const read_buffer_;
  ByteQueue input_;
  ByteQueue output_;
  size_t taken_ = 0;  // of what was to be written: in output_, and not yet said to be written
  Outcome final_ = Outcome::kDone;  // of reading, once input_ has been read
  bool send_failed_ = false;
  std::string error_;
};

}  // namespace fluxgate::net

#endif  // FLUXGATE_GATEWAY_NET_STACKED_LAYER_H_
