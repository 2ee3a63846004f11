// The places in a JSON text where its structure shows: brackets, colons and commas outside strings,
// found 64 bytes at a time and only as far as asked for.
#ifndef FLUXGATE_CORE_MESSAGE_JSON_BLOCKS_H_
#define FLUXGATE_CORE_MESSAGE_JSON_BLOCKS_H_

#include <cstddef>
#include <cstdint>

#ifdef __AVX2__
#include <immintrin.h>
#endif

namespace fluxgate {

// One bit per byte of a block, the first byte lowest.
struct JsonBlock {
  uint64_t quotes;
  uint64_t structure;      // inside strings too; may hold control characters by mistake
  uint64_t any_backslash;  // not 0: there is one
};

struct JsonBrackets {
  uint64_t opening;  // inside strings too
  uint64_t closing;
};

inline constexpr size_t kJsonBlockBytes = 64;

#ifdef __AVX2__

inline uint64_t JsonMask(__m256i low, __m256i high) {
  return static_cast<uint32_t>(_mm256_movemask_epi8(low)) |
         static_cast<uint64_t>(static_cast<uint32_t>(_mm256_movemask_epi8(high))) << 32;
}

inline JsonBlock ReadJsonBlock(const char* p) {
  const __m256i a = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
  const __m256i b = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p + 32));
  const __m256i quote = _mm256_set1_epi8('"');
  const __m256i backslash = _mm256_set1_epi8('\\');
  // With bit 0x20 set, the brackets of either shape are the same two characters, and the low four
  // bits tell all of : { , } apart.
  const __m256i bit = _mm256_set1_epi8(0x20);
  const __m256i by_low_bits =
      _mm256_setr_epi8(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, ':', '{', ',', '}', 0, 0,  //
                       0, 0, 0, 0, 0, 0, 0, 0, 0, 0, ':', '{', ',', '}', 0, 0);
  const auto structure = [&](__m256i x) {
    return _mm256_cmpeq_epi8(_mm256_shuffle_epi8(by_low_bits, x), _mm256_or_si256(x, bit));
  };
  const __m256i any =
      _mm256_or_si256(_mm256_cmpeq_epi8(a, backslash), _mm256_cmpeq_epi8(b, backslash));
  return {JsonMask(_mm256_cmpeq_epi8(a, quote), _mm256_cmpeq_epi8(b, quote)),
          JsonMask(structure(a), structure(b)), static_cast<uint32_t>(_mm256_movemask_epi8(any))};
}

inline uint64_t ReadJsonBackslashes(const char* p) {
  const __m256i a = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
  const __m256i b = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p + 32));
  const __m256i backslash = _mm256_set1_epi8('\\');
  return JsonMask(_mm256_cmpeq_epi8(a, backslash), _mm256_cmpeq_epi8(b, backslash));
}

inline JsonBrackets ReadJsonBrackets(const char* p) {
  const __m256i bit = _mm256_set1_epi8(0x20);
  const __m256i a = _mm256_or_si256(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)), bit);
  const __m256i b =
      _mm256_or_si256(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p + 32)), bit);
  const __m256i opening = _mm256_set1_epi8('{');
  const __m256i closing = _mm256_set1_epi8('}');
  return {JsonMask(_mm256_cmpeq_epi8(a, opening), _mm256_cmpeq_epi8(b, opening)),
          JsonMask(_mm256_cmpeq_epi8(a, closing), _mm256_cmpeq_epi8(b, closing))};
}

#else

inline JsonBlock ReadJsonBlock(const char* p) {
  JsonBlock block{0, 0, 0};
  for (size_t i = 0; i < kJsonBlockBytes; ++i) {
    const uint64_t bit = uint64_t{1} << i;
    switch (p[i]) {
      case '"':
        block.quotes |= bit;
        break;
      case '\\':
        block.any_backslash = 1;
        break;
      case '{':
      case '}':
      case '[':
      case ']':
      case ':':
      case ',':
        block.structure |= bit;
        break;
      default:
        break;
    }
  }
  return block;
}

inline uint64_t ReadJsonBackslashes(const char* p) {
  uint64_t backslashes = 0;
  for (size_t i = 0; i < kJsonBlockBytes; ++i) {
    if (p[i] == '\\') backslashes |= uint64_t{1} << i;
  }
  return backslashes;
}

inline JsonBrackets ReadJsonBrackets(const char* p) {
  JsonBrackets brackets{0, 0};
  for (size_t i = 0; i < kJsonBlockBytes; ++i) {
    const uint64_t bit = uint64_t{1} << i;
    if (p[i] == '{' || p[i] == '[') brackets.opening |= bit;
    if (p[i] == '}' || p[i] == ']') brackets.closing |= bit;
  }
  return brackets;
}

#endif

// Bit i of the result: whether an odd number of bits up to and including i is set.
inline uint64_t ParityUpTo(uint64_t bits) {
  for (int shift = 1; shift < 64; shift *= 2) bits ^= bits << shift;
  return bits;
}

// Walks over the structure of one text. Up to kJsonBlockBytes - 1 bytes behind the text are read.
class JsonCursor {
 public:
  JsonCursor() = default;
  // Nothing before `begin` may matter: no open string, no backslash.
  JsonCursor(const char* begin, const char* end) : block_(begin), end_(end) {
    if (begin < end) Load(end - begin);
  }

  // The next structural character; false at the end of the text.
  bool Next(const char*& p) {
    // Apart from the loop, so that its constants are set up only where it is entered.
    if (__builtin_expect(bits_ == 0, 0) && !LoadNext()) return false;
    p = block_ + __builtin_ctzll(bits_);
    bits_ &= bits_ - 1;
    return true;
  }
  // The same; nullptr at the end of the text.
  const char* Next() {
    const char* p = nullptr;
    return Next(p) ? p : nullptr;
  }

  // Moves behind the bracket that closes the innermost of `depth` open ones; gives that bracket.
  // nullptr at the end of the text, or when more than `depth_max` are open at a time.
  const char* SkipToClosing(uint64_t depth, uint64_t depth_max) {
    if (depth > depth_max) return nullptr;
    const uint64_t outside = depth - 1;
    for (;;) {
      const JsonBrackets brackets = ReadJsonBrackets(block_);
      const uint64_t opening = brackets.opening & bits_;
      const uint64_t closing = brackets.closing & bits_;
      const auto opening_count = static_cast<uint64_t>(__builtin_popcountll(opening));
      const auto closing_count = static_cast<uint64_t>(__builtin_popcountll(closing));
      if (depth + opening_count <= depth_max) {
        const uint64_t open = depth - outside;
        if (open <= closing_count) {
          uint64_t count = 0;
          for (uint64_t rest = closing; rest != 0; rest &= rest - 1) {
            const uint64_t bit = rest & -rest;
            const auto opened = static_cast<uint64_t>(__builtin_popcountll(opening & (bit - 1)));
            if (++count == open + opened) return MoveBehind(bit);
          }
        }
        depth += opening_count;
        depth -= closing_count;
      } else {
        // The limit may be in this block: one by one.
        uint64_t both = opening | closing;
        while (both != 0) {
          const uint64_t bit = both & -both;
          both ^= bit;
          if ((opening & bit) != 0) {
            if (++depth > depth_max) return nullptr;
          } else if (--depth == outside) {
            return MoveBehind(bit);
          }
        }
      }
      if (!LoadFollowing()) return nullptr;
    }
  }

  // Whether there was a backslash so far; blocks that were not needed yet do not count.
  bool has_backslash() const { return has_backslash_; }

 private:
  const char* MoveBehind(uint64_t bit) {
    bits_ &= -bit ^ bit;
    return block_ + __builtin_ctzll(bit);
  }

  // On to the next block that has something; false: there is none.
  bool LoadNext() {
    do {
      if (!LoadFollowing()) return false;
    } while (bits_ == 0);
    return true;
  }

  bool LoadFollowing() {
    const ptrdiff_t left = end_ - block_ - static_cast<ptrdiff_t>(kJsonBlockBytes);
    if (left <= 0) return false;
    block_ += kJsonBlockBytes;
    Load(left);
    return true;
  }

  // `left`: bytes of the text from the block on.
  void Load(ptrdiff_t left) {
    JsonBlock block = ReadJsonBlock(block_);
    if (__builtin_expect((block.any_backslash | escape_carry_) != 0, 0)) {
      block.quotes &= ~Escaped(ReadJsonBackslashes(block_));
    }
    const uint64_t in_string = ParityUpTo(block.quotes) ^ string_carry_;
    string_carry_ = static_cast<uint64_t>(static_cast<int64_t>(in_string) >> 63);
    bits_ = block.structure & ~in_string;
    if (left < static_cast<ptrdiff_t>(kJsonBlockBytes)) bits_ &= (uint64_t{1} << left) - 1;
  }

  // The characters that a backslash stands before, itself not being one of them.
  uint64_t Escaped(uint64_t backslashes) {
    has_backslash_ = true;
    uint64_t escaped = escape_carry_;
    escape_carry_ = 0;
    backslashes &= ~escaped;
    while (backslashes != 0) {
      const uint64_t bit = backslashes & -backslashes;
      if (bit >> 63 != 0) escape_carry_ = 1;
      escaped |= bit << 1;
      backslashes &= ~(bit | bit << 1);
    }
    return escaped;
  }

  const char* block_ = nullptr;
  const char* end_ = nullptr;
  uint64_t bits_ = 0;          // structural characters of this block that are still ahead
  uint64_t string_carry_ = 0;  // all ones: the block before ended inside a string
  uint64_t escape_carry_ = 0;  // 1: the block before ended in a backslash that escapes
  bool has_backslash_ = false;
};

inline bool IsJsonBlank(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

// The first character from `p` on that is no blank, or `end`, which may be looked at.
inline const char* SkipJsonBlanks(const char* p, const char* end) {
  if (__builtin_expect(static_cast<unsigned char>(*p) > ' ', 1)) return p;
  while (p < end && IsJsonBlank(*p)) ++p;
  return p;
}
// Behind the last character before `p` that is no blank; there is one.
inline const char* SkipJsonBlanksBack(const char* p) {
  if (__builtin_expect(static_cast<unsigned char>(p[-1]) > ' ', 1)) return p;
  while (IsJsonBlank(p[-1])) --p;
  return p;
}

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_MESSAGE_JSON_BLOCKS_H_
