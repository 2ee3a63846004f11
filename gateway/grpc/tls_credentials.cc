#include "gateway/grpc/tls_credentials.h"

#include <grpc/grpc.h>
#include <grpc/grpc_security.h>

#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fluxgate::grpc_api {
namespace {

grpc_ssl_client_certificate_request_type RequestOf(net::VerifyClient verify) {
  switch (verify) {
    case net::VerifyClient::kNo:
      return GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE;
    case net::VerifyClient::kOptional:
      return GRPC_SSL_REQUEST_CLIENT_CERTIFICATE_AND_VERIFY;
    case net::VerifyClient::kRequired:
      return GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY;
  }
  return GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY;
}

grpc_ssl_server_certificate_config* ConfigOf(const net::TlsMaterial& material, bool verifies) {
  std::vector<grpc_ssl_pem_key_cert_pair> pairs;
  for (const net::TlsMaterial::Identity& identity : material.identities) {
    pairs.push_back({identity.private_key_pem.c_str(), identity.certificate_pem.c_str()});
  }
  // The library insists on CA certificates also where it asks no client for one.
  const std::string& ca = verifies ? material.ca_pem : material.identities.front().certificate_pem;
  return grpc_ssl_server_certificate_config_create(ca.c_str(), pairs.data(), pairs.size());
}

// The library's C++ credentials either have fixed certificates or watch files by themselves,
// without looking at what they read. Its C interface asks before every handshake.
class TlsCredentials final : public grpc::ServerCredentials {
 public:
  explicit TlsCredentials(const net::TlsContext& tls)
      : tls_(tls),
        credentials_(grpc_ssl_server_credentials_create_with_options(
            grpc_ssl_server_credentials_create_options_using_config_fetcher(
                RequestOf(tls.options().verify_client), &TlsCredentials::Fetch, this))) {}
  ~TlsCredentials() override { grpc_server_credentials_release(credentials_); }

  // Calls are authenticated in this project's own way.
  void SetAuthMetadataProcessor(const std::shared_ptr<grpc::AuthMetadataProcessor>&) override {}

 private:
  int AddPortToServer(const std::string& address, grpc_server* server) override {
    return grpc_server_add_http2_port(server, address.c_str(), credentials_);
  }

  // Any thread of gRPC's.
  static grpc_ssl_certificate_config_reload_status Fetch(
      void* self, grpc_ssl_server_certificate_config** config) {
    return static_cast<TlsCredentials*>(self)->FetchIfNew(config);
  }

  grpc_ssl_certificate_config_reload_status FetchIfNew(
      grpc_ssl_server_certificate_config** config) {
    const std::lock_guard lock(mutex_);
    std::shared_ptr<const net::TlsMaterial> material = tls_.material();
    if (material == fetched_) return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_UNCHANGED;
    *config = ConfigOf(*material, tls_.options().verify_client != net::VerifyClient::kNo);
    fetched_ = std::move(material);
    return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_NEW;
  }

  const net::TlsContext& tls_;
  std::mutex mutex_;
  std::shared_ptr<const net::TlsMaterial> fetched_;  // guarded by mutex_
  grpc_server_credentials* const credentials_;
};

}  // namespace

std::shared_ptr<grpc::ServerCredentials> NewTlsCredentials(const net::TlsContext& tls) {
  return std::make_shared<TlsCredentials>(tls);
}

std::unique_ptr<net::PeerCertificate> PeerCertificateOf(const grpc::AuthContext& context) {
  const std::vector<grpc::string_ref> pem =
      context.FindPropertyValues(GRPC_X509_PEM_CERT_PROPERTY_NAME);
  if (pem.empty()) return nullptr;
  std::unique_ptr<net::PeerCertificate> certificate =
      net::DescribePem({pem.front().data(), pem.front().size()});
  if (certificate != nullptr) certificate->verified = context.IsPeerAuthenticated();
  return certificate;
}

}  // namespace fluxgate::grpc_api
