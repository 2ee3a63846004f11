#include "gateway/config/config_checks.h"

#include "core/base/units.h"
#include "fmt/format.h"
#include "gateway/config/config_names.h"
#include "gateway/config/inet_address.h"

namespace fluxgate::config {
namespace {

enum class Use : uint8_t { kRefused, kOptional, kRequired };

// Which transports use which elements; an element that is not here is for all of them.
struct Rule {
  std::string_view element;
  Use tcp, tcps, unix_socket, grpc, grpcs, module;
};
constexpr Use kNo = Use::kRefused;
constexpr Use kMay = Use::kOptional;
constexpr Use kMust = Use::kRequired;
constexpr Rule kRules[] = {
    {"Protocol", kMay, kMay, kMay, kNo, kNo, kMay},
    {"TransportFilter", kMay, kMay, kMay, kNo, kNo, kMay},
    {"Options", kNo, kNo, kNo, kNo, kNo, kMay},
    {"InetAddr", kMust, kMust, kNo, kMust, kMust, kNo},
    {"FileName", kNo, kNo, kMust, kNo, kNo, kNo},
    {"FileMask", kNo, kNo, kMay, kNo, kNo, kNo},
    {"Certificate", kNo, kMust, kNo, kNo, kMust, kNo},
    {"PrivateKey", kNo, kMust, kNo, kNo, kMust, kNo},
    {"ServerName", kNo, kMay, kNo, kNo, kMay, kNo},
    {"VerifyClient", kNo, kMay, kNo, kNo, kMay, kNo},
    {"CAFile", kNo, kMay, kNo, kNo, kMay, kNo},
    {"CAPath", kNo, kMay, kNo, kNo, kMay, kNo},
    {"Ciphers", kNo, kMay, kNo, kNo, kNo, kNo},
    {"SecureSocketProtocols", kNo, kMay, kNo, kNo, kNo, kNo},
};

std::string TypeText(const Transport& transport) {
  if (transport.type == TransportType::kModule) return transport.type_module;
  return std::string(NameOf(transport.type));
}

std::string RefusedText(const Transport& transport, std::string_view element) {
  if (element == "TransportFilter") {
    return fmt::format(
        "cannot be used in a transport of type {}: gRPC reads and writes its "
        "connections itself",
        TypeText(transport));
  }
  return fmt::format("has no meaning in a transport of type {}", TypeText(transport));
}

Use UseOf(const Rule& rule, TransportType type) {
  switch (type) {
    case TransportType::kTcp:
      return rule.tcp;
    case TransportType::kTcps:
      return rule.tcps;
    case TransportType::kUnix:
      return rule.unix_socket;
    case TransportType::kGrpc:
      return rule.grpc;
    case TransportType::kGrpcs:
      return rule.grpcs;
    case TransportType::kModule:
      return rule.module;
  }
  return Use::kOptional;
}

// `every` is a wildcard address that takes in `host`. Names are not resolved here, so it is not
// known of them.
bool TakesIn(std::string_view every, std::string_view host) {
  if (every.empty()) return true;
  if (every == "0.0.0.0") return host.find_first_not_of("0123456789.") == std::string_view::npos;
  return every == "::" && host.find(':') != std::string_view::npos;
}

// Listening on both is impossible. Port 0 is a different one each time.
bool AddressesCollide(const Transport& a, const Transport& b) {
  if (a.port != b.port || a.port == 0) return false;
  return a.host == b.host || TakesIn(a.host, b.host) || TakesIn(b.host, a.host);
}

}  // namespace

const Place::Child* Place::Find(std::string_view name) const {
  for (const Child& child : children) {
    if (child.name == name) return &child;
  }
  return nullptr;
}

uint32_t Place::LineOf(std::string_view name) const {
  const Child* child = Find(name);
  return child == nullptr ? line : child->line;
}

std::vector<const Place::Child*> ChildrenNamed(const std::vector<Place::Child>& children,
                                               std::string_view name) {
  std::vector<const Place::Child*> found;
  for (const Place::Child& child : children) {
    if (child.name == name && child.ok) found.push_back(&child);
  }
  return found;
}

bool IsRefused(TransportType type, std::string_view element) {
  for (const Rule& rule : kRules) {
    if (rule.element == element) return UseOf(rule, type) == Use::kRefused;
  }
  return false;
}

void CheckTransport(const Transport& transport, const Place& place, ConfigErrors& errors) {
  const Place::Child* type = place.Find("Type");
  if (type == nullptr || !type->ok) return;
  for (const Rule& rule : kRules) {
    const Place::Child* child = place.Find(rule.element);
    const Use use = UseOf(rule, transport.type);
    if (use == Use::kRefused && child != nullptr) {
      errors.Add(child->line, rule.element, {RefusedText(transport, rule.element), "", false});
    } else if (use == Use::kRequired && child == nullptr) {
      errors.Add(
          place.line, "Transport",
          {fmt::format("of type {} has no <{}>", TypeText(transport), rule.element), "", false});
    }
  }
}

void CheckTransportsDiffer(const std::vector<Transport>& transports,
                           const std::vector<Place>& places, ConfigErrors& errors) {
  const auto ok = [&places](size_t index, std::string_view element) {
    const Place::Child* child = places[index].Find(element);
    const Place::Child* type = places[index].Find("Type");
    return child != nullptr && child->ok && type != nullptr && type->ok;
  };
  const auto clash = [&](size_t a, size_t b, std::string_view element, std::string_view what) {
    errors.Add(places[b].LineOf(element), element,
               {fmt::format("{} as the transport at line {}", what, places[a].line), "", false});
  };
  for (size_t b = 0; b < transports.size(); ++b) {
    bool name = false;
    bool address = false;
    bool file = false;
    for (size_t a = 0; a < b; ++a) {
      if (!name && transports[a].name == transports[b].name && ok(a, "Name") && ok(b, "Name")) {
        name = true;
        clash(a, b, "Name", fmt::format("same name {}", Quoted(transports[b].name)));
      }
      if (!address && ok(a, "InetAddr") && ok(b, "InetAddr") &&
          AddressesCollide(transports[a], transports[b])) {
        address = true;
        const std::string text = FormatInetAddress(transports[b].host, transports[b].port);
        clash(a, b, "InetAddr", fmt::format("{} listens on the same address", Quoted(text)));
      }
      if (!file && ok(a, "FileName") && ok(b, "FileName") &&
          transports[a].file_name == transports[b].file_name) {
        file = true;
        clash(a, b, "FileName", fmt::format("same file {}", Quoted(transports[b].file_name)));
      }
    }
  }
}

void CheckLogTarget(const LogTarget& target, const Place& place, ConfigErrors& errors) {
  const Place::Child* protocol = place.Find("Protocol");
  if (protocol != nullptr && !protocol->ok) return;
  const Place::Child* file = place.Find("FileName");
  if (target.protocol == "file" && file == nullptr) {
    errors.Add(place.line, "Target", {"of protocol file has no <FileName>", "", false});
  } else if (target.protocol != "file" && file != nullptr) {
    errors.Add(
        file->line, "FileName",
        {fmt::format("has no meaning in a target of protocol {}", target.protocol), "", false});
  }
}

void CheckLimits(const Limits& limits, const Place& place, ConfigErrors& errors) {
  for (std::string_view element : {"MessageSizeMax", "GrpcMessageSizeMax"}) {
    if (const Place::Child* child = place.Find(element); child != nullptr && !child->ok) return;
  }
  const uint64_t needed = limits.message_size_bytes_max + kGrpcEnvelopeBytes;
  if (limits.grpc_message_size_bytes_max >= needed) return;
  const std::string_view element =
      place.Find("GrpcMessageSizeMax") != nullptr ? "GrpcMessageSizeMax" : "MessageSizeMax";
  errors.Add(place.LineOf(element), element,
             {fmt::format("GrpcMessageSizeMax {} is too small for MessageSizeMax {}",
                          FormatSize(limits.grpc_message_size_bytes_max),
                          FormatSize(limits.message_size_bytes_max)),
              fmt::format("GrpcMessageSizeMax of at least {}", FormatSize(needed)), false});
}

}  // namespace fluxgate::config
