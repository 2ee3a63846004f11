#include "core/message/message_type.h"

#include "core/base/error.h"
#include "core/message/message_delta.h"

namespace fluxgate {

absl::Status MessageType::Validate(std::string_view body) const {
  Document document;
  return Parse(body, document);
}

absl::Status MessageType::Serialize(std::span<const FieldValue> fields, std::string& body) const {
  Document document;
  for (const FieldValue& field : fields) {
    if (!document.Set(field.path, field.value)) {
      return MakeError(ErrorCode::kMalformedBody,
                       field.path.ToString() + " has a subscript that is too large to be written");
    }
  }
  return Write(document, body);
}

absl::Status MessageType::Merge(std::string_view base, std::string_view delta,
                                std::string& merged) const {
  Document base_document;
  Document delta_document;
  if (absl::Status status = Parse(base, base_document); !status.ok()) return status;
  if (absl::Status status = Parse(delta, delta_document); !status.ok()) return status;
  MergeDelta(base_document, delta_document);
  return Write(base_document, merged);
}

absl::Status MessageType::Diff(std::string_view before, std::string_view after,
                               std::span<const FieldPath> keys, std::string& delta,
                               bool& changed) const {
  Document before_document;
  Document after_document;
  if (absl::Status status = Parse(before, before_document); !status.ok()) return status;
  if (absl::Status status = Parse(after, after_document); !status.ok()) return status;
  Document difference;
  changed = DiffDocuments(before_document, after_document, keys, difference);
  return Write(difference, delta);
}

}  // namespace fluxgate
