// Names and text of XML 1.0 (Fifth Edition): what may stand in them, and how it is spelled.
#ifndef FLUXGATE_CORE_MESSAGE_XML_TEXT_H_
#define FLUXGATE_CORE_MESSAGE_XML_TEXT_H_

#include <array>
#include <bit>
#include <cstdint>
#include <string>
#include <string_view>

#ifdef __AVX2__
#include <immintrin.h>
#endif

#include "core/message/text_scratch.h"

namespace fluxgate {

namespace xml_internal {

enum ByteClass : uint8_t {
  kName = 1,       // may stand in a name
  kNameStart = 2,  // may begin one
};

// Bytes of characters beyond ASCII count as letters; not all of those characters are.
inline constexpr auto kByteClasses = [] {
  std::array<uint8_t, 256> classes{};
  for (int c = 0; c < 256; ++c) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c >= 0x80;
    if (letter || c == '_' || c == ':') classes[static_cast<size_t>(c)] = kName | kNameStart;
    if ((c >= '0' && c <= '9') || c == '-' || c == '.') classes[static_cast<size_t>(c)] = kName;
  }
  return classes;
}();

inline bool HasClass(char c, ByteClass wanted) {
  return (kByteClasses[static_cast<unsigned char>(c)] & wanted) != 0;
}

#ifdef __AVX2__
// Which of the 32 bytes from `p` on may not stand in a name, the first lowest.
inline uint32_t BytesOfNoName(const char* p) {
  // A byte belongs to a name if the bits for its low and its high four bits have one in common:
  // 1 for - and ., 2 for digits, : and p to z, 4 for A to O and a to o, 8 for P to Z and _, 16 for
  // all beyond ASCII.
  const __m256i by_low = _mm256_broadcastsi128_si256(
      _mm_setr_epi8(26, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 20, 20, 21, 21, 28));
  const __m256i by_high = _mm256_broadcastsi128_si256(
      _mm_setr_epi8(0, 0, 1, 2, 4, 8, 4, 2, 16, 16, 16, 16, 16, 16, 16, 16));
  const __m256i four_bits = _mm256_set1_epi8(0x0f);
  const __m256i bytes = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
  const __m256i low = _mm256_shuffle_epi8(by_low, _mm256_and_si256(bytes, four_bits));
  const __m256i high =
      _mm256_shuffle_epi8(by_high, _mm256_and_si256(_mm256_srli_epi16(bytes, 4), four_bits));
  const __m256i none = _mm256_cmpeq_epi8(_mm256_and_si256(low, high), _mm256_setzero_si256());
  return static_cast<uint32_t>(_mm256_movemask_epi8(none));
}
#endif

}  // namespace xml_internal

inline bool IsXmlBlank(char c) {
  constexpr uint64_t kBlanks = 1ULL << ' ' | 1ULL << '\n' | 1ULL << '\t' | 1ULL << '\r';
  return static_cast<unsigned char>(c) <= ' ' && (kBlanks >> c & 1) != 0;
}

// The end of the name that begins at `p`; `p` itself if none does. The 31 bytes behind `end` may be
// read.
inline const char* SkipXmlName(const char* p, const char* end) {
  if (p >= end || !xml_internal::HasClass(*p, xml_internal::kNameStart)) return p;
#ifdef __AVX2__
  for (; p < end; p += 32) {
    const uint32_t others = xml_internal::BytesOfNoName(p);
    if (others == 0) continue;
    p += std::countr_zero(others);
    break;
  }
  return p < end ? p : end;
#else
  do ++p;
  while (p < end && xml_internal::HasClass(*p, xml_internal::kName));
  return p;
#endif
}

// Without blanks at its ends.
inline std::string_view TrimXml(std::string_view text) {
  while (!text.empty() && IsXmlBlank(text.front())) text.remove_prefix(1);
  while (!text.empty() && IsXmlBlank(text.back())) text.remove_suffix(1);
  return text;
}

enum class XmlSpelling : uint8_t { kText, kAttribute, kCData };

namespace xml_internal {

// Whether all of `text` is printable ASCII that is itself everywhere.
inline bool IsPlain(std::string_view text) {
#ifdef __AVX2__
  if (text.size() > 32) return false;
  const __m256i bytes = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(text.data()));
  // Bytes beyond ASCII are negative, and so below the blank too.
  const __m256i low = _mm256_cmpgt_epi8(_mm256_set1_epi8(' '), bytes);
  const __m256i special = _mm256_or_si256(_mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('&')),
                                          _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('>')));
  const uint64_t others =
      static_cast<uint32_t>(_mm256_movemask_epi8(_mm256_or_si256(low, special)));
  return (others & ((uint64_t{1} << text.size()) - 1)) == 0;
#else
  return text.empty();
#endif
}

const char* ReadAnyXmlText(std::string_view spelled, XmlSpelling spelling, TextScratch& scratch,
                           std::string_view& text);

}  // namespace xml_internal

// What `spelled` says: references resolved, line ends as one line feed, and in attributes every
// blank character that is no reference as a space. `spelled` itself where it says what it spells,
// otherwise rewritten to `scratch`, never longer. Returns what is wrong, or nullptr. The 31 bytes
// behind it may be read.
inline const char* ReadXmlText(std::string_view spelled, XmlSpelling spelling, TextScratch& scratch,
                               std::string_view& text) {
  text = spelled;
  if (xml_internal::IsPlain(spelled)) return nullptr;
  return xml_internal::ReadAnyXmlText(spelled, spelling, scratch, text);
}

// Appends `text` as element text (kText) or within double quotes (kAttribute). False: it holds what
// no XML document can.
bool WriteXmlText(std::string_view text, XmlSpelling spelling, std::string& out);

// Whether it is UTF-8 and made of characters that an XML document can hold.
bool IsXmlText(std::string_view text);
bool IsXmlName(std::string_view name);

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_MESSAGE_XML_TEXT_H_
