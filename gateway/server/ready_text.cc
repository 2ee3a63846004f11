#include "gateway/server/ready_text.h"

#include <fmt/format.h>

#include <string>
#include <utility>
#include <vector>

#include "gateway/server/version.h"

namespace fluxgate {
namespace {

// As the command line connects there; empty: it does not, or not without more.
std::string UriOf(const Gateway::Bound& bound) {
  if (!bound.transport->filter.empty()) return "";
  if (!config::IsGrpc(bound.transport->type) && bound.transport->protocol != "amps") return "";
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
  std::vector<std::string> uris;
  for (const Gateway::Bound& bound : gateway.bound()) {
    if (std::string uri = UriOf(bound); !uri.empty()) uris.push_back(std::move(uri));
  }
  if (!uris.empty()) {
    text += "\nTo try it, in another terminal:\n";
    for (const std::string& uri : uris) {
      text += fmt::format(
          "  bazel-bin/client/cli/fluxgate subscribe '{}' orders --filter '/price > 100'\n", uri);
    }
    text += "and in a third:\n";
    text += fmt::format(
        "  bazel-bin/client/cli/fluxgate publish '{}' orders "
        "'{{\"symbol\":\"ABC\",\"price\":101.5}}'\n",
        uris.front());
  }
  text += "\nready: Ctrl-C stops it\n";
  return text;
}

}  // namespace fluxgate
