#include "gateway/grpc/call_credentials.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <string>

#include "absl/strings/escaping.h"
#include "core/base/strings.h"
#include "gateway/grpc/tls_credentials.h"

namespace fluxgate::grpc_api {
namespace {

bool TakeScheme(std::string_view& header, std::string_view scheme) {
  if (header.size() <= scheme.size() || header[scheme.size()] != ' ') return false;
  const bool same = std::equal(scheme.begin(), scheme.end(), header.begin(), [](char a, char b) {
    return a == (b >= 'A' && b <= 'Z' ? static_cast<char>(b - 'A' + 'a') : b);
  });
  if (!same) return false;
  header.remove_prefix(scheme.size() + 1);
  while (!header.empty() && header.front() == ' ') header.remove_prefix(1);
  return true;
}

}  // namespace

void ReadAuthorization(std::string_view header, Credentials& credentials) {
  if (TakeScheme(header, "bearer")) {
    credentials.method = Credentials::Method::kBearer;
    credentials.password = header;
    return;
  }
  std::string decoded;
  if (!TakeScheme(header, "basic") || !absl::Base64Unescape(ToAbsl(header), &decoded)) return;
  const size_t colon = decoded.find(':');
  if (colon != std::string::npos) {
    credentials.method = Credentials::Method::kPassword;
    credentials.user_id = decoded.substr(0, colon);
    credentials.password = decoded.substr(colon + 1);
  }
  OPENSSL_cleanse(decoded.data(), decoded.size());
}

Credentials CredentialsOf(const grpc::ServerContextBase& context) {
  Credentials credentials;
  credentials.remote_address = context.peer();
  const auto& metadata = context.client_metadata();
  const auto header = metadata.find("authorization");
  // Two headers are an attack or a mistake: neither counts.
  if (metadata.count("authorization") == 1) {
    ReadAuthorization({header->second.data(), header->second.size()}, credentials);
  }
  const auto auth = context.auth_context();
  if (auth == nullptr) return credentials;
  const auto certificate = PeerCertificateOf(*auth);
  if (certificate == nullptr || !certificate->verified) return credentials;
  credentials.certificate_subject = certificate->subject;
  credentials.certificate_common_name = certificate->common_name;
  credentials.certificate_pem = certificate->pem;
  if (header == metadata.end()) credentials.method = Credentials::Method::kCertificate;
  return credentials;
}

}  // namespace fluxgate::grpc_api
