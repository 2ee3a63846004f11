// The elements of BSON documents (bsonspec.org, version 1.1), one after the other, and their
// values.
#ifndef FLUXGATE_CORE_MESSAGE_BSON_ELEMENT_H_
#define FLUXGATE_CORE_MESSAGE_BSON_ELEMENT_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string_view>

#include "core/message/value.h"

namespace fluxgate {

enum class BsonType : uint8_t {
  kEnd = 0x00,
  kDouble = 0x01,
  kString = 0x02,
  kDocument = 0x03,
  kArray = 0x04,
  kBinary = 0x05,
  kUndefined = 0x06,
  kObjectId = 0x07,
  kBool = 0x08,
  kDateTime = 0x09,
  kNull = 0x0a,
  kRegex = 0x0b,
  kDbPointer = 0x0c,
  kCode = 0x0d,
  kSymbol = 0x0e,
  kCodeWithScope = 0x0f,
  kInt32 = 0x10,
  kTimestamp = 0x11,
  kInt64 = 0x12,
  kDecimal128 = 0x13,
  kMaxKey = 0x7f,
  kMinKey = 0xff,
};

// Text that stands nowhere in a body: hexadecimal digits of ObjectIds. What it gives stays in place
// until Reset; memory is kept.
class BsonScratch {
 public:
  void Reset() { used_ = 0; }
  std::string_view HexOf(const char* object_id);

 private:
  std::deque<std::array<char, 24>> texts_;
  size_t used_ = 0;
};

struct BsonElement {
  BsonType type = BsonType::kEnd;
  std::string_view name;
  std::string_view bytes;  // of the value; all of it is inside the document
};

// Walks over one document. Views of the body, which needs no padding.
class BsonReader {
 public:
  // Smallest document: its length and the final zero.
  static constexpr size_t kDocumentBytesMin = 5;

  // False: `bytes` is no document by its length and its end.
  bool Open(std::string_view bytes);
  // The next element; of type kEnd when there is none. False: malformed, and where() is the place.
  bool Next(BsonElement& element);
  const char* where() const { return at_; }

 private:
  // The value's size, checked against what is there; or 0 with `bad` set.
  size_t SizeOf(BsonType type, bool& bad) const;

  const char* at_ = nullptr;
  const char* end_ = nullptr;  // of the elements: where the final zero is
};

// The value of an element that is no document or array: NULL for null, undefined, MinKey and
// MaxKey; text for strings, code (without its scope), symbols, regular expressions (the pattern),
// ObjectIds (hexadecimal, also of a DBPointer) and binary (the bytes); milliseconds since 1970 UTC
// for a datetime; 64 unsigned bits for a timestamp; the nearest double for a decimal128. False:
// malformed.
bool ReadBsonScalar(const BsonElement& element, BsonScratch& scratch, Value& value);

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_MESSAGE_BSON_ELEMENT_H_
