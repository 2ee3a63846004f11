#include "tests/support/raw_client.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <utility>

#include "gateway/amps/amps_frame.h"

namespace fluxgate::testing {

RawClient RawClient::Tcp(uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  EXPECT_EQ(connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address), 0)
      << std::strerror(errno);
  return RawClient(fd);
}

RawClient RawClient::Unix(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  EXPECT_EQ(connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address), 0)
      << std::strerror(errno);
  return RawClient(fd);
}

bool RawClient::CanConnect(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const bool connected = connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  close(fd);
  return connected;
}

RawClient::RawClient(RawClient&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), buffer_(std::move(other.buffer_)) {}

RawClient::~RawClient() {
  if (fd_ >= 0) close(fd_);
}

bool RawClient::Send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
  return true;
}

bool RawClient::SendFrame(std::string_view frame) {
  std::string bytes(amps::kFramePrefixBytes, '\0');
  amps::StoreFrameLength(static_cast<uint32_t>(frame.size()), bytes.data());
  bytes += frame;
  return Send(bytes);
}

bool RawClient::Fill() {
  pollfd ready{fd_, POLLIN, 0};
  if (poll(&ready, 1, kWaitMs) <= 0) {
    ADD_FAILURE() << "nothing received within " << kWaitMs << " ms";
    return false;
  }
  char bytes[64 * 1024];
  const ssize_t got = recv(fd_, bytes, sizeof bytes, 0);
  if (got <= 0) return false;
  buffer_.append(bytes, static_cast<size_t>(got));
  return true;
}

std::optional<std::string> RawClient::ReadFrame() {
  while (true) {
    const amps::FrameResult result =
        amps::NextFrame(buffer_, {.header_bytes_max = 1u << 30, .body_bytes_max = 1u << 30});
    if (result.status == amps::FrameStatus::kFrame) {
      std::string frame(result.frame);
      buffer_.erase(0, result.consumed);
      return frame;
    }
    if (!Fill()) return std::nullopt;
  }
}

bool RawClient::ReadToEnd() {
  while (true) {
    pollfd ready{fd_, POLLIN, 0};
    if (poll(&ready, 1, kWaitMs) <= 0) return false;
    char bytes[64 * 1024];
    if (recv(fd_, bytes, sizeof bytes, 0) <= 0) return true;
  }
}

std::string RawClient::ReadFor(int ms) {
  std::string got = std::exchange(buffer_, {});
  pollfd ready{fd_, POLLIN, 0};
  while (poll(&ready, 1, ms) > 0) {
    char bytes[64 * 1024];
    const ssize_t size = recv(fd_, bytes, sizeof bytes, 0);
    if (size <= 0) break;
    got.append(bytes, static_cast<size_t>(size));
  }
  return got;
}

void RawClient::Logon(std::string_view name, std::string_view message_type) {
  SendFrame(
      fmt::format(R"({{"c":"logon","cid":"logon","client_name":"{}","mt":"{}","a":"processed"}})",
                  name, message_type));
  const std::optional<std::string> ack = ReadFrame();
  ASSERT_TRUE(ack.has_value());
  ASSERT_NE(ack->find(R"("status":"success")"), std::string::npos) << *ack;
}

}  // namespace fluxgate::testing
