#include "gateway/grpc/field_names.h"

#include <fmt/format.h>

#include "core/base/error.h"
#include "gateway/grpc/status_mapping.h"

namespace fluxgate::grpc_api {
namespace {

constexpr size_t kShownBytesMax = 64;
// What means something in the text of options.
constexpr std::string_view kReserved = ",[]()'\"\\";

}  // namespace

absl::Status CheckFieldName(std::string_view name) {
  const auto bad = [&](std::string_view why) {
    return MakeError(ErrorCode::kBadOption,
                     fmt::format("field '{}' {}", CleanText(name, kShownBytesMax), why));
  };
  if (!name.starts_with('/')) return bad("does not begin with /");
  if (name.find_first_of(kReserved) != std::string_view::npos) {
    return bad(fmt::format("has one of {}", kReserved));
  }
  return absl::OkStatus();
}

absl::Status CheckFieldNames(const FieldNames& names) {
  for (const std::string& name : names) {
    if (absl::Status status = CheckFieldName(name); !status.ok()) return status;
  }
  return absl::OkStatus();
}

std::string SelectOption(const FieldNames& names) {
  std::string option = "select=[-/";
  for (const std::string& name : names) {
    option += ",+";
    option += name;
  }
  option += ']';
  return option;
}

}  // namespace fluxgate::grpc_api
