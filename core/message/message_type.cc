#include "core/message/message_type.h"

#include "core/base/error.h"
#include "core/message/message_delta.h"

namespace fluxgate {
namespace {

absl::Status CheckSet(const FieldPath& path, Document::SetResult result) {
  switch (result) {
    case Document::SetResult::kDone:
      return absl::OkStatus();
    case Document::SetResult::kTooFar:
      return MakeError(ErrorCode::kMalformedBody,
                       path.ToString() + " has a subscript that is too large to be written");
    case Document::SetResult::kInTheWay:
      break;
  }
  return MakeError(
      ErrorCode::kMalformedBody,
      path.ToString() + " cannot be both an array's element or a member and a value of its own");
}

}  // namespace

absl::Status MessageType::Write(const Document& document, std::string& body) const {
  return WriteWithin(document, document.node_count(), body);
}

// `nodes_max`: the document has no more nodes than that.
absl::Status MessageType::WriteWithin(const Document& document, size_t nodes_max,
                                      std::string& body) const {
  const size_t size = body.size();
  absl::Status status = DoWrite(document, body);
  // Only a body that may have too many fields is worth the time to count them.
  if (status.ok() && nodes_max - 1 > fields_max()) {
    status = Validate(std::string_view(body).substr(size));
  }
  if (!status.ok()) body.resize(size);
  return status;
}

absl::Status MessageType::Validate(std::string_view body) const {
  Document document;
  return Parse(body, document);
}

absl::Status MessageType::Serialize(std::span<const FieldValue> fields, std::string& body) const {
  Document document;
  for (const FieldValue& field : fields) {
    const Document::SetResult result = document.Set(field.path, field.value);
    if (absl::Status status = CheckSet(field.path, result); !status.ok()) return status;
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
  return WriteWithin(base_document, base_document.node_count() + delta_document.node_count(),
                     merged);
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
