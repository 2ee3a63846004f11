// Clients of gRPC and of amps, both over TLS with certificates of their own, meet in one gateway.
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "fluxgate/v1/gateway.grpc.pb.h"
#include "tests/support/test_certificates.h"
#include "tests/support/test_gateway.h"
#include "tests/support/tls_client.h"

namespace fluxgate::testing {
namespace {

TEST(GrpcsAmpsTest, PublishedByGrpcReceivedByAmps) {
  const TestCa ca("ca");
  const TestDirectory files;
  const IssuedCertificate server =
      ca.Issue({.common_name = "gateway", .alternatives = {"DNS:localhost"}});
  const IssuedCertificate client = ca.Issue({.common_name = "client"});
  const std::string ca_file = files.Write("ca.pem", ca.pem());
  const std::string certificate = files.Write("server.pem", server.certificate_pem);
  const std::string key = files.Write("server.key", server.private_key_pem);
  TestGateway gateway([&](config::Config& config) {
    config::Transport tcps;
    tcps.name = "tcps";
    tcps.type = config::TransportType::kTcps;
    tcps.protocol = "amps";
    tcps.host = "127.0.0.1";
    tcps.certificate_file = certificate;
    tcps.private_key_file = key;
    tcps.ca_file = ca_file;
    tcps.verify_client = net::VerifyClient::kRequired;
    config::Transport grpcs = tcps;
    grpcs.name = "grpcs";
    grpcs.type = config::TransportType::kGrpcs;
    grpcs.protocol = "";
    config.transports.push_back(tcps);
    config.transports.push_back(grpcs);
  });

  TlsClient subscriber =
      TlsClient::Connected(gateway.port("tcps"), {.ca_pem = ca.pem(),
                                                  .certificate_pem = client.certificate_pem,
                                                  .private_key_pem = client.private_key_pem});
  subscriber.Logon();
  ASSERT_TRUE(subscriber.SendFrame(R"({"c":"subscribe","cid":"1","t":"orders","a":"processed"})"));
  ASSERT_TRUE(subscriber.ReadFrame().has_value());

  const auto publish = [&](const IssuedCertificate& own) {
    grpc::SslCredentialsOptions options;
    options.pem_root_certs = ca.pem();
    options.pem_cert_chain = own.certificate_pem;
    options.pem_private_key = own.private_key_pem;
    const auto stub = fluxgate::v1::PublisherService::NewStub(grpc::CreateChannel(
        "localhost:" + std::to_string(gateway.port("grpcs")), grpc::SslCredentials(options)));
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
    fluxgate::v1::PublishRequest request;
    request.add_messages()->set_topic("orders");
    request.mutable_messages(0)->set_payload(R"({"id":7})");
    fluxgate::v1::PublishResponse response;
    return stub->Publish(&context, request, &response);
  };
  EXPECT_FALSE(publish({}).ok());
  const grpc::Status status = publish(client);
  ASSERT_TRUE(status.ok()) << status.error_message();
  const std::optional<std::string> message = subscriber.ReadFrame();
  ASSERT_TRUE(message.has_value());
  EXPECT_TRUE(message->ends_with(R"({"id":7})")) << *message;
}

}  // namespace
}  // namespace fluxgate::testing
