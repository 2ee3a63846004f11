#include "gateway/net/stacked_layer.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace fluxgate::net {

void StackedLayer::SetError(std::string text) {
  if (error_.empty()) error_ = std::move(text);
}

SocketLayer::Outcome StackedLayer::Handshake() {
  const Outcome outcome = below_->Handshake();
  if (outcome == Outcome::kEnded || outcome == Outcome::kFailed) {
    SetError(std::string(below_->error()));
  }
  return outcome;
}

SocketLayer::Result StackedLayer::Read(char* to, size_t size) {
  if (input_.empty() && final_ == Outcome::kDone && !has_room()) return {Outcome::kWantsWrite, 0};
  bool ok = true;
  if (input_.empty() && final_ == Outcome::kDone && HoldsMore()) ok = ReceiveMore();
  if (ok && input_.empty() && final_ == Outcome::kDone) {
    const Result read = below_->Read(read_buffer_, kReadBytes);
    if (read.outcome == Outcome::kWantsRead || read.outcome == Outcome::kWantsWrite) return read;
    if (read.outcome == Outcome::kDone) {
      ok = Receive({read_buffer_, read.bytes});
    } else {
      final_ = read.outcome;
      SetError(std::string(below_->error()));
    }
  }
  if (!ok) final_ = Outcome::kRefused;
  if (input_.empty()) return {final_ == Outcome::kDone ? Outcome::kWantsRead : final_, 0};
  const std::string_view bytes = input_.bytes().substr(0, size);
  std::memcpy(to, bytes.data(), bytes.size());
  const size_t read = bytes.size();
  input_.Consume(read);
  return {Outcome::kDone, read};
}

bool StackedLayer::holds_input() const {
  if (!input_.empty() || final_ != Outcome::kDone) return true;
  return has_room() && (HoldsMore() || below_->holds_input());
}

SocketLayer::Outcome StackedLayer::FlushOutput() {
  while (holds_output()) {
    const std::string_view bytes = output_.bytes();
    const iovec piece{const_cast<char*>(bytes.data()), bytes.size()};
    const Result written = below_->Write({&piece, bytes.empty() ? size_t{0} : size_t{1}});
    if (written.outcome == Outcome::kWantsRead || written.outcome == Outcome::kWantsWrite) {
      return written.outcome;
    }
    if (written.outcome != Outcome::kDone) {
      send_failed_ = true;
      SetError(std::string(below_->error()));
      return Outcome::kFailed;
    }
    output_.Consume(written.bytes);
  }
  return Outcome::kDone;
}

SocketLayer::Result StackedLayer::Write(std::span<const iovec> pieces) {
  if (send_failed_) return {Outcome::kFailed, 0};
  if (const Outcome flushed = FlushOutput(); flushed != Outcome::kDone) return {flushed, 0};
  if (taken_ == 0) {
    for (const iovec& piece : pieces) {
      if (!has_room()) break;
      if (!Send({static_cast<const char*>(piece.iov_base), piece.iov_len})) {
        send_failed_ = true;
        return {Outcome::kFailed, 0};
      }
      taken_ += piece.iov_len;
    }
    // Said to be written when it is: whoever counts what waits for the peer counts it until then.
    if (const Outcome flushed = FlushOutput(); flushed != Outcome::kDone) return {flushed, 0};
  }
  return {Outcome::kDone, std::exchange(taken_, 0)};
}

SocketLayer::Outcome StackedLayer::Shutdown() {
  const Outcome flushed = FlushOutput();
  return flushed == Outcome::kDone ? below_->Shutdown() : flushed;
}

}  // namespace fluxgate::net
