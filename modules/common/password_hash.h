// Hashes of passwords with scrypt (RFC 7914), through OpenSSL, written as
// "$scrypt$ln=15,r=8,p=3$<salt>$<hash>": salt and hash in base64 without padding, ln the base-2
// logarithm of the cost. Needs nothing but OpenSSL and the C++ library. Thread-safe.
#ifndef FLUXGATE_MODULES_COMMON_PASSWORD_HASH_H_
#define FLUXGATE_MODULES_COMMON_PASSWORD_HASH_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace fluxgate::modules {

struct ScryptCost {
  int log2_n = 15;
  int block = 8;     // r
  int parallel = 3;  // p
  bool operator==(const ScryptCost&) const = default;
};

struct PasswordHash {
  ScryptCost cost;
  std::string salt;  // bytes
  std::string hash;  // bytes
};

// What a hash may cost whoever checks it: memory of 128 * r * N bytes and time in proportion to
// r * N * p. The memory is for each check under way.
inline constexpr int kScryptLog2NMin = 10;
inline constexpr int kScryptLog2NMax = 20;
inline constexpr int kScryptBlockMax = 32;
inline constexpr int kScryptParallelMax = 16;
inline constexpr uint64_t kScryptMemoryMax = uint64_t{128} << 20;
inline constexpr uint64_t kScryptWorkMax = uint64_t{1} << 23;  // r * N * p
inline constexpr size_t kPasswordSaltMin = 8;
inline constexpr size_t kPasswordSaltMax = 64;
inline constexpr size_t kPasswordHashMin = 16;
inline constexpr size_t kPasswordHashMax = 64;

// What is wrong with a cost, or "".
std::string WrongCost(const ScryptCost& cost);

// Nothing: `*why` says what is wrong, and repeats nothing of the text.
std::optional<PasswordHash> ParsePasswordHash(std::string_view text, std::string* why);

// A new hash with a random salt, in its written form; nothing when the cost is out of its limits,
// or without memory or random numbers.
std::optional<std::string> HashPassword(std::string_view password, const ScryptCost& cost = {});

// Whether it is this password. Takes as long for a wrong one as for the right one. False also when
// there is no memory.
bool VerifyPassword(std::string_view password, const PasswordHash& hash);

// A hash that no password has, which costs as much to check as others of that cost.
PasswordHash UnmatchableHash(const ScryptCost& cost);

}  // namespace fluxgate::modules

#endif  // FLUXGATE_MODULES_COMMON_PASSWORD_HASH_H_
