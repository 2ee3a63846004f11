// A plain blocking socket for tests that speak bytes: what is sent and received is exactly what a
// test says. Every wait ends after `kWaitMs`.
#ifndef FLUXGATE_TESTS_SUPPORT_RAW_CLIENT_H_
#define FLUXGATE_TESTS_SUPPORT_RAW_CLIENT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace fluxgate::testing {

class RawClient {
 public:
  static constexpr int kWaitMs = 10'000;

  static RawClient Tcp(uint16_t port);
  static RawClient Unix(const std::string& path);
  // Whether somebody listens there.
  static bool CanConnect(const std::string& path);
  RawClient(RawClient&& other) noexcept;
  ~RawClient();

  // False: the peer has closed.
  bool Send(std::string_view bytes);
  // With the 4-byte length in front.
  bool SendFrame(std::string_view frame);

  // The next frame, without its length; nullopt when the peer has closed.
  std::optional<std::string> ReadFrame();
  // Whether the next thing from the peer, whatever it still sends before, is the end of the stream.
  bool ReadToEnd();
  // What is received within `ms` when nothing more is expected; empty for nothing.
  std::string ReadFor(int ms);

  // Sends {"c":"logon",...} and reads the ack.
  void Logon(std::string_view name = "test", std::string_view message_type = "json");

  int fd() const { return fd_; }

 private:
  explicit RawClient(int fd) : fd_(fd) {}
  bool Fill();
  int fd_;
  std::string buffer_;
};

}  // namespace fluxgate::testing

#endif  // FLUXGATE_TESTS_SUPPORT_RAW_CLIENT_H_
