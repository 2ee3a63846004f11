#include <algorithm>
#include <cstddef>

#include "fmt/format.h"
#include "gateway/config/config_checks.h"

namespace fluxgate::config {

void CheckModules(const std::vector<ModuleConfig>& modules, const std::vector<Place>& places,
                  ConfigErrors& errors) {
  for (size_t i = 0; i < modules.size(); ++i) {
    for (size_t before = 0; before < i; ++before) {
      if (modules[before].name != modules[i].name || modules[i].name.empty()) continue;
      errors.Add(places[i].LineOf("Name"), "Name",
                 {fmt::format("is that of the module of line {} as well", places[before].line),
                  "another name"});
      break;
    }
  }
}

void CheckModuleName(const Config& config, const std::string& name, uint32_t line,
                     ConfigErrors& errors) {
  if (std::ranges::find(config.modules, name, &ModuleConfig::name) != config.modules.end()) return;
  std::string names;
  for (const ModuleConfig& module : config.modules) {
    names += (names.empty() ? "" : ", ") + module.name;
  }
  errors.Add(line, "Module", {fmt::format("names no module: {}", name), names});
}

void CheckFunctionModules(const Config& config, const std::vector<Place>& places,
                          ConfigErrors& errors) {
  for (size_t i = 0; i < places.size(); ++i) {
    const std::string& module = config.functions[i].module;
    if (!module.empty()) CheckModuleName(config, module, places[i].LineOf("Module"), errors);
  }
}

void CheckProtocols(const Config& config, const std::vector<Place>& places, const KnownNames& known,
                    ConfigErrors& errors) {
  for (size_t i = 0; i < places.size(); ++i) {
    const ProtocolConfig& protocol = config.protocols[i];
    if (!protocol.module.empty()) {
      CheckModuleName(config, protocol.module, places[i].LineOf("Module"), errors);
    }
    const auto before = config.protocols.begin() + static_cast<std::ptrdiff_t>(i);
    const bool is_taken =
        std::ranges::find(known.protocols, protocol.name) != known.protocols.end() ||
        std::find_if(config.protocols.begin(), before, [&](const ProtocolConfig& other) {
          return other.name == protocol.name;
        }) != before;
    if (!is_taken || protocol.name.empty()) continue;
    errors.Add(places[i].LineOf("Name"), "Name",
               {fmt::format("{} is another protocol's name", Quoted(protocol.name)), ""});
  }
}

void CheckModuleUses(const Config& config, const std::vector<ModuleUsePlace>& uses,
                     const KnownNames& known, ConfigErrors& errors) {
  for (const ModuleUsePlace& use : uses) {
    const Place::Child* named = use.place.Find("Module");
    if (named == nullptr || !named->ok) continue;
    const std::vector<std::string>& builtin = use.element == kAuthenticationName
                                                  ? known.authentication_modules
                                                  : known.entitlement_modules;
    if (std::ranges::find(builtin, named->text) != builtin.end()) continue;
    if (std::ranges::find(config.modules, named->text, &ModuleConfig::name) !=
        config.modules.end()) {
      continue;
    }
    std::string names;
    for (const ModuleConfig& module : config.modules) names += module.name + ", ";
    for (const std::string& name : builtin) names += name + ", ";
    if (!names.empty()) names.resize(names.size() - 2);
    errors.Add(named->line, "Module", {fmt::format("names no module: {}", named->text), names});
  }
}

}  // namespace fluxgate::config
