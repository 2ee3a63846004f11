#include "core/message/json_scalar.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <limits>
#include <system_error>

#include "absl/strings/charconv.h"
#include "core/base/utf8.h"

#ifdef __AVX2__
#include <immintrin.h>
#endif

namespace fluxgate {
namespace {

using json_internal::EightDigits;
using json_internal::LoadWord;
using json_internal::Repeat;

// How many of the eight bytes, from the first on, are decimal digits.
int LeadingDigits(uint64_t word) {
  // A digit with 0x30 taken off is at most 9. A carry out of a byte that is none can only reach
  // bytes behind it.
  const uint64_t digits = word ^ Repeat('0');
  const uint64_t others = ((digits + Repeat(0x80 - 10)) | digits) & Repeat(0x80);
  return others == 0 ? 8 : __builtin_ctzll(others) / 8;
}

constexpr uint64_t kPowers[] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000};

// All of these are exact as doubles.
constexpr double kDoublePowers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                    1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                    1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

// Adds the digits at `p` to `number`, modulo 2^64; gives the place behind them.
inline const char* ReadDigits(const char* p, const char* end, uint64_t& number) {
  while (p < end) {
    const uint64_t word = LoadWord(p);
    const int count =
        std::min<int>(LeadingDigits(word), static_cast<int>(std::min<ptrdiff_t>(8, end - p)));
    if (count == 0) break;
    number = number * kPowers[count] + EightDigits((word << (64 - 8 * count)) & Repeat(0x0f));
    p += count;
    if (count < 8) break;
  }
  return p;
}

Value SlowDouble(const char* begin, const char* end) {
  double d = 0;
  if (std::from_chars(begin, end, d).ec == std::errc::result_out_of_range) {
    // Unlike the standard's, Abseil's function tells too large from too small.
    absl::from_chars(begin, end, d);
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    if (d > 1) d = kInfinity;
    if (d < -1) d = -kInfinity;
  }
  return Value::Double(d);
}

Value SlowInteger(const char* begin, const char* end) {
  int64_t i = 0;
  if (std::from_chars(begin, end, i).ec == std::errc()) return Value::Int(i);
  uint64_t u = 0;
  if (*begin != '-' && std::from_chars(begin, end, u).ec == std::errc()) return Value::Uint(u);
  return SlowDouble(begin, end);
}

bool ReadNumber(const char* const begin, const char* const end, Value& value) {
  const bool negative = *begin == '-';
  const char* const whole = begin + (negative ? 1 : 0);
  uint64_t mantissa = 0;
  const char* p = ReadDigits(whole, end, mantissa);
  const ptrdiff_t whole_count = p - whole;
  if (whole_count == 0 || (*whole == '0' && whole_count > 1)) return false;
  if (p == end) {
    // 18 digits never overflow.
    if (whole_count > 18) {
      value = SlowInteger(begin, end);
    } else {
      const auto i = static_cast<int64_t>(mantissa);
      value = Value::Int(negative ? -i : i);
    }
    return true;
  }
  ptrdiff_t fraction_count = 0;
  if (*p == '.') {
    const char* const fraction = p + 1;
    p = ReadDigits(fraction, end, mantissa);
    fraction_count = p - fraction;
    if (fraction_count == 0) return false;
  }
  ptrdiff_t exponent = 0;
  if (p != end) {
    if (*p != 'e' && *p != 'E') return false;
    ++p;
    const bool down = p != end && *p == '-';
    if (p != end && (*p == '-' || *p == '+')) ++p;
    uint64_t magnitude = 0;
    const char* const digits = p;
    p = ReadDigits(digits, end, magnitude);
    if (p == digits || p != end) return false;
    exponent = p - digits > 4 ? 9999 : static_cast<ptrdiff_t>(magnitude);
    if (down) exponent = -exponent;
  }
  exponent -= fraction_count;
  // Both numbers exact as doubles: one operation rounds correctly.
  if (whole_count + fraction_count <= 18 && mantissa <= (uint64_t{1} << 53) && exponent >= -22 &&
      exponent <= 22) {
    auto d = static_cast<double>(mantissa);
    if (negative) d = -d;
    value =
        Value::Double(exponent < 0 ? d / kDoublePowers[-exponent] : d * kDoublePowers[exponent]);
  } else {
    value = SlowDouble(begin, end);
  }
  return true;
}

// Whether there is nothing in the text but printable ASCII other than quote and backslash.
bool IsPlain(const char* p, const char* end) {
#ifdef __AVX2__
  const __m256i quote = _mm256_set1_epi8('"');
  const __m256i backslash = _mm256_set1_epi8('\\');
  const __m256i blank = _mm256_set1_epi8(' ');
  for (; p < end; p += 32) {
    const __m256i x = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
    // As signed numbers, bytes beyond ASCII are below the blank like control characters.
    const __m256i special = _mm256_or_si256(
        _mm256_cmpgt_epi8(blank, x),
        _mm256_or_si256(_mm256_cmpeq_epi8(x, quote), _mm256_cmpeq_epi8(x, backslash)));
    auto mask = static_cast<uint32_t>(_mm256_movemask_epi8(special));
    if (end - p < 32) mask &= (uint32_t{1} << (end - p)) - 1;
    if (mask != 0) return false;
  }
  return true;
#else
  return std::none_of(
      p, end, [](char c) { return static_cast<signed char>(c) < ' ' || c == '"' || c == '\\'; });
#endif
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

// Four hexadecimal digits; -1 when they are not.
int ReadHex4(const char* p, const char* end) {
  if (end - p < 4) return -1;
  int code = 0;
  for (int i = 0; i < 4; ++i) {
    const int digit = HexDigit(p[i]);
    if (digit < 0) return -1;
    code = code * 16 + digit;
  }
  return code;
}

char* AppendUtf8(uint32_t code, char* out) {
  const auto put = [&out](uint32_t byte) { *out++ = static_cast<char>(byte); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xc0 | code >> 6);
    put(0x80 | (code & 0x3f));
  } else if (code < 0x10000) {
    put(0xe0 | code >> 12);
    put(0x80 | (code >> 6 & 0x3f));
    put(0x80 | (code & 0x3f));
  } else {
    put(0xf0 | code >> 18);
    put(0x80 | (code >> 12 & 0x3f));
    put(0x80 | (code >> 6 & 0x3f));
    put(0x80 | (code & 0x3f));
  }
  return out;
}

// `p` is behind "\u". A surrogate counts only as half of a pair.
bool ReadUnicodeEscape(const char*& p, const char* end, char*& out) {
  const int first = ReadHex4(p, end);
  if (first < 0) return false;
  p += 4;
  auto code = static_cast<uint32_t>(first);
  if (code >= 0xd800 && code < 0xe000) {
    if (code >= 0xdc00 || end - p < 6 || p[0] != '\\' || p[1] != 'u') return false;
    const int second = ReadHex4(p + 2, end);
    if (second < 0xdc00 || second >= 0xe000) return false;
    p += 6;
    code = 0x10000 + ((code - 0xd800) << 10) + (static_cast<uint32_t>(second) - 0xdc00);
  }
  out = AppendUtf8(code, out);
  return true;
}

bool ReadEscape(const char*& p, const char* end, char*& out) {
  if (p == end) return false;
  const char c = *p++;
  switch (c) {
    case '"':
    case '\\':
    case '/':
      *out++ = c;
      return true;
    case 'b':
      *out++ = '\b';
      return true;
    case 'f':
      *out++ = '\f';
      return true;
    case 'n':
      *out++ = '\n';
      return true;
    case 'r':
      *out++ = '\r';
      return true;
    case 't':
      *out++ = '\t';
      return true;
    case 'u':
      return ReadUnicodeEscape(p, end, out);
    default:
      return false;
  }
}

bool ReadSpecialString(const char* begin, const char* end, TextScratch& scratch,
                       std::string_view& text) {
  const auto size = static_cast<size_t>(end - begin);
  const bool has_escape = std::memchr(begin, '\\', size) != nullptr;
  const auto forbidden = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == '"'; };
  if (!has_escape) {
    if (std::any_of(begin, end, forbidden)) return false;
    text = {begin, size};
    return IsValidUtf8(text);
  }
  // What an escape stands for is never longer than the escape.
  char* const start = scratch.Room();
  char* out = start;
  for (const char* p = begin; p != end;) {
    if (*p == '\\') {
      ++p;
      if (!ReadEscape(p, end, out)) return false;
    } else {
      if (forbidden(*p)) return false;
      *out++ = *p++;
    }
  }
  text = {start, static_cast<size_t>(out - start)};
  scratch.Keep(text.size());
  return IsValidUtf8(text);
}

bool IsWord(const char* begin, const char* end, std::string_view word) {
  return std::string_view(begin, static_cast<size_t>(end - begin)) == word;
}

}  // namespace

bool ReadJsonString(const char* begin, const char* end, TextScratch& scratch,
                    std::string_view& text) {
  if (!IsPlain(begin, end)) return ReadSpecialString(begin, end, scratch, text);
  text = {begin, static_cast<size_t>(end - begin)};
  return true;
}

bool ReadJsonScalarSlow(const char* begin, const char* end, TextScratch& scratch, Value& value) {
  if (begin == end) return false;
  switch (*begin) {
    case '"': {
      std::string_view text;
      if (end - begin < 2 || end[-1] != '"') return false;
      if (!ReadJsonString(begin + 1, end - 1, scratch, text)) return false;
      value = Value::String(text);
      return true;
    }
    case 't':
      value = Value::Bool(true);
      return IsWord(begin, end, "true");
    case 'f':
      value = Value::Bool(false);
      return IsWord(begin, end, "false");
    case 'n':
      value = Value::Null();
      return IsWord(begin, end, "null");
    default:
      return ReadNumber(begin, end, value);
  }
}

}  // namespace fluxgate
