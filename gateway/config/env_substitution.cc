#include "gateway/config/env_substitution.h"

#include <cstdlib>

#include "core/base/error.h"
#include "fmt/format.h"
#include "gateway/config/config_errors.h"

namespace fluxgate::config {
namespace {

bool IsVariableName(std::string_view name) {
  if (name.empty() || (name[0] >= '0' && name[0] <= '9')) return false;
  for (char c : name) {
    const bool ok =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    if (!ok) return false;
  }
  return true;
}

// `reference` is what stands between ${ and }.
absl::StatusOr<std::string> ValueOf(std::string_view reference, const Environment& environment) {
  const size_t separator = reference.find(":-");
  const std::string_view name = reference.substr(0, separator);
  if (!IsVariableName(name)) {
    return MakeError(ErrorCode::kBadOption,
                     fmt::format("{} is not the name of an environment variable", Quoted(name)));
  }
  std::optional<std::string> value = environment(name);
  if (separator != std::string_view::npos) {
    if (value.has_value() && !value->empty()) return *std::move(value);
    return std::string(reference.substr(separator + 2));
  }
  if (!value.has_value()) {
    return MakeError(ErrorCode::kBadOption,
                     fmt::format("environment variable {} is not set", Quoted(name)));
  }
  return *std::move(value);
}

}  // namespace

std::optional<std::string> ProcessEnvironment(std::string_view name) {
  const char* value = std::getenv(std::string(name).c_str());
  if (value == nullptr) return std::nullopt;
  return std::string(value);
}

absl::StatusOr<std::string> Substitute(std::string_view text, const Environment& environment) {
  std::string out;
  while (!text.empty()) {
    const size_t start = text.find("${");
    if (start == std::string_view::npos) {
      out += text;
      break;
    }
    if (start > 0 && text[start - 1] == '$') {
      out += text.substr(0, start - 1);
      out += "${";
      text.remove_prefix(start + 2);
    } else {
      out += text.substr(0, start);
      const size_t end = text.find('}', start);
      if (end == std::string_view::npos) {
        return MakeError(ErrorCode::kBadOption, "has ${ without }; write $${ for ${ itself");
      }
      absl::StatusOr<std::string> value =
          ValueOf(text.substr(start + 2, end - start - 2), environment);
      if (!value.ok()) return value.status();
      out += *value;
      text.remove_prefix(end + 1);
    }
    if (out.size() > kExpandedBytesMax) break;
  }
  if (out.size() > kExpandedBytesMax) {
    return MakeError(ErrorCode::kBadOption,
                     fmt::format("is longer than {} bytes after substitution", kExpandedBytesMax));
  }
  return out;
}

std::string EscapeSubstitution(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text.substr(i, 2) == "${") out += '$';
    out += text[i];
  }
  return out;
}

}  // namespace fluxgate::config
