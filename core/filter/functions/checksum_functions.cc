// Checksums of text. Those of NULL are those of empty text, which it stands for: 0.
#include <openssl/evp.h>

#include <array>

#include "core/base/crc32c.h"
#include "core/filter/functions/arguments.h"
#include "core/filter/functions/builtin_functions.h"

namespace fluxgate {
namespace {

using Arguments = std::span<const Value>;

// Jones' polynomial, of every byte, the lowest bit first.
constexpr std::array<uint64_t, 256> MakeCrc64Table() {
  constexpr uint64_t kPolynomial = 0x95ac9329ac4bc9b5;
  std::array<uint64_t, 256> table{};
  for (size_t byte = 0; byte < 256; ++byte) {
    uint64_t word = byte;
    for (int bit = 0; bit < 8; ++bit) {
      word = (word & 1) != 0 ? (word >> 1) ^ kPolynomial : word >> 1;
    }
    table[byte] = word;
  }
  return table;
}

// CRC-32C.
Value Crc32(Arguments arguments, EvaluationContext&) {
  const TextArgument text(arguments[0]);
  return Value::Int(int64_t{Crc32c(text.text())});
}

// Starts at 0, with nothing added at the end.
Value Crc64(Arguments arguments, EvaluationContext&) {
  static constexpr auto kTable = MakeCrc64Table();
  const TextArgument text(arguments[0]);
  uint64_t word = 0;
  for (const char c : text.text()) {
    word = (word >> 8) ^ kTable[(word ^ static_cast<uint8_t>(c)) & 0xff];
  }
  return Value::Uint(word);
}

Value Md5(Arguments arguments, EvaluationContext& context) {
  const TextArgument text(arguments[0]);
  if (text.text().empty()) return Value::Null();
  // Null where the system's policy does not offer MD5.
  static const EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "MD5", nullptr);
  if (algorithm == nullptr) return Value::Null();
  uint8_t digest[EVP_MAX_MD_SIZE];
  unsigned int bytes = 0;
  if (EVP_Digest(text.text().data(), text.text().size(), digest, &bytes, algorithm, nullptr) != 1) {
    return Value::Null();
  }
  char hex[2 * EVP_MAX_MD_SIZE];
  for (size_t i = 0; i < bytes; ++i) {
    hex[2 * i] = "0123456789abcdef"[digest[i] >> 4];
    hex[2 * i + 1] = "0123456789abcdef"[digest[i] & 15];
  }
  return Value::String(context.text.Copy({hex, size_t{2} * bytes}));
}

}  // namespace

std::span<const Function> ChecksumFunctions() {
  static constexpr Function kFunctions[] = {
      {.name = "CRC32", .arguments_min = 1, .arguments_max = 1, .body = Crc32},
      {.name = "CRC64", .arguments_min = 1, .arguments_max = 1, .body = Crc64},
      {.name = "MD5", .arguments_min = 1, .arguments_max = 1, .body = Md5},
  };
  return kFunctions;
}

}  // namespace fluxgate
