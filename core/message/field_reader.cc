#include "core/message/field_reader.h"

#include <utility>

namespace fluxgate {

FieldReader::FieldReader(const MessageType& type, const FieldTable& fields,
                         std::span<const FieldSlot> slots) {
  std::vector<FieldRequest> requests;
  for (const FieldSlot slot : slots) {
    const FieldPath& path = fields.path(slot);
    const bool in_body = path.envelope == EnvelopeField::kNone;
    (in_body ? requests : envelope_).push_back({path, slot});
  }
  if (!requests.empty()) extractor_ = type.NewExtractor(std::move(requests));
}

void FieldReader::ReadEnvelope(const Envelope& envelope, const Clock& clock,
                               std::span<Value> values) const {
  for (const FieldRequest& request : envelope_) {
    Value& value = values[request.slot];
    switch (request.path.envelope) {
      case EnvelopeField::kMessageSize:
        value = Value::Uint(envelope.body_bytes);
        break;
      case EnvelopeField::kTopicName:
        value = Value::String(envelope.topic);
        break;
      case EnvelopeField::kCorrelationId:
        value = Value::String(envelope.correlation_id);
        break;
      case EnvelopeField::kSowKey:
        value = Value::String(envelope.sow_key);
        break;
      case EnvelopeField::kSowKeyHash:
        value = envelope.sow_key.empty() ? Value::Null() : Value::Uint(envelope.sow_key_hash);
        break;
      case EnvelopeField::kLastUpdated:
        value = envelope.last_updated_ns == 0
                    ? Value::Null()
                    : Value::Double(static_cast<double>(envelope.last_updated_ns) / 1e9);
        break;
      case EnvelopeField::kNow:
        value = Value::Double(static_cast<double>(clock.WallNs()) / 1e9);
        break;
      case EnvelopeField::kNone:
      case EnvelopeField::kBookmark:
      case EnvelopeField::kLastRead:
      case EnvelopeField::kLastLeased:
      case EnvelopeField::kLeaseCount:
        // Of the log and of queues.
        value = Value::Null();
    }
  }
}

}  // namespace fluxgate
