#include "client/cpp/fake_gateway.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "gateway/amps/amps_encoder.h"

namespace fluxgate::client {

const Command* FakeConnection::Read() {
  while (true) {
    buffer_.erase(0, std::exchange(used_, 0));
    const amps::FrameResult result = amps::NextFrame(buffer_, {});
    if (result.status == amps::FrameStatus::kFrame) {
      EXPECT_EQ(decoder_.Decode(result.frame), amps::DecodeError::kNone);
      used_ = result.consumed;
      return &decoder_.message();
    }
    EXPECT_EQ(result.status, amps::FrameStatus::kNeedMore);
    char bytes[65536];
    const ssize_t n = recv(fd_, bytes, sizeof(bytes), 0);
    if (n <= 0) return nullptr;
    buffer_.append(bytes, static_cast<size_t>(n));
  }
}

void FakeConnection::Send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n <= 0) return;
    bytes.remove_prefix(static_cast<size_t>(n));
  }
}

void FakeConnection::Ack(const Command& command, std::string_view failure_reason) {
  amps::ServerMessage ack;
  ack.type = amps::ServerMessageType::kAck;
  ack.command_id = command.command_id;
  ack.ack.add(AckType::kProcessed);
  ack.status = failure_reason.empty() ? amps::kStatusSuccess : amps::kStatusFailure;
  ack.reason = failure_reason;
  ack.version = command.type == CommandType::kLogon ? "fake 1" : "";
  std::string bytes;
  amps::AppendServerMessage(ack, &bytes);
  Send(bytes);
}

void FakeConnection::Challenge(const Command& command, std::string_view user,
                               std::string_view challenge) {
  amps::ServerMessage ack;
  ack.type = amps::ServerMessageType::kAck;
  ack.command_id = command.command_id;
  ack.ack.add(AckType::kProcessed);
  ack.status = amps::kStatusRetry;
  ack.user_id = user;
  ack.password = challenge;
  std::string bytes;
  amps::AppendServerMessage(ack, &bytes);
  Send(bytes);
}

void FakeConnection::AcceptLogon() {
  const Command* logon = Read();
  ASSERT_NE(logon, nullptr);
  EXPECT_EQ(logon->type, CommandType::kLogon);
  Ack(*logon);
}

void FakeConnection::AckEverything() {
  while (const Command* command = Read()) {
    if (command->acks.has(AckType::kProcessed)) Ack(*command);
  }
}

FakeGateway::FakeGateway(Script script) {
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  EXPECT_EQ(bind(listener_, reinterpret_cast<sockaddr*>(&address), size), 0);
  EXPECT_EQ(listen(listener_, 1), 0);
  EXPECT_EQ(getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size), 0);
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this, script = std::move(script)] {
    const int fd = accept(listener_, nullptr, nullptr);
    if (fd < 0) return;
    FakeConnection connection(fd);
    script(connection);
    close(fd);
  });
}

FakeGateway::~FakeGateway() {
  shutdown(listener_, SHUT_RDWR);
  thread_.join();
  close(listener_);
}

std::string FakeGateway::uri() const { return fmt::format("tcp://127.0.0.1:{}/amps/json", port_); }

}  // namespace fluxgate::client
