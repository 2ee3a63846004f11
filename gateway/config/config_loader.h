// Reads configuration files. At start, on the main thread: it looks at the environment and at
// files.
#ifndef FLUXGATE_GATEWAY_CONFIG_CONFIG_LOADER_H_
#define FLUXGATE_GATEWAY_CONFIG_CONFIG_LOADER_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "gateway/config/config.h"
#include "gateway/config/env_substitution.h"
#include "gateway/config/known_names.h"

namespace fluxgate::config {

struct LoadOptions {
  KnownNames known;
  Environment environment = ProcessEnvironment;
  uint64_t memory_bytes = 0;  // what percentages of memory refer to; 0: MachineMemoryBytes()
};

// The configuration in the file `path`, or in `xml`, with defaults filled in.
//
// Errors: one status for all that is wrong with the file, one line each, at most
// kErrorsReportedMax: "file:line: <Element>: what is wrong; allowed: ...". kNotBuilt when all of
// them are about elements or values that are known but not built yet, kBadOption otherwise. Get
// the text with ErrorText (core/base/error.h).
absl::StatusOr<Config> Load(const std::string& path, const LoadOptions& options = {});
absl::StatusOr<Config> LoadText(std::string_view xml, std::string_view name_for_errors,
                                const LoadOptions& options = {});

// The configuration of a gateway that is started without a file: gRPC on 127.0.0.1:50051, amps on
// 127.0.0.1:9007 and on a unix socket, log on standard error. Fails only when FLUXGATE_SOCKET
// names an impossible file.
absl::StatusOr<Config> DefaultConfig(const LoadOptions& options = {});

}  // namespace fluxgate::config

#endif  // FLUXGATE_GATEWAY_CONFIG_CONFIG_LOADER_H_
