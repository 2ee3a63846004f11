#include "modules/common/json.h"

#include <fmt/format.h>

#include <cstdlib>

namespace fluxgate::modules {

absl::StatusOr<Json> ParseJsonObject(std::string_view text) {
  json_error_t error;
  Json document(json_loadb(text.data(), text.size(), JSON_REJECT_DUPLICATES, &error));
  if (document == nullptr) {
    // jansson's text may quote the document, which may be somebody's token.
    return Failure(fmt::format("not JSON (line {}, column {})", error.line, error.column));
  }
  if (!json_is_object(document.get())) return Failure("not a JSON object");
  return document;
}

std::optional<std::string> JsonText(const json_t* object, const char* name) {
  const json_t* const member = json_object_get(object, name);
  if (!json_is_string(member)) return std::nullopt;
  return std::string(json_string_value(member), json_string_length(member));
}

std::string JsonObjectOf(std::initializer_list<std::pair<const char*, std::string_view>> members) {
  const Json object(json_object());
  for (const auto& [name, value] : members) {
    json_object_set_new(object.get(), name, json_stringn(value.data(), value.size()));
  }
  char* const dumped = json_dumps(object.get(), JSON_COMPACT);
  std::string text = dumped == nullptr ? "" : dumped;
  std::free(dumped);
  return text;
}

}  // namespace fluxgate::modules
