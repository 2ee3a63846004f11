#include "gateway/net/tls_test_server.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <cstring>
#include <future>
#include <utility>

#include "core/base/error.h"

namespace fluxgate::net {
namespace {

constexpr size_t kPadding = 64;
constexpr auto kPatience = std::chrono::seconds(20);

}  // namespace

class TlsTestServer::User final : public ConnectionUser {
 public:
  User(TlsTestServer& server, int fd, std::unique_ptr<SocketLayer> layer)
      : server_(server), connection_(server.shared_, fd, kPadding, std::move(layer)) {
    server_.seen = {};
    server_.seen.connection = &connection_;
    connection_.Start(this);
  }

  size_t OnBytes(std::string_view bytes) override {
    EXPECT_TRUE(server_.seen.handshake_done);
    size_t used = 0;
    while (BytesWanted(bytes.substr(used)) <= bytes.size() - used) {
      const std::string_view frame = bytes.substr(used, BytesWanted(bytes.substr(used)));
      used += frame.size();
      server_.seen.frames.emplace_back(frame.substr(sizeof(uint32_t)));
      if (server_.echoes) connection_.output().Append(frame);
      if (server_.pauses) {
        connection_.PauseReading();
        break;
      }
    }
    return used;
  }
  size_t BytesWanted(std::string_view bytes) override {
    uint32_t size = 0;
    if (bytes.size() < sizeof size) return sizeof size;
    std::memcpy(&size, bytes.data(), sizeof size);
    return sizeof size + size;
  }
  void OnHandshakeDone() override {
    server_.seen.handshake_done = true;
    EXPECT_FALSE(connection_.handshaking());
    if (const PeerCertificate* shown = connection_.peer_certificate()) {
      server_.seen.certificate = *shown;
    }
  }
  void OnClosed(std::string_view reason) override {
    if (server_.seen.connection == &connection_) {  // not when there is a later one
      server_.seen.closed = reason;
      server_.seen.connection = nullptr;
    }
    std::erase_if(server_.users_, [this](const auto& user) { return user.get() == this; });
  }
  void OnDrained(size_t) override {}

 private:
  TlsTestServer& server_;
  Connection connection_;
};

TlsTestServer::TlsTestServer(TlsOptions options) : shared_(reactor_, kPadding) {
  auto tls = TlsContext::Create(std::move(options));
  if (!tls.ok()) {
    ADD_FAILURE() << ErrorText(tls.status());
    std::abort();
  }
  tls_ = *std::move(tls);
  ListenAddress address;
  address.host = "127.0.0.1";
  auto listener = Listener::Listen(reactor_, gate_, address, [this](Accepted accepted) {
    users_.push_back(std::make_unique<User>(*this, accepted.fd, tls_->NewLayer(accepted.fd)));
  });
  if (!listener.ok()) std::abort();
  listener_ = *std::move(listener);
  thread_ = std::thread([this] { reactor_.Run(); });
}

TlsTestServer::~TlsTestServer() {
  OnReactor([this] { listener_->Close(); });
  reactor_.Stop();
  thread_.join();
}

void TlsTestServer::OnReactor(const std::function<void()>& task) {
  std::promise<void> done;
  reactor_.Post([&] {
    task();
    done.set_value();
  });
  done.get_future().wait();
}

bool TlsTestServer::Eventually(const std::function<bool()>& condition) {
  const auto end = std::chrono::steady_clock::now() + kPatience;
  while (std::chrono::steady_clock::now() < end) {
    bool holds = false;
    OnReactor([&] { holds = condition(); });
    if (holds) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return false;
}

std::string TlsTestServer::Closed() {
  if (!Eventually([this] { return !seen.closed.empty(); })) return "still open";
  std::string why;
  OnReactor([&] { why = seen.closed; });
  return why;
}

TlsOptions TlsTestFiles::Options(const std::string& common_name) const {
  WriteServer(server_ca.Issue({.common_name = common_name}));
  TlsOptions options;
  options.certificate_file = directory.Path("server.pem");
  options.private_key_file = directory.Path("server.key");
  return options;
}

void TlsTestFiles::WriteServer(const testing::IssuedCertificate& issued) const {
  directory.Write("server.pem", issued.certificate_pem);
  directory.Write("server.key", issued.private_key_pem);
}

TlsOptions TlsTestFiles::Verifying(VerifyClient verify) const {
  TlsOptions options = Options();
  options.verify_client = verify;
  options.ca_file = directory.Write("clients.pem", client_ca.pem());
  return options;
}

testing::TlsClient::Options TlsTestFiles::Client(const testing::IssuedCertificate& own) const {
  testing::TlsClient::Options options;
  options.ca_pem = server_ca.pem();
  options.certificate_pem = own.certificate_pem;
  options.private_key_pem = own.private_key_pem;
  return options;
}

}  // namespace fluxgate::net
