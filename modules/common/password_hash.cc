#include "modules/common/password_hash.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include <array>
#include <charconv>
#include <memory>

namespace fluxgate::modules {
namespace {

constexpr std::string_view kPrefix = "$scrypt$";
constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr size_t kNewSaltBytes = 16;
constexpr size_t kNewHashBytes = 32;

std::string Base64(std::string_view bytes) {
  std::string text;
  uint32_t bits = 0;
  int count = 0;
  for (const unsigned char byte : bytes) {
    bits = bits << 8 | byte;
    count += 8;
    for (; count >= 6; count -= 6) text += kAlphabet[bits >> (count - 6) & 0x3f];
  }
  if (count > 0) text += kAlphabet[bits << (6 - count) & 0x3f];
  return text;
}

std::optional<std::string> FromBase64(std::string_view text) {
  std::string bytes;
  uint32_t bits = 0;
  int count = 0;
  for (const char letter : text) {
    const size_t value = kAlphabet.find(letter);
    if (value == std::string_view::npos) return std::nullopt;
    bits = bits << 6 | static_cast<uint32_t>(value);
    count += 6;
    if (count >= 8) {
      count -= 8;
      bytes += static_cast<char>(bits >> count & 0xff);
    }
  }
  // One spelling only: no letter too many, and no bits behind the last byte.
  if (count >= 6 || (bits & ((1u << count) - 1)) != 0) return std::nullopt;
  return bytes;
}

// "ln=15,r=8,p=3"
std::optional<ScryptCost> ParseCost(std::string_view text) {
  ScryptCost cost;
  const std::array<std::pair<std::string_view, int*>, 3> parts = {
      {{"ln=", &cost.log2_n}, {",r=", &cost.block}, {",p=", &cost.parallel}}};
  for (const auto& [name, value] : parts) {
    if (!text.starts_with(name)) return std::nullopt;
    text.remove_prefix(name.size());
    const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), *value);
    if (error != std::errc()) return std::nullopt;
    text.remove_prefix(static_cast<size_t>(rest - text.data()));
  }
  if (!text.empty()) return std::nullopt;
  return cost;
}

bool Derive(std::string_view password, const ScryptCost& cost, std::string_view salt,
            std::string* hash) {
  struct Free {
    void operator()(EVP_KDF* kdf) const { EVP_KDF_free(kdf); }
    void operator()(EVP_KDF_CTX* context) const { EVP_KDF_CTX_free(context); }
  };
  const std::unique_ptr<EVP_KDF, Free> kdf(EVP_KDF_fetch(nullptr, "SCRYPT", nullptr));
  if (kdf == nullptr) return false;
  const std::unique_ptr<EVP_KDF_CTX, Free> context(EVP_KDF_CTX_new(kdf.get()));
  if (context == nullptr) return false;
  uint64_t n = uint64_t{1} << cost.log2_n;
  uint64_t r = static_cast<uint64_t>(cost.block);
  uint64_t p = static_cast<uint64_t>(cost.parallel);
  // OpenSSL counts its working blocks as well: below a MiB.
  uint64_t memory = kScryptMemoryMax + (uint64_t{1} << 20);
  // OpenSSL takes parameters that it only reads as not constant.
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_PASSWORD, const_cast<char*>(password.data()),
                                        password.size()),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, const_cast<char*>(salt.data()),
                                        salt.size()),
      OSSL_PARAM_construct_uint64(OSSL_KDF_PARAM_SCRYPT_N, &n),
      OSSL_PARAM_construct_uint64(OSSL_KDF_PARAM_SCRYPT_R, &r),
      OSSL_PARAM_construct_uint64(OSSL_KDF_PARAM_SCRYPT_P, &p),
      OSSL_PARAM_construct_uint64(OSSL_KDF_PARAM_SCRYPT_MAXMEM, &memory),
      OSSL_PARAM_construct_end(),
  };
  return EVP_KDF_derive(context.get(), reinterpret_cast<unsigned char*>(hash->data()), hash->size(),
                        parameters) == 1;
}

}  // namespace

std::string WrongCost(const ScryptCost& cost) {
  if (cost.log2_n < kScryptLog2NMin || cost.log2_n > kScryptLog2NMax) {
    return "ln is not from " + std::to_string(kScryptLog2NMin) + " to " +
           std::to_string(kScryptLog2NMax);
  }
  if (cost.block < 1 || cost.block > kScryptBlockMax) {
    return "r is not from 1 to " + std::to_string(kScryptBlockMax);
  }
  if (cost.parallel < 1 || cost.parallel > kScryptParallelMax) {
    return "p is not from 1 to " + std::to_string(kScryptParallelMax);
  }
  const uint64_t blocks = static_cast<uint64_t>(cost.block) << cost.log2_n;
  if (128 * blocks > kScryptMemoryMax) {
    return "ln and r take more than " + std::to_string(kScryptMemoryMax >> 20) + " MiB";
  }
  if (blocks * static_cast<uint64_t>(cost.parallel) > kScryptWorkMax) {
    return "ln, r and p together cost too much";
  }
  return "";
}

std::optional<PasswordHash> ParsePasswordHash(std::string_view text, std::string* why) {
  *why = "not of the form $scrypt$ln=..,r=..,p=..$salt$hash";
  if (!text.starts_with(kPrefix)) return std::nullopt;
  text.remove_prefix(kPrefix.size());
  const size_t first = text.find('$');
  if (first == std::string_view::npos) return std::nullopt;
  const size_t second = text.find('$', first + 1);
  if (second == std::string_view::npos) return std::nullopt;
  const auto cost = ParseCost(text.substr(0, first));
  auto salt = FromBase64(text.substr(first + 1, second - first - 1));
  auto hash = FromBase64(text.substr(second + 1));
  if (!cost.has_value() || !salt.has_value() || !hash.has_value()) return std::nullopt;
  *why = WrongCost(*cost);
  if (!why->empty()) return std::nullopt;
  if (salt->size() < kPasswordSaltMin || salt->size() > kPasswordSaltMax) {
    *why = "the salt is too short or too long";
    return std::nullopt;
  }
  if (hash->size() < kPasswordHashMin || hash->size() > kPasswordHashMax) {
    *why = "the hash is too short or too long";
    return std::nullopt;
  }
  return PasswordHash{*cost, *std::move(salt), *std::move(hash)};
}

std::optional<std::string> HashPassword(std::string_view password, const ScryptCost& cost) {
  if (!WrongCost(cost).empty()) return std::nullopt;
  std::string salt(kNewSaltBytes, '\0');
  std::string hash(kNewHashBytes, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(salt.data()), static_cast<int>(salt.size())) !=
          1 ||
      !Derive(password, cost, salt, &hash)) {
    return std::nullopt;
  }
  return std::string(kPrefix) + "ln=" + std::to_string(cost.log2_n) +
         ",r=" + std::to_string(cost.block) + ",p=" + std::to_string(cost.parallel) + "$" +
         Base64(salt) + "$" + Base64(hash);
}

bool VerifyPassword(std::string_view password, const PasswordHash& hash) {
  std::string derived(hash.hash.size(), '\0');
  if (derived.empty() || !Derive(password, hash.cost, hash.salt, &derived)) return false;
  return CRYPTO_memcmp(derived.data(), hash.hash.data(), derived.size()) == 0;
}

PasswordHash UnmatchableHash(const ScryptCost& cost) {
  PasswordHash hash{cost, std::string(kNewSaltBytes, '\0'), std::string(kNewHashBytes, '\0')};
  // Random: nobody can look for a password with a known hash. Without random numbers it is all
  // zeros, which nobody has a password for either.
  RAND_bytes(reinterpret_cast<unsigned char*>(hash.salt.data()),
             static_cast<int>(hash.salt.size()));
  RAND_bytes(reinterpret_cast<unsigned char*>(hash.hash.data()),
             static_cast<int>(hash.hash.size()));
  return hash;
}

}  // namespace fluxgate::modules
