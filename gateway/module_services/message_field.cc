#include "gateway/module_services/message_field.h"

#include <fmt/format.h>

#include <cstring>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/filter/parser.h"
#include "core/message/field_table.h"
#include "core/module/amps_values.h"

namespace fluxgate {

absl::Status ReadMessageField(const MessageType& type, std::string_view body, std::string_view path,
                              amps_value& value, char* buffer, size_t buffer_size) {
  if (type.level() == MessageType::Level::kRoute) {
    return MakeError(ErrorCode::kMessageType,
                     fmt::format("message type {} has no fields", type.name()));
  }
  absl::StatusOr<FieldPath> field = ParseFieldPath(path);
  if (!field.ok()) return field.status();
  // Checks the subscripts.
  FieldTable table(1);
  const absl::StatusOr<FieldSlot> slot = table.Acquire(*field);
  if (!slot.ok()) return slot.status();

  std::vector<FieldRequest> requests;
  requests.push_back({*std::move(field), *slot});
  const std::unique_ptr<Extractor> extractor = type.NewExtractor(std::move(requests));
  std::string padded;
  padded.reserve(body.size() + kBodyPaddingBytes);
  padded.append(body).append(kBodyPaddingBytes, '\0');
  std::vector<Value> values(table.slot_end());
  if (!extractor->Extract(std::string_view(padded).substr(0, body.size()), values)) {
    return MakeError(ErrorCode::kMalformedBody,
                     fmt::format("the body cannot be read as {}", type.name()));
  }
  amps_value found = ToAmps(values[*slot]);
  if (found.type == amps_value_string) {
    if (found.length > buffer_size || buffer == nullptr) {
      return MakeError(ErrorCode::kMessageTooLarge,
                       fmt::format("text of {} bytes does not fit", found.length));
    }
    std::memcpy(buffer, found.u.text, found.length);
    found.u.text = buffer;
  }
  value = found;
  return absl::OkStatus();
}

}  // namespace fluxgate
