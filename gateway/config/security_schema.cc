#include "gateway/config/security_schema.h"

namespace fluxgate::config {
namespace {

// One use of a module, of `Owner`: the whole gateway or a transport.
template <typename Owner, ModuleUse Owner::*use>
constexpr Container kUse = {
    [](Target parent) -> Target { return &(std::get<Owner*>(parent)->*use); },
    [](Source parent) {
      const ModuleUse& used = std::get<const Owner*>(parent)->*use;
      return used.module.empty() ? std::vector<Item>{} : std::vector<Item>{Item(&used)};
    },
};

template <typename Owner>
constexpr FreeOptions kOptionsOf = {
    [](Target parent) { return &std::get<Owner*>(parent)->options; },
    [](Source parent) { return &std::get<const Owner*>(parent)->options; },
};

constexpr uint32_t kModuleThreadsMax = 64;

}  // namespace

std::vector<Element> SecurityRows() {
  constexpr std::string_view kRoot = kRootName;
  std::vector<Element> rows = {
      {kRoot, "Modules", kOptional, kSameStructure, "modules to be loaded, in this order"},
      {"Modules", "Module", UpTo(kModulesMax), kListOf<&Config::modules>, "one shared object"},
      {"Module", "Name", kRequired, Text(&ModuleConfig::name, kNameBytesMax),
       "name that other elements use; no two alike"},
      {"Module", "Library", kRequired, Text(&ModuleConfig::library, kFileNameBytesMax),
       "the file; without a slash one of the working directory or of the modules that come with "
       "the gateway"},
      {"Module", "Options", kOptional, kOptionsOf<ModuleConfig>,
       "what the module gets as it starts"},
      {kRoot, "ModuleThreads", kOptional, Count(&Config::module_threads, 1, kModuleThreadsMax),
       "threads for work of modules that may wait: authentication, entitlement, actions"},
  };
  for (const std::string_view name : {kAuthenticationName, kEntitlementName}) {
    const bool is_authentication = name == kAuthenticationName;
    rows.push_back({kRoot, name, kOptional,
                    is_authentication ? kUse<Config, &Config::authentication>
                                      : kUse<Config, &Config::entitlement>,
                    is_authentication
                        ? "who clients are, on transports that say nothing else"
                        : "what clients may do, on transports that say nothing else"});
    rows.push_back({"Transport", name, kOptional,
                    is_authentication ? kUse<Transport, &Transport::authentication>
                                      : kUse<Transport, &Transport::entitlement>,
                    is_authentication ? "who the clients of this transport are"
                                      : "what the clients of this transport may do"});
    rows.push_back({name, "Module", kRequired, Text(&ModuleUse::module, kNameBytesMax),
                    is_authentication
                        ? "name of a loaded module, or amps-default-authentication-module or "
                          "amps-default-no-authentication-module"
                        : "name of a loaded module, or amps-default-entitlement-module or "
                          "amps-default-no-entitlement-module"});
    rows.push_back(
        {name, "Options", kOptional, kOptionsOf<ModuleUse>, "what the module gets for this use"});
  }
  return rows;
}

}  // namespace fluxgate::config
