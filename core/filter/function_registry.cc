#include "core/filter/function_registry.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/base/error.h"
#include "core/filter/character_class.h"
#include "core/filter/parser.h"
#include "core/filter/vocabulary.h"

namespace fluxgate {
namespace {

absl::Status Bad(std::string_view name, std::string_view what) {
  return MakeError(ErrorCode::kBadOption, fmt::format("function '{}' {}", Printable(name), what));
}

std::string UpperCase(std::string_view name) {
  std::string upper(name);
  for (char& c : upper) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return upper;
}

}  // namespace

absl::Status FunctionRegistry::CheckName(std::string_view name) {
  if (name.empty() || IsDigit(name[0]) || !std::ranges::all_of(name, IsWordChar)) {
    return Bad(name, "has no name of letters, digits and _ that begins with no digit");
  }
  if (name.size() > kNameBytesMax) {
    return Bad(name, fmt::format("has a name of more than {} bytes", kNameBytesMax));
  }
  if (IsReservedName(UpperCase(name))) return Bad(name, "has a name that means something already");
  return absl::OkStatus();
}

absl::Status FunctionRegistry::Add(const Function& function) {
  if (absl::Status status = CheckName(function.name); !status.ok()) return status;
  if (functions_.size() >= kFunctionsMax) {
    return Bad(function.name, fmt::format("is one too many: at most {}", kFunctionsMax));
  }
  auto entry = std::make_unique<Entry>(Entry{UpperCase(function.name), function});
  entry->function.name = entry->name;
  std::string key = entry->name;
  if (!functions_.emplace(std::move(key), std::move(entry)).second) {
    return Bad(function.name, "is there twice");
  }
  return absl::OkStatus();
}

const Function* FunctionRegistry::Find(std::string_view upper) const {
  const auto found = functions_.find(upper);
  return found == functions_.end() ? nullptr : &found->second->function;
}

}  // namespace fluxgate
