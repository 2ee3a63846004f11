// The other end of a client library that is measured: takes publishes and throws them away, or
// sends one message again and again to whoever subscribes. Speaks as much of `amps` as that takes.
#include <signal.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "tests/bench/fail.h"
#include "tests/bench/sockets.h"

namespace fluxgate::bench {
namespace {

constexpr size_t kPrefixBytes = 4;
constexpr size_t kBufferBytes = 256 << 10;

uint32_t LoadLength(const char* p) {
  const auto* u = reinterpret_cast<const unsigned char*>(p);
  return uint32_t{u[0]} << 24 | uint32_t{u[1]} << 16 | uint32_t{u[2]} << 8 | uint32_t{u[3]};
}

std::string Frame(const std::string& content) {
  std::string frame;
  for (int shift = 24; shift >= 0; shift -= 8) {
    frame.push_back(static_cast<char>(content.size() >> shift));
  }
  return frame + content;
}

// The value of a text field; empty: not there.
std::string Field(std::string_view header, const std::string& name) {
  const std::string key = "\"" + name + "\":\"";
  const size_t begin = header.find(key);
  if (begin == std::string_view::npos) return {};
  const size_t end = header.find('"', begin + key.size());
  return std::string(header.substr(begin + key.size(), end - begin - key.size()));
}

bool Write(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = write(fd, bytes.data(), bytes.size());
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
  return true;
}

class Peer {
 public:
  Peer(int fd, size_t body_bytes, size_t chunk_bytes)
      : fd_(fd), body_bytes_(body_bytes), chunk_bytes_(chunk_bytes), buffer_(kBufferBytes) {}

  void Run() {
    while (true) {
      const ssize_t got = read(fd_, buffer_.data() + end_, buffer_.size() - end_);
      if (got <= 0) break;
      end_ += static_cast<size_t>(got);
      size_t at = 0;
      while (end_ - at >= kPrefixBytes) {
        const size_t size = kPrefixBytes + LoadLength(buffer_.data() + at);
        if (size > buffer_.size()) Fail("client_peer: a frame over 256 KiB");
        if (end_ - at < size) break;
        const std::string_view frame(buffer_.data() + at + kPrefixBytes, size - kPrefixBytes);
        at += size;
        if (!frame.starts_with(R"({"c":"p")") && !Answer(frame)) {
          close(fd_);
          return;
        }
      }
      std::copy(buffer_.begin() + static_cast<std::ptrdiff_t>(at),
                buffer_.begin() + static_cast<std::ptrdiff_t>(end_), buffer_.begin());
      end_ -= at;
    }
    close(fd_);
  }

 private:
  // Of a subscription it does not come back before the client goes.
  bool Answer(std::string_view command) {
    const std::string id = Field(command, "cid");
    const std::string ack =
        Frame(R"({"c":"ack","cid":")" + id +
              R"(","s":0,"a":"processed","status":"success","version":"bench"})");
    if (!id.empty() && !Write(fd_, ack)) return false;
    if (Field(command, "c") != "subscribe") return true;
    const std::string given = Field(command, "sub_id");
    const std::string message =
        Frame(R"({"c":"p","t":")" + Field(command, "t") + R"(","sids":")" +
              (given.empty() ? id : given) + "\"}" + std::string(body_bytes_, 'x'));
    std::string chunk;
    while (chunk.size() < chunk_bytes_) chunk += message;
    while (Write(fd_, chunk)) {
    }
    return false;
  }

  const int fd_;
  const size_t body_bytes_;
  const size_t chunk_bytes_;
  std::vector<char> buffer_;
  size_t end_ = 0;
};

}  // namespace
}  // namespace fluxgate::bench

int main(int argc, char** argv) {
  CLI::App app("The other end of a client library: a sink of publishes, a source of messages.");
  std::string endpoint;
  size_t body_bytes = 128;
  size_t chunk_bytes = 64 << 10;
  app.add_option("--listen", endpoint, "tcp:ADDRESS:PORT or unix:PATH")->required();
  app.add_option("--body", body_bytes, "bytes of a body");
  app.add_option("--chunk", chunk_bytes, "bytes of frames in one write");
  CLI11_PARSE(app, argc, argv);
  signal(SIGPIPE, SIG_IGN);
  const int listener = fluxgate::bench::Listen(fluxgate::bench::ParseEndpoint(endpoint));
  while (true) {
    const int fd = fluxgate::bench::Accept(listener);
    std::thread([=] { fluxgate::bench::Peer(fd, body_bytes, chunk_bytes).Run(); }).detach();
  }
}
