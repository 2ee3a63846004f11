// The message type `xml`: documents of XML 1.0 in UTF-8 without a document type declaration.
// docs/message-types.md says what users see.
//
// A path begins with the root element's name: `/order/item[1]/@id`. An element's value is its own
// text with CDATA sections, without blanks at its ends; an attribute's value is taken as it is. All
// values are text, an empty one NULL. Elements of one name within their parent are an array, a
// subscript chooses one of them. A name's prefix is part of the name.
#ifndef FLUXGATE_CORE_MESSAGE_XML_MESSAGE_TYPE_H_
#define FLUXGATE_CORE_MESSAGE_XML_MESSAGE_TYPE_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/message/message_type.h"

namespace fluxgate {

class XmlMessageType final : public MessageType {
 public:
  explicit XmlMessageType(const MessageLimits& limits = {});

  std::string_view name() const override { return "xml"; }
  std::unique_ptr<Extractor> NewExtractor(std::vector<FieldRequest> fields) const override;
  // The document's one member is the root element. Elements are objects with their text as value,
  // attributes scalars.
  absl::Status Parse(std::string_view body, Document& document) const override;

 private:
  // Without declaration and indentation; a document without members is no bytes. Refused: other
  // than one root element, names and characters that XML has not, arrays of arrays.
  absl::Status DoWrite(const Document& document, std::string& body) const override;
  uint32_t fields_max() const override { return limits_.fields_max; }

  MessageLimits limits_;
};

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_MESSAGE_XML_MESSAGE_TYPE_H_
