// Names of fields in requests, as options of a command.
#ifndef FLUXGATE_GATEWAY_GRPC_FIELD_NAMES_H_
#define FLUXGATE_GATEWAY_GRPC_FIELD_NAMES_H_

#include <google/protobuf/repeated_field.h>

#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace fluxgate::grpc_api {

using FieldNames = google::protobuf::RepeatedPtrField<std::string>;

// kBadOption unless it is a field as filters name them ("/a/b") that an option can hold.
absl::Status CheckFieldName(std::string_view name);
absl::Status CheckFieldNames(const FieldNames& names);

// These fields and no others, as an option; of names that have been checked.
std::string SelectOption(const FieldNames& names);

}  // namespace fluxgate::grpc_api

#endif  // FLUXGATE_GATEWAY_GRPC_FIELD_NAMES_H_
