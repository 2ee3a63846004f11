// The sample modules between clients and a whole gateway: compressed connections, lines of text,
// packets; each alone and all together.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/error.h"
#include "gateway/amps/amps_frame.h"
#include "tests/support/raw_client.h"
#include "tests/support/test_gateway.h"

namespace fluxgate::testing {
namespace {

constexpr char kFilter[] = "modules/samples/transport-filter/transport_filter.so";
constexpr char kProtocol[] = "modules/samples/protocol/protocol.so";
constexpr char kTransport[] = "modules/samples/transport/transport.so";
constexpr char kSecurity[] = "tests/integration/libtesting_module.so";

// Bytes of a connection, with what the sample filter does to them where that is asked for.
class Stream {
 public:
  static Stream Tcp(uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    Stream stream(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    EXPECT_EQ(connect(stream.fd_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    return stream;
  }
  // Of the sample transport: a name without a file.
  static Stream Packets(std::string_view name) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, name.data(), name.size());
    address.sun_path[0] = '\0';
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
    Stream stream(socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
    EXPECT_EQ(connect(stream.fd_, reinterpret_cast<sockaddr*>(&address), size), 0);
    return stream;
  }
  Stream(Stream&& other) noexcept
      : fd_(std::exchange(other.fd_, -1)), buffer_(std::move(other.buffer_)) {}
  ~Stream() {
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

  explicit Stream(int fd) : fd_(fd) {}

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

constexpr std::string_view kLogon =
    R"({"c":"logon","cid":"1","client_name":"test","mt":"json","a":"processed"})";

std::string AbstractName(std::string_view what) {
  return fmt::format("@fluxgate-test-{}-{}", getpid(), what);
}

void AddModule(config::Config& config, std::string name, const char* library,
               config::Options options = {}) {
  config.modules.push_back({std::move(name), std::string("./") + library, std::move(options)});
}

config::Transport& AddTransport(config::Config& config, std::string name) {
  config::Transport transport;
  transport.name = std::move(name);
  transport.protocol = "amps";
  transport.message_type = "json";
  transport.host = "127.0.0.1";
  // In front: the port of the last one is that of the gateway as such.
  return *config.transports.insert(config.transports.begin(), transport);
}

config::Transport& AddPackets(config::Config& config, const std::string& name) {
  config::Transport& transport = AddTransport(config, name);
  transport.type = config::TransportType::kModule;
  transport.type_module = "packets";
  transport.options = {{"Path", AbstractName(name)}};
  return transport;
}

void UseModules(config::Config& config) {
  DefineStateTopics(config);
  AddModule(config, "compression", kFilter, {{"RatioMax", "100"}});
  AddModule(config, "text", kProtocol);
  AddModule(config, "packets", kTransport);
  AddTransport(config, "zip").filter = "compression";
  AddTransport(config, "text").protocol = "text";
  config.protocols = {{"short", "text", {{"LineSizeMax", "40"}}}};
  AddTransport(config, "short").protocol = "short";
  AddPackets(config, "packets");
  config::Transport& all = AddPackets(config, "all");
  all.filter = "compression";
  all.protocol = "text";
}

class TransportModulesTest : public ::testing::Test {
 protected:
  Stream Text() { return Stream::Tcp(gateway_.port("text")); }

  TestGateway gateway_{UseModules};
};

TEST_F(TransportModulesTest, ACompressedConnection) {
  Stream client = Stream::Tcp(gateway_.port("zip"));
  client.Compress();
  client.SendFrame(kLogon);
  EXPECT_NE(client.ReadFrame().find(R"("status":"success")"), std::string::npos);
  client.SendFrame(R"({"c":"subscribe","cid":"2","t":"orders","f":"/n > 1","a":"processed"})");
  EXPECT_NE(client.ReadFrame().find(R"("status":"success")"), std::string::npos);
  for (int i = 0; i < 4; ++i) {
    client.SendFrame(fmt::format(R"({{"c":"p","t":"orders"}}{{"n":{}}})", i));
  }
  EXPECT_TRUE(client.ReadFrame().ends_with(R"({"n":2})"));
  EXPECT_TRUE(client.ReadFrame().ends_with(R"({"n":3})"));
}

TEST_F(TransportModulesTest, LargeMessagesAreCompressed) {
  Stream client = Stream::Tcp(gateway_.port("zip"));
  client.Compress();
  client.SendFrame(kLogon);
  client.SendFrame(R"({"c":"subscribe","cid":"2","t":"orders"})");
  client.ReadFrame();
  std::string body = R"({"text":")";
  for (int i = 0; body.size() < 3'000'000; ++i) body += fmt::format("{:x} ", i * 2654435761u);
  body += "\"}";
  client.SendFrame(R"({"c":"p","t":"orders"})" + body);
  const std::string frame = client.ReadFrame();
  EXPECT_TRUE(frame.ends_with(body)) << frame.size();
}

TEST_F(TransportModulesTest, WhatIsNotCompressedIsClosed) {
  Stream client = Stream::Tcp(gateway_.port("zip"));
  client.SendFrame(kLogon);
  EXPECT_EQ(client.ReadToEnd(), "");
}

TEST_F(TransportModulesTest, WhatBecomesTooMuchIsClosed) {
  Stream other = Stream::Tcp(gateway_.port("zip"));
  other.Compress();
  other.SendFrame(kLogon);
  other.ReadFrame();
  Stream client = Stream::Tcp(gateway_.port("zip"));
  client.Compress();
  client.SendFrame(kLogon);
  client.ReadFrame();
  for (int i = 0; i < 10; ++i) client.Send(std::string(1 << 20, '\0'));
  client.ReadToEnd();
  other.SendFrame(R"({"c":"flush","cid":"f","a":"processed"})");
  EXPECT_NE(other.ReadFrame().find(R"("cid":"f")"), std::string::npos);
}

TEST_F(TransportModulesTest, LinesOfText) {
  Stream client = Text();
  client.Send("subscribe orders /price > 10\r\nping\n");
  EXPECT_EQ(client.ReadLine(), "pong") << "it answers that by itself, at once";
  EXPECT_EQ(client.ReadLine(), "ok 1");
  Stream publisher = Text();
  publisher.Send("publish orders {\"price\":5}\npublish orders {\"price\":15}\n");
  EXPECT_EQ(publisher.ReadLine(), "ok 1");
  EXPECT_EQ(publisher.ReadLine(), "ok 2");
  EXPECT_EQ(client.ReadLine(), "message 1 orders {\"price\":15}");
  client.Send("unsubscribe 1\n");
  EXPECT_EQ(client.ReadLine(), "ok 2");
  publisher.Send("publish orders {\"price\":16}\n");
  EXPECT_EQ(publisher.ReadLine(), "ok 3");
  client.Send("nonsense\nsubscribe\nsubscribe orders /price >\nunsubscribe x\n");
  EXPECT_TRUE(client.ReadLine().starts_with("error 3 no such command"));
  EXPECT_EQ(client.ReadLine(), "error 4 a topic is missing");
  EXPECT_EQ(client.ReadLine(), "error 6 the number of a subscription is missing");
  EXPECT_TRUE(client.ReadLine().starts_with("error 5 bad filter"));
}

TEST_F(TransportModulesTest, QueriesInLinesOfText) {
  Stream client = Text();
  client.Send(
      "publish state/a {\"id\":1,\"n\":1}\npublish state/a {\"id\":2,\"n\":2}\n"
      "publish state/a {\"n\":3}\n\nsow state/a /n > 1\n");
  for (int i = 1; i <= 2; ++i) EXPECT_EQ(client.ReadLine(), fmt::format("ok {}", i));
  // Without its key it is no record.
  EXPECT_TRUE(client.ReadLine().starts_with("error 3 "));
  EXPECT_EQ(client.ReadLine(), "ok 4");
  EXPECT_EQ(client.ReadLine(), "record 4 state/a {\"id\":2,\"n\":2}");
  EXPECT_EQ(client.ReadLine(), "end 4");
  client.Send("sow_and_subscribe state/a /n = 1\npublish state/a {\"id\":9,\"n\":1}\n");
  EXPECT_EQ(client.ReadLine(), "ok 5");
  EXPECT_EQ(client.ReadLine(), "record 5 state/a {\"id\":1,\"n\":1}");
  EXPECT_EQ(client.ReadLine(), "end 5");
  std::vector<std::string> lines = {client.ReadLine(), client.ReadLine()};
  std::sort(lines.begin(), lines.end());
  EXPECT_EQ(lines, (std::vector<std::string>{"message 5 state/a {\"id\":9,\"n\":1}", "ok 6"}));
}

TEST_F(TransportModulesTest, BodiesWithLineEndsComeWithTheirLength) {
  Stream client = Text();
  client.Send("subscribe t\n");
  EXPECT_EQ(client.ReadLine(), "ok 1");
  RawClient publisher = RawClient::Tcp(gateway_.tcp_port());
  publisher.Logon();
  ASSERT_TRUE(publisher.SendFrame("{\"c\":\"p\",\"t\":\"t\"}{\"a\":\n1}"));
  EXPECT_EQ(client.ReadLine(), "message 1 t #8");
  EXPECT_EQ(client.ReadLine(), "{\"a\":");
  EXPECT_EQ(client.ReadLine(), "1}");
}

TEST_F(TransportModulesTest, LinesThatAreNotText) {
  Stream client = Text();
  client.Send(std::string("publish \xff\xfe x\npublish a\x01 y\n\0\xff\n\npublish t\n", 40));
  EXPECT_EQ(client.ReadLine(), "error 1 the topic is not text");
  EXPECT_EQ(client.ReadLine(), "error 2 the topic is not text");
  EXPECT_TRUE(client.ReadLine().starts_with("error 3 no such command"));
  EXPECT_EQ(client.ReadLine(), "ok 4");
}

TEST_F(TransportModulesTest, LinesAreLimited) {
  Stream client = Stream::Tcp(gateway_.port("short"));
  client.Send("publish t " + std::string(30, 'x') + "\n");
  EXPECT_EQ(client.ReadLine(), "ok 1");
  client.Send("publish t " + std::string(31, 'x') + "\n");
  EXPECT_EQ(client.ReadToEnd(), "error - the line is too long\n");
  Stream other = Stream::Tcp(gateway_.port("short"));
  other.Send(std::string(41, 'x'));
  EXPECT_EQ(other.ReadToEnd(), "error - the line is too long\n");
}

// Thousands of commands in one go, and an answer to each: nothing is lost where they wait.
TEST_F(TransportModulesTest, ManyLines) {
  constexpr int kLines = 20'000;
  Stream client = Text();
  std::string lines;
  for (int i = 0; i < kLines; ++i) lines += "publish t {}\n";
  client.Send(lines);
  for (int i = 1; i <= kLines; ++i) ASSERT_EQ(client.ReadLine(), fmt::format("ok {}", i));
}

TEST_F(TransportModulesTest, Packets) {
  Stream client = Stream::Packets(AbstractName("packets"));
  client.SendFrame(kLogon);
  EXPECT_NE(client.ReadFrame().find(R"("status":"success")"), std::string::npos);
  client.SendFrame(R"({"c":"subscribe","cid":"2","t":"orders"})");
  const std::string body = R"({"text":")" + std::string(2'000'000, 'x') + "\"}";
  client.SendFrame(R"({"c":"p","t":"orders"})" + body);
  EXPECT_TRUE(client.ReadFrame().ends_with(body));
}

TEST_F(TransportModulesTest, CompressedTextInPackets) {
  Stream client = Stream::Packets(AbstractName("all"));
  client.Compress();
  client.Send("subscribe t\npublish t {\"a\":1}\n");
  EXPECT_EQ(client.ReadLine(), "ok 1");
  std::vector<std::string> lines = {client.ReadLine(), client.ReadLine()};
  std::sort(lines.begin(), lines.end());
  EXPECT_EQ(lines, (std::vector<std::string>{"message 1 t {\"a\":1}", "ok 2"}));
}

TEST_F(TransportModulesTest, DrainTellsTheClientsOfModulesToo) {
  Stream packets = Stream::Packets(AbstractName("packets"));
  packets.SendFrame(kLogon);
  packets.ReadFrame();
  Stream text = Text();
  text.Send("publish t {}\n");
  EXPECT_EQ(text.ReadLine(), "ok 1");
  EXPECT_TRUE(gateway_.Stop());
  EXPECT_EQ(packets.ReadToEnd(), "");
  EXPECT_EQ(text.ReadToEnd(), "");
}

void UseSecurity(config::Config& config) {
  UseModules(config);
  AddModule(config, "security", kSecurity);
  config.authentication.module = "security";
  config.entitlement.module = "security";
}

TEST(TransportModulesSecurityTest, LogonAndEntitlementAreThoseOfEverybody) {
  TestGateway gateway(UseSecurity);
  Stream client = Stream::Tcp(gateway.port("text"));
  client.Send("logon ann right\nsubscribe secret\nsubscribe state/seen\n");
  EXPECT_EQ(client.ReadLine(), "ok 1");
  EXPECT_TRUE(client.ReadLine().starts_with("error 2 not entitled"));
  EXPECT_EQ(client.ReadLine(), "ok 3");
  Stream wrong = Stream::Tcp(gateway.port("text"));
  wrong.Send("logon ann wrong\nsubscribe state/seen\n");
  EXPECT_EQ(wrong.ReadToEnd(), "error 1 auth failure: authentication failed\n");
  // Who does not log on is logged on as nobody, and nobody is not let in here.
  Stream nobody = Stream::Tcp(gateway.port("text"));
  nobody.Send("subscribe state/seen\n");
  EXPECT_EQ(nobody.ReadToEnd(), "error - auth failure: authentication failed\n");
}

std::string StartError(const std::function<void(config::Config&)>& adjust) {
  config::Config config;
  config.message_memory_limit_bytes = 1 << 30;
  AddModule(config, "compression", kFilter);
  AddModule(config, "text", kProtocol);
  AddModule(config, "packets", kTransport);
  adjust(config);
  Gateway gateway(config);
  const absl::Status status = gateway.Start();
  EXPECT_FALSE(status.ok());
  return ErrorText(status);
}

TEST(TransportModulesStartTest, AModuleOfAnotherKindIsNamed) {
  EXPECT_TRUE(StartError([](config::Config& config) {
                AddTransport(config, "t").filter = "text";
              }).ends_with("protocol.so) does not define amps_transport_filter_open"));
  EXPECT_TRUE(StartError([](config::Config& config) {
                AddTransport(config, "t").protocol = "compression";
              }).ends_with("transport_filter.so) does not define amps_protocol_open"));
  EXPECT_TRUE(StartError([](config::Config& config) {
                AddTransport(config, "t");
                config.transports[0].type = config::TransportType::kModule;
                config.transports[0].type_module = "text";
              }).ends_with("protocol.so) does not define amps_transport_create_context"));
}

TEST(TransportModulesStartTest, ContextsThatCannotBeMade) {
  const std::string text = StartError([](config::Config& config) {
    AddPackets(config, "t").options = {{"Way", "x"}};
  });
  EXPECT_NE(text.find("transport.so) failed to make a context (amps_transport_create_context)"),
            std::string::npos)
      << text;
  const std::string start = StartError([](config::Config& config) {
    AddPackets(config, "t").options = {{"Path", "/nowhere/at/all"}};
  });
  EXPECT_NE(start.find("transport.so) failed to start (amps_transport_start)"), std::string::npos)
      << start;
}

}  // namespace
}  // namespace fluxgate::testing
