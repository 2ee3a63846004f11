// JSON documents from outside, read with jansson: bounded by their size, doubled members refused.
#ifndef FLUXGATE_MODULES_COMMON_JSON_H_
#define FLUXGATE_MODULES_COMMON_JSON_H_

#include <jansson.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "modules/common/failure.h"

namespace fluxgate::modules {

struct JsonRelease {
  void operator()(json_t* value) const { json_decref(value); }
};
using Json = std::unique_ptr<json_t, JsonRelease>;

// A JSON object. Errors name the line.
absl::StatusOr<Json> ParseJsonObject(std::string_view text);

// A member that is text, without zero bytes in it; nothing when there is none of that kind.
std::optional<std::string> JsonText(const json_t* object, const char* name);

// One line of JSON: {"name":"value",...}.
std::string JsonObjectOf(std::initializer_list<std::pair<const char*, std::string_view>> members);

}  // namespace fluxgate::modules

#endif  // FLUXGATE_MODULES_COMMON_JSON_H_
