// One pass over the fields of a FIX body, for the extractor and for Parse.
#ifndef FLUXGATE_CORE_MESSAGE_FIX_SCANNER_H_
#define FLUXGATE_CORE_MESSAGE_FIX_SCANNER_H_

#include <array>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "core/message/byte_search.h"

namespace fluxgate {

// What stands between a FIX body's parts.
struct FixOptions {
  char field_separator = '\x01';
  char value_separator = '=';  // between a tag or name and its value
};

// A field whose value may hold separators, and the field directly before it that says how many
// bytes it has (FIX 4.4 and 5.0 SP2, fields of type data).
struct FixDataField {
  uint16_t length_tag;
  uint16_t data_tag;
};

inline constexpr FixDataField kFixDataFields[] = {
    {90, 91},     {93, 89},     {95, 96},     {212, 213},   {348, 349},
    {350, 351},   {352, 353},   {354, 355},   {356, 357},   {358, 359},
    {360, 361},   {362, 363},   {364, 365},   {445, 446},   {618, 619},
    {621, 622},   {1184, 1185}, {1277, 1278}, {1280, 1281}, {1282, 1283},
    {1397, 1398}, {1401, 1402}, {1403, 1404}, {1468, 1469}, {1525, 1527}};

// By length tag: the tag of the data field, or 0.
inline constexpr auto kFixDataTags = [] {
  std::array<uint16_t, 1536> tags{};
  for (const FixDataField& field : kFixDataFields) tags[field.length_tag] = field.data_tag;
  return tags;
}();

// Digits without a leading zero: what FIX calls a tag number. Eight bytes may be read.
inline bool IsFixTag(const char* tag, size_t size) {
  constexpr uint64_t kOnes = 0x0101010101010101;
  if (size == 0 || *tag == '0') return false;
  for (; size > 8; ++tag, --size) {
    if (*tag < '0' || *tag > '9') return false;
  }
  uint64_t word;
  std::memcpy(&word, tag, sizeof word);
  if constexpr (std::endian::native == std::endian::big) word = __builtin_bswap64(word);
  // What is no digit is above 9 now, and in the next step has its highest bit set.
  word ^= kOnes * '0';
  const uint64_t others = (((word & kOnes * 0x7f) + kOnes * (0x80 - 10)) | word) & kOnes * 0x80;
  return others << (64 - 8 * size) == 0;
}

// The number of a tag of up to four digits, 0 of any other. Four bytes may be read.
inline uint32_t FixTagNumber(const char* tag, size_t size) {
  if (size > 4) return 0;
  if constexpr (std::endian::native == std::endian::big) {
    uint32_t number = 0;
    for (size_t i = 0; i < size; ++i) number = 10 * number + static_cast<uint32_t>(tag[i] - '0');
    return number;
  }
  uint32_t digits;
  std::memcpy(&digits, tag, sizeof digits);
  // The first digit lowest, moved up so that missing digits in front are zeros.
  digits = (digits << (32 - 8 * size)) & 0x0f0f0f0f;
  digits = (digits * 10 + (digits >> 8)) & 0x00ff00ff;
  return (digits * 100 + (digits >> 16)) & 0xffff;
}

// The fields that must stand together: remembers a length until the field behind it.
class FixDataLength {
 public:
  // Whether the field `tag` is as long as the one before it says.
  bool is_announced(uint32_t tag) const { return data_tag_ != 0 && tag == data_tag_; }
  bool has_size() const { return has_size_; }
  size_t size() const { return size_; }

  void Next(uint32_t tag, std::string_view value) {
    data_tag_ = tag < kFixDataTags.size() ? kFixDataTags[tag] : 0;
    if (__builtin_expect(data_tag_ == 0, 1)) return;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), size_);
    has_size_ = error == std::errc() && end == value.data() + value.size();
  }

 private:
  uint32_t data_tag_ = 0;
  bool has_size_ = false;
  size_t size_ = 0;
};

// Where and why a scan ended early; `what` is nullptr if it did not, or if `on_field` ended it.
struct FixError {
  const char* what = nullptr;
  const char* at = nullptr;
};

// Calls on_field(name, value) for every field of `body`, until it returns false. `kTags`: names are
// tags (fix), else any text (nvfix). kBodyPaddingBytes behind the body may be read.
template <bool kTags, typename OnField>
bool ScanFix(std::string_view body, const FixOptions& options, FixError& error,
             const OnField& on_field) {
  const char* const end = body.data() + body.size();
  FixDataLength length;
  const auto refuse = [&error](const char* what, const char* at) {
    error = {what, at};
    return false;
  };
  for (const char* p = body.data(); p < end;) {
    const uint32_t field_ends = EqualBytes(p, options.field_separator);
    const uint32_t name_ends = EqualBytes(p, options.value_separator);
    const char* field_end = field_ends != 0
                                ? p + std::countr_zero(field_ends)
                                : FindByte(p + kSearchBytes, end, options.field_separator);
    if (field_end > end) field_end = end;
    const char* const name_end =
        name_ends != 0 ? p + std::countr_zero(name_ends)
                       : FindByte(p + kSearchBytes, field_end, options.value_separator);
    if (name_end >= field_end) return refuse("a field without a value separator", p);
    const std::string_view name(p, static_cast<size_t>(name_end - p));
    const char* const begin = name_end + 1;
    if constexpr (kTags) {
      if (!IsFixTag(p, name.size())) return refuse("a tag that is no number", p);
      const uint32_t tag = FixTagNumber(p, name.size());
      if (__builtin_expect(length.is_announced(tag), 0)) {
        if (!length.has_size() || length.size() > static_cast<size_t>(end - begin)) {
          return refuse("a data field without a usable length before it", p);
        }
        field_end = begin + length.size();
        if (field_end != end && *field_end != options.field_separator) {
          return refuse("a data field that is not as long as announced", p);
        }
      }
      length.Next(tag, {begin, static_cast<size_t>(field_end - begin)});
    } else if (name.empty()) {
      return refuse("a field without a name", p);
    }
    if (!on_field(name, std::string_view(begin, static_cast<size_t>(field_end - begin)))) {
      return false;
    }
    p = field_end + 1;
  }
  return true;
}

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_MESSAGE_FIX_SCANNER_H_
