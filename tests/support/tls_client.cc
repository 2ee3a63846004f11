#include "tests/support/tls_client.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/pem.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>

#include "gateway/amps/amps_frame.h"
#include "gateway/net/peer_certificate.h"

namespace fluxgate::testing {

TlsClient TlsClient::Connected(uint16_t port, const Options& options) {
  TlsClient client(RawClient::Tcp(port), options);
  EXPECT_TRUE(client.Handshake()) << client.error();
  return client;
}

TlsClient::TlsClient(RawClient socket, const Options& options)
    : socket_(std::move(socket)),
      send_bytes_max_(options.send_bytes_max),
      context_(SSL_CTX_new(TLS_client_method())) {
  const int on = 1;
  setsockopt(socket_.fd(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  SSL_CTX* context = context_.get();
  SSL_CTX_set_min_proto_version(context, options.protocol_min);
  SSL_CTX_set_max_proto_version(context, options.protocol_max);
  // Debian's level does not know TLS 1.1 at all.
  if (options.protocol_min < TLS1_2_VERSION) SSL_CTX_set_security_level(context, 0);
  if (!options.ca_pem.empty()) {
    const net::BioPointer text = net::BioOver(options.ca_pem);
    const net::X509Pointer ca(PEM_read_bio_X509(text.get(), nullptr, nullptr, nullptr));
    X509_STORE_add_cert(SSL_CTX_get_cert_store(context), ca.get());
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  }
  if (!options.certificate_pem.empty()) {
    const net::BioPointer text = net::BioOver(options.certificate_pem);
    const net::X509Pointer own(PEM_read_bio_X509(text.get(), nullptr, nullptr, nullptr));
    const net::BioPointer key_text = net::BioOver(options.private_key_pem);
    const net::EvpKeyPointer key(
        PEM_read_bio_PrivateKey(key_text.get(), nullptr, nullptr, nullptr));
    EXPECT_EQ(SSL_CTX_use_certificate(context, own.get()), 1);
    EXPECT_EQ(SSL_CTX_use_PrivateKey(context, key.get()), 1);
  }
  ssl_.reset(SSL_new(context));
  SSL_set_bio(ssl_.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
  if (!options.server_name.empty()) {
    SSL_set_tlsext_host_name(ssl_.get(), options.server_name.c_str());
  }
  if (options.session != nullptr) SSL_set_session(ssl_.get(), options.session.get());
  SSL_set_connect_state(ssl_.get());
}

bool TlsClient::Fail(std::string_view why) {
  error_ = why;
  return false;
}

bool TlsClient::FlushOut() {
  const std::string out = net::TextOf(SSL_get_wbio(ssl_.get()));
  (void)BIO_reset(SSL_get_wbio(ssl_.get()));
  for (size_t at = 0; at < out.size(); at += std::min(send_bytes_max_, out.size() - at)) {
    if (!socket_.Send(std::string_view(out).substr(at, send_bytes_max_))) {
      return Fail("the server has closed");
    }
  }
  return true;
}

bool TlsClient::FillIn() {
  pollfd ready{socket_.fd(), POLLIN, 0};
  if (poll(&ready, 1, RawClient::kWaitMs) <= 0) return Fail("nothing received in time");
  char bytes[64 * 1024];
  const ssize_t got = recv(socket_.fd(), bytes, sizeof bytes, 0);
  if (got <= 0) return Fail("the server has closed");
  BIO_write(SSL_get_rbio(ssl_.get()), bytes, static_cast<int>(got));
  return true;
}

template <typename Call>
bool TlsClient::Drive(Call call) {
  while (true) {
    ERR_clear_error();
    const int returned = call();
    const int error = SSL_get_error(ssl_.get(), returned);
    const std::string reason = error == SSL_ERROR_SSL ? net::TakeOpensslReason() : "";
    const bool flushed = FlushOut();
    if (returned == 1) return flushed;
    if (error == SSL_ERROR_ZERO_RETURN) {
      farewell_ = true;
      return Fail("farewell");
    }
    if (error != SSL_ERROR_WANT_READ) return Fail(reason);
    if (!FillIn()) return false;
  }
}

bool TlsClient::Handshake() {
  return Drive([this] { return SSL_do_handshake(ssl_.get()); });
}

bool TlsClient::Renegotiate() { return SSL_renegotiate(ssl_.get()) == 1 && Handshake(); }

bool TlsClient::Send(std::string_view bytes) {
  size_t sent = 0;
  return Drive([&] { return SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &sent); });
}

bool TlsClient::SendFrame(std::string_view frame) {
  std::string bytes(amps::kFramePrefixBytes, '\0');
  amps::StoreFrameLength(static_cast<uint32_t>(frame.size()), bytes.data());
  bytes += frame;
  return Send(bytes);
}

std::optional<std::string> TlsClient::Read() {
  std::string bytes(64 * 1024, '\0');
  size_t got = 0;
  if (!Drive([&] { return SSL_read_ex(ssl_.get(), bytes.data(), bytes.size(), &got); })) {
    return std::nullopt;
  }
  bytes.resize(got);
  return bytes;
}

std::optional<std::string> TlsClient::ReadFrame() {
  while (true) {
    const amps::FrameResult result =
        amps::NextFrame(buffer_, {.header_bytes_max = 1u << 30, .body_bytes_max = 1u << 30});
    if (result.status == amps::FrameStatus::kFrame) {
      std::string frame(result.frame);
      buffer_.erase(0, result.consumed);
      return frame;
    }
    std::optional<std::string> more = Read();
    if (!more.has_value()) return std::nullopt;
    buffer_ += *more;
  }
}

bool TlsClient::ReadToEnd() {
  while (Read().has_value()) {
  }
  return farewell_ || error_ == "the server has closed";
}

void TlsClient::Logon(std::string_view name) {
  std::string frame = R"({"c":"logon","cid":"logon","mt":"json","a":"processed","client_name":")";
  SendFrame(frame.append(name).append("\"}"));
  const std::optional<std::string> ack = ReadFrame();
  ASSERT_TRUE(ack.has_value()) << error_;
  ASSERT_NE(ack->find(R"("status":"success")"), std::string::npos) << *ack;
}

std::string TlsClient::server_common_name() const {
  const net::X509Pointer certificate(SSL_get1_peer_certificate(ssl_.get()));
  return certificate == nullptr ? "" : net::DescribeCertificate(*certificate).common_name;
}

}  // namespace fluxgate::testing
