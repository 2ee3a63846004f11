#include "gateway/server/ready_text.h"

#include <fmt/format.h>

#include "gateway/server/version.h"

namespace fluxgate {
namespace {

std::string UriOf(const Gateway::Bound& bound) {
  const std::string type =
      bound.transport->message_type.empty() ? "json" : bound.transport->message_type;
  switch (bound.transport->type) {
    case config::TransportType::kGrpcs:
    case config::TransportType::kTcps:
      return "";  // clients have to be told of certificates
    case config::TransportType::kModule:
      return "";  // nor does the command line know what modules make
    case config::TransportType::kGrpc:
      return fmt::format("grpc://{}", bound.address);
    case config::TransportType::kTcp:
      return fmt::format("tcp://{}/{}/{}", bound.address, bound.transport->protocol, type);
    case config::TransportType::kUnix:
      return fmt::format("unix://localhost:0/{}/{}?path={}", bound.transport->protocol, type,
                         bound.address);
  }
  return "";
}

}  // namespace

std::string ReadyText(const Gateway& gateway) {
  std::string text = fmt::format("fluxgated {}\n", kVersion);
  for (const Gateway::Bound& bound : gateway.bound()) {
    text += fmt::format("listening {} {}\n", bound.transport->name, bound.address);
  }
  text += "\nTo try it, in another terminal:\n";
  for (const Gateway::Bound& bound : gateway.bound()) {
    text += fmt::format(
        "  bazel-bin/client/cli/fluxgate subscribe '{}' orders --filter '/price > 100'\n",
        UriOf(bound));
  }
  if (!gateway.bound().empty()) {
    text += "and in a third:\n";
    text += fmt::format(
        "  bazel-bin/client/cli/fluxgate publish '{}' orders "
        "'{{\"symbol\":\"ABC\",\"price\":101.5}}'\n",
        UriOf(gateway.bound().front()));
  }
  text += "\nready: Ctrl-C stops it\n";
  return text;
}

}  // namespace fluxgate
