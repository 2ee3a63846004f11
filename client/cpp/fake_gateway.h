// A gateway that says what a test tells it to: accepts one connection and runs a script on it.
#ifndef FLUXGATE_CLIENT_CPP_FAKE_GATEWAY_H_
#define FLUXGATE_CLIENT_CPP_FAKE_GATEWAY_H_

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <thread>

#include "gateway/amps/amps_decoder.h"

namespace fluxgate::client {

class FakeConnection {
 public:
  explicit FakeConnection(int fd) : fd_(fd) {}

  // The next command; null when the client has gone. Good until the next call.
  const Command* Read();
  void Send(std::string_view bytes);
  // Answers with a `processed` ack.
  void Ack(const Command& command, std::string_view failure_reason = {});
  // Answers with a challenge.
  void Challenge(const Command& command, std::string_view user, std::string_view challenge);
  // Reads a logon and accepts it.
  void AcceptLogon();
  // Answers every command that asks for it until the client goes.
  void AckEverything();
  int fd() const { return fd_; }

 private:
  int fd_;
  std::string buffer_;
  size_t used_ = 0;
  amps::CommandDecoder decoder_;
};

class FakeGateway {
 public:
  using Script = std::function<void(FakeConnection&)>;

  explicit FakeGateway(Script script);
  ~FakeGateway();  // waits for the script to end
  FakeGateway(const FakeGateway&) = delete;
  FakeGateway& operator=(const FakeGateway&) = delete;

  uint16_t port() const { return port_; }
  std::string uri() const;

 private:
  int listener_ = -1;
  uint16_t port_ = 0;
  std::thread thread_;
};

}  // namespace fluxgate::client

#endif  // FLUXGATE_CLIENT_CPP_FAKE_GATEWAY_H_
