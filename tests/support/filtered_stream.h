// A client's bytes on tcp or on the sample transport of packets, with what the sample filter
// (modules/samples/transport-filter) does to them where that is asked for. Every wait ends after
// RawClient::kWaitMs. One thread.
#ifndef FLUXGATE_TESTS_SUPPORT_FILTERED_STREAM_H_
#define FLUXGATE_TESTS_SUPPORT_FILTERED_STREAM_H_

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <zlib.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "gateway/amps/amps_frame.h"
#include "tests/support/raw_client.h"

namespace fluxgate::testing {

class FilteredStream {
 public:
  static FilteredStream Tcp(uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    FilteredStream stream(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    EXPECT_EQ(connect(stream.fd_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    return stream;
  }
  // Of the sample transport: a name without a file.
  static FilteredStream Packets(std::string_view name) {
    FilteredStream stream(-1);
    EXPECT_TRUE(stream.ConnectPackets(name));
    return stream;
  }
  static bool CanConnectPackets(std::string_view name) {
    return FilteredStream(-1).ConnectPackets(name);
  }
  FilteredStream(FilteredStream&& other) noexcept
      : fd_(std::exchange(other.fd_, -1)), buffer_(std::move(other.buffer_)) {}
  ~FilteredStream() {
    if (zlib_ != nullptr) {
      deflateEnd(&zlib_->out);
      inflateEnd(&zlib_->in);
    }
    if (fd_ >= 0) close(fd_);
  }

  void Compress() {
    zlib_ = std::make_unique<Zlib>();
    ASSERT_EQ(deflateInit(&zlib_->out, 6), Z_OK);
    ASSERT_EQ(inflateInit(&zlib_->in), Z_OK);
  }

  void SendRaw(std::string_view bytes) {
    constexpr size_t kPacketBytes = 60'000;
    while (!bytes.empty()) {
      const std::string_view packet = bytes.substr(0, kPacketBytes);
      const ssize_t sent = send(fd_, packet.data(), packet.size(), MSG_NOSIGNAL);
      if (sent <= 0) return;  // closed; whoever reads on sees it
      bytes.remove_prefix(static_cast<size_t>(sent));
    }
  }
  void Send(std::string_view bytes) {
    if (zlib_ == nullptr) return SendRaw(bytes);
    std::string packed(deflateBound(&zlib_->out, bytes.size()) + 64, '\0');
    zlib_->out.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    zlib_->out.avail_in = static_cast<uInt>(bytes.size());
    zlib_->out.next_out = reinterpret_cast<Bytef*>(packed.data());
    zlib_->out.avail_out = static_cast<uInt>(packed.size());
    ASSERT_EQ(deflate(&zlib_->out, Z_SYNC_FLUSH), Z_OK);
    ASSERT_EQ(zlib_->out.avail_in, 0u);
    SendRaw(std::string_view(packed).substr(0, packed.size() - zlib_->out.avail_out));
  }
  void SendFrame(std::string_view text) {
    std::string bytes(amps::kFramePrefixBytes, '\0');
    amps::StoreFrameLength(static_cast<uint32_t>(text.size()), bytes.data());
    Send(bytes.append(text));
  }

  std::string ReadFrame() {
    while (true) {
      const amps::FrameResult next = amps::NextFrame(buffer_, {});
      if (next.status == amps::FrameStatus::kFrame) {
        std::string frame(next.frame);
        buffer_.erase(0, next.consumed);
        return frame;
      }
      if (!Fill()) return "closed";
    }
  }
  std::string ReadLine() {
    size_t end = 0;
    while ((end = buffer_.find('\n')) == std::string::npos) {
      if (!Fill()) return "closed";
    }
    std::string line = buffer_.substr(0, end);
    buffer_.erase(0, end + 1);
    return line;
  }
  // Up to its end, whatever still comes.
  std::string ReadToEnd() {
    while (Fill()) continue;
    return buffer_;
  }

 private:
  struct Zlib {
    z_stream in{};
    z_stream out{};
  };

  explicit FilteredStream(int fd) : fd_(fd) {}

  bool ConnectPackets(std::string_view name) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, name.data(), name.size());
    address.sun_path[0] = '\0';
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
    fd_ = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    return connect(fd_, reinterpret_cast<sockaddr*>(&address), size) == 0;
  }

  bool Fill() {
    pollfd polled{fd_, POLLIN, 0};
    if (poll(&polled, 1, RawClient::kWaitMs) != 1) {
      ADD_FAILURE() << "nothing comes";
      return false;
    }
    char bytes[65536];
    const ssize_t got = recv(fd_, bytes, sizeof bytes, 0);
    if (got <= 0) return false;
    if (zlib_ == nullptr) {
      buffer_.append(bytes, static_cast<size_t>(got));
      return true;
    }
    zlib_->in.next_in = reinterpret_cast<Bytef*>(bytes);
    zlib_->in.avail_in = static_cast<uInt>(got);
    do {
      char piece[65536];
      zlib_->in.next_out = reinterpret_cast<Bytef*>(piece);
      zlib_->in.avail_out = sizeof piece;
      if (inflate(&zlib_->in, Z_SYNC_FLUSH) != Z_OK) break;
      buffer_.append(piece, sizeof piece - zlib_->in.avail_out);
    } while (zlib_->in.avail_in > 0 || zlib_->in.avail_out == 0);
    return true;
  }

  int fd_;
  std::string buffer_;
  std::unique_ptr<Zlib> zlib_;
};

}  // namespace fluxgate::testing

#endif  // FLUXGATE_TESTS_SUPPORT_FILTERED_STREAM_H_
