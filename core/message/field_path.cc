#include "core/message/field_path.h"

#include <algorithm>

namespace fluxgate {
namespace {

// Steps that need it are written in brackets, with the special characters escaped.
bool IsPlainName(std::string_view name) {
  if (name.starts_with('@')) name.remove_prefix(1);
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
}

}  // namespace

std::string_view EnvelopeFieldName(EnvelopeField field) {
  switch (field) {
    case EnvelopeField::kNone:
      break;
    case EnvelopeField::kMessageSize:
      return "MESSAGE_SIZE";
    case EnvelopeField::kTopicName:
      return "TOPIC_NAME";
    case EnvelopeField::kCorrelationId:
      return "CORRELATION_ID";
    case EnvelopeField::kBookmark:
      return "BOOKMARK";
    case EnvelopeField::kSowKey:
      return "SOW_KEY";
    case EnvelopeField::kSowKeyHash:
      return "SOW_KEY_HASH";
    case EnvelopeField::kLastUpdated:
      return "LAST_UPDATED";
    case EnvelopeField::kLastRead:
      return "LAST_READ";
    case EnvelopeField::kLastLeased:
      return "LAST_LEASED";
    case EnvelopeField::kLeaseCount:
      return "LEASE_COUNT";
    case EnvelopeField::kNow:
      return "UNIX_TIMESTAMP";
  }
  return "";
}

std::string FieldPath::ToString() const {
  if (envelope != EnvelopeField::kNone) return std::string(EnvelopeFieldName(envelope)) + "()";
  const bool plain = std::all_of(steps.begin(), steps.end(), [](const FieldStep& step) {
    return IsPlainName(step.name) || (step.name.empty() && step.index >= 0);
  });
  std::string text;
  if (!plain) text += '[';
  for (const FieldStep& step : steps) {
    if (!step.name.empty()) text += '/';
    for (const char c : step.name) {
      if (!plain && (c == '/' || c == '[' || c == ']' || c == '\\')) text += '\\';
      text += c;
    }
    if (step.index >= 0) {
      text += '[';
      text += std::to_string(step.index);
      text += ']';
    }
  }
  if (!plain) text += ']';
  return text;
}

}  // namespace fluxgate
