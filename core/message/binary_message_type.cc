#include "core/message/binary_message_type.h"

#include <utility>

#include "core/base/error.h"

namespace fluxgate {
namespace {

class BinaryExtractor final : public Extractor {
 public:
  explicit BinaryExtractor(std::vector<FieldRequest> fields) : fields_(std::move(fields)) {}

  bool Extract(std::string_view, std::span<Value> values) override {
    for (const FieldRequest& field : fields_) values[field.slot] = Value::Null();
    return true;
  }

 private:
  const std::vector<FieldRequest> fields_;
};

}  // namespace

std::unique_ptr<Extractor> BinaryMessageType::NewExtractor(std::vector<FieldRequest> fields) const {
  return std::make_unique<BinaryExtractor>(std::move(fields));
}

absl::Status BinaryMessageType::Parse(std::string_view body, Document& document) const {
  document.Clear();
  document.root().kind = Document::Node::Kind::kScalar;
  document.root().raw = body;
  return absl::OkStatus();
}

absl::Status BinaryMessageType::DoWrite(const Document& document, std::string& body) const {
  if (document.root().kind != Document::Node::Kind::kScalar) {
    return MakeError(ErrorCode::kMalformedBody, "a binary body has no fields");
  }
  body += document.root().raw;
  return absl::OkStatus();
}

}  // namespace fluxgate
