#include "modules/authentication-jwt/key_set.h"

#include <cjose/cjose.h>
#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <algorithm>
#include <cstdlib>

#include "modules/common/json.h"

namespace fluxgate::modules {
namespace {

struct Free {
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(BIGNUM* number) const { BN_free(number); }
  void operator()(cjose_jws_t* token) const { cjose_jws_release(token); }
};

// What a key has to be for an algorithm.
std::string_view KeyFor(std::string_view algorithm) {
  if (algorithm == "ES256") return "P-256";
  if (algorithm == "ES384") return "P-384";
  if (algorithm == "ES512") return "P-521";
  return "RSA";
}

std::string Base64Url(const std::string& bytes) {
  char* text = nullptr;
  size_t size = 0;
  cjose_err error;
  if (!cjose_base64url_encode(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size(), &text,
                              &size, &error)) {
    return "";
  }
  std::string encoded(text, size);
  cjose_get_dealloc()(text);
  return encoded;
}

std::string FromBase64Url(std::string_view text) {
  uint8_t* bytes = nullptr;
  size_t size = 0;
  cjose_err error;
  if (!cjose_base64url_decode(text.data(), text.size(), &bytes, &size, &error)) return "";
  std::string decoded(reinterpret_cast<char*>(bytes), size);
  cjose_get_dealloc()(bytes);
  return decoded;
}

// A number of the key, filled with zeros to `size` bytes (0: as long as it is).
std::string NumberOf(EVP_PKEY* key, const char* name, size_t size) {
  BIGNUM* raw = nullptr;
  if (EVP_PKEY_get_bn_param(key, name, &raw) != 1) return "";
  const std::unique_ptr<BIGNUM, Free> number(raw);
  std::string bytes(std::max(size, static_cast<size_t>(BN_num_bytes(number.get()))), '\0');
  BN_bn2binpad(number.get(), reinterpret_cast<unsigned char*>(bytes.data()),
               static_cast<int>(bytes.size()));
  return Base64Url(bytes);
}

std::unique_ptr<EVP_PKEY, Free> ReadPem(std::string_view text) {
  const auto open = [&] {
    return std::unique_ptr<BIO, Free>(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  };
  std::unique_ptr<EVP_PKEY, Free> key(PEM_read_bio_PUBKEY(open().get(), nullptr, nullptr, nullptr));
  if (key != nullptr) return key;
  const std::unique_ptr<X509, Free> certificate(
      PEM_read_bio_X509(open().get(), nullptr, nullptr, nullptr));
  if (certificate != nullptr) key.reset(X509_get_pubkey(certificate.get()));
  return key;
}

// "": a kind of key that is not for us.
std::string JwkOf(EVP_PKEY* key) {
  if (EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA) {
    return JsonObjectOf({{"kty", "RSA"},
                         {"n", NumberOf(key, OSSL_PKEY_PARAM_RSA_N, 0)},
                         {"e", NumberOf(key, OSSL_PKEY_PARAM_RSA_E, 0)}});
  }
  if (EVP_PKEY_get_base_id(key) != EVP_PKEY_EC) return "";
  const int bits = EVP_PKEY_get_bits(key);
  char group[32] = "";
  EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME, group, sizeof group, nullptr);
  const std::string_view name = group;
  const std::string_view curve = name == "prime256v1"  ? "P-256"
                                 : name == "secp384r1" ? "P-384"
                                 : name == "secp521r1" ? "P-521"
                                                       : "";
  if (curve.empty()) return "";
  const size_t size = (static_cast<size_t>(bits) + 7) / 8;
  return JsonObjectOf({{"kty", "EC"},
                       {"crv", curve},
                       {"x", NumberOf(key, OSSL_PKEY_PARAM_EC_PUB_X, size)},
                       {"y", NumberOf(key, OSSL_PKEY_PARAM_EC_PUB_Y, size)}});
}

struct Header {
  std::string algorithm;
  std::string key_id;
};

absl::StatusOr<Header> ReadHeader(std::string_view token) {
  if (token.empty()) return Failure("no token");
  if (token.size() > KeySet::kTokenMax) {
    return Failure(fmt::format("the token is longer than {} bytes", KeySet::kTokenMax));
  }
  if (std::count(token.begin(), token.end(), '.') != 2) return Failure("not a signed token");
  const absl::StatusOr<Json> json =
      ParseJsonObject(FromBase64Url(token.substr(0, token.find('.'))));
  if (!json.ok()) return Failure("the token's header is " + FailureText(json.status()));
  // What it says must be understood (RFC 7515, section 4.1.11), and nothing of that is.
  if (json_object_get(json->get(), "crit") != nullptr) {
    return Failure("the token's header asks for extensions");
  }
  Header header;
  const auto algorithm = JsonText(json->get(), "alg");
  if (!algorithm.has_value()) return Failure("the token's header names no algorithm");
  header.algorithm = *algorithm;
  header.key_id = JsonText(json->get(), "kid").value_or("");
  return header;
}

}  // namespace

void KeySet::Release::operator()(_cjose_jwk_int* key) const { cjose_jwk_release(key); }

const std::set<std::string>& KeySet::Algorithms() {
  static const std::set<std::string> algorithms = {"RS256", "RS384", "RS512", "PS256", "PS384",
                                                   "PS512", "ES256", "ES384", "ES512"};
  return algorithms;
}

absl::Status KeySet::Add(const std::string& jwk, std::string id, std::string algorithm) {
  cjose_err error;
  Key key;
  key.key.reset(cjose_jwk_import(jwk.data(), jwk.size(), &error));
  if (key.key == nullptr) return Failure("a key cannot be read");
  key.id = std::move(id);
  key.algorithm = std::move(algorithm);
  if (cjose_jwk_get_kty(key.key.get(), &error) == CJOSE_JWK_KTY_RSA) {
    key.fits = "RSA";
    if (cjose_jwk_get_keysize(key.key.get(), &error) < static_cast<size_t>(kRsaBitsMin)) {
      return Failure(fmt::format("an RSA key has less than {} bits", kRsaBitsMin));
    }
  } else {
    const cjose_jwk_ec_curve curve = cjose_jwk_EC_get_curve(key.key.get(), &error);
    key.fits = curve == CJOSE_JWK_EC_P_256   ? "P-256"
               : curve == CJOSE_JWK_EC_P_384 ? "P-384"
                                             : "P-521";
  }
  keys_.push_back(std::move(key));
  return absl::OkStatus();
}

absl::StatusOr<std::shared_ptr<const KeySet>> KeySet::FromJwks(std::string_view text) {
  const absl::StatusOr<Json> document = ParseJsonObject(text);
  if (!document.ok()) return document.status();
  const json_t* const keys = json_object_get(document->get(), "keys");
  if (!json_is_array(keys)) return Failure("no array 'keys'");
  if (json_array_size(keys) > kKeysMax) {
    return Failure(fmt::format("more than {} keys", kKeysMax));
  }
  auto set = std::make_shared<KeySet>();
  for (size_t i = 0; i < json_array_size(keys); ++i) {
    const json_t* const one = json_array_get(keys, i);
    const std::string kind = JsonText(one, "kty").value_or("");
    const std::string use = JsonText(one, "use").value_or("sig");
    if ((kind != "RSA" && kind != "EC") || use != "sig") continue;
    if (json_object_get(one, "d") != nullptr) return Failure("there is a private key in it");
    char* const dumped = json_dumps(one, JSON_COMPACT);
    const std::string jwk = dumped == nullptr ? "" : dumped;
    std::free(dumped);
    const absl::Status status =
        set->Add(jwk, JsonText(one, "kid").value_or(""), JsonText(one, "alg").value_or(""));
    if (!status.ok()) return Failure(fmt::format("key {}: {}", i + 1, FailureText(status)));
  }
  if (set->keys_.empty()) return Failure("no RSA or EC key for signatures in it");
  return set;
}

absl::StatusOr<std::shared_ptr<const KeySet>> KeySet::FromPem(std::string_view text) {
  if (text.find("PRIVATE KEY") != std::string_view::npos) {
    return Failure("there is a private key in it");
  }
  const std::unique_ptr<EVP_PKEY, Free> key = ReadPem(text);
  if (key == nullptr) return Failure("no public key or certificate in PEM");
  const std::string jwk = JwkOf(key.get());
  if (jwk.empty()) return Failure("not an RSA key, nor one of the curves P-256, P-384, P-521");
  auto set = std::make_shared<KeySet>();
  if (const absl::Status status = set->Add(jwk, "", ""); !status.ok()) return status;
  return set;
}

absl::StatusOr<std::string> KeySet::Verify(std::string_view token,
                                           const std::set<std::string>& allowed) const {
  const absl::StatusOr<Header> header = ReadHeader(token);
  if (!header.ok()) return header.status();
  if (!allowed.contains(header->algorithm)) {
    // A name out of a fixed list: anything else may be any text.
    const bool known = Algorithms().contains(header->algorithm);
    return Failure(fmt::format("the token's algorithm ({}) is not allowed",
                               known ? header->algorithm : "an unknown or unsafe one"));
  }
  cjose_err error;
  const std::unique_ptr<cjose_jws_t, Free> jws(
      cjose_jws_import(token.data(), token.size(), &error));
  if (jws == nullptr) return Failure("not a signed token");
  const std::lock_guard<std::mutex> lock(mutex_);
  bool tried = false;
  for (const Key& key : keys_) {
    const bool wanted = header->key_id.empty() || key.id.empty() || key.id == header->key_id;
    const bool fits = key.fits == KeyFor(header->algorithm) &&
                      (key.algorithm.empty() || key.algorithm == header->algorithm);
    if (!wanted || !fits) continue;
    tried = true;
    if (!cjose_jws_verify(jws.get(), key.key.get(), &error)) continue;
    uint8_t* text = nullptr;
    size_t size = 0;
    if (!cjose_jws_get_plaintext(jws.get(), &text, &size, &error)) break;
    return std::string(reinterpret_cast<char*>(text), size);
  }
  return Failure(tried ? "the token's signature is wrong" : "no key for this token");
}

}  // namespace fluxgate::modules
