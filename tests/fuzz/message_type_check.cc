#include "tests/fuzz/message_type_check.h"

#include <cstdlib>

#include "core/message/document_testing.h"
#include "core/message/message_testing.h"

namespace fluxgate {
namespace {

void Check(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

std::string CheckMessageType(const MessageType& type, std::string_view body, char padding,
                             const std::vector<FieldPath>& paths) {
  std::vector<FieldRequest> requests;
  for (const FieldPath& path : paths) {
    requests.push_back({path, static_cast<FieldSlot>(requests.size())});
  }
  const PaddedBody padded(body, padding);
  const auto extractor = type.NewExtractor(requests);
  std::vector<Value> values(requests.size(), Value::Int(1));
  const bool extracted = extractor->Extract(padded.view(), values);
  for (const Value& value : values) Check(extracted || value.is_null());

  Document document;
  if (!type.Parse(body, document).ok()) return "";
  Check(extracted);
  for (const FieldRequest& request : requests) {
    Check(ValueText(values[request.slot]) == FoundText(document, request.path));
  }
  std::string written;
  Check(type.Write(document, written).ok());
  Document again;
  Check(type.Parse(written, again).ok());
  Check(SameContent(document.root(), again.root()));
  return written;
}

}  // namespace fluxgate
