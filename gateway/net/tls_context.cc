#include "gateway/net/tls_context.h"

#include <fmt/format.h>
#include <openssl/pem.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "core/base/error.h"
#include "gateway/net/openssl_pointers.h"
#include "gateway/net/server_name_match.h"
#include "gateway/net/tls_layer.h"

namespace fluxgate::net {
namespace {

absl::Status FileError(std::string_view what, const std::string& file) {
  return MakeError(ErrorCode::kBadOption,
                   fmt::format("{} {}: {}", what, file, TakeOpensslReason()));
}

// What one look at the socket may bring: some records instead of one. Taken when something comes,
// given back when it has been read.
constexpr size_t kReadAheadBytes = 64 * 1024;

int NoPassword(char*, int, int, void*) { return 0; }

// Whether the last call failed because the text is at its end.
bool AtEndOfPem() {
  const unsigned long error = ERR_peek_last_error();
  if (ERR_GET_LIB(error) != ERR_LIB_PEM || ERR_GET_REASON(error) != PEM_R_NO_START_LINE) {
    return false;
  }
  ERR_clear_error();
  return true;
}

absl::Status UseIdentity(SSL_CTX* context, const TlsMaterial::Identity& identity) {
  const BioPointer text = BioOver(identity.certificate_pem);
  const X509Pointer certificate(PEM_read_bio_X509_AUX(text.get(), nullptr, nullptr, nullptr));
  if (certificate == nullptr || SSL_CTX_use_certificate(context, certificate.get()) != 1) {
    return FileError("certificate", identity.certificate_file);
  }
  SSL_CTX_clear_chain_certs(context);
  while (X509* next = PEM_read_bio_X509(text.get(), nullptr, nullptr, nullptr)) {
    if (SSL_CTX_add0_chain_cert(context, next) != 1) {
      X509_free(next);
      return FileError("certificate", identity.certificate_file);
    }
  }
  if (!AtEndOfPem()) return FileError("certificate", identity.certificate_file);

  const BioPointer key_text = BioOver(identity.private_key_pem);
  const EvpKeyPointer key(PEM_read_bio_PrivateKey(key_text.get(), nullptr, &NoPassword, nullptr));
  if (key == nullptr) return FileError("private key", identity.private_key_file);
  // Checks that it is the certificate's.
  if (SSL_CTX_use_PrivateKey(context, key.get()) != 1) {
    return FileError("private key", identity.private_key_file);
  }
  return absl::OkStatus();
}

std::string CaFiles(const TlsOptions& options) {
  if (options.ca_file.empty()) return options.ca_path;
  if (options.ca_path.empty()) return options.ca_file;
  return fmt::format("{} or {}", options.ca_file, options.ca_path);
}

absl::Status UseCaCertificates(SSL_CTX* context, const TlsOptions& options,
                               const std::string& pem) {
  if (pem.empty()) return absl::OkStatus();
  const BioPointer text = BioOver(pem);
  bool found = false;
  while (X509* read = PEM_read_bio_X509(text.get(), nullptr, nullptr, nullptr)) {
    const X509Pointer certificate(read);
    found = true;
    if (X509_STORE_add_cert(SSL_CTX_get_cert_store(context), read) != 1 ||
        SSL_CTX_add_client_CA(context, read) != 1) {
      return FileError("CA certificates", CaFiles(options));
    }
  }
  if (!found || !AtEndOfPem()) return FileError("CA certificates", CaFiles(options));
  return absl::OkStatus();
}

absl::Status UseCiphers(SSL_CTX* context, std::string_view ciphers) {
  constexpr std::string_view kTls13Prefix = "TLS_";
  std::string tls13;
  std::string others;
  while (!ciphers.empty()) {
    const size_t end = std::min(ciphers.find_first_of(":, "), ciphers.size());
    const std::string_view name = ciphers.substr(0, end);
    ciphers.remove_prefix(std::min(end + 1, ciphers.size()));
    if (name.empty()) continue;
    std::string& list = name.starts_with(kTls13Prefix) ? tls13 : others;
    list += fmt::format("{}{}", list.empty() ? "" : ":", name);
  }
  if ((!others.empty() && SSL_CTX_set_cipher_list(context, others.c_str()) != 1) ||
      (!tls13.empty() && SSL_CTX_set_ciphersuites(context, tls13.c_str()) != 1)) {
    return MakeError(
        ErrorCode::kBadOption,
        fmt::format("ciphers {}: {}", others.empty() ? tls13 : others, TakeOpensslReason()));
  }
  return absl::OkStatus();
}

int VersionOf(TlsProtocol protocol) {
  return protocol == TlsProtocol::kTls12 ? TLS1_2_VERSION : TLS1_3_VERSION;
}

int VerifyModeOf(VerifyClient verify) {
  switch (verify) {
    case VerifyClient::kNo:
      return SSL_VERIFY_NONE;
    case VerifyClient::kOptional:
      return SSL_VERIFY_PEER;
    case VerifyClient::kRequired:
      return SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
  }
  return SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
}

void SetRules(SSL_CTX* context, const TlsOptions& options) {
  // Tickets are taken by the contexts that they come from; a name is needed where clients are
  // verified.
  constexpr unsigned char kSessionName[] = "fluxgate";
  SSL_CTX_set_min_proto_version(context, VersionOf(options.protocol_min));
  SSL_CTX_set_max_proto_version(context, VersionOf(options.protocol_max));
  // The end without a farewell is as good as with one: frames say how long they are.
  SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION |
                                   SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_IGNORE_UNEXPECTED_EOF);
  // A retried write may come from another address: chunks move up in their queue.
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_read_ahead(context, 1);
  SSL_CTX_set_default_read_buffer_len(context, kReadAheadBytes);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_session_id_context(context, kSessionName, sizeof kSessionName - 1);
  SSL_CTX_set_verify(context, VerifyModeOf(options.verify_client), nullptr);
}

absl::StatusOr<SslContextPointer> MakeContext(const TlsOptions& options,
                                              const TlsMaterial& material,
                                              const TlsMaterial::Identity& identity) {
  ERR_clear_error();
  SslContextPointer context(SSL_CTX_new(TLS_server_method()));
  if (context == nullptr) return MakeError(ErrorCode::kInternal, TakeOpensslReason());
  SetRules(context.get(), options);
  absl::Status status = UseCiphers(context.get(), options.ciphers);
  if (status.ok()) status = UseIdentity(context.get(), identity);
  if (status.ok()) status = UseCaCertificates(context.get(), options, material.ca_pem);
  if (!status.ok()) return status;
  return context;
}

}  // namespace

// Immutable once made.
struct TlsContext::Loaded {
  std::shared_ptr<const TlsMaterial> material;
  std::vector<SslContextPointer> contexts;  // parallel to the identities

  static int ChooseByServerName(SSL* ssl, int*, void* self) {
    const auto& loaded = *static_cast<const Loaded*>(self);
    const char* asked = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
    if (asked == nullptr) return SSL_TLSEXT_ERR_NOACK;
    const SslContextPointer* chosen = nullptr;
    for (size_t i = 1; i < loaded.contexts.size(); ++i) {
      const std::string& name = loaded.material->identities[i].server_name;
      if (!ServerNameFits(name, asked)) continue;
      if (chosen == nullptr || !name.starts_with("*.")) chosen = &loaded.contexts[i];
    }
    if (chosen == nullptr) return SSL_TLSEXT_ERR_NOACK;
    SSL_set_SSL_CTX(ssl, chosen->get());
    return SSL_TLSEXT_ERR_OK;
  }
};

TlsContext::~TlsContext() = default;

absl::StatusOr<std::unique_ptr<TlsContext>> TlsContext::Create(TlsOptions options) {
  std::unique_ptr<TlsContext> context(new TlsContext(std::move(options)));
  if (absl::Status status = context->Reload(); !status.ok()) return status;
  return context;
}

absl::Status TlsContext::Reload() {
  // Before the files are read: a change meanwhile is a change since.
  std::string signature = TlsFilesSignature(options_);
  {
    const std::lock_guard lock(mutex_);
    tried_signature_ = std::move(signature);
  }
  absl::StatusOr<TlsMaterial> material = ReadTlsFiles(options_);
  if (!material.ok()) return material.status();
  auto loaded = std::make_shared<Loaded>();
  for (const TlsMaterial::Identity& identity : material->identities) {
    absl::StatusOr<SslContextPointer> context = MakeContext(options_, *material, identity);
    if (!context.ok()) return context.status();
    loaded->contexts.push_back(*std::move(context));
  }
  SSL_CTX_set_tlsext_servername_callback(loaded->contexts.front().get(),
                                         &Loaded::ChooseByServerName);
  SSL_CTX_set_tlsext_servername_arg(loaded->contexts.front().get(), loaded.get());
  loaded->material = std::make_shared<const TlsMaterial>(*std::move(material));
  const std::lock_guard lock(mutex_);
  loaded_ = std::move(loaded);
  return absl::OkStatus();
}

absl::StatusOr<bool> TlsContext::ReloadIfChanged() {
  const std::string signature = TlsFilesSignature(options_);
  {
    const std::lock_guard lock(mutex_);
    if (signature == tried_signature_) return false;
  }
  if (absl::Status status = Reload(); !status.ok()) return status;
  return true;
}

std::shared_ptr<const TlsContext::Loaded> TlsContext::loaded() const {
  const std::lock_guard lock(mutex_);
  return loaded_;
}

std::shared_ptr<const TlsMaterial> TlsContext::material() const { return loaded()->material; }

std::unique_ptr<SocketLayer> TlsContext::NewLayer(int fd) const {
  std::shared_ptr<const Loaded> loaded = this->loaded();
  SslPointer ssl(SSL_new(loaded->contexts.front().get()));
  if (ssl == nullptr) {
    ERR_clear_error();
    return nullptr;
  }
  return std::make_unique<TlsLayer>(std::move(ssl), fd, std::move(loaded));
}

}  // namespace fluxgate::net
