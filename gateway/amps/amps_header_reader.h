// Walks the fields of one header. Internal to the codec.
#ifndef FLUXGATE_GATEWAY_AMPS_AMPS_HEADER_READER_H_
#define FLUXGATE_GATEWAY_AMPS_AMPS_HEADER_READER_H_

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <string_view>

#include "core/base/utf8.h"
#include "gateway/amps/amps_constants.h"
#include "gateway/amps/amps_decoder.h"
#include "gateway/amps/amps_unescape.h"

namespace fluxgate::amps {

// Rows of kHeaderKeyNames by length of name: [kFirst[n], kFirst[n + 1]).
inline constexpr auto kFirstKeyNameOfLength = [] {
  std::array<uint8_t, kHeaderKeyNameBytesMax + 2> first{};
  size_t row = 0;
  for (size_t length = 0; length < first.size(); ++length) {
    while (row < std::size(kHeaderKeyNames) && kHeaderKeyNames[row].name.size() < length) ++row;
    first[length] = static_cast<uint8_t>(row);
  }
  return first;
}();

inline constexpr auto kOneLetterKeys = [] {
  std::array<HeaderKey, 256> keys{};
  for (const HeaderKeyName& row : kHeaderKeyNames) {
    if (row.name.size() == 1) keys[static_cast<unsigned char>(row.name[0])] = row.key;
  }
  return keys;
}();

inline HeaderKey FindHeaderKey(std::string_view name) {
  if (name.size() == 1) return kOneLetterKeys[static_cast<unsigned char>(name[0])];
  if (name.size() > kHeaderKeyNameBytesMax) return HeaderKey::kUnknown;
  for (size_t i = kFirstKeyNameOfLength[name.size()]; i < kFirstKeyNameOfLength[name.size() + 1];
       ++i) {
    if (std::memcmp(kHeaderKeyNames[i].name.data(), name.data(), name.size()) == 0) {
      return kHeaderKeyNames[i].key;
    }
  }
  return HeaderKey::kUnknown;
}

struct HeaderField {
  HeaderKey key = HeaderKey::kUnknown;
  bool escaped = false;   // the text still has its escapes
  std::string_view text;  // without quotes
};

class HeaderReader {
 public:
  HeaderReader(std::string_view frame, uint64_t header_bytes_max)
      : begin_(frame.data()),
        p_(frame.data()),
        end_(frame.data() + (frame.size() < header_bytes_max ? frame.size() : header_bytes_max)),
        end_error_(frame.size() > header_bytes_max ? DecodeError::kHeaderTooLarge
                                                   : DecodeError::kTruncated) {}

  // The opening brace.
  DecodeError Open() {
    SkipSpace();
    if (p_ == end_) return end_error_;
    if (*p_ != '{') return DecodeError::kSyntax;
    ++p_;
    return DecodeError::kNone;
  }

  // The next field; *done after the closing brace instead.
  DecodeError Next(HeaderField* field, bool* done) {
    SkipSpace();
    if (p_ == end_) return end_error_;
    if (*p_ == '}') {
      ++p_;
      *done = true;
      return DecodeError::kNone;
    }
    if (fields_ != 0) {
      if (*p_ != ',') return DecodeError::kSyntax;
      ++p_;
      SkipSpace();
      if (p_ == end_) return end_error_;
    }
    if (*p_ != '"') return DecodeError::kSyntax;
    ++p_;
    bool escaped = false;
    std::string_view name;
    if (DecodeError error = ReadString(&name, &escaped); error != DecodeError::kNone) return error;
    if (escaped) return DecodeError::kSyntax;
    field->key = FindHeaderKey(name);
    if (++fields_ > kHeaderFieldsMax) return DecodeError::kTooManyFields;
    SkipSpace();
    if (p_ == end_) return end_error_;
    if (*p_ != ':') return DecodeError::kSyntax;
    ++p_;
    SkipSpace();
    if (p_ == end_) return end_error_;
    if (*p_ == '"') [[likely]] {
      ++p_;
      if (DecodeError error = ReadString(&field->text, &field->escaped);
          error != DecodeError::kNone) {
        return error;
      }
    } else {
      field->escaped = false;
      if (DecodeError error = ReadBare(&field->text); error != DecodeError::kNone) return error;
    }
    if (field->key != HeaderKey::kUnknown) {
      const uint64_t bit = uint64_t{1} << static_cast<int>(field->key);
      if ((seen_ & bit) != 0) return DecodeError::kDuplicateField;
      seen_ |= bit;
    }
    return DecodeError::kNone;
  }

  // Bytes read: the header's size once done.
  size_t size() const { return static_cast<size_t>(p_ - begin_); }

 private:
  static_assert(kHeaderKeyCount <= 64);

  void SkipSpace() {
    while (p_ != end_ && (*p_ == ' ' || *p_ == '\t' || *p_ == '\n' || *p_ == '\r')) ++p_;
  }

  // Up to and including the closing quote.
  DecodeError ReadString(std::string_view* text, bool* escaped) {
    const char* const start = p_;
    bool ascii = true;
    *escaped = false;
    while (true) {
#ifdef __SSE2__
      // Skips what needs no look: everything but quote, backslash, and bytes that are negative or
      // below a space as signed numbers, which are the control characters and all of non-ASCII.
      while (end_ - p_ >= 16) {
        const __m128i v = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p_));
        const __m128i stop = _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('"')),
                                                       _mm_cmpeq_epi8(v, _mm_set1_epi8('\\'))),
                                          _mm_cmplt_epi8(v, _mm_set1_epi8(' ')));
        const int mask = _mm_movemask_epi8(stop);
        if (mask != 0) {
          p_ += __builtin_ctz(static_cast<unsigned>(mask));
          break;
        }
        p_ += 16;
      }
#endif
      if (p_ == end_) return end_error_;
      const char c = *p_;
      if (c == '"') break;
      if (c == '\\') {
        *escaped = true;
        if (end_ - p_ < 2) return end_error_;
        p_ += 2;
        continue;
      }
      if (static_cast<unsigned char>(c) >= 0x80) {
        ascii = false;
      } else if (c < ' ' && c != '\t' && c != '\n' && c != '\r') {
        return DecodeError::kSyntax;
      }
      ++p_;
    }
    *text = {start, static_cast<size_t>(p_ - start)};
    ++p_;
    if (!ascii && !IsValidUtf8(*text)) return DecodeError::kNotUtf8;
    return DecodeError::kNone;
  }

  // A number, true or false.
  DecodeError ReadBare(std::string_view* text) {
    const char* const start = p_;
    if (*p_ == '{' || *p_ == '[') return DecodeError::kNested;
    while (p_ != end_ && ((*p_ >= '0' && *p_ <= '9') || (*p_ >= 'a' && *p_ <= 'z') || *p_ == '-' ||
                          *p_ == '+' || *p_ == '.' || *p_ == 'E')) {
      ++p_;
    }
    *text = {start, static_cast<size_t>(p_ - start)};
    if (p_ == end_) return end_error_;
    return IsBare(*text) ? DecodeError::kNone : DecodeError::kSyntax;
  }

  static bool IsBare(std::string_view text) {
    if (text == "true" || text == "false") return true;
    size_t i = text.starts_with('-') ? 1 : 0;
    const auto digits = [&] {
      const size_t from = i;
      while (i < text.size() && text[i] >= '0' && text[i] <= '9') ++i;
      return i != from;
    };
    if (!digits()) return false;
    if (i < text.size() && text[i] == '.' && (++i, !digits())) return false;
    if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
      ++i;
      if (i < text.size() && (text[i] == '+' || text[i] == '-')) ++i;
      if (!digits()) return false;
    }
    return i == text.size();
  }

  const char* const begin_;
  const char* p_;
  const char* const end_;
  const DecodeError end_error_;
  int fields_ = 0;
  uint64_t seen_ = 0;
};

}  // namespace fluxgate::amps

#endif  // FLUXGATE_GATEWAY_AMPS_AMPS_HEADER_READER_H_
