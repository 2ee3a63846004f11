#include "client/amps/connection.h"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "client/cpp/socket.h"
#include "gateway/amps/amps_encoder.h"
#include "gateway/amps/amps_frame.h"

namespace AMPS::internal {
namespace {

using fluxgate::amps::DecodeError;
using fluxgate::amps::FrameResult;
using fluxgate::amps::FrameStatus;
using fluxgate::amps::ServerMessageType;

// A receive is not worth less room than that.
constexpr size_t kReceiveBytesMin = 16 << 10;

// How the messages of a gateway that writes as we do begin: not acks, whatever follows.
bool IsSurelyMessage(std::string_view frame) {
  return frame.starts_with(R"({"c":"p")") || frame.starts_with(R"({"c":"sow")");
}

}  // namespace

Connection::Connection(int fd, std::unique_ptr<ByteStream> stream, Options options, Outbox& outbox,
                       ReceivedQueue& received, ChunkPool& chunks, ConnectionUser& user)
    : fd_(fd),
      stream_(std::move(stream)),
      options_(std::move(options)),
      outbox_(outbox),
      received_(received),
      chunks_(chunks),
      user_(user),
      chunk_(chunks.Get(ChunkPool::kChunkBytes)),
      decoder_(options_.limits),
      last_received_(Clock::now()),
      last_sent_(last_received_) {
  outbox_.Open();
  thread_ = std::thread([this] { Run(); });
}

Connection::~Connection() { Close(); }

void Connection::Close() {
  if (!thread_.joinable()) return;
  closing_ = true;
  outbox_.Wake();
  thread_.join();
  close(fd_);
}

void Connection::SetHeartbeat(std::chrono::milliseconds interval,
                              std::chrono::milliseconds timeout) {
  heartbeat_timeout_ms_ = timeout.count();
  heartbeat_ms_ = interval.count();
  outbox_.Wake();
}

void Connection::Fail(std::string_view reason) {
  {
    const std::lock_guard lock(fail_mutex_);
    if (!fail_reason_.empty()) return;
    fail_reason_ = reason;
  }
  failed_ = true;
  outbox_.Wake();
}

bool Connection::Lost(std::string reason) {
  reason_ = std::move(reason);
  return false;
}

void Connection::Run() {
  thread_id_ = std::this_thread::get_id();
  while (!closing_) {
    if (Step()) continue;
    outbox_.Close();
    shutdown(fd_, SHUT_RDWR);
    // Nothing is waited for when the socket is closed: there is nobody to take it.
    const linger none{0, 0};
    (void)setsockopt(fd_, SOL_SOCKET, SO_LINGER, &none, sizeof none);
    user_.OnLost(options_.number, reason_);
    return;
  }
  LastSend();
  outbox_.Close();
  stream_->Shutdown();
  shutdown(fd_, SHUT_WR);
}

void Connection::LastSend() {
  bool blocked = false;
  while (!blocked && SendSome(&blocked)) {
    if (sending_.empty()) return;
  }
}

bool Connection::Step() {
  if (failed_) {
    const std::lock_guard lock(fail_mutex_);
    return Lost(fail_reason_);
  }
  bool blocked = false;
  if (!SendSome(&blocked)) return false;
  const bool reading = received_.HasRoom();
  if (!CheckHeartbeat(reading)) return false;
  const bool more_to_send = !blocked && !sending_.empty();
  const bool holds = reading && stream_->holds_input();
  // What is not read now is not listened to either: a hang-up would be told without end.
  pollfd events[2] = {{reading || blocked ? fd_ : -1, 0, 0}, {outbox_.wake_fd(), POLLIN, 0}};
  if (reading) events[0].events |= POLLIN;
  if (blocked) events[0].events |= POLLOUT;
  const int ready = poll(events, 2, more_to_send || holds ? 0 : PollTimeout(reading));
  if (ready < 0 && errno != EINTR) {
    return Lost(fmt::format("connection to {} lost: {}", options_.address,
                            fluxgate::client::SystemErrorText(errno)));
  }
  if (events[1].revents != 0) outbox_.DrainWake();
  if (holds || (reading && ready > 0 && (events[0].revents & ~POLLOUT) != 0)) return Receive();
  return true;
}

bool Connection::SendSome(bool* blocked) {
  while (sent_ == sending_.size()) {
    sent_ = 0;
    if (send_failed_ || !outbox_.Take(&sending_)) {
      sending_.clear();
      return true;
    }
    last_sent_ = Clock::now();
    if (options_.filter && !ApplyFilter(sending_, false)) return false;
  }
  const ssize_t sent = stream_->Send(sending_.data() + sent_, sending_.size() - sent_);
  if (sent > 0) {
    sent_ += static_cast<size_t>(sent);
  } else if (errno == EAGAIN) {
    *blocked = true;
  } else if (errno == EPIPE || errno == ECONNRESET) {
    // What the gateway has said before it closed is read first; the end is found behind it.
    send_failed_ = true;
    sending_.clear();
    sent_ = 0;
  } else if (errno != EINTR) {
    return Lost(fmt::format("connection to {} lost: {}", options_.address,
                            fluxgate::client::SystemErrorText(errno)));
  }
  return true;
}

bool Connection::ApplyFilter(std::string& bytes, bool incoming) {
  try {
    options_.filter(bytes, incoming);
    return true;
  } catch (const std::exception& thrown) {
    user_.OnFilterThrew(thrown);
    return Lost(fmt::format("the transport filter has thrown: {}", thrown.what()));
  } catch (...) {
    return Lost("the transport filter has thrown");
  }
}

void Connection::MakeRoom(uint64_t wanted_bytes) {
  const size_t partial = end_ - scanned_;
  const size_t wanted = std::max<size_t>(wanted_bytes, partial) + kReceiveBytesMin;
  if (chunk_->capacity - scanned_ >= wanted) return;
  std::shared_ptr<Chunk> next = chunks_.Get(wanted);
  std::memcpy(next->memory.get(), chunk_->memory.get() + scanned_, partial);
  chunk_ = std::move(next);
  end_ = partial;
  scanned_ = batch_begin_ = 0;
}

ssize_t Connection::ReceiveFiltered() {
  filtered_.resize(kReceiveBytesMin);
  const ssize_t got = stream_->Receive(filtered_.data(), filtered_.size());
  if (got <= 0) return got;
  filtered_.resize(static_cast<size_t>(got));
  if (!ApplyFilter(filtered_, true)) return -2;
  MakeRoom(end_ - scanned_ + filtered_.size());
  std::memcpy(chunk_->memory.get() + end_, filtered_.data(), filtered_.size());
  return static_cast<ssize_t>(filtered_.size());
}

bool Connection::Receive() {
  ssize_t got;
  if (options_.filter) {
    got = ReceiveFiltered();
    if (got == -2) return false;
    if (got == 0 && filtered_.empty()) return true;
  } else {
    got = stream_->Receive(chunk_->memory.get() + end_, chunk_->capacity - end_);
  }
  if (got > 0) {
    end_ += static_cast<size_t>(got);
    last_received_ = Clock::now();
    return Scan();
  }
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return true;
  return Lost(got == 0 ? fmt::format("{} closed the connection", options_.address)
                       : fmt::format("connection to {} lost: {}", options_.address,
                                     fluxgate::client::SystemErrorText(errno)));
}

bool Connection::Scan() {
  while (true) {
    const std::string_view rest{chunk_->memory.get() + scanned_, end_ - scanned_};
    const FrameResult result = fluxgate::amps::NextFrame(rest, options_.limits);
    if (result.status == FrameStatus::kError) {
      return Lost(
          fmt::format("{} announces a message of {} bytes, over the limit of {} "
                      "(setMessageBytesMax)",
                      options_.address, result.length,
                      options_.limits.header_bytes_max + options_.limits.body_bytes_max));
    }
    if (result.status == FrameStatus::kNeedMore) {
      scanned_ += result.consumed;
      HandOver(scanned_);
      MakeRoom(result.wanted_bytes);
      return true;
    }
    const size_t begin = scanned_;
    scanned_ += result.consumed;
    if (!IsSurelyMessage(result.frame) && !Look(result.frame, begin, scanned_)) return false;
  }
}

bool Connection::Look(std::string_view frame, size_t begin, size_t end) {
  if (decoder_.Decode(frame) != DecodeError::kNone) {
    return Lost(fmt::format("{} sends what is not of the protocol: {}", options_.address,
                            decoder_.ErrorText()));
  }
  const fluxgate::amps::ServerMessage& message = decoder_.message();
  const bool done = message.type == ServerMessageType::kHeartbeat ||
                    message.type == ServerMessageType::kUnknown ||
                    (message.type == ServerMessageType::kAck && user_.OnAck(message, frame));
  if (done) {
    HandOver(begin);
    batch_begin_ = end;
  }
  return true;
}

void Connection::HandOver(size_t end) {
  if (batch_begin_ == end) return;
  received_.Push({options_.number, chunk_, batch_begin_, end});
  batch_begin_ = end;
}

int Connection::PollTimeout(bool reading) {
  const int64_t interval_ms = heartbeat_ms_;
  if (interval_ms == 0) return -1;
  const Clock::time_point now = Clock::now();
  Clock::time_point next = last_sent_ + std::chrono::milliseconds(interval_ms);
  if (reading) {
    next = std::min(next, last_received_ + std::chrono::milliseconds(heartbeat_timeout_ms_));
  }
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(next - now).count();
  return static_cast<int>(std::clamp<int64_t>(left, 1, 3'600'000));
}

bool Connection::CheckHeartbeat(bool reading) {
  const int64_t interval_ms = heartbeat_ms_.load(std::memory_order_relaxed);
  const bool has_begun = interval_ms != 0 && !has_heartbeat_;
  has_heartbeat_ = interval_ms != 0;
  if (!has_heartbeat_) return true;
  const Clock::time_point now = Clock::now();
  // What was not promised, and what we do not read, we cannot miss.
  if (has_begun || !reading) last_received_ = now;
  const int64_t timeout_ms = heartbeat_timeout_ms_;
  if (now - last_received_ > std::chrono::milliseconds(timeout_ms)) {
    return Lost(
        fmt::format("{} has been silent for {} ms: no heartbeat", options_.address, timeout_ms));
  }
  if (now - last_sent_ >= std::chrono::milliseconds(interval_ms)) {
    last_sent_ = now;
    outbox_.AddAtOnce(/*ahead=*/true, [](std::string& out) {
      fluxgate::Command beat;
      beat.type = fluxgate::CommandType::kHeartbeat;
      beat.options = "beat";
      fluxgate::amps::AppendCommand(beat, &out);
    });
  }
  return true;
}

}  // namespace AMPS::internal
