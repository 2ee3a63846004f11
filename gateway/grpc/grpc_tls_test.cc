// gRPC over TLS, with the gRPC library's own client.
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>

#include "core/base/error.h"
#include "gateway/grpc/grpc_test_server.h"
#include "gateway/grpc/tls_credentials.h"
#include "tests/support/raw_client.h"
#include "tests/support/test_certificates.h"

namespace fluxgate::grpc_api {
namespace {

using testing::IssuedCertificate;
using testing::RawClient;
using testing::TestCa;
using testing::TestDirectory;

class GrpcTlsTest : public ::testing::Test {
 protected:
  void Start(net::VerifyClient verify = net::VerifyClient::kNo) {
    WriteServer(server_ca_.Issue({.common_name = "first", .alternatives = {"DNS:localhost"}}));
    net::TlsOptions tls;
    tls.certificate_file = files_.Path("server.pem");
    tls.private_key_file = files_.Path("server.key");
    tls.verify_client = verify;
    if (verify != net::VerifyClient::kNo) {
      tls.ca_file = files_.Write("clients.pem", client_ca_.pem());
    }
    for (const std::string name : {"a.example", "b.example"}) {
      const IssuedCertificate issued =
          server_ca_.Issue({.common_name = name, .alternatives = {"DNS:" + name}});
      tls.server_names.push_back({name, files_.Write(name + ".pem", issued.certificate_pem),
                                  files_.Write(name + ".key", issued.private_key_pem)});
    }
    GrpcTestServer::Options options;
    options.tls = tls;
    options.grpc.tls_handshake_timeout_ns = 300'000'000;
    server_ = std::make_unique<GrpcTestServer>(options);
  }

  void WriteServer(const IssuedCertificate& issued) {
    files_.Write("server.pem", issued.certificate_pem);
    files_.Write("server.key", issued.private_key_pem);
  }

  // One Publish on a connection of its own to the server that has a certificate for `host`, shown
  // by a client with this certificate.
  grpc::Status Publish(const IssuedCertificate& own = {}, const std::string& host = "localhost") {
    grpc::SslCredentialsOptions options;
    options.pem_root_certs = server_ca_.pem();
    options.pem_cert_chain = own.certificate_pem;
    options.pem_private_key = own.private_key_pem;
    return PublishWith(grpc::SslCredentials(options), host);
  }

  grpc::Status PublishWith(const std::shared_ptr<grpc::ChannelCredentials>& credentials,
                           const std::string& host = "localhost") {
    grpc::ChannelArguments arguments;
    arguments.SetSslTargetNameOverride(host);
    arguments.SetInt("fluxgate.test.number", ++channels_);  // a connection of its own
    channel_ = grpc::CreateCustomChannel("127.0.0.1:" + std::to_string(server_->port()),
                                         credentials, arguments);
    return PublishOn(channel_);
  }

  static grpc::Status PublishOn(const std::shared_ptr<grpc::Channel>& channel) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
    v1::PublishRequest request;
    request.add_messages()->set_topic("orders");
    v1::PublishResponse response;
    return v1::PublisherService::NewStub(channel)->Publish(&context, request, &response);
  }

  const TestCa server_ca_{"servers"};
  const TestCa client_ca_{"clients"};
  const TestDirectory files_;
  std::unique_ptr<GrpcTestServer> server_;
  std::shared_ptr<grpc::Channel> channel_;  // of the last Publish
  int channels_ = 0;
};

TEST_F(GrpcTlsTest, PublishAndSubscribe) {
  Start();
  const grpc::Status status = Publish();
  ASSERT_TRUE(status.ok()) << status.error_message();
  auto stub = v1::SubscriberService::NewStub(channel_);
  grpc::ClientContext context;
  v1::SubscribeRequest request;
  request.mutable_spec()->set_topic("orders");
  auto reader = stub->Subscribe(&context, request);
  v1::SubscribeResponse response;
  ASSERT_TRUE(reader->Read(&response));
  const std::string body = "\"" + std::string(3'000'000, 'x') + "\"";
  server_->Publish("orders", body);
  while (reader->Read(&response)) {
    if (response.events().empty() || response.events(0).messages().messages().empty()) continue;
    EXPECT_EQ(response.events(0).messages().messages(0).payload(), body);
    break;
  }
  context.TryCancel();
  while (reader->Read(&response)) {
  }
  reader->Finish();
}

TEST_F(GrpcTlsTest, OnlyTlsAndOnlyTheRightServer) {
  Start();
  EXPECT_FALSE(PublishWith(grpc::InsecureChannelCredentials()).ok());
  grpc::SslCredentialsOptions others;
  others.pem_root_certs = client_ca_.pem();
  EXPECT_FALSE(PublishWith(grpc::SslCredentials(others)).ok());
  EXPECT_FALSE(Publish({}, "elsewhere.example").ok());
  EXPECT_EQ(server_->engine().stats().published, 0u);
  EXPECT_TRUE(Publish().ok());
}

TEST_F(GrpcTlsTest, CertificatesByServerName) {
  Start();
  EXPECT_TRUE(Publish({}, "localhost").ok());
  EXPECT_TRUE(Publish({}, "a.example").ok());
  EXPECT_TRUE(Publish({}, "b.example").ok());
}

TEST_F(GrpcTlsTest, ClientCertificates) {
  const IssuedCertificate good = client_ca_.Issue({.common_name = "alice"});
  const IssuedCertificate expired =
      client_ca_.Issue({.common_name = "alice", .valid_from_days = -3, .valid_to_days = -1});
  const IssuedCertificate foreign = server_ca_.Issue({.common_name = "alice"});

  Start(net::VerifyClient::kRequired);
  EXPECT_TRUE(Publish(good).ok());
  EXPECT_FALSE(Publish().ok());
  EXPECT_FALSE(Publish(expired).ok());
  EXPECT_FALSE(Publish(foreign).ok());

  Start(net::VerifyClient::kOptional);
  EXPECT_TRUE(Publish(good).ok());
  EXPECT_TRUE(Publish().ok());
  EXPECT_FALSE(Publish(expired).ok());
  EXPECT_FALSE(Publish(foreign).ok());

  Start(net::VerifyClient::kNo);
  EXPECT_TRUE(Publish(foreign).ok());
}

TEST_F(GrpcTlsTest, NewFilesAreUsedByNewConnectionsAndOldOnesGoOn) {
  Start();
  ASSERT_TRUE(Publish().ok());
  const std::shared_ptr<grpc::Channel> before = channel_;
  WriteServer(server_ca_.Issue({.common_name = "new", .alternatives = {"DNS:new.example"}}));
  const absl::StatusOr<bool> reloaded = server_->tls().ReloadIfChanged();
  ASSERT_TRUE(reloaded.ok()) << ErrorText(reloaded.status());
  EXPECT_TRUE(*reloaded);
  EXPECT_TRUE(Publish({}, "new.example").ok());
  EXPECT_FALSE(Publish({}, "localhost").ok());
  EXPECT_TRUE(PublishOn(before).ok());
}

TEST_F(GrpcTlsTest, BadFilesAreNotUsed) {
  Start();
  files_.Write("server.pem", "nonsense");
  EXPECT_FALSE(server_->tls().ReloadIfChanged().ok());
  EXPECT_TRUE(Publish().ok());
  // The key of another certificate.
  files_.Write("server.pem", server_ca_.Issue({.common_name = "x"}).certificate_pem);
  EXPECT_FALSE(server_->tls().ReloadIfChanged().ok());
  EXPECT_TRUE(Publish().ok());
}

TEST_F(GrpcTlsTest, AHandshakeThatStallsIsClosed) {
  Start();
  RawClient silent = RawClient::Tcp(server_->port());
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_TRUE(silent.ReadToEnd());
  EXPECT_GE(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(290));
}

// As a service sees it: what gRPC knows of a client, as a value.
class WhoIsIt final : public v1::PublisherService::Service {
 public:
  grpc::Status Publish(grpc::ServerContext* context, const v1::PublishRequest*,
                       v1::PublishResponse*) override {
    seen = PeerCertificateOf(*context->auth_context());
    return grpc::Status::OK;
  }
  std::unique_ptr<net::PeerCertificate> seen;
};

TEST_F(GrpcTlsTest, ThePeerCertificate) {
  Start(net::VerifyClient::kOptional);  // for its files
  WhoIsIt service;
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", NewTlsCredentials(server_->tls()), &port);
  builder.RegisterService(&service);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  const auto call = [&](const IssuedCertificate& own) {
    grpc::SslCredentialsOptions options;
    options.pem_root_certs = server_ca_.pem();
    options.pem_cert_chain = own.certificate_pem;
    options.pem_private_key = own.private_key_pem;
    grpc::ChannelArguments arguments;
    arguments.SetSslTargetNameOverride("localhost");
    arguments.SetInt("fluxgate.test.number", ++channels_);
    return PublishOn(grpc::CreateCustomChannel("127.0.0.1:" + std::to_string(port),
                                               grpc::SslCredentials(options), arguments));
  };
  const IssuedCertificate alice = client_ca_.Issue(
      {.common_name = "alice",
       .organization = "desk",
       .alternatives = {"DNS:a.example", "email:alice@a.example", "URI:spiffe://a/alice"}});
  const grpc::Status status = call(alice);
  ASSERT_TRUE(status.ok()) << status.error_message();
  ASSERT_NE(service.seen, nullptr);
  EXPECT_EQ(*service.seen, (net::PeerCertificate{.subject = "CN=alice,O=desk",
                                                 .common_name = "alice",
                                                 .dns_names = {"a.example"},
                                                 .emails = {"alice@a.example"},
                                                 .uris = {"spiffe://a/alice"},
                                                 .pem = alice.certificate_pem,
                                                 .verified = true}));
  ASSERT_TRUE(call({}).ok());
  EXPECT_EQ(service.seen, nullptr);
}

}  // namespace
}  // namespace fluxgate::grpc_api
