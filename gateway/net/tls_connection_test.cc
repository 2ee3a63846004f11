// A Connection with TLS below it, against OpenSSL's client on real sockets.
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <chrono>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "gateway/net/tls_test_server.h"

namespace fluxgate::net {
namespace {

using testing::RawClient;
using testing::TlsClient;

// The next `size` bytes; fewer when the stream ends before.
std::string ReadBytes(TlsClient& client, size_t size) {
  std::string got;
  while (got.size() < size) {
    const std::optional<std::string> more = client.Read();
    if (!more.has_value()) break;
    got += *more;
  }
  return got;
}

class TlsConnectionTest : public ::testing::TestWithParam<int> {
 protected:
  TlsClient::Options ClientOptions() const {
    TlsClient::Options options = files_.Client();
    options.protocol_min = options.protocol_max = GetParam();
    return options;
  }

  const TlsTestFiles files_{};
  TlsTestServer server_{files_.Options()};
};

INSTANTIATE_TEST_SUITE_P(Versions, TlsConnectionTest,
                         ::testing::Values(TLS1_2_VERSION, TLS1_3_VERSION),
                         [](const ::testing::TestParamInfo<int>& info) {
                           return info.param == TLS1_2_VERSION ? "Tls12" : "Tls13";
                         });

TEST_P(TlsConnectionTest, FramesGoThereAndBack) {
  TlsClient client = TlsClient::Connected(server_.port(), ClientOptions());
  EXPECT_EQ(client.version(), GetParam() == TLS1_2_VERSION ? "TLSv1.2" : "TLSv1.3");
  for (const size_t size : {0, 1, 1000, 16'384, 16'385, 300'000}) {
    const std::string frame = TestFrame(std::string(size, 'f'));
    ASSERT_TRUE(client.Send(frame));
    ASSERT_EQ(ReadBytes(client, frame.size()), frame) << size;
  }
}

// The handshake and everything after it, in pieces of the smallest size.
TEST_P(TlsConnectionTest, ByteByByte) {
  TlsClient::Options options = ClientOptions();
  options.send_bytes_max = 1;
  TlsClient client = TlsClient::Connected(server_.port(), options);
  const std::string frames = TestFrame("one") + TestFrame("") + TestFrame("two");
  for (const char byte : frames) ASSERT_TRUE(client.Send({&byte, 1}));
  EXPECT_EQ(ReadBytes(client, frames.size()), frames);
}

TEST_P(TlsConnectionTest, AFrameOf20Megabytes) {
  TlsClient client = TlsClient::Connected(server_.port(), ClientOptions());
  std::string body(20u << 20, '\0');
  for (size_t i = 0; i < body.size(); ++i) body[i] = static_cast<char>(i * i >> 7);
  const std::string frame = TestFrame(body) + TestFrame("after");
  ASSERT_TRUE(client.Send(frame));
  EXPECT_TRUE(ReadBytes(client, frame.size()) == frame);
}

// What does not fit into the socket waits, and nothing of it is lost or doubled.
TEST_P(TlsConnectionTest, AReaderThatIsSlow) {
  TlsClient client = TlsClient::Connected(server_.port(), ClientOptions());
  std::string expected;
  for (int round = 0; round < 20; ++round) {
    server_.OnReactor([&] {
      for (size_t i = 0; i < 40; ++i) {
        const std::string piece(i * 997, static_cast<char>('a' + (i + expected.size()) % 26));
        server_.seen.connection->output().Append(piece);
        expected += piece;
      }
    });
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  server_.OnReactor([&] { EXPECT_GT(server_.seen.connection->pending_bytes(), 0u); });
  EXPECT_TRUE(ReadBytes(client, expected.size()) == expected);
  EXPECT_TRUE(server_.Eventually([&] { return server_.seen.connection->pending_bytes() == 0; }));
}

// The socket is silent when it is resumed: what comes is what TLS held.
TEST_P(TlsConnectionTest, WhatTlsHoldsIsReadOnResuming) {
  server_.OnReactor([&] { server_.pauses = true; });
  TlsClient client = TlsClient::Connected(server_.port(), ClientOptions());
  // Fills the read buffer up to some bytes, with more behind it.
  std::string bytes = TestFrame(std::string(ReadBuffer::kBytes - 5'000, 'l'));
  constexpr size_t kSmall = 60;
  for (size_t i = 0; i < kSmall; ++i) bytes += TestFrame(std::string(1000, 's'));
  ASSERT_TRUE(client.Send(bytes));
  for (size_t frames = 1; frames <= kSmall; ++frames) {
    ASSERT_TRUE(server_.Eventually([&] { return server_.seen.frames.size() >= frames; })) << frames;
    server_.OnReactor([&] {
      EXPECT_EQ(server_.seen.frames.size(), frames);
      EXPECT_TRUE(server_.seen.connection->reading_paused());
      server_.seen.connection->ResumeReading();
    });
  }
  EXPECT_TRUE(ReadBytes(client, bytes.size()) == bytes);
}

TEST_P(TlsConnectionTest, PausedBeforeTheHandshake) {
  RawClient socket = RawClient::Tcp(server_.port());
  ASSERT_TRUE(server_.Eventually([&] { return server_.seen.connection != nullptr; }));
  server_.OnReactor([&] { server_.seen.connection->PauseReading(); });
  TlsClient client(std::move(socket), ClientOptions());
  ASSERT_TRUE(client.Handshake()) << client.error();
  ASSERT_TRUE(client.Send(TestFrame("x")));
  ASSERT_TRUE(server_.Eventually([&] { return server_.seen.handshake_done; }));
  server_.OnReactor([&] {
    EXPECT_TRUE(server_.seen.frames.empty());
    server_.seen.connection->ResumeReading();
  });
  EXPECT_EQ(ReadBytes(client, 5), TestFrame("x"));
}

// Both sides send all the time, in sizes that meet no boundary, and the reader stops and goes on.
TEST_P(TlsConnectionTest, AtRandom) {
  std::mt19937 random(static_cast<uint32_t>(GetParam()));
  TlsClient client = TlsClient::Connected(server_.port(), ClientOptions());
  for (int round = 0; round < 60; ++round) {
    std::string bytes;
    for (int i = static_cast<int>(random() % 4); i >= 0; --i) {
      bytes += TestFrame(std::string(random() % 5 == 0 ? random() % 600'000 : random() % 3'000,
                                     static_cast<char>('a' + random() % 26)));
    }
    server_.OnReactor([&] { server_.seen.connection->PauseReading(); });
    std::thread sender([&] { ASSERT_TRUE(client.Send(bytes)); });
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 2000));
    server_.OnReactor([&] { server_.seen.connection->ResumeReading(); });
    sender.join();
    ASSERT_TRUE(ReadBytes(client, bytes.size()) == bytes) << round;
  }
}

TEST_P(TlsConnectionTest, OutputBeforeTheHandshakeLeavesAfterIt) {
  RawClient socket = RawClient::Tcp(server_.port());
  ASSERT_TRUE(server_.Eventually([&] { return server_.seen.connection != nullptr; }));
  server_.OnReactor([&] { server_.seen.connection->output().Append("early"); });
  EXPECT_EQ(socket.ReadFor(50), "");
  TlsClient client(std::move(socket), ClientOptions());
  ASSERT_TRUE(client.Handshake()) << client.error();
  EXPECT_EQ(ReadBytes(client, 5), "early");
}

TEST_P(TlsConnectionTest, CloseWritesWhatWaitsAndSaysFarewell) {
  TlsClient client = TlsClient::Connected(server_.port(), ClientOptions());
  server_.OnReactor([&] {
    server_.seen.connection->output().Append(std::string(3'000'000, 'o'));
    server_.seen.connection->Close("enough");
  });
  EXPECT_EQ(ReadBytes(client, 3'000'000), std::string(3'000'000, 'o'));
  EXPECT_TRUE(client.ReadToEnd());
  EXPECT_TRUE(client.said_farewell());
}

TEST_P(TlsConnectionTest, ThePeerCloses) {
  // With something received in between: a socket closed with unread bytes in it is reset.
  {
    TlsClient client = TlsClient::Connected(server_.port(), ClientOptions());
    ASSERT_TRUE(client.Send(TestFrame("x")));
    EXPECT_EQ(ReadBytes(client, 5), TestFrame("x"));
  }
  EXPECT_EQ(server_.Closed(), "connection closed");
  {
    TlsClient client = TlsClient::Connected(server_.port(), ClientOptions());
    ASSERT_TRUE(client.Send(TestFrame("x") + TestFrame("half").substr(0, 6)));
    EXPECT_EQ(ReadBytes(client, 5), TestFrame("x"));
    ASSERT_TRUE(server_.Eventually([&] {
      return server_.seen.connection != nullptr && server_.seen.connection->partial_bytes() == 6;
    }));
  }
  EXPECT_EQ(server_.Closed(), "connection closed in the middle of a frame");
}

TEST_P(TlsConnectionTest, ADamagedRecordEndsTheConnection) {
  RawClient socket = RawClient::Tcp(server_.port());
  const int fd = socket.fd();
  TlsClient client(std::move(socket), ClientOptions());
  ASSERT_TRUE(client.Handshake()) << client.error();
  const std::string record("\x17\x03\x03\x00\x20", 5);
  const std::string damaged = record + std::string(32, 'x');
  ASSERT_EQ(send(fd, damaged.data(), damaged.size(), MSG_NOSIGNAL), 37);
  EXPECT_EQ(server_.Closed(), "TLS: decryption failed or bad record mac");
}

// A record that has been begun counts as a frame that has: whoever leaves it at that is found.
TEST_P(TlsConnectionTest, ARecordThatIsNotFinished) {
  for (const std::string& begun : {std::string("\x17"), std::string("\x17\x03\x03\x00\x20", 5),
                                   std::string("\x17\x03\x03\x00\x20xyz", 8)}) {
    RawClient socket = RawClient::Tcp(server_.port());
    const int fd = socket.fd();
    TlsClient client(std::move(socket), ClientOptions());
    ASSERT_TRUE(client.Handshake()) << client.error();
    ASSERT_TRUE(client.Send(TestFrame("x")));
    ASSERT_EQ(ReadBytes(client, 5), TestFrame("x"));
    const auto unfinished = [&] { return server_.seen.connection->unfinished_since_ns() != 0; };
    EXPECT_TRUE(server_.Eventually([&] { return !unfinished(); }));
    ASSERT_GT(send(fd, begun.data(), begun.size(), MSG_NOSIGNAL), 0);
    EXPECT_TRUE(server_.Eventually(unfinished)) << begun.size();
  }
}

TEST_P(TlsConnectionTest, AClientMayNotStartAnotherHandshake) {
  if (GetParam() == TLS1_3_VERSION) return;  // which has none
  TlsClient client = TlsClient::Connected(server_.port(), ClientOptions());
  EXPECT_FALSE(client.Renegotiate());
}

TEST(TlsRefusalTest, OldProtocols) {
  const TlsTestFiles files;
  TlsTestServer server(files.Options());
  TlsClient::Options options = files.Client();
  options.protocol_min = options.protocol_max = TLS1_1_VERSION;
  {
    TlsClient client(RawClient::Tcp(server.port()), options);
    EXPECT_FALSE(client.Handshake());
    EXPECT_EQ(client.error(), "tlsv1 alert protocol version");
  }
  EXPECT_EQ(server.Closed(), "TLS handshake: unsupported protocol");
}

TEST(TlsRefusalTest, ProtocolsThatAreNotConfigured) {
  const TlsTestFiles files;
  TlsOptions only13 = files.Options();
  only13.protocol_min = TlsProtocol::kTls13;
  TlsTestServer server(only13);
  TlsClient::Options options = files.Client();
  options.protocol_max = TLS1_2_VERSION;
  EXPECT_FALSE(TlsClient(RawClient::Tcp(server.port()), options).Handshake());
  EXPECT_EQ(TlsClient::Connected(server.port(), files.Client()).version(), "TLSv1.3");

  TlsOptions only12 = files.Options();
  only12.protocol_max = TlsProtocol::kTls12;
  TlsTestServer old(only12);
  EXPECT_EQ(TlsClient::Connected(old.port(), files.Client()).version(), "TLSv1.2");
}

TEST(TlsRefusalTest, PlainBytes) {
  const TlsTestFiles files;
  TlsTestServer server(files.Options());
  for (const std::string& bytes :
       {std::string("GET / HTTP/1.1\r\n\r\n"), std::string("\0\0\0\x0D{\"c\":\"logon\"}", 17),
        std::string(100'000, 'x')}) {
    RawClient client = RawClient::Tcp(server.port());
    client.Send(bytes);
    shutdown(client.fd(), SHUT_WR);
    EXPECT_TRUE(client.ReadToEnd());
    EXPECT_TRUE(server.Closed().starts_with("TLS handshake: ")) << server.Closed();
    EXPECT_TRUE(server.Eventually([&] { return !server.seen.handshake_done; }));
    server.OnReactor([&] { server.seen = {}; });
  }
}

TEST(TlsRefusalTest, AClientThatLeavesInTheHandshake) {
  const TlsTestFiles files;
  TlsTestServer server(files.Options());
  { const RawClient client = RawClient::Tcp(server.port()); }
  EXPECT_EQ(server.Closed(), "TLS handshake: connection closed");
}

// Nobody waits for a handshake that never comes.
TEST(TlsRefusalTest, ClosedInTheHandshake) {
  const TlsTestFiles files;
  TlsTestServer server(files.Options());
  RawClient client = RawClient::Tcp(server.port());
  ASSERT_TRUE(server.Eventually([&] { return server.seen.connection != nullptr; }));
  server.OnReactor([&] {
    EXPECT_TRUE(server.seen.connection->handshaking());
    server.seen.connection->output().Append("never seen in the clear");
    server.seen.connection->Close("no TLS handshake in time");
  });
  EXPECT_EQ(client.ReadFor(1000), "");
  shutdown(client.fd(), SHUT_WR);
  EXPECT_EQ(server.Closed(), "no TLS handshake in time");
}

}  // namespace
}  // namespace fluxgate::net
