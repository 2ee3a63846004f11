#include <strings.h>

#include <algorithm>
#include <cctype>

#include "fmt/format.h"
#include "gateway/config/config_checks.h"
#include "gateway/config/config_names.h"

namespace fluxgate::config {
namespace {

bool IsHostName(std::string_view name) {
  if (name.starts_with("*.")) name.remove_prefix(2);
  const auto is_label_character = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_';
  };
  char before = '.';
  for (const char c : name) {
    if (c == '.' ? before == '.' : !is_label_character(c)) return false;
    before = c;
  }
  return before != '.';
}

bool SameHostName(const std::string& a, const std::string& b) {
  return strcasecmp(a.c_str(), b.c_str()) == 0;
}

void CheckServerNames(const Transport& transport, const Place& place, ConfigErrors& errors) {
  size_t at = 0;
  std::vector<const ServerName*> before;
  for (const Place::Child& child : place.children) {
    if (child.name != "ServerName" || at == transport.server_names.size()) continue;
    const ServerName& server = transport.server_names[at++];
    if (!child.ok || server.name.empty()) continue;
    uint32_t line = child.line;
    for (const Place::Child& inner : child.children) {
      if (inner.name == "Name") line = inner.line;
    }
    if (!IsHostName(server.name)) {
      errors.Add(line, "Name",
                 {fmt::format("{} is no host name", Quoted(server.name)),
                  "letters, digits, '-' and '_' in labels with dots between; *. in front", false});
    } else if (std::ranges::any_of(before, [&server](const ServerName* other) {
                 return SameHostName(other->name, server.name);
               })) {
      errors.Add(
          line, "Name",
          {fmt::format("{} is there twice in this transport", Quoted(server.name)), "", false});
    }
    before.push_back(&server);
  }
}

void CheckVerification(const Transport& transport, const Place& place, ConfigErrors& errors) {
  const bool has_ca = place.Find("CAFile") != nullptr || place.Find("CAPath") != nullptr;
  const Place::Child* verify = place.Find("VerifyClient");
  if (verify != nullptr && !verify->ok) return;
  if (transport.verify_client != net::VerifyClient::kNo) {
    if (!has_ca) {
      errors.Add(verify->line, "VerifyClient",
                 {fmt::format("{} needs a <CAFile> or a <CAPath>", NameOf(transport.verify_client)),
                  "", false});
    }
    return;
  }
  // Whoever names a CA may take it that clients are verified.
  for (const std::string_view element : {"CAFile", "CAPath"}) {
    if (const Place::Child* child = place.Find(element)) {
      errors.Add(child->line, element,
                 {"has no meaning without <VerifyClient> optional or required", "", false});
    }
  }
}

}  // namespace

void CheckTransportTls(const Config& config, const std::vector<Place>& places,
                       const KnownNames& known, ConfigErrors& errors) {
  for (size_t i = 0; i < places.size() && i < config.transports.size(); ++i) {
    const Transport& transport = config.transports[i];
    const Place::Child* type = places[i].Find("Type");
    if (type == nullptr || !type->ok || !HasTls(transport.type)) continue;
    CheckServerNames(transport, places[i], errors);
    CheckVerification(transport, places[i], errors);
    // Another's error may be the reason for this one's.
    if (!errors.empty() || !known.try_tls) continue;
    if (std::string why = known.try_tls(transport); !why.empty()) {
      errors.Add(places[i].line, "Transport", {std::move(why), "", false});
    }
  }
}

}  // namespace fluxgate::config
