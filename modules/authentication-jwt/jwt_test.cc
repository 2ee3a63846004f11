#include <cjose/cjose.h>
#include <gtest/gtest.h>
#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <atomic>
#include <cstdlib>
#include <ctime>

#include "modules/testing/files.h"
#include "modules/testing/module_host.h"
#include "modules/testing/threads.h"

namespace fluxgate::modules::testing {
namespace {

constexpr char kLibrary[] = "modules/authentication-jwt/libauthentication_jwt.so";

// A key pair of whoever makes tokens.
class Signer {
 public:
  explicit Signer(cjose_jwk_t* key, const std::string& id = "") : key_(key) {
    EXPECT_NE(key, nullptr);
    if (!id.empty()) cjose_jwk_set_kid(key_, id.data(), id.size(), nullptr);
  }
  ~Signer() { cjose_jwk_release(key_); }
  Signer(const Signer&) = delete;
  Signer& operator=(const Signer&) = delete;

  std::string Jwk(bool with_private_key = false) const {
    char* const json = cjose_jwk_to_json(key_, with_private_key, nullptr);
    std::string text = json;
    std::free(json);
    return text;
  }

  std::string Sign(const std::string& claims, const std::string& algorithm,
                   const std::string& key_id = "", bool critical = false) const {
    cjose_err error;
    cjose_header_t* const header = cjose_header_new(&error);
    cjose_header_set(header, CJOSE_HDR_ALG, algorithm.c_str(), &error);
    if (!key_id.empty()) cjose_header_set(header, CJOSE_HDR_KID, key_id.c_str(), &error);
    if (critical) cjose_header_set_raw(header, "crit", "[\"exp\"]", &error);
    cjose_jws_t* const jws = cjose_jws_sign(
        key_, header, reinterpret_cast<const uint8_t*>(claims.data()), claims.size(), &error);
    EXPECT_NE(jws, nullptr) << error.message;
    const char* text = nullptr;
    cjose_jws_export(jws, &text, &error);
    std::string token = text;
    cjose_jws_release(jws);
    cjose_header_release(header);
    return token;
  }

 private:
  cjose_jwk_t* const key_;
};

cjose_jwk_t* Rsa(size_t bits = 2048) {
  const uint8_t exponent[] = {1, 0, 1};
  return cjose_jwk_create_RSA_random(bits, exponent, sizeof exponent, nullptr);
}

cjose_jwk_t* Ec(cjose_jwk_ec_curve curve = CJOSE_JWK_EC_P_256) {
  return cjose_jwk_create_EC_random(curve, nullptr);
}

std::string Jwks(const std::vector<std::string>& keys) {
  std::string text = "{\"keys\":[";
  for (size_t i = 0; i < keys.size(); ++i) text += (i > 0 ? "," : "") + keys[i];
  return text + "]}";
}

// Valid for an hour.
std::string Claims(const std::string& user, const std::string& more = "") {
  return "{\"sub\":\"" + user + "\",\"exp\":" + std::to_string(std::time(nullptr) + 3600) + more +
         "}";
}

std::string Base64Url(const std::string& text) {
  char* encoded = nullptr;
  size_t size = 0;
  cjose_base64url_encode(reinterpret_cast<const uint8_t*>(text.data()), text.size(), &encoded,
                         &size, nullptr);
  std::string result(encoded, size);
  std::free(encoded);
  return result;
}

// Keys of OpenSSL as others hand them out.
struct Pem {
  std::string public_key;
  std::string private_key;
};

Pem MakePem(EVP_PKEY* key) {
  Pem pem;
  for (const bool secret : {false, true}) {
    BIO* const bio = BIO_new(BIO_s_mem());
    if (secret) {
      PEM_write_bio_PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr);
    } else {
      PEM_write_bio_PUBKEY(bio, key);
    }
    char* text = nullptr;
    const long size = BIO_get_mem_data(bio, &text);
    (secret ? pem.private_key : pem.public_key).assign(text, static_cast<size_t>(size));
    BIO_free(bio);
  }
  EVP_PKEY_free(key);
  return pem;
}

class JwtTest : public ::testing::Test {
 protected:
  JwtTest() : host_(kLibrary) { EXPECT_TRUE(host_.Init()); }

  Context Make(const std::vector<std::string>& keys, OptionList options = {}) const {
    options.emplace_back("Jwks", files_.Write("keys.json", Jwks(keys)));
    return host_.Authentication(options);
  }

  static Reply Present(const Context& context, const std::string& token,
                       const std::string& user = "") {
    return context.Authenticate({.user = user, .password = token, .method = "bearer"});
  }

  const TestFiles files_;
  ModuleHost host_;
};

TEST_F(JwtTest, TokensOfEveryKindOfKey) {
  const Signer rsa(Rsa(), "r"), ec(Ec(), "e"), ec384(Ec(CJOSE_JWK_EC_P_384), "f");
  const Context context =
      Make({rsa.Jwk(), ec.Jwk(), ec384.Jwk()}, {{"Algorithms", "RS256, PS512, ES256, ES384"}});
  ASSERT_TRUE(context.made()) << host_.log();
  EXPECT_EQ(Present(context, rsa.Sign(Claims("alice"), "RS256", "r")).user, "alice");
  EXPECT_EQ(Present(context, rsa.Sign(Claims("alice"), "PS512")).user, "alice");
  EXPECT_EQ(Present(context, ec.Sign(Claims("bob"), "ES256", "e")).user, "bob");
  EXPECT_EQ(Present(context, ec384.Sign(Claims("carol"), "ES384")).user, "carol");
}

TEST_F(JwtTest, SaysWhenItExpires) {
  const Signer ec(Ec());
  const Context context = Make({ec.Jwk()}, {{"Leeway", "10s"}});
  const Reply reply = Present(context, ec.Sign("{\"sub\":\"alice\",\"exp\":5000000000}", "ES256"));
  EXPECT_EQ(reply.expires_at, 5'000'000'010);
}

TEST_F(JwtTest, AsAPasswordOfTheUserThatItNames) {
  const Signer ec(Ec());
  const Context context = Make({ec.Jwk()});
  const std::string token = ec.Sign(Claims("alice"), "ES256");
  EXPECT_EQ(context.Authenticate({.user = "alice", .password = token}).user, "alice");
  const Reply other = context.Authenticate({.user = "bob", .password = token});
  EXPECT_FALSE(other.ok());
  EXPECT_EQ(other.reason, "claims another name than its token, which is of 'alice'");
  const Context ignores = Make({ec.Jwk()}, {{"ClaimedName", "ignore"}});
  EXPECT_EQ(ignores.Authenticate({.user = "bob", .password = token}).user, "alice");
}

TEST_F(JwtTest, ForgedTokens) {
  const Signer ec(Ec(), "e"), other(Ec(), "e");
  const Context context = Make({ec.Jwk()});
  const std::string token = ec.Sign(Claims("alice"), "ES256");
  ASSERT_TRUE(Present(context, token).ok());
  EXPECT_EQ(Present(context, other.Sign(Claims("alice"), "ES256")).reason,
            "the token's signature is wrong");
  EXPECT_EQ(Present(context, ec.Sign(Claims("alice"), "ES256", "unknown")).reason,
            "no key for this token");
  // Other claims under the same signature.
  const size_t first = token.find('.'), second = token.rfind('.');
  EXPECT_EQ(Present(context,
                    token.substr(0, first + 1) + Base64Url(Claims("root")) + token.substr(second))
                .reason,
            "the token's signature is wrong");
  // No signature, under "none" and under the real name.
  const std::string none = Base64Url("{\"alg\":\"none\"}") + "." + Base64Url(Claims("root")) + ".";
  EXPECT_EQ(Present(context, none).reason,
            "the token's algorithm (an unknown or unsafe one) is not allowed");
  EXPECT_FALSE(Present(context, token.substr(0, second + 1)).ok());
  EXPECT_FALSE(Present(context, token.substr(0, second + 1) + std::string(86, 'A')).ok());
  for (const char* text : {"", ".", "..", "a.b.c", "x", "a.b.c.d", "{}.{}.{}"}) {
    EXPECT_FALSE(Present(context, text).ok()) << text;
  }
}

TEST_F(JwtTest, APublicKeyIsNoSharedSecret) {
  const Pem pem = MakePem(EVP_RSA_gen(2048));
  const Context context =
      host_.Authentication({{"PublicKey", files_.Write("key.pem", pem.public_key)}});
  ASSERT_TRUE(context.made()) << host_.log();
  const Signer hmac(cjose_jwk_create_oct_spec(
      reinterpret_cast<const uint8_t*>(pem.public_key.data()), pem.public_key.size(), nullptr));
  const Reply reply = Present(context, hmac.Sign(Claims("root"), "HS256"));
  EXPECT_FALSE(reply.ok());
  EXPECT_EQ(reply.reason, "the token's algorithm (an unknown or unsafe one) is not allowed");
  host_.ClearLog();
  EXPECT_FALSE(Make({"{}"}, {{"Algorithms", "RS256,HS256"}}).made());
  EXPECT_NE(host_.log().find("option 'Algorithms' names 'HS256'"), std::string::npos);
  EXPECT_FALSE(Make({"{}"}, {{"Algorithms", "none"}}).made());
}

TEST_F(JwtTest, AlgorithmsThatAreNotAllowed) {
  const Signer rsa(Rsa());
  const Context context = Make({rsa.Jwk()}, {{"Algorithms", "RS256"}});
  EXPECT_TRUE(Present(context, rsa.Sign(Claims("alice"), "RS256")).ok());
  EXPECT_EQ(Present(context, rsa.Sign(Claims("alice"), "RS512")).reason,
            "the token's algorithm (RS512) is not allowed");
  EXPECT_EQ(Present(context, rsa.Sign(Claims("alice"), "RS256", "", true)).reason,
            "the token's header asks for extensions");
}

TEST_F(JwtTest, ClaimsThatAreWrong) {
  const Signer ec(Ec());
  const Context context = Make({ec.Jwk()}, {{"Issuer", "https://id.example"},
                                            {"Audience", "fluxgate"},
                                            {"Leeway", "0s"},
                                            {"UserClaim", "name"}});
  ASSERT_TRUE(context.made()) << host_.log();
  const std::string right = ",\"iss\":\"https://id.example\",\"aud\":\"fluxgate\",\"name\":\"al\"";
  EXPECT_EQ(Present(context, ec.Sign(Claims("x", right), "ES256")).user, "al");
  EXPECT_EQ(Present(context, ec.Sign(Claims("x"), "ES256")).reason,
            "the token is of another issuer");
  EXPECT_EQ(Present(context, ec.Sign("{\"name\":\"al\",\"exp\":1}", "ES256")).reason,
            "the token has expired");
  EXPECT_EQ(Present(context, ec.Sign("{\"name\":\"al\",\"name\":\"root\",\"exp\":1}", "ES256"))
                .reason.substr(0, 21),
            "the token is not JSON");
  EXPECT_FALSE(Present(context, ec.Sign("[]", "ES256")).ok());
  const std::string empty = ",\"iss\":\"https://id.example\",\"aud\":\"fluxgate\",\"name\":\"\"";
  EXPECT_EQ(Present(context, ec.Sign(Claims("x", empty), "ES256")).reason, "no user name");
}

TEST_F(JwtTest, LongestToken) {
  const Signer ec(Ec());
  const Context context = Make({ec.Jwk()});
  // Grows until it is as long as allowed: base64 makes 4 letters of 3.
  std::string filling, token;
  do {
    filling += 'x';
    token =
        ec.Sign(Claims("alice", ",\"x\":\"" + std::string(11'900, 'x') + filling + "\""), "ES256");
  } while (token.size() < 16 * 1024 - 1);
  ASSERT_LE(token.size(), 16 * 1024u);
  EXPECT_TRUE(Present(context, token).ok());
  EXPECT_EQ(Present(context, token + "xx").reason, "the token is longer than 16384 bytes");
}

TEST_F(JwtTest, PemOfEveryKind) {
  const char* const curves[] = {"P-256", "P-384", "P-521"};
  for (const char* curve : curves) {
    const Pem pem = MakePem(EVP_EC_gen(curve));
    EXPECT_TRUE(
        host_.Authentication({{"PublicKey", files_.Write("key.pem", pem.public_key)}}).made())
        << curve;
    EXPECT_FALSE(
        host_.Authentication({{"PublicKey", files_.Write("key.pem", pem.private_key)}}).made());
  }
  EXPECT_FALSE(
      host_
          .Authentication(
              {{"PublicKey", files_.Write("key.pem", MakePem(EVP_RSA_gen(1024)).public_key)}})
          .made());
  EXPECT_NE(host_.log().find("an RSA key has less than 2048 bits"), std::string::npos);
  EXPECT_FALSE(
      host_
          .Authentication(
              {{"PublicKey", files_.Write("key.pem", MakePem(EVP_EC_gen("secp256k1")).public_key)}})
          .made());
  EXPECT_FALSE(host_.Authentication({{"PublicKey", files_.Write("key.pem", "x")}}).made());
}

TEST_F(JwtTest, AChangedKeySetCountsAtOnce) {
  const Signer before(Ec(), "1"), after(Ec(), "2");
  const Context context = Make({before.Jwk()});
  EXPECT_TRUE(Present(context, before.Sign(Claims("alice"), "ES256", "1")).ok());
  files_.Write("keys.json", Jwks({after.Jwk()}));
  EXPECT_TRUE(Present(context, after.Sign(Claims("alice"), "ES256", "2")).ok());
  EXPECT_FALSE(Present(context, before.Sign(Claims("alice"), "ES256", "1")).ok());
}

TEST_F(JwtTest, KeySetsThatCannotBeUsed) {
  const Signer ec(Ec());
  const std::vector<std::pair<std::string, std::string>> cases = {
      {Jwks({}), "no RSA or EC key for signatures in it"},
      {Jwks({R"({"kty":"oct","k":"c2VjcmV0"})"}), "no RSA or EC key for signatures in it"},
      {Jwks({R"({"kty":"EC","use":"enc"})"}), "no RSA or EC key for signatures in it"},
      {Jwks({R"({"kty":"EC","crv":"P-256","x":"AA","y":"AA"})"}), "key 1: a key cannot be read"},
      {Jwks({ec.Jwk(true)}), "there is a private key in it"},
      {"{}", "no array 'keys'"},
      {"keys", "not JSON (line 1, column 4)"},
  };
  for (const auto& [text, message] : cases) {
    host_.ClearLog();
    EXPECT_FALSE(host_.Authentication({{"Jwks", files_.Write("keys.json", text)}}).made());
    EXPECT_EQ(host_.log(), files_.Path("keys.json") + ": " + message + "\n");
  }
  EXPECT_TRUE(Make(std::vector<std::string>(64, ec.Jwk())).made());
  EXPECT_FALSE(Make(std::vector<std::string>(65, ec.Jwk())).made());
}

TEST_F(JwtTest, WrongOptions) {
  const std::vector<std::pair<OptionList, std::string>> cases = {
      {{}, "one of the options 'Jwks' and 'PublicKey' is needed\n"},
      {{{"Jwks", "a"}, {"PublicKey", "b"}},
       "one of the options 'Jwks' and 'PublicKey' is needed\n"},
      {{{"Jwks", "a"}, {"Leeway", "6m"}},
       "option 'Leeway' is '6m', not a time from 0ms to 300000ms (units are ms, s, m and h)\n"},
      {{{"Jwks", "a"}, {"Audience", ""}}, "option 'Audience' is empty\n"},
      {{{"Jwks", "a"}, {"Algorithms", ""}}, "option 'Algorithms' is empty\n"},
      {{{"Jwks", "/none"}}, "/none: cannot be read: No such file or directory\n"},
  };
  for (const auto& [options, message] : cases) {
    host_.ClearLog();
    EXPECT_FALSE(host_.Authentication(options).made());
    EXPECT_EQ(host_.log(), message);
  }
}

TEST_F(JwtTest, ManyThreads) {
  const Signer ec(Ec()), other(Ec());
  const Context context = Make({ec.Jwk()});
  const std::string right = ec.Sign(Claims("alice"), "ES256");
  const std::string wrong = other.Sign(Claims("alice"), "ES256");
  std::atomic<int> mistakes = 0;
  InThreads(8, [&](int) {
    for (int i = 0; i < 50; ++i) {
      if (!Present(context, right).ok()) ++mistakes;
      if (Present(context, wrong).ok()) ++mistakes;
    }
  });
  EXPECT_EQ(mistakes, 0);
}

}  // namespace
}  // namespace fluxgate::modules::testing
