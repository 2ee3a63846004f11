// The message type `bson`: documents as of bsonspec.org, version 1.1.
//
// A path names an element of the document, of a document in it, and so on; an array stands for all
// its elements, and a value that is none for an array of one. Of elements with the same name the
// first counts. Values: bson_element.h. A body is malformed when a length, an end or a type is
// wrong; embedded documents that no field is wanted from are passed over by their length.
#ifndef FLUXGATE_CORE_MESSAGE_BSON_MESSAGE_TYPE_H_
#define FLUXGATE_CORE_MESSAGE_BSON_MESSAGE_TYPE_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/message/message_type.h"

namespace fluxgate {

class BsonMessageType final : public MessageType {
 public:
  explicit BsonMessageType(const MessageLimits& limits = {}) : limits_(limits) {}

  std::string_view name() const override { return "bson"; }
  std::unique_ptr<Extractor> NewExtractor(std::vector<FieldRequest> fields) const override;
  absl::Status Parse(std::string_view body, Document& document) const override;

 private:
  // Values as Parse found them are written byte for byte; elements of arrays are named by their
  // number. A new integer is an int32 where it fits, else an int64; one above the int64 range, and
  // a name with a zero byte, has no way to be written.
  absl::Status DoWrite(const Document& document, std::string& body) const override;
  uint32_t fields_max() const override { return limits_.fields_max; }

  MessageLimits limits_;
};

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_MESSAGE_BSON_MESSAGE_TYPE_H_
