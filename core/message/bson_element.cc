#include "core/message/bson_element.h"

#include <bit>
#include <cmath>
#include <limits>
#include <system_error>

#include "absl/strings/charconv.h"
#include "core/base/utf8.h"
#include "core/message/message_reader.h"

namespace fluxgate {
namespace {

constexpr size_t kObjectIdBytes = 12;
constexpr size_t kDecimalBytes = 16;
constexpr char kBinaryOld = 2;  // subtype with a length of its own in front of the bytes

// Where the zero is that ends the text at `p`, or `end`.
inline const char* FindZero(const char* p, const char* end) {
  for (; end - p >= 8; p += 8) {
    const auto word = LoadLittle<uint64_t>(p);
    const uint64_t zeros = (word - 0x0101010101010101) & ~word & 0x8080808080808080;
    if (zeros != 0) return p + std::countr_zero(zeros) / 8;
  }
  while (p != end && *p != 0) ++p;
  return p;
}

// Bytes of a string with its length in front, or 0.
size_t StringBytes(const char* p, const char* end) {
  if (end - p < 5) return 0;
  const auto length = LoadLittle<int32_t>(p);
  if (length < 1 || length > end - p - 4 || p[4 + length - 1] != 0) return 0;
  return 4 + static_cast<size_t>(length);
}

size_t DocumentBytes(const char* p, const char* end) {
  if (end - p < static_cast<ptrdiff_t>(BsonReader::kDocumentBytesMin)) return 0;
  const auto length = LoadLittle<int32_t>(p);
  if (length < static_cast<int32_t>(BsonReader::kDocumentBytesMin) || length > end - p ||
      p[length - 1] != 0) {
    return 0;
  }
  return static_cast<size_t>(length);
}

bool ReadText(std::string_view text, Value& value) {
  if (!IsValidUtf8(text)) return false;
  value = Value::String(text);
  return true;
}

// A string with its length in front, as SizeOf has checked.
std::string_view TextOf(std::string_view bytes) {
  return bytes.substr(4, static_cast<size_t>(LoadLittle<int32_t>(bytes.data())) - 1);
}

bool ReadBinary(std::string_view bytes, Value& value) {
  std::string_view content = bytes.substr(5);
  if (bytes[4] == kBinaryOld) {
    if (content.size() < 4) return false;
    if (LoadLittle<int32_t>(content.data()) != static_cast<int32_t>(content.size() - 4)) {
      return false;
    }
    content.remove_prefix(4);
  }
  value = Value::String(content);
  return true;
}

// IEEE 754-2008 decimal128, binary integer significand.
double DecimalOf(const char* p) {
  const auto low = LoadLittle<uint64_t>(p);
  const auto high = LoadLittle<uint64_t>(p + 8);
  const bool negative = (high >> 63) != 0;
  const auto combination = static_cast<uint32_t>(high >> 58 & 0x1f);
  if (combination == 0x1f) return std::numeric_limits<double>::quiet_NaN();
  if (combination == 0x1e) {
    return negative ? -std::numeric_limits<double>::infinity()
                    : std::numeric_limits<double>::infinity();
  }
  constexpr int kBias = 6176;
  int exponent;
  unsigned __int128 significand = 0;
  if (combination >> 3 == 3) {
    // Such a significand has too many digits, which counts as zero.
    exponent = static_cast<int>(high >> 47 & 0x3fff) - kBias;
  } else {
    exponent = static_cast<int>(high >> 49 & 0x3fff) - kBias;
    significand = static_cast<unsigned __int128>(high & 0x1ffffffffffff) << 64 | low;
  }
  // Digits, 'E', sign and exponent; written from the end.
  char text[64];
  char* const end = text + sizeof text;
  char* begin = end;
  unsigned size = static_cast<unsigned>(std::abs(exponent));
  do {
    *--begin = static_cast<char>('0' + size % 10);
    size /= 10;
  } while (size != 0);
  *--begin = exponent < 0 ? '-' : '+';
  *--begin = 'E';
  do {
    *--begin = static_cast<char>('0' + static_cast<int>(significand % 10));
    significand /= 10;
  } while (significand != 0);
  double number = 0;
  // Out of range the number is the largest or the smallest.
  if (absl::from_chars(begin, end, number).ec == std::errc::result_out_of_range && number > 1) {
    number = std::numeric_limits<double>::infinity();
  }
  return negative ? -number : number;
}

}  // namespace

std::string_view BsonScratch::HexOf(const char* object_id) {
  if (used_ == texts_.size()) texts_.emplace_back();
  std::array<char, 24>& text = texts_[used_++];
  constexpr char kDigits[] = "0123456789abcdef";
  for (size_t i = 0; i < kObjectIdBytes; ++i) {
    const auto byte = static_cast<unsigned char>(object_id[i]);
    text[2 * i] = kDigits[byte >> 4];
    text[2 * i + 1] = kDigits[byte & 15];
  }
  return {text.data(), text.size()};
}

bool BsonReader::Open(std::string_view bytes) {
  at_ = bytes.data();
  end_ = at_;
  if (bytes.empty() || DocumentBytes(at_, at_ + bytes.size()) != bytes.size()) return false;
  end_ = at_ + bytes.size() - 1;
  at_ += 4;
  return true;
}

size_t BsonReader::SizeOf(BsonType type, bool& bad) const {
  const char* const p = at_;
  const auto left = static_cast<size_t>(end_ - p);
  size_t size = 0;
  switch (type) {
    case BsonType::kUndefined:
    case BsonType::kNull:
    case BsonType::kMinKey:
    case BsonType::kMaxKey:
      return 0;
    case BsonType::kBool:
      size = 1;
      break;
    case BsonType::kInt32:
      size = 4;
      break;
    case BsonType::kDouble:
    case BsonType::kDateTime:
    case BsonType::kTimestamp:
    case BsonType::kInt64:
      size = 8;
      break;
    case BsonType::kObjectId:
      size = kObjectIdBytes;
      break;
    case BsonType::kDecimal128:
      size = kDecimalBytes;
      break;
    case BsonType::kString:
    case BsonType::kCode:
    case BsonType::kSymbol:
      size = StringBytes(p, end_);
      break;
    case BsonType::kDocument:
    case BsonType::kArray:
      size = DocumentBytes(p, end_);
      break;
    case BsonType::kBinary: {
      if (left < 5) break;
      const auto length = LoadLittle<int32_t>(p);
      if (length >= 0 && static_cast<size_t>(length) <= left - 5) {
        size = 5 + static_cast<size_t>(length);
      }
      break;
    }
    case BsonType::kRegex: {
      const char* const pattern_end = FindZero(p, end_);
      if (pattern_end == end_) break;
      const char* const options_end = FindZero(pattern_end + 1, end_);
      if (options_end != end_) size = static_cast<size_t>(options_end + 1 - p);
      break;
    }
    case BsonType::kDbPointer:
      size = StringBytes(p, end_);
      if (size != 0) size += kObjectIdBytes;
      break;
    case BsonType::kCodeWithScope: {
      if (left < 4) break;
      const auto length = LoadLittle<int32_t>(p);
      if (length < 4 || static_cast<size_t>(length) > left) break;
      const size_t code = StringBytes(p + 4, p + length);
      if (code == 0) break;
      const size_t scope = DocumentBytes(p + 4 + code, p + length);
      if (scope != 0 && 4 + code + scope == static_cast<size_t>(length)) {
        size = static_cast<size_t>(length);
      }
      break;
    }
    case BsonType::kEnd:
      break;
  }
  bad = size == 0 || size > left;
  return size;
}

bool BsonReader::Next(BsonElement& element) {
  if (at_ == end_) {
    element.type = BsonType::kEnd;
    return true;
  }
  element.type = static_cast<BsonType>(static_cast<unsigned char>(*at_));
  const char* const name = at_ + 1;
  const char* const name_end = FindZero(name, end_);
  if (name_end == end_) return false;
  element.name = {name, static_cast<size_t>(name_end - name)};
  at_ = name_end + 1;
  bool bad = false;
  const size_t size = SizeOf(element.type, bad);
  if (bad) return false;
  element.bytes = {at_, size};
  at_ += size;
  return true;
}

bool ReadBsonScalar(const BsonElement& element, BsonScratch& scratch, Value& value) {
  const std::string_view bytes = element.bytes;
  const char* const p = bytes.data();
  switch (element.type) {
    case BsonType::kDouble:
      value = Value::Double(LoadLittle<double>(p));
      return true;
    case BsonType::kInt32:
      value = Value::Int(LoadLittle<int32_t>(p));
      return true;
    case BsonType::kDateTime:
    case BsonType::kInt64:
      value = Value::Int(LoadLittle<int64_t>(p));
      return true;
    case BsonType::kTimestamp:
      value = Value::Uint(LoadLittle<uint64_t>(p));
      return true;
    case BsonType::kBool:
      value = Value::Bool(*p != 0);
      return *p == 0 || *p == 1;
    case BsonType::kString:
    case BsonType::kCode:
    case BsonType::kSymbol:
      return ReadText(TextOf(bytes), value);
    case BsonType::kCodeWithScope:
      return ReadText(TextOf(bytes.substr(4)), value);
    case BsonType::kRegex:
      return ReadText(bytes.substr(0, bytes.find('\0')), value);
    case BsonType::kBinary:
      return ReadBinary(bytes, value);
    case BsonType::kObjectId:
      value = Value::String(scratch.HexOf(p));
      return true;
    case BsonType::kDbPointer:
      value = Value::String(scratch.HexOf(p + bytes.size() - kObjectIdBytes));
      return true;
    case BsonType::kDecimal128:
      value = Value::Double(DecimalOf(p));
      return true;
    case BsonType::kUndefined:
    case BsonType::kNull:
    case BsonType::kMinKey:
    case BsonType::kMaxKey:
      value = Value::Null();
      return true;
    case BsonType::kDocument:
    case BsonType::kArray:
    case BsonType::kEnd:
      break;
  }
  return false;
}

}  // namespace fluxgate
