// One accepted byte stream (tcp or unix) on a reactor: bytes in, bytes out, no idea of frames.
//
// Input goes through one read buffer per reactor; a connection keeps only what is left of an
// unfinished frame, so an idle connection holds no buffer at all. Output collects in chunks taken
// from a pool and leaves in one gathered write at the end of each batch. Reactor thread only.
//
// A SocketLayer may stand between it and its socket; output then waits for the layer's handshake.
#ifndef FLUXGATE_GATEWAY_NET_CONNECTION_H_
#define FLUXGATE_GATEWAY_NET_CONNECTION_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "gateway/net/chunk_queue.h"
#include "gateway/net/reactor.h"
#include "gateway/net/socket_layer.h"

namespace fluxgate::net {

// Input space shared by the connections of one reactor: it is used by one at a time.
class ReadBuffer {
 public:
  // Allocates `padding` readable bytes behind what is read.
  explicit ReadBuffer(size_t padding);
  char* data() { return data_.get(); }
  static constexpr size_t kBytes = 256 * 1024;

 private:
  std::unique_ptr<char[]> data_;
};

// What the connections of one reactor share. Outlives them.
struct ConnectionResources {
  explicit ConnectionResources(Reactor& r, size_t padding) : reactor(r), read_buffer(padding) {}
  Reactor& reactor;
  ReadBuffer read_buffer;
  ChunkPool chunk_pool;
};

// The protocol side of a connection.
class ConnectionUser {
 public:
  virtual ~ConnectionUser() = default;
  // Returns how many bytes it is done with; the rest comes again with what follows. Padding bytes
  // behind `bytes` are readable. May call Close.
  virtual size_t OnBytes(std::string_view bytes) = 0;
  // How many bytes the unfinished frame at the start of `bytes` needs in all, as far as known: a
  // connection gathers that much before it calls OnBytes again.
  virtual size_t BytesWanted(std::string_view bytes) = 0;
  // Once, before any OnBytes, and only with a layer: its handshake is over.
  virtual void OnHandshakeDone() {}
  // Once, last: the connection is gone (closed by the peer, by Close or by an error).
  virtual void OnClosed(std::string_view reason) = 0;
  // Some output has left; `pending_bytes` are still waiting.
  virtual void OnDrained(size_t pending_bytes) = 0;
};

class Connection final : public EventHandler {
 public:
  // Takes ownership of `fd` (non-blocking). `user` outlives the connection or its OnClosed call.
  // `layer` reads and writes `fd`; null: none.
  Connection(ConnectionResources& shared, int fd, size_t padding,
             std::unique_ptr<SocketLayer> layer = nullptr);
  ~Connection() override;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void Start(ConnectionUser* user);

  // Output. Collected now, written at the end of the batch.
  ChunkQueue& output() {
    if (!flush_scheduled_) ScheduleFlush();
    return output_;
  }
  size_t pending_bytes() const { return output_.size(); }

  // No OnBytes until ResumeReading; the peer is held back by its socket.
  void PauseReading();
  void ResumeReading();
  bool reading_paused() const { return paused_; }

  // Writes the output, ends our side and waits for the peer to end its own, so that the last words
  // are not lost to a reset; whoever closes sees to it that this does not take for ever (Abort).
  // Input is dropped from now on. OnClosed follows at the end of that batch.
  void Close(std::string_view reason);
  // Closes at once, output dropped; OnClosed follows at the end of the batch.
  void Abort(std::string_view reason);
  bool closing() const { return closing_; }
  int64_t closing_since_ns() const { return closing_since_ns_; }

  // Until the layer's handshake is over. Whoever owns the connection sees to it that this does not
  // take for ever.
  bool handshaking() const { return handshaking_; }
  // Null: the peer has shown none, or not yet. As long as the connection.
  const PeerCertificate* peer_certificate() const {
    return layer_ == nullptr ? nullptr : layer_->peer_certificate();
  }

  // Bytes of a frame that is not complete yet.
  size_t partial_bytes() const { return partial_size_; }
  // Since when (reactor time) a frame, or what a layer makes frames of, has not been complete; 0:
  // nothing has been begun.
  int64_t unfinished_since_ns() const {
    return partial_size_ > 0 ? partial_since_ns_ : layer_part_since_ns_;
  }

  void OnEvents(uint32_t events) override;

 private:
  void ContinueHandshake();
  // As read and sendmsg of the socket: what the layer wants instead is noted.
  ssize_t Receive(char* to, size_t size);
  ssize_t ReceiveFromLayer(char* to, size_t size);
  ssize_t SendToLayer(const iovec* pieces, size_t count);
  bool HoldsOutput() const {
    return !output_.empty() || (layer_ != nullptr && layer_->holds_output());
  }
  std::string_view ErrorText(int error) const;
  void ReadOnce();
  // What the layer has, of which the socket does not tell: a part now, the rest when others have
  // had their turn.
  void ReadHeld();
  void Consume(char* begin, size_t size);
  void ReadPartial();
  void Discard();
  void KeepPartial(std::string_view rest);
  void ScheduleFlush();
  void Flush();
  void EndOurSide();
  void Finish();
  void UpdateInterest();

  ConnectionResources& shared_;
  const size_t padding_;
  int fd_;
  const std::unique_ptr<SocketLayer> layer_;
  ConnectionUser* user_ = nullptr;
  ChunkQueue output_;
  uint32_t interest_ = 0;
  bool flush_scheduled_ = false;
  bool finish_scheduled_ = false;
  bool paused_ = false;
  bool closing_ = false;
  bool want_write_ = false;
  bool handshaking_;
  bool read_wants_write_ = false;  // of a layer, also in its handshake
  bool write_wants_read_ = false;
  std::shared_ptr<bool> held_posted_;  // null until needed; goes with the connection
  int64_t layer_part_since_ns_ = 0;
  bool ended_ = false;  // our side, by shutdown
  int64_t closing_since_ns_ = 0;
  std::string close_reason_;

  std::unique_ptr<char[]> partial_;
  size_t partial_size_ = 0;
  size_t partial_capacity_ = 0;
  size_t partial_wanted_ = 0;
  int64_t partial_since_ns_ = 0;
};

}  // namespace fluxgate::net

#endif  // FLUXGATE_GATEWAY_NET_CONNECTION_H_
